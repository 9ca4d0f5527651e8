// Attention as a layer: one product makes queries, keys and values, the heads mix, another product puts them
// together. Options:
//   lookback   a list, one a head: see AttentionParams; -1 = global
//   strict     whether a row does not see itself; false if missing
//   positions  "none", "rotary" (queries and keys turned, head_width even) or "alibi" (scores lowered); none
//              if missing
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/decode.h"
#include "yore/mixers/mixer.h"
#include "yore/mixers/positions.h"

namespace yore::mixers {
namespace {

enum Place : std::size_t { kQkvWeight, kQkvBias, kOutWeight, kOutBias };

[[noreturn]] void refuse(const std::string& option, const std::string& expected, const base::Json& found) {
  throw base::InputError("attention." + option, fmt::format("expected {}, got {}", expected, found.dump()));
}

class AttentionLayer final : public Mixer {
 public:
  explicit AttentionLayer(const MixerSetting& s) : width_(s.width), heads_(s.heads), dim_(s.head_width) {
    if (width_ < 1) refuse("width", "a positive number", width_);
    if (heads_ < 1) refuse("heads", "a positive number", heads_);
    if (dim_ < 1 || dim_ > kMaxDim) refuse("head_width", fmt::format("1 to {}", kMaxDim), dim_);
    params_.strict = false;
    params_.scale = 1.0 / std::sqrt(static_cast<double>(dim_));
    for (const auto& [option, value] : s.options.items()) {
      if (option == "lookback")
        read_lookback(value);
      else if (option == "strict")
        read_strict(value);
      else if (option == "positions")
        read_positions(value);
      else
        refuse(option, "one of the options lookback, strict, positions", option);
    }
    if (params_.lookback.empty()) refuse("lookback", "one number a head", nullptr);
  }

  std::vector<ParameterSpec> parameters() const override {
    return {{"qkv.weight", {3 * mixed_width(), width_}, Start::FanIn},
            {"qkv.bias", {3 * mixed_width()}, Start::Zero},
            {"out.weight", {width_, mixed_width()}, Start::FanIn},
            {"out.bias", {width_}, Start::Zero}};
  }

  at::Tensor forward(const at::Tensor& x, const PackedRows& rows) const override {
    return out(attention_packed(heads_of(x, rows), rows.starts, params_).view({-1, mixed_width()}));
  }

  /// Only keys and values are computed at every row.
  at::Tensor forward_last(const at::Tensor& x, const PackedRows& rows) const override {
    const std::int64_t mixed = mixed_width();
    grow_table(rows.longest);
    const auto part = [&](const at::Tensor& some, std::int64_t from, std::int64_t count) {
      return at::addmm(value(kQkvBias).narrow(0, from, count), some,
                       value(kQkvWeight).narrow(0, from, count).t());
    };
    const at::Tensor q =
        turn(part(x.index_select(0, rows.last), 0, mixed).view({-1, heads_, dim_}), rows.last_position);
    at::Tensor kv = part(x, mixed, 2 * mixed).view({-1, 2, heads_, dim_});
    if (rotary_) kv = at::stack({turn(kv.select(1, 0), rows.position), kv.select(1, 1)}, 1);
    return out(attention_last(q, kv, rows.starts, params_).reshape({-1, mixed}));
  }

  std::unique_ptr<State> start(const StateSetting& setting) const override {
    DecodeSetting s;
    s.batch = setting.batch;
    s.heads = s.kv_heads = heads_;
    s.dim = s.value_dim = static_cast<int>(dim_);
    s.params = params_;
    s.storage = type() == at::kDouble ? kernel::Storage::Float64 : kernel::Storage::Float32;
    s.rollback = setting.rollback;
    s.max_tokens = setting.max_tokens;
    return std::make_unique<AttentionState>(s);
  }

  at::Tensor advance(State& state, const at::Tensor& x, const PackedRows& rows) const override {
    const at::NoGradGuard no_gradients;
    auto& memory = dynamic_cast<AttentionState&>(state);
    const at::Tensor qkv = heads_of(x, rows).contiguous();
    const at::Tensor mixed = at::empty({qkv.size(0), mixed_width()}, qkv.options());
    if (qkv.scalar_type() == at::kDouble)
      advance<double>(memory, qkv, mixed, rows);
    else
      advance<float>(memory, qkv, mixed, rows);
    return out(mixed);
  }

 private:
  void read_lookback(const base::Json& list) {
    if (!list.is_array() || static_cast<int>(list.size()) != heads_)
      refuse("lookback", fmt::format("a list of {} numbers, one a head", heads_), list);
    for (const base::Json& lookback : list) {
      if (!lookback.is_number_integer()) refuse("lookback", "whole numbers", list);
      params_.lookback.push_back(lookback.get<int>());
    }
    try {
      check_params(params_, heads_);
    } catch (const std::invalid_argument& e) {
      throw base::InputError("attention.lookback", e.what());
    }
  }
  void read_strict(const base::Json& strict) {
    if (!strict.is_boolean()) refuse("strict", "true or false", strict);
    params_.strict = strict.get<bool>();
  }
  void read_positions(const base::Json& positions) {
    if (positions == "alibi")
      params_.alibi_slopes = alibi_slopes(heads_);
    else if (positions == "rotary")
      rotary_ = true;
    else if (positions != "none")
      refuse("positions", "none, rotary or alibi", positions);
    if (rotary_ && dim_ % 2 != 0) refuse("head_width", "an even number for rotary positions", dim_);
  }

  /// What the heads hand on, side by side.
  std::int64_t mixed_width() const { return heads_ * dim_; }
  at::Tensor out(const at::Tensor& mixed) const {
    return at::addmm(value(kOutBias), mixed, value(kOutWeight).t());
  }
  void grow_table(std::int64_t length) const {
    if (rotary_ && (!table_.cos.defined() || table_.cos.size(0) < length))
      table_ = rotary_table(length, dim_, value(kQkvWeight).options());
  }
  at::Tensor turn(const at::Tensor& x, const at::Tensor& position) const {
    return rotary_ ? rotate(x, table_, position) : x;
  }
  /// Queries, keys and values [N, 3, H, D], turned where positions are rotary.
  at::Tensor heads_of(const at::Tensor& x, const PackedRows& rows) const {
    at::Tensor qkv = at::addmm(value(kQkvBias), x, value(kQkvWeight).t()).view({-1, 3, heads_, dim_});
    if (!rotary_) return qkv;
    grow_table(rows.longest);
    return at::stack(
        {turn(qkv.select(1, 0), rows.position), turn(qkv.select(1, 1), rows.position), qkv.select(1, 2)}, 1);
  }
  template <class T>
  void advance(AttentionState& state, const at::Tensor& qkv, const at::Tensor& mixed,
               const PackedRows& rows) const {
    const std::int64_t width = mixed_width(), token = 3 * width;
    const T* first = qkv.data_ptr<T>();
    state.advance<T>(rows.starts.data(), {first, 0, token, dim_}, {first + width, 0, token, dim_},
                     {first + 2 * width, 0, token, dim_}, {mixed.data_ptr<T>(), 0, width, dim_}, nullptr,
                     at::get_num_threads());
  }

  std::int64_t width_;
  int heads_;
  std::int64_t dim_;
  AttentionParams params_;
  bool rotary_ = false;
  mutable RotaryTable table_;  // grown on demand
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_attention(const MixerSetting& setting) {
  return std::make_unique<AttentionLayer>(setting);
}

}  // namespace yore::mixers
