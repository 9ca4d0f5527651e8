// One look inside a model while it reads a text: what every head looks at, what flows along the residual
// stream, and where the loss's gradient goes.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yore/anatomy/attention_map.h"
#include "yore/anatomy/gradients.h"
#include "yore/anatomy/head_statistics.h"
#include "yore/anatomy/stream.h"
#include "yore/model/model.h"
#include "yore/model/selection_comparison.h"

namespace yore::anatomy {

struct InspectOptions {
  std::vector<MapWanted> maps;
  bool gradients = false;
  /// Also which tokens could stand for others, and what that costs; of a model that predicts next tokens.
  std::optional<selection::Sweep> select;
  /// Told after each block's mixer in the forward pass: blocks done, and all.
  std::function<void(std::size_t done, std::size_t all)> progress;
};

struct LayerInspection {
  int block = 0;
  std::string mixer;
  std::vector<HeadStatistics> heads;  ///< none where the mixer is not attention
};

struct Inspection {
  std::vector<std::int64_t> tokens;
  std::optional<double> loss;  ///< nats a predicted token; none of a read-out that predicts none
  std::vector<LayerInspection> layers;
  std::vector<StreamStatistics> stream;  ///< in the order of the forward pass
  std::vector<AttentionMap> maps;
  std::optional<Gradients> gradients;
  std::optional<model::SelectionComparison> selection;  ///< its metric is `loss`
  double seconds = 0;  ///< of the forward pass with all that was measured on it, and of the loss

  /// Every head of every layer.
  std::size_t head_count() const;
};

/// The model reads the tokens (at least one) as one sequence from its beginning. Memory grows with their
/// number, not with its square. Throws as Model::hidden and base::Interrupted; std::invalid_argument for
/// gradients of a model that gradients() does not take; InputError("--select") as model::TokenSelection.
Inspection inspect(const model::Model& model, std::span<const std::int64_t> tokens,
                   const InspectOptions& options);

/// Bytes that inspect() takes beside the weights, about.
double inspection_bytes(const arch::Model& model, std::int64_t tokens, bool gradients);

/// Throws InputError(`source`) unless the model has attention; the message says which mixers it has.
void require_attention(const arch::Model& model, const std::string& source);

}  // namespace yore::anatomy
