// A mechanism of slots (common/slots.h), as the conformance suite sees it: cases.cc says the setting, where
// weights and decays come from, and the definition.
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "yore/mixers/common/slots.h"
#include "yore/mixers/conformance/mechanism.h"

namespace yore::mixers::conformance {

/// What position t gives head h where gates are no inputs: [slots] each, or empty (filled and bias).
struct SlotGates {
  std::vector<double> write, log_decay, filled, bias;
};

struct SlotCase {
  std::string name;
  slots::Setting setting;
  double range = 1;       ///< of queries and keys
  double least_log = -1;  ///< log_decay is drawn from here to 0, weights from 0 to 1
  /// Gates by position, then no inputs.
  std::function<SlotGates(int head, std::int64_t position)> gates;
  bool initial = true;  ///< whether sequences begin with slots of their own (only where gates are inputs)
  bool extreme = false;
};

/// One head of one sequence: q, k [tokens, key_dim], v [tokens, value_dim], write, log_decay, filled and bias
/// [tokens, slots] (filled and bias perhaps empty), and the slots' keys [slots, key_dim] and values [slots,
/// value_dim], which the definition brings to the end.
struct SlotHead {
  int head = 0;
  std::size_t tokens = 0;
  std::vector<Complex> q, k, v, write, log_decay, filled, bias, keys, values;
};

/// Inputs in order: q, k, v; write and log_decay unless they come from the position; the slots' keys
/// [key_dim, slots] and values [slots, value_dim] before the first token, which also follow the outputs.
class SlotsMechanism final : public Mechanism {
 public:
  using Reference = std::vector<Complex> (*)(const SlotCase& c, SlotHead& head);

  SlotsMechanism(SlotCase c, Reference definition) : c_(std::move(c)), reference_(definition) {}

  std::string name() const override { return c_.name; }
  int heads() const override { return c_.setting.heads; }
  int value_dim() const override { return c_.setting.value_dim; }
  bool extreme() const override { return c_.extreme; }
  std::size_t final_width() const override {
    return static_cast<std::size_t>(c_.setting.heads * c_.setting.state_size());
  }
  std::vector<InputSpec> inputs() const override {
    const slots::Setting& s = c_.setting;
    std::vector<InputSpec> all = {{"q", s.key_heads, s.key_dim, Each::Token, -c_.range, c_.range},
                                  {"k", s.key_heads, s.key_dim, Each::Token, -c_.range, c_.range},
                                  {"v", s.heads, s.value_dim}};
    if (!c_.gates) {
      all.push_back({"write", s.heads, s.slots, Each::Token, 0, 1});
      all.push_back({"log_decay", s.heads, s.slots, Each::Token, c_.least_log, 0});
    }
    if (c_.initial) {
      all.push_back({"initial keys", s.heads, s.key_dim * s.slots, Each::Sequence});
      all.push_back({"initial values", s.heads, s.slots * s.value_dim, Each::Sequence});
    }
    return all;
  }

  std::vector<Complex> reference(std::int64_t tokens,
                                 const std::vector<std::vector<Complex>>& in) const override {
    const slots::Setting& s = c_.setting;
    const auto n = static_cast<std::size_t>(tokens), heads = static_cast<std::size_t>(s.heads),
               slots = static_cast<std::size_t>(s.slots), key = static_cast<std::size_t>(s.key_dim),
               value = static_cast<std::size_t>(s.value_dim);
    std::vector<Complex> all(n * heads * value), last_k, last_v;
    for (std::size_t h = 0; h < heads; ++h) {
      std::size_t next = 0;
      const int index = static_cast<int>(h), key_head = index / (s.heads / s.key_heads);
      const auto take = [&](int count, int its, int dim) { return head_of(in[next++], n, count, its, dim); };
      SlotHead head;
      head.head = index;
      head.tokens = n;
      head.q = take(s.key_heads, key_head, s.key_dim);
      head.k = take(s.key_heads, key_head, s.key_dim);
      head.v = take(s.heads, index, s.value_dim);
      if (c_.gates) {
        for (std::size_t t = 0; t < n; ++t) {
          const SlotGates g = c_.gates(index, static_cast<std::int64_t>(t));
          head.write.insert(head.write.end(), g.write.begin(), g.write.end());
          head.log_decay.insert(head.log_decay.end(), g.log_decay.begin(), g.log_decay.end());
          head.filled.insert(head.filled.end(), g.filled.begin(), g.filled.end());
          head.bias.insert(head.bias.end(), g.bias.begin(), g.bias.end());
        }
      } else {
        head.write = take(s.heads, index, s.slots);
        head.log_decay = take(s.heads, index, s.slots);
      }
      head.keys.resize(slots * key);
      head.values.resize(slots * value);
      if (c_.initial) {
        for (std::size_t d = 0; d < key; ++d)
          for (std::size_t m = 0; m < slots; ++m)
            head.keys[m * key + d] = in[next][(h * key + d) * slots + m];
        ++next;
        std::copy_n(in[next].begin() + static_cast<std::ptrdiff_t>(h * slots * value), slots * value,
                    head.values.begin());
      }
      const std::vector<Complex> out = reference_(c_, head);
      for (std::size_t t = 0; t < n; ++t)
        for (std::size_t j = 0; j < value; ++j) all[(t * heads + h) * value + j] = out[t * value + j];
      for (std::size_t d = 0; d < key; ++d)
        for (std::size_t m = 0; m < slots; ++m) last_k.push_back(head.keys[m * key + d]);
      last_v.insert(last_v.end(), head.values.begin(), head.values.end());
    }
    all.insert(all.end(), last_k.begin(), last_k.end());
    all.insert(all.end(), last_v.begin(), last_v.end());
    return all;
  }

