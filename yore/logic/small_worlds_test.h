// What the tests of this folder share: all words up to a length, and errors with their position.
#pragma once
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "yore/base/error.h"
#include "yore/logic/alphabet.h"

namespace yore::logic {

/// The largest worlds are searched whole in release builds; every tenth member in debug builds, which under
/// the sanitizers are some forty times slower.
#ifdef NDEBUG
inline constexpr std::size_t kStride = 1;
#else
inline constexpr std::size_t kStride = 10;
#endif

/// All words up to a length, shorter ones first.
inline std::vector<Word> all_words(int alphabet_size, std::size_t max_length) {
  std::vector<Word> words{{}};
  for (std::size_t k = 0; k < words.size() && words[k].size() < max_length; ++k)
    for (Symbol s = 0; s < alphabet_size; ++s) {
      Word longer = words[k];
      longer.push_back(s);
      words.push_back(std::move(longer));
    }
  return words;
}

/// Expects `call` to throw an InputError from `source` at `position` whose message contains `part`.
template <class Call>
void expect_input_error(Call call, const std::string& source, std::size_t position, const std::string& part) {
  try {
    call();
    ADD_FAILURE() << "no error; expected: " << part;
  } catch (const base::InputError& error) {
    EXPECT_EQ(error.source(), source);
    EXPECT_TRUE(error.position().has_value());
    EXPECT_EQ(error.position().value_or(position), position) << error.what();
    EXPECT_NE(error.message().find(part), std::string::npos) << error.message() << "\nlacks: " << part;
  }
}

}  // namespace yore::logic
