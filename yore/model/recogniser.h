// The recogniser: letters and EOS in, one logit out (> 0 accepts), read at EOS.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "yore/model/transformer.h"

namespace yore::model {

/// A transformer over [letters of the alphabet, EOS = alphabet size] with a linear read-out at EOS.
class Recogniser {
 public:
  /// Fresh weights from `seed`. Throws InputError("model") if the configuration does not fit together. `type`
  /// is float for use and double for tests.
  Recogniser(const runs::ModelConfig& config, int letters, std::uint64_t seed,
             at::ScalarType type = at::kFloat);

  /// Logits [B]. Differentiable in the parameters. Throws as Transformer::rows does.
  at::Tensor forward(const Input& input) const;

  /// See Transformer::stages.
  std::vector<at::Tensor> stages(const Input& input) const { return transformer_.stages(input); }

  const runs::ModelConfig& config() const { return transformer_.config(); }
  /// Size of the alphabet, without EOS.
  int letters() const { return transformer_.vocabulary() - 1; }
  const Parameters& parameters() const { return transformer_.parameters(); }

 private:
  Transformer transformer_;
  Transformer::Linear read_out_;
};

}  // namespace yore::model
