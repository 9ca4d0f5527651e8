#include "yore/model/stop_text.h"

#include <algorithm>
#include <stdexcept>

#include "yore/base/utf8.h"

namespace yore::model {
namespace {

/// Bytes at the end of the text that are the beginning of the stop, but not all of it.
std::size_t begins_at_end(std::string_view text, std::string_view stop) {
  for (std::size_t n = std::min(text.size(), stop.size() - 1); n > 0; --n)
    if (text.ends_with(stop.substr(0, n))) return n;
  return 0;
}

}  // namespace

StopText::StopText(std::vector<std::string> stops) : stops_(std::move(stops)) {
  for (const std::string& stop : stops_)
    if (stop.empty()) throw std::invalid_argument("StopText: a stop is empty");
}

std::string StopText::push(std::string_view piece) {
  for (const char c : piece) {
    if (stopped_) return "";
    kept_ += c;
    std::size_t longest = 0;
    for (const std::string& stop : stops_)
      if (kept_.ends_with(stop)) longest = std::max(longest, stop.size());
    if (longest == 0) continue;
    stopped_ = true;
    kept_.resize(kept_.size() - longest);
    return finish();
  }
  std::size_t held = 0;
  for (const std::string& stop : stops_) held = std::max(held, begins_at_end(kept_, stop));
  held += base::unfinished_length(std::string_view(kept_).substr(0, kept_.size() - held));
  std::string shown = kept_.substr(0, kept_.size() - held);
  kept_.erase(0, shown.size());
  return shown;
}

std::string StopText::finish() {
  std::string rest;
  rest.swap(kept_);
  if (const std::size_t half = base::unfinished_length(rest); half > 0)
    rest.replace(rest.size() - half, half, "\xEF\xBF\xBD");
  return rest;
}

}  // namespace yore::model
