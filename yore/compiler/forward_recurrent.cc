#include "yore/compiler/forward_recurrent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/compiler/targets.h"
#include "yore/mixers/delta_net/options.h"
#include "yore/mixers/gated_delta_net/options.h"
#include "yore/mixers/gla/options.h"
#include "yore/mixers/kda/options.h"
#include "yore/mixers/mamba2/options.h"

namespace yore::compiler {
namespace {

/// What goes into a head's memory, a row a token (mixers/common/math.md). Columns of k, v and beta: those of
/// a token's first write, then those of its second ..; within a write head by head.
struct Recurrence {
  mixers::scan::Setting setting;
  mixers::ScanAccess access;
  Matrix q, k, v;
  Matrix log_decay;  ///< a number a head or a number a key channel; empty = 0
  Matrix beta;       ///< strengths; empty = 1
};

/// S <- diag(e^g) S, then for each write S <- S + k u^T, u = b v or, for the delta rule, b (v - S^T k); what
/// is handed on is c S^T q, of S after the writes or, with strict reads, before the decay.
class Memory {
 public:
  Memory(const Recurrence& in, int head)
      : in_(in),
        head_(head),
        key_head_(head * in.setting.key_heads / in.setting.heads),
        keys_(in.setting.key_dim),
        values_(in.setting.value_dim),
        state_(zeros(keys_, values_)) {}

  void token(std::int64_t t, Matrix& out) {
    if (in_.access.strict_read) read(t, out);
    fade(t);
    for (std::int64_t step = 0; step < in_.access.steps; ++step) write(t, step);
    if (!in_.access.strict_read) read(t, out);
  }

 private:
  void fade(std::int64_t t) {
    if (in_.log_decay.values.empty()) return;
    const bool by_key = in_.setting.decay == mixers::scan::Decay::Key;
    for (std::int64_t i = 0; i < keys_; ++i) {
      const float kept = std::exp(in_.log_decay.at(t, by_key ? head_ * keys_ + i : head_));
      for (std::int64_t j = 0; j < values_; ++j) state_.at(i, j) *= kept;
    }
  }

  void write(std::int64_t t, std::int64_t step) {
    const std::int64_t key = (step * in_.setting.key_heads + key_head_) * keys_,
                       value = (step * in_.setting.heads + head_) * values_;
    const float strength = in_.beta.values.empty() ? 1 : in_.beta.at(t, step * in_.setting.heads + head_);
    for (std::int64_t j = 0; j < values_; ++j) {
      float held = 0;
      if (in_.setting.rule == mixers::scan::Rule::Delta)
        for (std::int64_t i = 0; i < keys_; ++i) held += in_.k.at(t, key + i) * state_.at(i, j);
      const float written = strength * (in_.v.at(t, value + j) - held);
      for (std::int64_t i = 0; i < keys_; ++i) state_.at(i, j) += in_.k.at(t, key + i) * written;
    }
  }

  void read(std::int64_t t, Matrix& out) const {
    const auto scale = static_cast<float>(in_.setting.scale);
    for (std::int64_t j = 0; j < values_; ++j) {
      float sum = 0;
      for (std::int64_t i = 0; i < keys_; ++i) sum += in_.q.at(t, key_head_ * keys_ + i) * state_.at(i, j);
      out.at(t, head_ * values_ + j) = scale * sum;
    }
  }

  const Recurrence& in_;
  std::int64_t head_, key_head_, keys_, values_;
  Matrix state_;
};

Matrix remembered(const Recurrence& in) {
  Matrix out = zeros(in.q.rows, std::int64_t{in.setting.heads} * in.setting.value_dim);
  for (int h = 0; h < in.setting.heads; ++h) {
    Memory memory(in, h);
    for (std::int64_t t = 0; t < out.rows; ++t) memory.token(t, out);
  }
  return out;
}

/// Columns first, first + 1 .. of m.
Matrix columns_of(const Matrix& m, std::int64_t first, std::int64_t count) {
  Matrix part = zeros(m.rows, count);
  for (std::int64_t r = 0; r < m.rows; ++r)
    for (std::int64_t c = 0; c < count; ++c) part.at(r, c) = m.at(r, first + c);
  return part;
}

double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}
double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
/// -e^log_rate softplus(x) as one power: neither factor leaves the numbers by itself.
double softplus_decay(double log_rate, double x) {
  return -std::exp(log_rate + std::log(softplus(x)));
}

class RecurrentPass {
 public:
  RecurrentPass(const arch::ModelFile& file, std::size_t block, const Matrix& x)
      : file_(file),
        mixer_(file.model.blocks[block].mixer),
        setting_{file.model.embedding.width, mixer_.options},
        prefix_(fmt::format("layers.{}.{}.", block, mixer_.name)),
        x_(x) {}

  Matrix run() const {
    if (find_target(mixer_.name) == nullptr) refuse("its mixer is " + mixer_.name);
    if (const std::string lost = exactness_lost(mixer_.name, mixer_.options, true); !lost.empty())
      refuse(lost);
    if (mixer_.name == "mamba2") return mamba2();
    return linear("out", remembered(mixer_.name == "gla" ? gla() : delta()));
  }