  const Passes<float>& in_float() const override { return float_; }
  const Passes<double>* in_double() const override { return &double_; }

  std::unique_ptr<State> start(std::int64_t batch, std::int64_t rollback) const override {
    return slots::start<float>(c_.setting, name(), batch, rollback, 0);
  }
  void advance(State& state, const Packed& tokens, const std::vector<const float*>& in, float* out,
               int threads) const override {
    auto& list = dynamic_cast<StateList&>(state);
    std::vector<std::int64_t> first;
    for (std::int64_t b = 0; b < tokens.batch(); ++b) first.push_back(list.length(b));
    typename SlotPasses<float>::Call call(*this, tokens, in, threads, first);
    call.problem.initial_k = call.problem.initial_v = nullptr;
    slots::advance<float>(list, call.problem, float_.outputs(out));
  }

 private:
  template <class T>
  class SlotPasses final : public Passes<T> {
   public:
    explicit SlotPasses(const SlotsMechanism& m) : m_(m) {}

    /// A problem, and the gates that it reads if they come from positions.
    struct Call {
      slots::Problem<T> problem;
      std::vector<T> write, log_decay, filled, bias;
      Call(const SlotsMechanism& m, const Packed& sequences, const std::vector<const T*>& in, int threads,
           const std::vector<std::int64_t>& first) {
        const slots::Setting& s = m.c_.setting;
        problem.setting = s;
        problem.batch = sequences.batch();
        problem.starts = sequences.starts.data();
        problem.threads = threads;
        std::size_t next = 0;
        const std::vector<InputSpec> specs = m.inputs();
        const auto take = [&]() {
          const InputSpec& spec = specs[next];
          return scan::Rows<const T>{in[next++], static_cast<std::int64_t>(spec.width()), spec.dim};
        };
        problem.q = take();
        problem.k = take();
        problem.v = take();
        if (!m.c_.gates) {
          problem.write = take();
          problem.log_decay = take();
        } else {
          for (std::int64_t b = 0; b < sequences.batch(); ++b)
            for (std::int64_t t = 0; t < sequences.length(b); ++t)
              for (int h = 0; h < s.heads; ++h) {
                const SlotGates g = m.c_.gates(h, first[static_cast<std::size_t>(b)] + t);
                write.insert(write.end(), g.write.begin(), g.write.end());
                log_decay.insert(log_decay.end(), g.log_decay.begin(), g.log_decay.end());
                filled.insert(filled.end(), g.filled.begin(), g.filled.end());
                bias.insert(bias.end(), g.bias.begin(), g.bias.end());
              }
          const std::int64_t token = std::int64_t{s.heads} * s.slots;
          problem.write = {write.data(), token, s.slots};
          problem.log_decay = {log_decay.data(), token, s.slots};
          if (!filled.empty()) problem.filled = {filled.data(), token, s.slots};
          if (!bias.empty()) problem.bias = {bias.data(), token, s.slots};
        }
        if (!m.c_.initial) return;
        problem.initial_k = in[next];
        problem.initial_v = in[next + 1];
      }
    };

