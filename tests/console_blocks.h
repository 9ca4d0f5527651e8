// Console blocks of a page, to be run as they stand: each line after "$ " is a command, what follows is its
// output. A line of "..." stands for any lines.
#pragma once
#include <string>
#include <vector>

namespace yore::tests {

struct ConsoleExample {
  int line = 0;  ///< of the command in the page
  std::string command;
  std::vector<std::string> output;
};

/// All of a page, in their order.
std::vector<ConsoleExample> console_examples(const std::string& page);

std::vector<std::string> lines_of(const std::string& text);

/// Whether the lines are those that the page shows.
bool console_matches(const std::vector<std::string>& expected, const std::vector<std::string>& got);
/// The same where a number with digits behind the point, which rounding may make otherwise on another
/// processor, may be one unit of its last digit off: "0.91" is also matched by "0.90". Everything else, whole
/// numbers too, is as it stands.
bool console_matches_nearly(const std::vector<std::string>& expected, const std::vector<std::string>& got);

/// Whether two texts are equal but for such numbers.
bool nearly_equal(const std::string& expected, const std::string& got);

}  // namespace yore::tests
