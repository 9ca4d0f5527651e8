// The decoder: a language model over tokens that runs on whole sequences for training and token by token, in
// bounded memory, for use.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "yore/model/transformer.h"

namespace yore::model {

/// How the next token is chosen.
struct Sampling {
  double temperature = 0;  ///< 0 = the likeliest token
  int top_k = 0;           ///< choose among the likeliest k; 0 = all
  std::uint64_t seed = 0;  ///< the same draws on every platform
};

class Decoder {
 public:
  using State = Transformer::State;

  /// Fresh weights over tokens 0 .. vocabulary - 1. A decoder's token must see itself: throws
  /// InputError("model") for a strict mask as for whatever else does not fit together.
  Decoder(const runs::ModelConfig& config, int vocabulary, std::uint64_t seed,
          at::ScalarType type = at::kFloat);

  /// Logits [N, vocabulary] of the token after each row. Differentiable in the parameters.
  at::Tensor forward(const Input& input) const;

  /// A state of `batch` empty sequences. Its memory is bounded by the lookbacks; global heads reserve
  /// max_tokens, or grow without bound if that is 0. See mixers::Mechanism::start for rollback.
  State start(std::int64_t batch, std::int64_t rollback = 0, std::int64_t max_tokens = 0) const {
    return transformer_.start(batch, rollback, max_tokens);
  }
  /// Takes in tokens[b] (perhaps none) after what sequence b has been through; logits [sum of lengths,
  /// vocabulary] of the token after each. Equals forward() on the whole sequences.
  at::Tensor advance(State& state, const std::vector<std::vector<std::int64_t>>& tokens) const;

  /// The `count` tokens that follow `prompt` (at least one token), each chosen after those before it.
  std::vector<std::int64_t> generate(const std::vector<std::int64_t>& prompt, std::int64_t count,
                                     const Sampling& sampling = {}) const;

  const runs::ModelConfig& config() const { return transformer_.config(); }
  int vocabulary() const { return transformer_.vocabulary(); }
  const Parameters& parameters() const { return transformer_.parameters(); }

 private:
  Transformer transformer_;
  Transformer::Linear read_out_;
};

}  // namespace yore::model
