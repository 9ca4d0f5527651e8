// Bytes as sequences of a batch: what is fed, and what is asked at each token.
#pragma once
#include <string_view>

#include "yore/tasks/task.h"

namespace yore::tasks {

/// Adds the tokens document[begin .. end-1]; at token i from `scored` on, document[i+1] is asked, before it
/// nothing. 0 <= begin <= scored < end < document.size().
void add_window(std::string_view document, std::size_t begin, std::size_t end, std::size_t scored,
                Batch& batch);

/// A document of N bytes as windows of at most `context` tokens, which begin `stride` (1 .. context) apart.
/// Each of the N - 1 bytes after the first is asked exactly once: by the first window that feeds the byte
/// before it, thus with at least context - stride tokens before it, but at the document's beginning.
void add_windows(std::string_view document, std::size_t context, std::size_t stride, Batch& batch);

}  // namespace yore::tasks
