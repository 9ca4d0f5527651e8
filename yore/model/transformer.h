// What recogniser and decoder share: embeddings, positions and blocks of mixers and feed-forward nets over
// packed sequences, at all rows, at the last ones, or going on from a state.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "yore/mixers/mixer.h"
#include "yore/model/input.h"
#include "yore/model/parameters.h"
#include "yore/runs/run_config.h"

namespace yore::model {

/// Blocks are x = norm(x + f(x)) (post) or x = x + f(norm(x)) with one more norm at the end (pre), f =
/// attention, then the feed-forward net. The norm may be none. Copying is not possible (the weights are
/// shared memory); moving is.
class Transformer {
 public:
  /// A linear map or norm as places of its parameters.
  struct Linear {
    std::size_t weight, bias;
  };
  struct Norm {
    std::size_t weight, bias;
  };
  /// What a batch of sequences has been through: one mixer's state a layer. Copying makes a snapshot.
  class State {
   public:
    explicit State(std::vector<std::unique_ptr<mixers::State>> layers) : layers_(std::move(layers)) {}
    State(const State& other);
    State(State&&) = default;
    State& operator=(State other) {
      layers_.swap(other.layers_);
      return *this;
    }
    /// Tokens that sequence b has taken in.
    std::int64_t length(std::int64_t b) const { return layers_.front()->length(b); }
    std::size_t bytes() const;
    /// Forgets the last `tokens` tokens of sequence b; std::invalid_argument, changing nothing, if that is
    /// impossible.
    void roll_back(std::int64_t b, std::int64_t tokens);

   private:
    friend class Transformer;
    std::vector<std::unique_ptr<mixers::State>> layers_;
  };

  /// Declares the parameters for tokens 0 .. vocabulary - 1. Throws InputError("model") if the configuration
  /// does not fit together. The owner adds its read-out and then calls allocate().
  Transformer(const runs::ModelConfig& config, int vocabulary);
  Linear add_linear(const std::string& name, std::int64_t in, std::int64_t out);
  /// Fresh weights from `seed`; float for use and double for tests.
  void allocate(std::uint64_t seed, at::ScalarType type);

  /// Hidden rows [N, width] of all tokens. Differentiable in the parameters. Throws InputError("positions")
  /// when a sequence is longer than learned positions reach, std::invalid_argument on tokens outside the
  /// vocabulary.
  at::Tensor rows(const Input& input) const { return blocks(input, false); }
  /// Hidden rows [B, width] of each sequence's last token. In the last layer, what attention does not need
  /// at every position is computed at the last rows alone.
  at::Tensor last_rows(const Input& input) const { return blocks(input, true); }

  /// What flows from block to block, [N, width] each: the embedded tokens, then the rows after every block's
  /// attention and after its feed-forward net, 2 layers + 1 in all (after a post-norm, before a pre-norm).
  std::vector<at::Tensor> stages(const Input& input) const;

  /// The state before the first token; see mixers::StateSetting for rollback and max_tokens.
  State start(std::int64_t batch, std::int64_t rollback = 0, std::int64_t max_tokens = 0) const;
  /// Hidden rows of the sequences' next tokens, which may differ in number (0 included): input.position
  /// counts from the sequences' beginnings. Not differentiable.
  at::Tensor advance(State& state, const Input& input) const;

  at::Tensor apply(const Linear& linear, const at::Tensor& x) const;
  const runs::ModelConfig& config() const { return config_; }
  int vocabulary() const { return vocabulary_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  struct Layer {
    std::unique_ptr<mixers::Mixer> attention;
    std::size_t first_parameter;  ///< of attention's, which stand in a row
    Linear up, down;
    Norm attention_norm, mlp_norm;
  };
  void add_attention(Layer& layer, const std::string& name, const std::vector<int>& lookback);
  Norm add_norm(const std::string& name);
  at::Tensor apply(const Norm& norm, const at::Tensor& x) const;
  at::Tensor embed(const Input& input) const;
  at::Tensor feed_forward(const Layer& layer, const at::Tensor& x) const;
  template <class Mix>
  at::Tensor block(const Layer& layer, at::Tensor x, const at::Tensor* keep, const Mix& mix,
                   std::vector<at::Tensor>* stages = nullptr) const;
  at::Tensor blocks(const Input& input, bool last_only) const;

  runs::ModelConfig config_;
  int vocabulary_;
  Parameters parameters_;
  std::size_t embedding_ = 0, position_table_ = 0;
  std::vector<Layer> layers_;
  Norm final_norm_{};
  mutable at::Tensor sinusoids_;  // grown on demand
};

}  // namespace yore::model
