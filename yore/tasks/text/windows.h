// Tokens of a document as sequences of a batch: what is fed, and what is asked at each token.
#pragma once
#include <cstdint>
#include <span>

#include "yore/tasks/task.h"

namespace yore::tasks {

/// Adds the tokens document[begin .. end-1]; at token i from `scored` on, document[i+1] is asked, before it
/// nothing. 0 <= begin <= scored < end < document.size().
void add_window(std::span<const std::int32_t> document, std::size_t begin, std::size_t end,
                std::size_t scored, Batch& batch);

/// A document of N tokens as windows of at most `context` tokens, which begin `stride` (1 .. context) apart.
/// Each of the N - 1 tokens after the first is asked exactly once: by the first window that feeds the token
/// before it, thus with at least context - stride tokens before it, but at the document's beginning.
void add_windows(std::span<const std::int32_t> document, std::size_t context, std::size_t stride,
                 Batch& batch);

}  // namespace yore::tasks
