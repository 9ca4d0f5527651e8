// Attention as a layer: one product makes queries, keys and values, the heads mix, another product puts them
// together. Options: options.cc.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/decode.h"
#include "yore/mixers/attention/options.h"
#include "yore/mixers/common/positions.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {

const Spec& attention_spec();

namespace {

enum Place : std::size_t { kQkvWeight, kQkvBias, kOutWeight, kOutBias };

class AttentionLayer final : public Mixer {
 public:
  explicit AttentionLayer(const MixerSetting& setting)
      : Mixer(attention_spec(), setting), options_(read_attention_options(setting)) {}

  at::Tensor forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const override {
    return out(attention_packed(heads_of(x, rows), rows.starts, options_.params), context);
  }

  /// Only keys and values are computed at every row.
  at::Tensor forward_last(const at::Tensor& x, const PackedRows& rows,
                          const MixContext& context) const override {
    const std::int64_t mixed = options_.mixed_width();
    const auto part = [&](const at::Tensor& some, std::int64_t from, std::int64_t count) {
      return at::addmm(value(kQkvBias).narrow(0, from, count), some,
                       value(kQkvWeight).narrow(0, from, count).t());
    };
    at::Tensor q = part(x.index_select(0, rows.last), 0, mixed).view({-1, heads(), dim()});
    at::Tensor kv = part(x, mixed, 2 * mixed).view({-1, 2, heads(), dim()});
    if (rotary()) {
      const RotaryTable table = rotary_rows(rows.longest);
      q = rotate(q, table, rows.last_position);
      kv = at::stack({rotate(kv.select(1, 0), table, rows.position), kv.select(1, 1)}, 1);
    }
    return out(attention_last(q, kv, rows.starts, options_.params), context);
  }

  std::unique_ptr<State> start(const StateSetting& setting) const override {
    DecodeSetting s;
    s.batch = setting.batch;
    s.heads = s.kv_heads = options_.heads;
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
    const at::Tensor qkv = heads_of(x, rows).contiguous();
    const at::Tensor mixed = at::empty({qkv.size(0), heads(), dim()}, qkv.options());
    if (qkv.scalar_type() == at::kDouble)
      advance<double>(memory, qkv, mixed, rows);
    else
      advance<float>(memory, qkv, mixed, rows);
    return out(mixed, context);
  }

 private:
  std::int64_t heads() const { return options_.heads; }
  std::int64_t dim() const { return options_.head_width; }
  bool rotary() const { return options_.positions == AttentionPositions::Rotary; }

  /// mixed [N, H, D]: what the heads hand on, to [N, width].
  at::Tensor out(const at::Tensor& mixed, const MixContext& context) const {
    const at::Tensor gated =
        context.head_gates.defined() ? mixed * context.head_gates.view({1, heads(), 1}) : mixed;
    return at::addmm(value(kOutBias), gated.reshape({-1, options_.mixed_width()}), value(kOutWeight).t());
  }
  RotaryTable rotary_rows(std::int64_t length) const {
    const std::vector<at::Tensor> rows = table_.at_least(length);
    return {rows[0], rows[1]};
  }
  /// Queries, keys and values [N, 3, H, D], turned where positions are rotary.
  at::Tensor heads_of(const at::Tensor& x, const PackedRows& rows) const {
    at::Tensor qkv = at::addmm(value(kQkvBias), x, value(kQkvWeight).t()).view({-1, 3, heads(), dim()});
    if (!rotary()) return qkv;
    const RotaryTable table = rotary_rows(rows.longest);
    return at::stack({rotate(qkv.select(1, 0), table, rows.position),
                      rotate(qkv.select(1, 1), table, rows.position), qkv.select(1, 2)},
                     1);
  }
  template <class T>
  void advance(AttentionState& state, const at::Tensor& qkv, const at::Tensor& mixed,
               const PackedRows& rows) const {
    const std::int64_t width = options_.mixed_width(), token = 3 * width;
    const T* first = qkv.data_ptr<T>();
    state.advance<T>(rows.starts.data(), {first, 0, token, dim()}, {first + width, 0, token, dim()},
                     {first + 2 * width, 0, token, dim()}, {mixed.data_ptr<T>(), 0, width, dim()}, nullptr,
                     at::get_num_threads());
  }

  AttentionOptions options_;
  PositionTable table_{[this](std::int64_t length) {
    const RotaryTable table = rotary_table(length, dim(), value(kQkvWeight).options());
    return std::vector<at::Tensor>{table.cos, table.sin};
  }};
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_attention(const MixerSetting& setting) {
  return std::make_unique<AttentionLayer>(setting);
}

}  // namespace yore::mixers
