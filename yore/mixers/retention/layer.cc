// Retention as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/positions.h"
#include "yore/mixers/common/scan_layer.h"
#include "yore/mixers/retention/options.h"

namespace yore::mixers {

const Spec& retention_spec();

namespace {

class RetentionLayer final : public ScanLayer {
 public:
  explicit RetentionLayer(const MixerSetting& setting)
      : RetentionLayer(setting, read_retention_options(setting)) {}

 private:
  RetentionLayer(const MixerSetting& setting, const RetentionOptions& options)
      : ScanLayer(retention_spec(), setting, options.scan, {options.channels(), options.conv}),
        options_(options) {}

  // Places in Spec::parameters.
  std::size_t gate_weight() const { return options_.conv > 0 ? 2 : 1; }
  std::size_t norm_weight() const { return gate_weight() + (options_.output_gate ? 1 : 0); }

  at::Tensor project(const at::Tensor& x) const override { return linear_map(x, value(0)); }
  at::Tensor conv_weight() const override { return value(1); }

  ScanInput input(const at::Tensor& x, const at::Tensor& qkv) const override {
    std::vector<double> logs;
    for (const double decay : options_.decays) logs.push_back(std::log(decay));
    // One row for all tokens.
    const at::Tensor log_decay = at::tensor(logs, x.options()).view({1, heads(), 1});
    return {heads_of(qkv, 0, heads(), scan().key_dim),
            heads_of(qkv, options_.keys(), heads(), scan().key_dim),
            heads_of(qkv, 2 * options_.keys(), heads(), scan().value_dim),
            log_decay.expand({x.size(0), heads(), 1}),
            {}};
  }

  ScanInput placed(ScanInput input, const PackedRows& rows) const override {
    if (!options_.rotary) return input;
    const RotaryTable table = table_.at_least(rows.longest, options_.turns, type());
    input.q = rotate(input.q, table, rows.position, options_.turns.adjacent);
    input.k = rotate(input.k, table, rows.position, options_.turns.adjacent);
    return input;
  }

  at::Tensor output(const at::Tensor& x, const at::Tensor&, const at::Tensor& mixed,
                    const MixContext& context) const override {
    at::Tensor y = rms_norm(mixed, value(norm_weight()), options_.norm_epsilon);
    if (options_.output_gate)
      y = y * heads_of(at::silu(linear_map(x, value(gate_weight()))), 0, heads(), scan().value_dim);
    return linear_map(gated(y, context).reshape({-1, options_.values()}), value(norm_weight() + 1));
  }

  RetentionOptions options_;
  RotaryPositions table_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_retention(const MixerSetting& setting) {
  return std::make_unique<RetentionLayer>(setting);
}

}  // namespace yore::mixers
