// Attention's description: see spec.h.
#include <algorithm>

#include "yore/mixers/attention/options.h"

namespace yore::mixers {
namespace {

class AttentionSpec final : public Spec {
 public:
  std::string name() const override { return "attention"; }
  std::string summary() const override { return "softmax attention; each head global or with a lookback"; }
  std::string source() const override { return "Vaswani et al. 2017, arXiv 1706.03762"; }
  std::vector<base::OptionSpec> options() const override { return attention_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_attention_options(width, given);
  }

  /// The order is that of layer.cc's AttentionPlaces.
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const AttentionOptions o = read_attention_options(setting);
    const std::int64_t width = setting.width, qkv = o.mixed_width() + 2 * o.kv_width();
    std::vector<ParameterSpec> list = {{"qkv.weight", {qkv, width}, Start::FanIn, true}};
    if (o.bias) list.push_back({"qkv.bias", {qkv}, Start::Zero});
    list.push_back({"out.weight", {width, o.mixed_width()}, Start::FanIn, true});
    if (o.out_bias) list.push_back({"out.bias", {width}, Start::Zero});
    if (o.qk_norm != QkNorm::None) {
      const Start start = o.qk_norm == QkNorm::Rms ? Start::One : Start::Zero;
      list.push_back({"q_norm.weight", {o.head_width}, start});
      list.push_back({"k_norm.weight", {o.head_width}, start});
    }
    if (o.sink_logits) list.push_back({"sink_logits", {o.heads}, Start::Zero});
    if (o.value_scale == ValueScale::On) list.push_back({"value_scale.theta", {o.kv_heads}, Start::Zero});
    return list;
  }

  /// A key head keeps what the furthest of its query heads needs, and the sinks. Encoders are not stepped and
  /// keep nothing.
  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t tokens) const override {
    const AttentionOptions o = read_attention_options(setting);
    if (o.encoder) return 0;
    const std::int64_t sinks = std::min<std::int64_t>(tokens, o.params.sinks);
    std::int64_t entries = 0;
    const auto group = o.params.lookback.size() / static_cast<std::size_t>(o.kv_heads);
    for (auto first = o.params.lookback.begin(); first != o.params.lookback.end();
         first += static_cast<std::ptrdiff_t>(group)) {
      const auto end = first + static_cast<std::ptrdiff_t>(group);
      const bool global = std::find(first, end, kGlobal) != end;
      entries += global ? tokens : std::min<std::int64_t>(tokens, *std::max_element(first, end)) + sinks;
    }
    return entries * 2 * o.head_width * static_cast<std::int64_t>(sizeof(float));
  }

  /// The products: what is done once a number or once a score (norms, turning, exponentials) is left out.
  double flops(const MixerSetting& setting, std::int64_t position) const override {
    const AttentionOptions o = read_attention_options(setting);
    const double linear = 2.0 * static_cast<double>(setting.width) *
                          static_cast<double>(2 * o.mixed_width() + 2 * o.kv_width());
    // Of an encoder the pairs that one more token adds: it sees all, and all see it.
    if (o.encoder)
      return linear +
             static_cast<double>(2 * position + 1) * 4.0 * static_cast<double>(o.heads) * o.head_width;
    double keys = 0;
    for (const int k : o.params.lookback) {
      const std::int64_t past = k < 0 ? position : std::min<std::int64_t>(position, k);
      keys += static_cast<double>(past + std::min<std::int64_t>(position - past, o.params.sinks)) +
              (o.params.strict ? 0 : 1);
    }
    return linear + keys * 4.0 * o.head_width;
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& attention_spec() {
  static const AttentionSpec spec;
  return spec;
}

}  // namespace yore::mixers
