#include "yore/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "yore/base/text.h"

namespace yore::base {
namespace {

// Width a terminal gives to `text`: one column a UTF-8 code point (tabs become one blank in the echo below).
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string with_caret(const std::string& source, const std::string& message, const std::string& text,
                       std::size_t position) {
  position = std::min(position, text.size());
  const std::size_t offset = position;
  while (position > 0 && position < text.size() && continues(text[position]))
    --position;  // point at whole letters
  std::size_t begin = text.rfind('\n', position == 0 ? 0 : position - 1);
  begin = (begin == std::string::npos || (position == 0)) ? 0 : begin + 1;
  std::size_t end = text.find('\n', position);
  if (end == std::string::npos) end = text.size();
  // Long lines: show a window around the fault.
  constexpr std::size_t kAround = 60;
  std::size_t from = position - begin > kAround ? position - kAround : begin;
  while (from > begin && continues(text[from])) --from;
  std::size_t to = std::min(end, position + kAround);
  while (to < end && continues(text[to])) ++to;
  // As it is printed, so that the caret stands below the place.
  const auto part = [&](std::size_t length) {
    std::string line = text.substr(from, length);
    for (char& c : line)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    return visible(line);
  };
  const std::string shown = (from > begin ? "..." : "") + part(to - from) + (to < end ? "..." : "");
  const std::size_t indent = columns(part(position - from)) + (from > begin ? 3 : 0);
  return fmt::format("{}: {} (at offset {})\n  {}\n  {}^", source, message, offset, shown,
                     std::string(indent, ' '));
}

}  // namespace

// what() ends at a NUL, so it is made of what is shown.
InputError::InputError(std::string source, std::string message)
    : std::runtime_error(visible(source + ": " + message)),
      source_(std::move(source)),
      message_(std::move(message)) {}

InputError::InputError(std::string source, std::string message, const std::string& text, std::size_t position)
    : std::runtime_error(visible(with_caret(source, message, text, position))),
      source_(std::move(source)),
      message_(std::move(message)),
      position_(position) {}

BudgetError::BudgetError(const std::string& budget, std::size_t limit, const std::string& what_grew)
    : BudgetError(budget, limit, what_grew, "raise it with --" + budget) {}

BudgetError::BudgetError(std::string budget, std::size_t limit, const std::string& what_grew,
                         const std::string& remedy)
    : std::runtime_error(fmt::format("{} went past the budget of {} ({})", what_grew, limit, remedy)),
      budget_(std::move(budget)),
      limit_(limit) {}

}  // namespace yore::base
