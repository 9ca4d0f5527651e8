#include "yore/tasks/text/windows.h"

#include <algorithm>

namespace yore::tasks {

void add_window(std::span<const std::int32_t> document, std::size_t begin, std::size_t end,
                std::size_t scored, Batch& batch) {
  for (std::size_t i = begin; i < end; ++i) {
    batch.tokens.push_back(document[i]);
    batch.targets.push_back(i < scored ? kIgnored : document[i + 1]);
  }
  batch.starts.push_back(static_cast<std::int64_t>(batch.tokens.size()));
}

void add_windows(std::span<const std::int32_t> document, std::size_t context, std::size_t stride,
                 Batch& batch) {
  const std::size_t predictions = document.size() - 1;
  std::size_t scored = 0;
  for (std::size_t begin = 0; scored < predictions; begin += stride) {
    const std::size_t end = std::min(begin + context, predictions);
    add_window(document, begin, end, scored, batch);
    scored = end;
  }
}

}  // namespace yore::tasks
