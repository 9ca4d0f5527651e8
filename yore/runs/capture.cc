#include "yore/runs/capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "yore/base/error.h"

namespace yore::runs {
namespace {

constexpr const char* kError = "error";
constexpr int kLargestSize = 1'000'000;

}  // namespace

std::vector<int> parse_sizes(const std::string& text, const std::string& source) {
  std::vector<int> sizes;
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    int size = 0;
    const auto [last, error] = std::from_chars(text.data() + at, text.data() + end, size);
    if (error != std::errc() || last != text.data() + end || size < 1 || size > kLargestSize)
      throw base::InputError(source, fmt::format("expected sizes from 1 to {} separated by commas, such as "
                                                 "8,16,32; found \"{}\"",
                                                 kLargestSize, text.substr(at, end - at)));
    if (!sizes.empty() && size <= sizes.back())
      throw base::InputError(source, fmt::format("expected each size larger than the one before, found {} "
                                                 "after {}",
                                                 size, sizes.back()));
    sizes.push_back(size);
    at = end + 1;
  }
  return sizes;
}

std::vector<std::int64_t> sample_grid(std::int64_t most) {
  std::vector<std::int64_t> grid = {0};
  for (std::int64_t n = 1; n <= most; n *= 2) {
    grid.push_back(n);
    if (n > most / 2) break;
  }
  return grid;
}

Adaptation adaptation_on(std::int64_t samples, const TrainingConfig& training) {
  if (samples == 0) return {};
  const auto batch = static_cast<int>(std::min<std::int64_t>(samples, training.capture_batch));
  return {samples, std::max(training.capture_steps, (samples + batch - 1) / batch), batch};
}

base::Metric to_metric(const CaptureError& error) {
  return {
      kCaptureSet, kError, error.error, error.answers, {{"size", error.size}, {"samples", error.samples}}};
}

std::vector<CaptureError> capture_errors(const std::vector<base::Metric>& metrics) {
  std::vector<CaptureError> all;
  for (const base::Metric& m : metrics)
    if (m.set == kCaptureSet && m.name == kError && m.keys.contains("size") && m.keys.contains("samples"))
      all.push_back(
          {m.keys.at("size").get<int>(), m.keys.at("samples").get<std::int64_t>(), m.value, m.count});
  return all;
}

}  // namespace yore::runs
