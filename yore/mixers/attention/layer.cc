// Attention as a layer: one product makes queries, keys and values, the heads mix, another product puts them
// together. Options: options.cc.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include "yore/base/error.h"
#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/decode.h"
#include "yore/mixers/attention/encoder_torch.h"
#include "yore/mixers/attention/options.h"
#include "yore/mixers/attention/positions_torch.h"
#include "yore/mixers/attention/value_scale_torch.h"
#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/positions.h"
#include "yore/mixers/heads_seen.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {

const Spec& attention_spec();

namespace {

using base::InputError;

constexpr const char* kSource = "mixer attention";

/// Where the parameters stand in Spec::parameters.
struct AttentionPlaces {
  std::size_t qkv_weight = 0, qkv_bias, out_weight, out_bias, q_norm, k_norm, sink_logits, theta;
  explicit AttentionPlaces(const AttentionOptions& o) {
    std::size_t next = 1;
    const auto take = [&](bool there) { return there ? next++ : kAbsent; };
    qkv_bias = take(o.bias);
    out_weight = take(true);
    out_bias = take(o.out_bias);
    q_norm = take(o.qk_norm != QkNorm::None);
    k_norm = take(o.qk_norm != QkNorm::None);
    sink_logits = take(o.sink_logits);
    theta = take(o.value_scale == ValueScale::On);
  }
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
};

/// Queries [N, H, D], and keys and values [N, H_kv, D].
struct HeadRows {
  at::Tensor q, k, v;
};

template <class T>
kernel::View<const T> view(const at::Tensor& x) {
  return {x.data_ptr<T>(), 0, x.stride(0), x.stride(1)};
}
template <class T>
kernel::View<const void> untyped_view(const at::Tensor& x) {
  return {x.data_ptr<T>(), 0, x.stride(0), x.stride(1)};
}

class AttentionLayer final : public Mixer {
 public:
  explicit AttentionLayer(const MixerSetting& setting)
      : Mixer(attention_spec(), setting), options_(read_attention_options(setting)), places_(options_) {}

  at::Tensor forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const override {
    if (options_.encoder) return out(encoded(x, rows, context), context);
    // Who observes is handed the tensors that are computed with, one by one.
    if (plain() && !context.observe)
      return out(attention_packed(packed_heads(x, rows), rows.starts, options_.params), context);
    const HeadRows h = heads_of(x, rows);
    const at::Tensor mixed =
        attention_packed(h.q, h.k, h.v, rows.starts, rows.starts, options_.params, sink_logits());
    if (context.observe) context.observe({x, h.q, h.k, h.v, mixed, sink_logits(), options_.params, rows});
    return out(mixed, context);
  }

  at::Tensor forward_some(const at::Tensor& x, const PackedRows& rows,
                          const MixContext& context) const override {
    if (options_.encoder)
      throw InputError(kSource, "with mask=none it mixes whole sequences; expected all of their tokens");
    if (rows_are_positions(options_.params, rows.starts, rows.position)) return forward(x, rows, context);
    const HeadRows h = heads_of(x, rows);
    return out(attention_at(h.q, h.k, h.v, rows.starts, rows.position, options_.params, sink_logits()),
               context);
  }

  /// Only keys and values are computed at every row.
  at::Tensor forward_last(const at::Tensor& x, const PackedRows& rows,
                          const MixContext& context) const override {
    if (options_.encoder) return Mixer::forward_last(x, rows, context);
    const std::int64_t mixed = options_.mixed_width(), sequences = rows.last.size(0);
    const at::Tensor q = ready(product(x.index_select(0, rows.last), 0, mixed).view({-1, heads(), dim()}),
                               places_.q_norm, rows.longest, rows.last_position);
    at::Tensor kv = product(x, mixed, 2 * options_.kv_width()).view({-1, 2, kv_heads(), dim()});
    const at::Tensor k = ready(kv.select(1, 0), places_.k_norm, rows.longest, rows.position);
    const at::Tensor v = scaled(kv.select(1, 1));
    if (options_.sink_logits) {
      std::vector<std::int64_t> each;  // one query a sequence
      for (std::int64_t b = 0; b <= sequences; ++b) each.push_back(b);
      return out(attention_packed(q, k, v, each, rows.starts, options_.params, sink_logits()), context);
    }
    if (rotary() || normed() || scales_values()) kv = at::stack({k, v}, 1);
    return out(attention_last(q, kv, rows.starts, options_.params), context);
  }

  std::unique_ptr<State> start(const StateSetting& setting) const override {
    if (options_.encoder)
      throw InputError(kSource,
                       "with mask=none every token sees the later ones: it cannot go on token by token");
    DecodeSetting s;
    s.batch = setting.batch;
    s.heads = options_.heads;
    s.kv_heads = options_.kv_heads;
    s.dim = s.value_dim = options_.head_width;
    s.params = options_.params;
    s.storage = type() == at::kDouble ? kernel::Storage::Float64 : kernel::Storage::Float32;
    s.rollback = setting.rollback;
    s.max_tokens = setting.max_tokens;
    return std::make_unique<AttentionState>(s);
  }

  at::Tensor advance(State& state, const at::Tensor& x, const PackedRows& rows,
                     const MixContext& context) const override {
    const at::NoGradGuard no_gradients;
    auto& memory = dynamic_cast<AttentionState&>(state);
    const HeadRows h = heads_of(x, rows);
    const at::Tensor mixed = at::empty({h.q.size(0), heads(), dim()}, h.q.options());
    if (h.q.scalar_type() == at::kDouble)
      advance<double>(memory, h, mixed, rows);
    else
      advance<float>(memory, h, mixed, rows);
    return out(mixed, context);
  }

