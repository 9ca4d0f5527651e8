#include "yore/automata/edit.h"

#include <array>
#include <cstddef>
#include <utility>

namespace yore::automata {
namespace {

std::size_t index_below(std::size_t n, base::Random& random) {
  return static_cast<std::size_t>(random.below(n));
}

}  // namespace

void edit(Word& word, int edits, int alphabet_size, int min_length, int max_length, base::Random& random) {
  enum Kind { Insert, Delete, Substitute, Exchange };
  const auto letters = static_cast<std::uint64_t>(alphabet_size);
  const auto letter = [&](std::uint64_t n) { return static_cast<Symbol>(random.below(n)); };
  for (int done = 0; done < edits; ++done) {
    const int length = static_cast<int>(word.size());
    std::array<Kind, 4> possible{};
    std::size_t kinds = 0;
    if (length < max_length) possible[kinds++] = Insert;
    if (length > min_length) possible[kinds++] = Delete;
    if (length > 0 && letters > 1) possible[kinds++] = Substitute;
    if (length > 1 && letters > 1) possible[kinds++] = Exchange;
    if (kinds == 0) return;
    switch (possible[index_below(kinds, random)]) {
      case Insert: {
        const std::size_t at = index_below(word.size() + 1, random);
        word.insert(word.begin() + static_cast<std::ptrdiff_t>(at), letter(letters));
        break;
      }
      case Delete:
        word.erase(word.begin() + static_cast<std::ptrdiff_t>(index_below(word.size(), random)));
        break;
      case Substitute: {
        Symbol& old = word[index_below(word.size(), random)];
        const Symbol other = letter(letters - 1);
        old = other < old ? other : other + 1;
        break;
      }
      case Exchange: {
        const std::size_t at = index_below(word.size() - 1, random);
        std::swap(word[at], word[at + 1]);
        break;
      }
    }
  }
}

}  // namespace yore::automata