    void forward(const Packed& sequences, const std::vector<const T*>& in, T* out, std::vector<T>& saved,
                 int threads) const override {
      const Call call(m_, sequences, in, threads, zeros(sequences));
      slots::Saved<T> kept;
      T* final_k = out + sequences.count(Each::Token) * m_.output_width();
      const slots::Setting& s = m_.c_.setting;
      // The suite wants finals of one sequence together.
      std::vector<T> k(static_cast<std::size_t>(sequences.batch() * s.heads * s.key_dim * s.slots)),
          v(static_cast<std::size_t>(sequences.batch() * s.heads * s.slots * s.value_dim));
      slots::forward<T>(call.problem, outputs(out), k.data(), v.data(), kept);
      const std::size_t ks = keys(), vs = values();
      for (std::size_t b = 0; b < static_cast<std::size_t>(sequences.batch()); ++b) {
        std::copy_n(k.data() + b * ks, ks, final_k + b * (ks + vs));
        std::copy_n(v.data() + b * vs, vs, final_k + b * (ks + vs) + ks);
      }
      saved.clear();
      for (const std::vector<T>* part : {&kept.kept_k, &kept.kept_v, &kept.erased})
        saved.insert(saved.end(), part->begin(), part->end());
    }
    void backward(const Packed& sequences, const std::vector<const T*>& in, const T* out,
                  const std::vector<T>& saved, const T* grad_out, const std::vector<T*>& grads,
                  int threads) const override {
      const Call call(m_, sequences, in, threads, zeros(sequences));
      const slots::Setting& s = m_.c_.setting;
      slots::Saved<T> kept;
      auto from = saved.begin();
      const std::int64_t batch = sequences.batch(), *starts = sequences.starts.data();
      const auto take_saved = [&](std::vector<T>& part, std::int64_t count) {
        part.assign(from, from + count);
        from += count;
      };
      take_saved(kept.kept_k, scan::kept_size(s.keys(), batch, starts));
      take_saved(kept.kept_v, scan::kept_size(s.values(), batch, starts));
      if (s.erase == slots::Erase::Delta) take_saved(kept.erased, sequences.tokens() * s.heads * s.key_dim);
      const T* finals = grad_out + sequences.count(Each::Token) * m_.output_width();
      const std::size_t ks = keys(), vs = values();
      std::vector<T> k, v;
      for (std::size_t b = 0; b < static_cast<std::size_t>(sequences.batch()); ++b) {
        k.insert(k.end(), finals + b * (ks + vs), finals + b * (ks + vs) + ks);
        v.insert(v.end(), finals + b * (ks + vs) + ks, finals + (b + 1) * (ks + vs));
      }
      slots::Gradients<T> g;
      std::size_t next = 0;
      const std::vector<InputSpec> specs = m_.inputs();
      const auto take = [&]() {
        const InputSpec& spec = specs[next];
        return scan::Rows<T>{grads[next++], static_cast<std::int64_t>(spec.width()), spec.dim};
      };
      g.q = take();
      g.k = take();
      g.v = take();
      if (!m_.c_.gates) {
        g.write = take();
        g.log_decay = take();
      }
      if (m_.c_.initial) {
        g.initial_k = grads[next];
        g.initial_v = grads[next + 1];
      }
      slots::backward<T>(call.problem, kept, outputs(out), outputs(grad_out), k.data(), v.data(), g);
    }
    template <class X>
    scan::Rows<X> outputs(X* out) const {
      const slots::Setting& s = m_.c_.setting;
      return {out, std::int64_t{s.heads} * s.value_dim, s.value_dim};
    }

   private:
    static std::vector<std::int64_t> zeros(const Packed& sequences) {
      return std::vector<std::int64_t>(static_cast<std::size_t>(sequences.batch()), 0);
    }
    std::size_t keys() const {
      return static_cast<std::size_t>(m_.c_.setting.heads * m_.c_.setting.key_dim * m_.c_.setting.slots);
    }
    std::size_t values() const {
      return static_cast<std::size_t>(m_.c_.setting.heads * m_.c_.setting.value_dim * m_.c_.setting.slots);
    }
    const SlotsMechanism& m_;
  };

  SlotCase c_;
  Reference reference_;
  SlotPasses<float> float_{*this};
  SlotPasses<double> double_{*this};
};

}  // namespace yore::mixers::conformance