 private:
  std::int64_t heads() const { return options_.heads; }
  std::int64_t kv_heads() const { return options_.kv_heads; }
  std::int64_t dim() const { return options_.head_width; }
  bool rotary() const { return options_.positions == AttentionPositions::Rotary; }
  bool normed() const { return options_.qk_norm != QkNorm::None; }
  bool scales_values() const { return options_.value_scale != ValueScale::Off; }
  /// Whether queries, keys and values can stay in the one array that their product makes.
  bool plain() const {
    return kv_heads() == heads() && !normed() && !options_.sink_logits && !scales_values();
  }

  /// The parameter at a place of AttentionPlaces, undefined if the layer has none.
  at::Tensor parameter(std::size_t place) const {
    return place == AttentionPlaces::kAbsent ? at::Tensor() : value(place);
  }
  at::Tensor sink_logits() const { return parameter(places_.sink_logits); }
  /// Columns from .. from + count - 1 of the queries, keys and values of x.
  at::Tensor product(const at::Tensor& x, std::int64_t from, std::int64_t count) const {
    const at::Tensor &weight = value(places_.qkv_weight), bias = parameter(places_.qkv_bias);
    if (count == weight.size(0)) return linear_map(x, weight, bias);
    return linear_map(x, weight.narrow(0, from, count), bias.defined() ? bias.narrow(0, from, count) : bias);
  }
  /// mixed [N, H, D]: what the heads hand on, to [N, width].
  at::Tensor out(const at::Tensor& mixed, const MixContext& context) const {
    const at::Tensor gated =
        context.head_gates.defined() ? mixed * context.head_gates.view({1, heads(), 1}) : mixed;
    return linear_map(gated.reshape({-1, options_.mixed_width()}), value(places_.out_weight),
                      parameter(places_.out_bias));
  }

  /// What the heads of an encoder hand on.
  at::Tensor encoded(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const {
    if (context.observe)  // who looks on computes the weights again, by mask and softmax
      throw InputError(kSource, "with mask=none it cannot be looked into");
    const HeadRows h = heads_of(x, rows);
    return attention_encoder(h.q, h.k, h.v, rows.starts, *options_.params.scale, options_.hard);
  }

  RotaryTable rotary_rows(std::int64_t length) const {
    return table_.at_least(length, options_.rotary, type());
  }
  /// Queries or keys [N, heads, D], normed with the weight at `norm` and turned by their positions, all below
  /// `longest`.
  at::Tensor ready(at::Tensor x, std::size_t norm, std::int64_t longest, const at::Tensor& position) const {
    if (normed()) {
      const at::Tensor& weight = value(norm);
      x = x * at::rsqrt(x.square().mean({-1}, true) + options_.qk_norm_epsilon) *
          (options_.qk_norm == QkNorm::Rms ? weight : weight + 1);
    }
    return rotary() ? rotate(x, rotary_rows(longest), position, options_.rotary.adjacent) : x;
  }
  /// Values [N, H_kv, D] as the heads take them, and a state keeps them.
  at::Tensor scaled(const at::Tensor& v) const {
    if (!scales_values()) return v;
    return scale_values(v, parameter(places_.theta),
                        {options_.value_scale_constant, options_.value_scale == ValueScale::BackwardOnly});
  }
  /// Queries, keys and values in one array [N, 3, H, D], for a layer that is plain().
  at::Tensor packed_heads(const at::Tensor& x, const PackedRows& rows) const {
    const at::Tensor qkv = product(x, 0, 3 * options_.mixed_width()).view({-1, 3, heads(), dim()});
    if (!rotary()) return qkv;
    return at::stack({ready(qkv.select(1, 0), places_.q_norm, rows.longest, rows.position),
                      ready(qkv.select(1, 1), places_.k_norm, rows.longest, rows.position), qkv.select(1, 2)},
                     1);
  }
  HeadRows heads_of(const at::Tensor& x, const PackedRows& rows) const {
    const std::int64_t mixed = options_.mixed_width(), kv = options_.kv_width();
    const at::Tensor qkv = product(x, 0, mixed + 2 * kv);
    const auto part = [&](std::int64_t from, std::int64_t count) {
      return qkv.narrow(1, from, count * dim()).view({-1, count, dim()});
    };
    return {ready(part(0, heads()), places_.q_norm, rows.longest, rows.position),
            ready(part(mixed, kv_heads()), places_.k_norm, rows.longest, rows.position),
            scaled(part(mixed + kv, kv_heads()))};
  }

  template <class T>
  void advance(AttentionState& state, const HeadRows& h, const at::Tensor& mixed,
               const PackedRows& rows) const {
    const at::Tensor sinks = options_.sink_logits ? sink_logits().contiguous() : at::Tensor();
    state.advance<T>(rows.starts.data(), view<T>(h.q), untyped_view<T>(h.k), untyped_view<T>(h.v),
                     {mixed.data_ptr<T>(), 0, options_.mixed_width(), dim()},
                     options_.sink_logits ? sinks.data_ptr<T>() : nullptr, at::get_num_threads());
  }

  AttentionOptions options_;
  AttentionPlaces places_;
  RotaryPositions table_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_attention(const MixerSetting& setting) {
  return std::make_unique<AttentionLayer>(setting);
}

}  // namespace yore::mixers
