// The recogniser: letters and EOS in, one logit out (> 0 accepts), read at EOS.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "yore/mixers/attention/attention.h"
#include "yore/model/input.h"
#include "yore/model/parameters.h"
#include "yore/model/positions.h"
#include "yore/runs/run_config.h"

namespace yore::model {

/// A decoder-only transformer over [letters of the alphabet, EOS = alphabet size] with a linear read-out at
/// EOS. Blocks are x = norm(x + f(x)) (post) or x = x + f(norm(x)) with one more norm before the read-out
/// (pre), f = attention, then the feed-forward net. Copying is not possible (the weights are shared memory);
/// moving is.
class Recogniser {
 public:
  /// Fresh weights from `seed`. Throws InputError("model") if the configuration does not fit together. `type`
  /// is float for use and double for tests.
  Recogniser(const runs::ModelConfig& config, int letters, std::uint64_t seed,
             at::ScalarType type = at::kFloat);
  Recogniser(Recogniser&&) = default;
  Recogniser& operator=(Recogniser&&) = default;

  /// Logits [B]. Differentiable in the parameters. Only attention's keys and values are computed at every
  /// position of the last layer, all else there at the EOS rows alone. Throws InputError("positions") when a
  /// word is longer than learned positions reach, std::invalid_argument on tokens outside the vocabulary.
  at::Tensor forward(const Input& input) const;

  const runs::ModelConfig& config() const { return config_; }
  /// Size of the alphabet, without EOS.
  int letters() const { return letters_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  struct Linear {
    std::size_t weight, bias;
  };
  struct Norm {
    std::size_t weight, bias;
  };
  struct Layer {
    Linear qkv, out, up, down;
    Norm attention_norm, mlp_norm;
    mixers::AttentionParams attention;
  };
  Linear add_linear(const std::string& name, std::int64_t in, std::int64_t out);
  Norm add_norm(const std::string& name);
  at::Tensor apply(const Linear& linear, const at::Tensor& x) const;
  at::Tensor apply(const Norm& norm, const at::Tensor& x) const;
  at::Tensor embed(const Input& input) const;
  at::Tensor attend(const Layer& layer, const at::Tensor& x, const Input& input) const;
  at::Tensor attend_last(const Layer& layer, const at::Tensor& x, const Input& input) const;
  at::Tensor feed_forward(const Layer& layer, const at::Tensor& x) const;
  at::Tensor turn(const at::Tensor& x, const at::Tensor& position) const;

  runs::ModelConfig config_;
  int letters_;
  Parameters parameters_;
  std::size_t embedding_ = 0, position_table_ = 0;
  std::vector<Layer> layers_;
  Norm final_norm_{};
  Linear read_out_{};
  mutable at::Tensor sinusoids_;  // grown on demand
  mutable RotaryTable rotary_;
};

}  // namespace yore::model
