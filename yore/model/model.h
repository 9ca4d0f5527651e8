// A model that computes: embeddings, blocks of mixers and feed-forward nets over packed sequences, and a
// read-out, made from its description (arch/model.h). It runs on whole sequences, or goes on from a state.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yore/arch/model.h"
#include "yore/mixers/common/positions.h"
#include "yore/mixers/mixer.h"
#include "yore/model/context.h"
#include "yore/model/input.h"
#include "yore/model/parameters.h"

namespace yore::model {

/// Copying is not possible (the weights are shared memory); moving is. All const members may be called from
/// several threads at once.
class Model {
 public:
  /// What a batch of sequences has been through: one mixer's state a block. Copying makes a snapshot.
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
    /// Makes room for so many tokens at once (mixers::State::reserve).
    void reserve(std::int64_t tokens) {
      for (const auto& layer : layers_) layer->reserve(tokens);
    }
    /// Forgets the last `tokens` tokens of sequence b; std::invalid_argument, changing nothing, if that is
    /// impossible.
    void roll_back(std::int64_t b, std::int64_t tokens);
    /// Each block's state as bytes (mixers::State::save).
    std::vector<std::vector<std::byte>> save() const;
    /// Takes on what a state of the same model, batch and rollback saved. Throws std::invalid_argument,
    /// changing nothing, for anything else.
    void restore(const std::vector<std::span<const std::byte>>& saved);
    /// Whether sequence 0 has taken in so many tokens in every block; what was restored may disagree.
    bool all_have_length(std::int64_t tokens) const;

   private:
    friend class Model;
    std::vector<std::unique_ptr<mixers::State>> layers_;
  };

  /// Fresh weights from `seed`, or none yet (Parameters); `type` is float for use and double for tests.
  /// Throws InputError as arch::validate.
  Model(arch::Model description, std::optional<std::uint64_t> seed, at::ScalarType type = at::kFloat);

  /// A model of these parameters, arch::parameters(description) in their order: see the second way to make
  /// them.
  Model(arch::Model description, Parameters parameters);

  /// Logits: [B] of an accept read-out, read at each sequence's last token; [N, outputs] of the others.
  /// Differentiable in the parameters. Throws as hidden().
  at::Tensor forward(const Input& input, const Context& context = {}) const;

  /// What the read-out reads: rows [N, width] of all tokens. Differentiable in the parameters. Throws
  /// InputError("positions") when a sequence is longer than learned positions reach, InputError("model")
  /// where a model that reads numbers is given tokens alone, std::invalid_argument on tokens outside the
  /// vocabulary.
  at::Tensor hidden(const Input& input, const Context& context = {}) const;
  /// The same at each sequence's last token alone, [B, width]: in the last block, what the mixer does not
  /// need at every position is computed at these rows alone. Probes see these rows from its MixerOut on.
  at::Tensor hidden_last(const Input& input, const Context& context = {}) const;
  /// The same at some tokens alone: `rows` int64 [K] of the N; [K, width].
  at::Tensor hidden_at(const Input& input, const at::Tensor& rows, const Context& context = {}) const;
  /// Logits [rows, outputs] of hidden rows.
  at::Tensor read(const at::Tensor& hidden) const;

  /// What flows from block to block, [N, width] each: the embedded tokens, then the rows after every block's
  /// mixer and after its feed-forward net, if it has one (after a post-norm, before a pre-norm).
  std::vector<at::Tensor> stages(const Input& input) const;

  /// A state of `batch` empty sequences; see mixers::StateSetting for rollback and max_tokens. Its memory is
  /// what arch::state_bytes says, and what rolling back needs.
  State start(std::int64_t batch, std::int64_t rollback = 0, std::int64_t max_tokens = 0) const;
  /// Takes in tokens[b] (perhaps none) after what sequence b has been through; logits [sum of lengths,
  /// outputs] at each. Equals forward() on the whole sequences. Not differentiable.
  at::Tensor advance(State& state, const std::vector<std::vector<std::int64_t>>& tokens,
                     const Context& context = {}) const;
  /// The same with the logits [B, outputs] at each sequence's last new token alone, of which every sequence
  /// has one: of many tokens of a large vocabulary all logits would be most of the memory. Throws
  /// std::invalid_argument, changing nothing, where a sequence has none.
  at::Tensor advance_last(State& state, const std::vector<std::vector<std::int64_t>>& tokens,
                          const Context& context = {}) const;

  const arch::Model& description() const { return description_; }
  std::int64_t vocabulary() const { return description_.embedding.vocabulary; }
  std::int64_t outputs() const { return description_.read_out.outputs; }
  /// Size of a recogniser's alphabet: the vocabulary without EOS.
  int letters() const { return static_cast<int>(vocabulary()) - 1; }
  const Parameters& parameters() const { return parameters_; }

 private:
  /// Places of a linear map's parameters; no bias if it has none.
  struct Linear {
    std::size_t weight = 0;
    std::optional<std::size_t> bias;
  };
  struct Norm {
    arch::Norm is;
    std::size_t weight = 0, bias = 0;
  };
  struct Layer {
    std::unique_ptr<mixers::Mixer> mixer;
    arch::Activation activation;
    Linear gate, up, down;
    bool pre = false, post = false, both = false;  ///< where the norms stand
    Norm mixer_norm, mixer_norm_after, mlp_norm, mlp_norm_after;
  };
  void assemble();
  Linear find_linear(const std::string& name) const;
  Norm find_norm(const std::string& name, const arch::Norm& norm) const;
  Layer make_layer(const arch::Block& block, std::size_t index) const;
  at::Tensor apply(const Linear& linear, const at::Tensor& x) const;
  at::Tensor apply(const Norm& norm, const at::Tensor& x) const;
  at::Tensor embed(const Input& input) const;
  at::Tensor feed_forward(const Layer& layer, const at::Tensor& x) const;
  template <class Mix>
  at::Tensor block(std::size_t index, at::Tensor x, const at::Tensor* keep, const Mix& mix,
                   const Context& context) const;
  /// All blocks and the final norm; mix(layer, x, asked, last).
  template <class Mix>
  at::Tensor run(const Input& input, const at::Tensor* keep, const Mix& mix, const Context& context,
                 State* state = nullptr) const;
  at::Tensor go_on(State& state, const std::vector<std::vector<std::int64_t>>& tokens, bool last_alone,
                   const Context& context) const;

  arch::Model description_;
  Parameters parameters_;
  std::vector<Layer> layers_;
  std::size_t embedding_ = 0, position_table_ = 0;
  Norm final_norm_;
  Linear read_out_;
  std::unique_ptr<mixers::PositionTable> sinusoids_;
};

}  // namespace yore::model
