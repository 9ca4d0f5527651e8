// Linear attention as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/scan_layer.h"
#include "yore/mixers/linear_attention/options.h"

namespace yore::mixers {

const Spec& linear_attention_spec();

namespace {

class LinearAttentionLayer final : public ScanLayer {
 public:
  explicit LinearAttentionLayer(const MixerSetting& setting)
      : LinearAttentionLayer(setting, read_linear_attention_options(setting)) {}

 private:
  LinearAttentionLayer(const MixerSetting& setting, const LinearAttentionOptions& options)
      : ScanLayer(linear_attention_spec(), setting, options.scan, {}), options_(options) {}

  // Places in Spec::parameters.
  std::size_t q_map() const { return 1; }
  std::size_t k_map() const { return options_.tied_map ? 1 : 3; }
  std::size_t norm_weight() const {
    return options_.map != FeatureMap::Hadamard ? 1 : options_.tied_map ? 3 : 5;
  }
  std::size_t out_weight() const { return norm_weight() + (options_.output_norm ? 1 : 0); }

  at::Tensor project(const at::Tensor& x) const override { return linear_map(x, value(0)); }

  /// x [N, heads, key]; `map` is the place of the weight of its learnt map, the bias following.
  at::Tensor features(const at::Tensor& x, std::size_t map, bool normed) const {
    at::Tensor y = x;
    if (options_.map == FeatureMap::Elu) y = at::elu(x) + 1;
    if (options_.map == FeatureMap::Relu) y = at::relu(x);
    if (options_.map == FeatureMap::Hadamard) {
      const std::vector<at::Tensor> two = linear_map(x, value(map), value(map + 1)).chunk(2, -1);
      y = two[0] * two[1];
    }
    return normed ? y / (y.sum({-1}, true) + 1e-4) : y;
  }

  ScanInput input(const at::Tensor& x, const at::Tensor& qkv) const override {
    const std::int64_t keys = options_.keys(), key = scan().key_dim;
    at::Tensor v = heads_of(qkv, 2 * keys, heads(), options_.value);
    if (options_.normaliser) v = at::cat({v, at::ones({x.size(0), heads(), 1}, v.options())}, 2);
    return {features(heads_of(qkv, 0, heads(), key), q_map(), options_.q_norm),
            features(heads_of(qkv, keys, heads(), key), k_map(), options_.k_norm),
            v,
            {},
            {}};
  }

  at::Tensor output(const at::Tensor&, const at::Tensor&, const at::Tensor& mixed,
                    const MixContext& context) const override {
    at::Tensor y = mixed;
    if (options_.normaliser)
      y = mixed.narrow(2, 0, options_.value) /
          (mixed.narrow(2, options_.value, 1) + options_.normaliser_epsilon);
    if (options_.output_norm) y = rms_norm(y, value(norm_weight()), options_.norm_epsilon);
    return linear_map(gated(y, context).reshape({-1, options_.values()}), value(out_weight()));
  }

  LinearAttentionOptions options_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_linear_attention(const MixerSetting& setting) {
  return std::make_unique<LinearAttentionLayer>(setting);
}

}  // namespace yore::mixers
