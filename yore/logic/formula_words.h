// How words and letters are spelled in formulas: what parser and printer have to agree on.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace yore::logic {

/// P Y Z O H S first let in true false: never letters unless quoted.
bool is_formula_keyword(std::string_view word);

/// For a word such as Pa or YYb, which was surely meant as P a or Y Y b: the spelling with blanks. Without an
/// alphabet to say otherwise such a word is refused, and the printer quotes such a letter.
std::optional<std::string> spaced_operators(std::string_view word);

/// The letter as it stands in a formula: bare if it can be, else quoted.
std::string spelled_letter(const std::string& name);

}  // namespace yore::logic
