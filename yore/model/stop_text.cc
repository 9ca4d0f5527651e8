#include "yore/model/stop_text.h"

#include <algorithm>
#include <stdexcept>

#include "yore/base/text.h"

namespace yore::model {
namespace {

/// Bytes at the end that begin a UTF-8 character and do not end it: at most 3.
std::size_t half_character(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const char c = text[text.size() - back];
    if (base::continues(c)) continue;
    const auto byte = static_cast<unsigned char>(c);
    const std::size_t length = byte >= 0xF0 && byte < 0xF5 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
    return byte < 0xF5 && length > back ? back : 0;
  }
  return 0;
}

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
  held += half_character(std::string_view(kept_).substr(0, kept_.size() - held));
  std::string shown = kept_.substr(0, kept_.size() - held);
  kept_.erase(0, shown.size());
  return shown;
}

std::string StopText::finish() {
  std::string rest;
  rest.swap(kept_);
  if (const std::size_t half = half_character(rest); half > 0)
    rest.replace(rest.size() - half, half, "\xEF\xBF\xBD");
  return rest;
}

}  // namespace yore::model
