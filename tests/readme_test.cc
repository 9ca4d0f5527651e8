// The README's console blocks are run as they stand (console_blocks.h). Blocks of C and CMake must stand in
// examples/, which tests/package builds and runs; those of Python are run by python/test_attention.py. Blocks
// of other kinds (```sh) are not run.
#include <gtest/gtest.h>

#include "tests/console_blocks.h"
#include "tests/program.h"

namespace yore::tests {
namespace {

bool needs_tensor_half(const std::string& command) {
  for (const char* name : {"yore train", "yore evaluate", "yore study", "yore run", "yore extract"})
    if (command.find(name) != std::string::npos) return true;
  return false;
}

TEST(Readme, CommandsPrintWhatItShows) {
  const std::vector<ConsoleExample> all = console_examples(base::read_file(YORE_SOURCE "/README.md"));
  ASSERT_GE(all.size(), 5u);
  const Scratch scratch;
  for (const ConsoleExample& example : all) {
    if (!YORE_HAS_TENSOR && needs_tensor_half(example.command)) continue;
    const auto result = shell(example.command, scratch.path());
    EXPECT_TRUE(console_matches(example.output, lines_of(result.out)))
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
