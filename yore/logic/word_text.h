// A word as people read it.
#pragma once
#include <cstddef>
#include <string>

#include "yore/logic/alphabet.h"

namespace yore::logic {

/// Letters a line of output has room for.
inline constexpr std::size_t kLongestShownWord = 60;

/// The word as Alphabet::format_word writes it; one of more than `longest` letters is cut and its length
/// given, and the empty one is "(empty word)".
std::string shown_word(const Alphabet& alphabet, const Word& word, std::size_t longest = kLongestShownWord);

}  // namespace yore::logic