 private:
  [[noreturn]] static void refuse(const std::string& why) {
    throw base::InputError(
        "model", fmt::format("expected one that was compiled, but {}; yore run asks any other", why));
  }

  Matrix array(const char* name) const { return matrix_of(file_.weights, prefix_ + name); }
  /// Of the map of that name, with its bias if it has one.
  Matrix linear(const std::string& name, const Matrix& x) const {
    LinearMap map{matrix_of(file_.weights, prefix_ + name + ".weight"), {}};
    const bool biased = file_.weights.arrays.contains(prefix_ + name + ".bias");
    map.bias = biased ? matrix_of(file_.weights, prefix_ + name + ".bias") : zeros(1, map.weight.rows);
    return times(map, x);
  }

  /// q, k and v out of one product.
  Recurrence split(const mixers::scan::Setting& setting, const mixers::ScanAccess& access) const {
    const std::int64_t keys = std::int64_t{setting.key_heads} * setting.key_dim,
                       values = std::int64_t{setting.heads} * setting.value_dim;
    const Matrix qkv = linear("qkv", x_);
    return {setting,
            access,
            columns_of(qkv, 0, keys),
            columns_of(qkv, keys, access.steps * keys),
            columns_of(qkv, (1 + access.steps) * keys, access.steps * values),
            {},
            {}};
  }

  Recurrence gla() const {
    const mixers::GlaOptions o = mixers::read_gla_options(setting_);
    Recurrence in = split(o.scan, o.access);
    in.log_decay = linear("decay_out", linear("decay_in", x_));
    for (float& z : in.log_decay.values) z = static_cast<float>(-softplus(-z) / o.gate_divisor);
    return in;
  }

  Recurrence delta() const {
    if (mixer_.name == "delta_net") return delta(mixers::read_delta_net_options(setting_), {});
    if (mixer_.name == "gated_delta_net")
      return delta(mixers::read_gated_delta_net_options(setting_), linear("decay", x_));
    const mixers::KdaOptions o = mixers::read_kda_options(setting_);
    if (o.lower_bound != 0) refuse(fmt::format("its lower_bound is {:g}", o.lower_bound));
    return delta(o, linear("decay_out", linear("decay_in", x_)));
  }

  Recurrence delta(const mixers::DeltaOptions& o, Matrix decay) const {
    Recurrence in = split(o.scan, o.access);
    if (!decay.values.empty()) {
      const Matrix rate = array("log_rate");
      const std::int64_t each = decay.columns / o.scan.heads;
      for (std::int64_t t = 0; t < decay.rows; ++t)
        for (std::int64_t c = 0; c < decay.columns; ++c)
          decay.at(t, c) = static_cast<float>(softplus_decay(rate.at(0, c / each), decay.at(t, c)));
      in.log_decay = std::move(decay);
    }
    const float most = o.negative_eigenvalues ? 2 : 1;
    in.beta = o.beta ? linear("beta", x_) : zeros(x_.rows, o.access.steps * std::int64_t{o.scan.heads});
    for (float& b : in.beta.values) b = o.beta ? static_cast<float>(most * sigmoid(b)) : most;
    return in;
  }

  Matrix mamba2() const {
    const mixers::Mamba2Options o = mixers::read_mamba2_options(setting_);
    const std::int64_t inner = o.inner(), states = o.states(), heads = o.scan.heads;
    const Matrix all = linear("in", x_), bias = array("dt.bias"), rate = array("a_log"), skip = array("skip");
    Recurrence in{o.scan,
                  o.access,
                  columns_of(all, 2 * inner + states, states),
                  columns_of(all, 2 * inner, states),
                  columns_of(all, inner, inner),
                  columns_of(all, 2 * inner + 2 * states, heads),
                  zeros(x_.rows, heads)};
    for (std::int64_t t = 0; t < x_.rows; ++t)
      for (std::int64_t h = 0; h < heads; ++h) {
        double raw = static_cast<double>(in.log_decay.at(t, h)) + static_cast<double>(bias.at(0, h));
        if (o.dt_least > 0) raw = std::max(raw, mixers::before_softplus(o.dt_least));
        if (o.dt_most > 0) raw = std::min(raw, mixers::before_softplus(o.dt_most));
        in.beta.at(t, h) = static_cast<float>(softplus(raw));
        in.log_decay.at(t, h) = static_cast<float>(softplus_decay(rate.at(0, h), raw));
      }
    Matrix y = remembered(in);
    for (std::int64_t t = 0; t < y.rows; ++t)
      for (std::int64_t c = 0; c < inner; ++c) {
        const auto z = static_cast<double>(all.at(t, c));
        const float direct = skip.at(0, o.skip_per_channel ? c : c / o.scan.value_dim) * in.v.at(t, c);
        y.at(t, c) = (y.at(t, c) + direct) * static_cast<float>(z * sigmoid(z));
      }
    return linear("out", y);
  }

  const arch::ModelFile& file_;
  const arch::Mixer& mixer_;
  mixers::MixerSetting setting_;
  std::string prefix_;
  const Matrix& x_;
};

}  // namespace

Matrix forward_recurrence(const arch::ModelFile& file, std::size_t block, const Matrix& x) {
  return RecurrentPass(file, block, x).run();
}

}  // namespace yore::compiler
