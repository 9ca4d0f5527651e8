// The README's console blocks are run as they stand: each line after "$ " is a command, what follows is its
// exact output. A line of
// "..." stands for any lines. Blocks of C and CMake must stand in examples/, which tests/package builds and
// runs; those of Python are run by python/test_attention.py. Blocks of other kinds (```sh) are not run.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/program.h"

namespace yore::tests {
namespace {

struct Example {
  int line = 0;
  std::string command;
  std::vector<std::string> output;
};

std::vector<Example> examples(const std::string& text) {
  std::vector<Example> found;
  bool inside = false;
  int number = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
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

bool matches(const std::vector<std::string>& expected, std::size_t i, const std::vector<std::string>& got,
             std::size_t j) {
  if (i == expected.size()) return j == got.size();
  if (expected[i] == "...") {
    for (std::size_t k = j; k <= got.size(); ++k)
      if (matches(expected, i + 1, got, k)) return true;
    return false;
  }
  return j < got.size() && expected[i] == got[j] && matches(expected, i + 1, got, j + 1);
}

bool needs_tensor_half(const std::string& command) {
  for (const char* name : {"yore train", "yore evaluate", "yore study", "yore run", "yore extract"})
    if (command.find(name) != std::string::npos) return true;
  return false;
}

TEST(Readme, CommandsPrintWhatItShows) {
  const std::vector<Example> all = examples(base::read_file(YORE_SOURCE "/README.md"));
  ASSERT_GE(all.size(), 5u);
  const Scratch scratch;
  for (const Example& example : all) {
    if (!YORE_HAS_TENSOR && needs_tensor_half(example.command)) continue;
    const auto result = shell(example.command, scratch.path());
    std::vector<std::string> lines;
    std::istringstream in(result.out);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    EXPECT_TRUE(matches(example.output, 0, lines, 0))
        << "README.md:" << example.line << ": " << example.command << "\nprints\n"
        << result.out << result.err;
  }
}

/// Texts of the blocks of one kind.
std::vector<std::string> blocks(const std::string& text, const std::string& kind) {
  std::vector<std::string> found;
  const std::string fence = "\n```" + kind + "\n";
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at + 1)) {
    const std::size_t first = at + fence.size();
    found.push_back(text.substr(first, text.find("\n```", first) + 1 - first));
  }
  return found;
}

TEST(Readme, ShowsWhatTheExamplesSay) {
  const std::string readme = base::read_file(YORE_SOURCE "/README.md");
  for (auto [kind, file] : {std::pair{"c", "attention.c"}, {"cmake", "CMakeLists.txt"}}) {
    const std::string example = base::read_file(YORE_SOURCE "/examples/" + std::string(file));
    const std::vector<std::string> all = blocks(readme, kind);
    ASSERT_FALSE(all.empty()) << kind;
    for (const std::string& block : all) EXPECT_NE(example.find(block), std::string::npos) << block;
  }
}

}  // namespace
}  // namespace yore::tests
