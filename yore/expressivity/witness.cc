#include "yore/expressivity/witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "yore/base/error.h"
#include "yore/expressivity/search.h"

namespace yore::expressivity {
namespace {

class RecipeReader {
 public:
  RecipeReader(std::string_view text, const std::map<std::string, Word>& words, int n)
      : text_(text), words_(words), n_(n) {}

  Word whole() {
    Word word = sequence();
    if (at_ != text_.size()) fail();
    return word;
  }

 private:
  [[noreturn]] void fail() const { throw std::logic_error("bad witness recipe: " + std::string(text_)); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  Word sequence() {
    Word word;
    for (;;) {
      while (take(' ')) {
      }
      if (peek() == '\0' || peek() == ')') return word;
      const Word part = item();
      const std::int64_t times = power();
      if (part.empty()) continue;
      if (times > static_cast<std::int64_t>((kLongestWitness - word.size()) / part.size()))
        throw base::BudgetError("witness-letters", kLongestWitness, "writing out a witness's strings",
                                "smaller lookbacks need shorter ones");
      for (std::int64_t i = 0; i < times; ++i) word.insert(word.end(), part.begin(), part.end());
    }
  }

  Word item() {
    if (take('(')) {
      Word inner = sequence();
      if (!take(')')) fail();
      return inner;
    }
    std::string name;
    while (std::isalnum(static_cast<unsigned char>(peek()))) name += text_[at_++];
    const auto found = words_.find(name);
    if (found == words_.end()) fail();
    return found->second;
  }

  std::int64_t power() {
    if (!take('^')) return 1;
    if (!take('(')) return term();
    std::int64_t sum = term();
    while (take('+')) sum += term();
    if (!take(')')) fail();
    return sum;
  }

  // "n", "3" or "3n"
  std::int64_t term() {
    std::int64_t factor = std::isdigit(static_cast<unsigned char>(peek())) ? 0 : 1;
    const std::size_t begin = at_;
    while (std::isdigit(static_cast<unsigned char>(peek()))) factor = factor * 10 + (text_[at_++] - '0');
    if (take('n')) return factor * n_;
    if (at_ == begin) fail();
    return factor;
  }

  std::string_view text_;
  const std::map<std::string, Word>& words_;
  int n_;
  std::size_t at_ = 0;
};

}  // namespace

Word expand_recipe(std::string_view recipe, const std::map<std::string, Word>& words, int n) {
  return RecipeReader(recipe, words, n).whole();
}

std::string power_of_n(int k) {
  return k == 1 ? "n" : fmt::format("({}n)", k);
}

std::pair<Word, Word> witness_strings(const Witness& witness, int n) {
  const std::map<std::string, Word> words(witness.words.begin(), witness.words.end());
  return {expand_recipe(witness.recipe_a, words, n), expand_recipe(witness.recipe_b, words, n)};
}

Witness verified(const Dfa& dfa, Witness witness, const TypeLogic& logic, int depth) {
  const auto fail = [&witness](const std::string& why) {
    throw std::logic_error("witness \"" + witness.recipe_a + "\" against \"" + witness.recipe_b +
                           "\" fails: " + why);
  };
  bool indistinguishable = true;
  witness.depth = 0;
  for (int n = 0; n <= depth + 1; ++n) {
    Word a, b;
    try {
      std::tie(a, b) = witness_strings(witness, n);
    } catch (const base::BudgetError&) {
      if (n == 0) throw;
      break;  // depth says how far it was checked
    }
    const bool a_accepted = dfa.accepts(a);
    if (n == 0) witness.a_accepted = a_accepted;
    if (dfa.accepts(b) == a_accepted) fail("both strings are on the same side for n = " + std::to_string(n));
    if (a_accepted != witness.a_accepted) fail("the strings change sides at n = " + std::to_string(n));
    if (n > depth || !indistinguishable) continue;
    const bool fits = std::max(a.size(), b.size()) <= kLongestVerified;
    const std::optional<bool> same = fits ? same_type_at_end(a, b, n, logic) : std::nullopt;
    if (same && !*same) fail("a formula of depth " + std::to_string(n) + " tells the strings apart");
    indistinguishable = same.has_value();
    if (indistinguishable || n == 0) {
      witness.depth = n;
      witness.a = std::move(a);
      witness.b = std::move(b);
    }
  }
  return witness;
}

Word separator(const Dfa& dfa, State p, State q, std::size_t max_pairs) {
  auto word = separating_word(dfa, p, q, max_pairs);
  if (!word) throw std::logic_error("two states of a minimal automaton cannot be separated");
  return std::move(*word);
}

}  // namespace yore::expressivity
