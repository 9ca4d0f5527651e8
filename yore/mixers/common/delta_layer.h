// The layer around a memory that follows the delta rule: math.md. The layer of a mechanism says how it
// decays.
#pragma once
#include "yore/mixers/common/delta_options.h"
#include "yore/mixers/common/scan_layer.h"

namespace yore::mixers {

class DeltaLayer : public ScanLayer {
 protected:
  /// `spec` is a DeltaSpec, `options` those of `setting`.
  DeltaLayer(const Spec& spec, const MixerSetting& setting, const DeltaOptions& options);

  /// [N, heads, 1 or key_dim]; asked for only where the scan decays.
  virtual at::Tensor log_decay(const at::Tensor&) const { return {}; }
  /// The parameter of that name.
  const at::Tensor& named(const char* name) const;

 private:
  at::Tensor project(const at::Tensor& x) const final;
  at::Tensor conv_weight() const final;
  at::Tensor conv_bias() const final;
  ScanInput input(const at::Tensor& x, const at::Tensor& projected) const final;
  at::Tensor output(const at::Tensor& x, const at::Tensor& projected, const at::Tensor& mixed,
                    const MixContext& context) const final;
  at::Tensor beta(const at::Tensor& x) const;

  DeltaOptions options_;
};

}  // namespace yore::mixers
