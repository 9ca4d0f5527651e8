// What every mechanism offers to a model, with torch: a layer with parameters of its own that mixes the rows
// of packed sequences, forward and backward at once, or going on from a state. The registry is made
// when yore is built; the conformance tests hold every mechanism of it to what stands here.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "yore/mixers/spec.h"
#include "yore/mixers/state.h"

namespace yore::mixers {

/// Which rows of a [N, width] tensor belong together: B sequences, one after another, no row spent on
/// padding. All tensors are int64.
struct PackedRows {
  std::vector<std::int64_t> starts{0};  ///< [B + 1] row of each sequence's first token, and N
  at::Tensor position;                  ///< [N] place in its sequence, from 0
  at::Tensor last;                      ///< [B] row of the sequence's last token; -1 if it has none here
  at::Tensor last_position;             ///< [B] its place
  std::int64_t longest = 0;             ///< the largest place plus one
};

/// What a layer's state must be able to do.
struct StateSetting {
  std::int64_t batch = 1;
  /// Tokens that can always be taken back, counted from the longest that a sequence has been: what was taken
  /// back once does not come on top.
  std::int64_t rollback = 0;
  std::int64_t max_tokens = 0;  ///< most tokens of a sequence; 0 = no bound
};

struct HeadsSeen;  // heads_seen.h

/// What a forward pass may be asked beside its numbers.
struct MixContext {
  /// [H] factors on what each head hands on, differentiable; undefined = all 1. A mechanism without heads
  /// refuses it with std::invalid_argument.
  at::Tensor head_gates;
  /// Told what attention computes with, by forward() alone; the references hold during the call. Mechanisms
  /// without scores of queries and keys never call it.
  std::function<void(const HeadsSeen&)> observe = nullptr;
};

/// A layer from rows [N, width] to rows [N, width] in which a row depends on itself and earlier rows of its
/// sequence only.
class Mixer {
 public:
  Mixer(const Mixer&) = delete;
  Mixer& operator=(const Mixer&) = delete;
  virtual ~Mixer() = default;

  Mixer(const Spec& spec, MixerSetting setting);

  /// The options in full, and the width.
  const MixerSetting& setting() const { return setting_; }
  /// What the layer learns (Spec::parameters), in the order in which bind() wants it.
  const std::vector<ParameterSpec>& parameters() const { return parameters_; }
  /// Gives the layer its parameters, all of one type (float, or double for tests), but that beside float
  /// matrices of linear maps may be bfloat16 in a layer that only runs; the memory is shared. Throws
  /// std::invalid_argument naming the first that does not fit. Before this the layer cannot run.
  void bind(std::vector<at::Tensor> values);

  /// x [N, width] to [N, width]. Differentiable in x and the parameters.
  virtual at::Tensor forward(const at::Tensor& x, const PackedRows& rows,
                             const MixContext& context = {}) const = 0;
  /// forward() as if each sequence had these tokens alone, which stand at their places rows.position (rising
  /// in a sequence) all the same: what a layer does by distance, such as windows, goes by these. Throws
  /// std::invalid_argument where the mechanism mixes whole sequences only.
  virtual at::Tensor forward_some(const at::Tensor& x, const PackedRows& rows,
                                  const MixContext& context = {}) const;
  /// [B, width]: rows `last` of forward, computed alone where that is cheaper. Every sequence has a row.
  virtual at::Tensor forward_last(const at::Tensor& x, const PackedRows& rows,
                                  const MixContext& context = {}) const;

  /// The state before the first token. Throws std::invalid_argument for a setting that does not fit together.
  virtual std::unique_ptr<State> start(const StateSetting& setting) const = 0;
  /// Takes in the sequences' next tokens, which may differ in number (0 included): x [N, width] to [N,
  /// width]; rows.position counts from the sequences' beginnings. `state` is one that start() made. Not
  /// differentiable. Throws std::length_error, changing nothing, past max_tokens.
  virtual at::Tensor advance(State& state, const at::Tensor& x, const PackedRows& rows,
                             const MixContext& context = {}) const = 0;

 protected:
  const at::Tensor& value(std::size_t index) const { return values_[index]; }
  /// What is computed in.
  at::ScalarType type() const { return type_; }

 private:
  MixerSetting setting_;
  std::vector<ParameterSpec> parameters_;
  std::vector<at::Tensor> values_;
  at::ScalarType type_ = at::kFloat;
};

/// A layer of the mechanism; the options may be incomplete. Throws base::InputError("mixer") for a name that
/// is not in the registry, and as Spec::complete does.
std::unique_ptr<Mixer> make_mixer(const std::string& mechanism, const MixerSetting& setting);

}  // namespace yore::mixers
