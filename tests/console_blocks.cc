#include "tests/console_blocks.h"

#include <cmath>
#include <cstdlib>
#include <functional>
#include <regex>
#include <sstream>

namespace yore::tests {
namespace {

using LineMatch = std::function<bool(const std::string&, const std::string&)>;

bool matches_from(const std::vector<std::string>& expected, std::size_t i,
                  const std::vector<std::string>& got, std::size_t j, const LineMatch& same) {
  if (i == expected.size()) return j == got.size();
  if (expected[i] == "...") {
    for (std::size_t k = j; k <= got.size(); ++k)
      if (matches_from(expected, i + 1, got, k, same)) return true;
    return false;
  }
  return j < got.size() && same(expected[i], got[j]) && matches_from(expected, i + 1, got, j + 1, same);
}

/// A text with its numbers that have digits behind the point taken out ("-0.91" becomes "#2"), and these.
struct Apart {
  std::string rest;
  std::vector<std::string> numbers;
};
Apart apart(const std::string& text) {
  // A blank in front belongs to the number, so that "-0.00" and " 0.00" of a column are both one.
  static const std::regex number(R"([ -]?\d+\.\d+)");
  Apart out;
  auto from = text.begin();
  for (std::sregex_iterator it(text.begin(), text.end(), number), end; it != end; ++it) {
    const std::string found = it->str();
    out.rest.append(from, text.begin() + it->position()).append("#");
    out.rest += std::to_string(found.size() - found.find('.') - 1);
    out.numbers.push_back(found);
    from = text.begin() + it->position() + it->length();
  }
  out.rest.append(from, text.end());
  return out;
}

}  // namespace

std::vector<ConsoleExample> console_examples(const std::string& page) {
  std::vector<ConsoleExample> found;
  bool inside = false;
  int number = 0;
  for (const std::string& line : lines_of(page)) {
    ++number;
    if (line == "```console") {
      inside = true;
    } else if (line.starts_with("```")) {
      inside = false;
    } else if (inside && line.starts_with("$ ")) {
      found.push_back({number, line.substr(2), {}});
    } else if (inside && !found.empty()) {
      found.back().output.push_back(line);
    }
  }
  return found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool console_matches(const std::vector<std::string>& expected, const std::vector<std::string>& got) {
  return matches_from(expected, 0, got, 0, std::equal_to<std::string>());
}

bool console_matches_nearly(const std::vector<std::string>& expected, const std::vector<std::string>& got) {
  return matches_from(expected, 0, got, 0, nearly_equal);
}

bool nearly_equal(const std::string& expected, const std::string& got) {
  const Apart a = apart(expected), b = apart(got);
  if (a.rest != b.rest || a.numbers.size() != b.numbers.size()) return false;
  for (std::size_t n = 0; n < a.numbers.size(); ++n) {
    const std::size_t digits = a.numbers[n].size() - a.numbers[n].find('.') - 1;
    const double unit = std::pow(10.0, -static_cast<double>(digits));
    if (std::abs(std::strtod(a.numbers[n].c_str(), nullptr) - std::strtod(b.numbers[n].c_str(), nullptr)) >
        1.01 * unit)
      return false;
  }
  return true;
}

}  // namespace yore::tests
