// What layers around a scan have in common: projections, perhaps a short convolution and a SiLU, the scan,
// and what is done with its outputs; forward, and over a state. The layer of a mechanism says what each step
// is.
#pragma once
#include <memory>
#include <string>

#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_access.h"
#include "yore/mixers/common/scan_torch.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {

class ScanLayer : public Mixer {
 public:
  at::Tensor forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const final;
  std::unique_ptr<State> start(const StateSetting& setting) const final;
  at::Tensor advance(State& state, const at::Tensor& x, const PackedRows& rows,
                     const MixContext& context) const final;

 protected:
  /// The convolution that projections pass before the scan.
  struct Convolution {
    std::int64_t channels = 0, width = 0;  ///< width 0 = none
    bool silu = true;                      ///< whether a SiLU follows it; otherwise input() sees to that
  };

  /// `spec` and `setting` as for Mixer.
  ScanLayer(const Spec& spec, MixerSetting setting, const scan::Setting& scan, const Convolution& convolution,
            const ScanAccess& access = {});

  const scan::Setting& scan() const { return scan_; }
  std::int64_t heads() const { return scan_.heads; }

  /// What the convolution takes, [N, channels]: linear maps of the rows.
  virtual at::Tensor project(const at::Tensor& x) const = 0;
  /// Its weight [channels, width] and bias (undefined = none); asked for only if there is a convolution.
  virtual at::Tensor conv_weight() const { return {}; }
  virtual at::Tensor conv_bias() const { return {}; }
  /// What goes into the scan, from the rows and what project() gave (after the convolution and its SiLU, if
  /// there are any). With several steps a token k, v and beta have so many times their heads: those of the
  /// first step, then those of the second.
  virtual ScanInput input(const at::Tensor& x, const at::Tensor& projected) const = 0;
  /// What input() gave, with what depends on the rows' places in their sequences (rotary positions). The
  /// default changes nothing.
  virtual ScanInput placed(ScanInput input, const PackedRows& rows) const;
  /// From the scan's outputs [N, heads, value_dim] to rows [N, width].
  virtual at::Tensor output(const at::Tensor& x, const at::Tensor& projected, const at::Tensor& mixed,
                            const MixContext& context) const = 0;

  /// y [N, heads, any] times the context's gates, if it has some.
  at::Tensor gated(const at::Tensor& y, const MixContext& context) const;
  /// Columns from .. of x, as [N, heads, dim].
  static at::Tensor heads_of(const at::Tensor& x, std::int64_t from, std::int64_t heads, std::int64_t dim);

 private:
  at::Tensor activated(const at::Tensor& x) const;

  /// The convolution that brings what a token writes to the one after it: [numbers, 2].
  at::Tensor delay(const at::Tensor& like) const;
  /// All that a token writes as columns, and back.
  at::Tensor written(const ScanInput& in) const;
  ScanInput with_written(ScanInput in, const at::Tensor& columns) const;
  /// A row for each step, and the outputs of the last step of each token.
  ScanInput in_steps(ScanInput in) const;
  at::Tensor last_steps(const at::Tensor& mixed) const;
  std::vector<std::int64_t> in_steps(std::vector<std::int64_t> starts) const;

  scan::Setting scan_;
  Convolution convolution_;
  ScanAccess access_;
  std::string kind_;
};

}  // namespace yore::mixers
