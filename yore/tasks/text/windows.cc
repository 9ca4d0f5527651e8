#include "yore/tasks/text/windows.h"

#include <algorithm>

namespace yore::tasks {
namespace {

std::int32_t token(std::string_view document, std::size_t i) {
  return static_cast<unsigned char>(document[i]);
}

}  // namespace

void add_window(std::string_view document, std::size_t begin, std::size_t end, std::size_t scored,
                Batch& batch) {
  for (std::size_t i = begin; i < end; ++i) {
    batch.tokens.push_back(token(document, i));
    batch.targets.push_back(i < scored ? kIgnored : token(document, i + 1));
  }
  batch.starts.push_back(static_cast<std::int64_t>(batch.tokens.size()));
}

void add_windows(std::string_view document, std::size_t context, std::size_t stride, Batch& batch) {
  const std::size_t predictions = document.size() - 1;
  std::size_t scored = 0;
  for (std::size_t begin = 0; scored < predictions; begin += stride) {
    const std::size_t end = std::min(begin + context, predictions);
    add_window(document, begin, end, scored, batch);
    scored = end;
  }
}

}  // namespace yore::tasks
