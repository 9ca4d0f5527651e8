// Many sequences through a model, the one way in which everything asks it: sorted by length, in batches of
// bounded memory, on one thread or several. Not differentiable.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "yore/base/error.h"
#include "yore/model/model.h"

namespace yore::model {

struct AskOptions {
  /// Tokens of a batch: what layers compute of them stays near the cache. A longer sequence is a batch alone.
  std::size_t tokens = std::size_t{1} << 14;
  /// 0 = one a core. With several, torch has one thread within each for as long as it takes, and the numbers
  /// are those of one thread in which torch has one (use_threads).
  int threads = 1;
  /// Throws base::Interrupted between two batches as soon as a signal came (base/interrupt.h).
  bool stops_at_signals = false;
  /// Of every forward pass; with several threads it is called from all of them.
  Context context = {};
  /// Throws NotFinite at a logit that is no answer: NaN or infinite.
  bool finite = false;
};

/// A model's logit is NaN or infinite.
class NotFinite : public base::InputError {
 public:
  explicit NotFinite(std::int64_t sequence)
      : InputError("model", "a logit is not finite: its weights are broken, or too large"),
        sequence_(sequence) {}
  std::int64_t sequence() const { return sequence_; }

 private:
  std::int64_t sequence_;
};

/// Called with the logits at one token, in any order and from several threads, but never for two tokens of a
/// sequence at once. `token` counts through all sequences.
using Answered =
    std::function<void(std::int64_t sequence, std::int64_t token, std::span<const float> logits)>;

/// Asks a model about sequences packed as in pack(). Of an accept read-out: at every sequence's last token.
/// Of others: at the tokens with asked[token] != 0. Throws as Model::forward.
void ask(const Model& model, std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens,
         std::span<const char> asked, const AskOptions& options, const Answered& answered);

}  // namespace yore::model
