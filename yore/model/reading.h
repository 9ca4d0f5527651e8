// A text that a model has read, token by token, in memory that the model's description bounds: what there is
// to go on from.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "yore/model/model.h"

namespace yore::model {

/// Tokens of a prompt that are read at once, unless somebody says otherwise: products of matrices are about
/// as fast as with more, and what layers compute of them stays near the cache.
inline constexpr std::int64_t kPrefill = 256;

/// One sequence. Copying makes a snapshot, from which several texts may go on.
struct Reading {
  Model::State state;
  std::int64_t rollback = 0;         ///< tokens that can always be taken back (mixers::StateSetting)
  std::vector<std::int64_t> tokens;  ///< all that the state has taken in
  std::vector<double> logits;        ///< [vocabulary] of the token after them; none before the first
  Context context = {};              ///< of every pass

  /// Forgets all but the first `count` tokens, and the logits. Throws std::invalid_argument, changing
  /// nothing, if that is impossible.
  void keep(std::int64_t count);
};

/// Nothing read yet. Throws std::invalid_argument for a model without a vocabulary read-out.
Reading start_reading(const Model& model, std::int64_t rollback = 0);

/// Reads `tokens`, at most `chunk` at a time: beside the state, memory is that of a chunk, and logits are
/// computed once for each. Throws std::invalid_argument for tokens outside the vocabulary or a chunk below 1.
void read(const Model& model, Reading& reading, std::span<const std::int64_t> tokens,
          std::int64_t chunk = kPrefill);

/// A row of logits in double.
std::vector<double> row_of(const at::Tensor& logits, std::int64_t row);

}  // namespace yore::model
