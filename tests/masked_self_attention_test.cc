// docs/masked_self_attention.md: every command of the page is run in a copy of the example's folder, and its
// numbers, and those of the pictures, are those that are printed.
#include <gtest/gtest.h>

#include "tests/console_blocks.h"
#include "tests/program.h"

namespace yore::tests {
namespace {

namespace fs = std::filesystem;

TEST(ConsoleBlocks, NumbersMayBeAUnitOfTheLastDigitOff) {
  EXPECT_TRUE(nearly_equal("share 0.91 of 66", "share 0.90 of 66"));
  EXPECT_TRUE(nearly_equal("x  0.00 y", "x -0.01 y"));
  EXPECT_FALSE(nearly_equal("share 0.91 of 66", "share 0.89 of 66"));
  EXPECT_FALSE(nearly_equal("share 0.91 of 66", "share 0.91 of 65"));
  EXPECT_FALSE(nearly_equal("share 0.91", "share 0.910"));
  EXPECT_FALSE(nearly_equal("share 0.91", "part 0.91"));
  EXPECT_FALSE(nearly_equal("0.91", "0.91 0.01"));
}

TEST(MaskedSelfAttention, PageShowsWhatIsPrinted) {
  const std::string page = base::read_file(YORE_SOURCE "/docs/masked_self_attention.md");
  const std::vector<ConsoleExample> all = console_examples(page);
  ASSERT_GE(all.size(), 15u);
  const Scratch scratch;
  fs::copy(YORE_SOURCE "/examples/masked_self_attention", scratch.path());
  for (const ConsoleExample& example : all) {
    const auto result = shell(example.command, scratch.path());
    EXPECT_TRUE(console_matches_nearly(example.output, lines_of(result.out)))
        << "masked_self_attention.md:" << example.line << ": " << example.command << "\nprints\n"
        << result.out << result.err;
  }
  // The pictures that the page shows are those that its last commands have made.
  for (const char* name : {"scores.svg", "weights.svg", "masks.svg", "unmasked.svg"}) {
    EXPECT_NE(page.find(std::string("(masked_self_attention/") + name + ")"), std::string::npos) << name;
    const std::string made = base::read_file(scratch.path() / "pictures" / name);
    EXPECT_GT(made.size(), 5000u) << name;
    EXPECT_TRUE(
        nearly_equal(base::read_file(YORE_SOURCE "/docs/masked_self_attention/" + std::string(name)), made))
        << name;
  }
}

TEST(MaskedSelfAttention, RefusesOtherModels) {
  const Scratch scratch;
  fs::copy(YORE_SOURCE "/examples/masked_self_attention", scratch.path());
  EXPECT_EQ(shell("masked_self_attention nowhere words", scratch.path()).exit_code, 2);
  EXPECT_EQ(shell("masked_self_attention model nonsense", scratch.path()).exit_code, 2);
  EXPECT_EQ(shell("yore compile '(ab)*' -o compiled", scratch.path()).exit_code, 0);
  const auto compiled = shell("masked_self_attention compiled words", scratch.path());
  EXPECT_EQ(compiled.exit_code, 2);
  EXPECT_NE(compiled.err.find("expected a model of words with one layer"), std::string::npos) << compiled.err;
  ASSERT_EQ(shell("yore train --config train.toml --positions sinusoidal --steps 1 --quiet --out other",
                  scratch.path())
                .exit_code,
            0);
  const auto other = shell("masked_self_attention other words", scratch.path());
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("positions"), std::string::npos) << other.err;
}

}  // namespace
}  // namespace yore::tests
