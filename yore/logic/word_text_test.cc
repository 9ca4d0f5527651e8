#include "yore/logic/word_text.h"

#include <gtest/gtest.h>

namespace yore::logic {
namespace {

TEST(ShownWord, NamesTheEmptyWordAndCutsLongOnes) {
  const Alphabet ab = Alphabet::parse("ab"), names = Alphabet::parse("open,close");
  EXPECT_EQ(shown_word(ab, {}), "(empty word)");
  EXPECT_EQ(shown_word(ab, {0, 1, 0}), "aba");
  EXPECT_EQ(shown_word(ab, {0, 1, 0}, 3), "aba");
  EXPECT_EQ(shown_word(ab, {0, 1, 0}, 2), "ab... (3 letters)");
  EXPECT_EQ(shown_word(names, {0, 1, 1}, 2), "open close... (3 letters)");
  EXPECT_EQ(shown_word(ab, Word(61, 1)), std::string(60, 'b') + "... (61 letters)");
}

}  // namespace
}  // namespace yore::logic
