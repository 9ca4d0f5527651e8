// What the tests of positions share: types by definition, and every small automaton.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/expressivity/random_languages.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

// The type of EOS as a text: straight from the definition, with nothing shared but equal texts.
class NaiveTypes {
 public:
  NaiveTypes(int period, bool before, int lookback)
      : period_(period), before_(before), lookback_(static_cast<std::size_t>(lookback)) {}
  int at_end(const Word& word, int depth) {
    std::vector<int> types;
    for (std::size_t i = 0; i <= word.size(); ++i) types.push_back(number(base_of(word, i)));
    for (int r = 0; r < depth; ++r) {
      std::vector<int> deeper;
      std::set<int> earlier;
      for (std::size_t i = 0; i <= word.size(); ++i) {
        std::string text = base_of(word, i) + "|";
        std::set<int> window;
        for (std::size_t back = 1; back <= lookback_ && back <= i; ++back) window.insert(types[i - back]);
        for (const int type : window) text += std::to_string(type) + ",";
        text += "|";
        if (before_)
          for (const int type : earlier) text += std::to_string(type) + ",";
        deeper.push_back(number(text));
        earlier.insert(types[i]);
      }
      types = deeper;
    }
    return types.back();
  }

 private:
  std::string base_of(const Word& word, std::size_t i) const {
    return (i < word.size() ? std::to_string(word[i]) : "end") + "@" +
           std::to_string(static_cast<int>(i) % period_);
  }
  int number(const std::string& text) {
    return numbers_.emplace(text, static_cast<int>(numbers_.size())).first->second;
  }
  int period_;
  bool before_;
  std::size_t lookback_;
  std::map<std::string, int> numbers_;
};

// Whether some accepted and some rejected word of up to `length` letters have one type of this depth.
inline bool mixes(const Dfa& dfa, NaiveTypes& types, int depth, int length) {
  std::map<int, bool> accepted;
  bool mixed = false;
  automata::for_all_words(dfa.alphabet.size(), length, [&](const Word& word) {
    if (mixed) return;
    const bool in = dfa.accepts(word);
    const auto [entry, fresh] = accepted.emplace(types.at_end(word, depth), in);
    mixed = !fresh && entry->second != in;
  });
  return mixed;
}

struct Seen {
  int yes = 0, no = 0;
};

// A yes by its formula and by words of equal types, a no by the strings of its witness; counted.
inline void hold_against_types(const Classification& answer, const ClassVerdict& verdict, NaiveTypes& types,
                               Seen& seen) {
  const Dfa& dfa = answer.dfa;
  const std::string where = verdict.logic + " " + automata::json_from_dfa(dfa);
  ASSERT_NE(verdict.member, Answer::Unknown) << where;
  if (verdict.member == Answer::Yes) {
    ++seen.yes;
    ASSERT_TRUE(verdict.formula.has_value()) << where << verdict.open;
    const logic::FormulaMeasure size = logic::measure(*verdict.formula);
    EXPECT_FALSE(size.uses_since);
    if (verdict.of == Class::Global) {
      EXPECT_FALSE(size.uses_yesterday);
    }
    if (verdict.of == Class::Local) {
      EXPECT_FALSE(size.uses_before);
    }
    EXPECT_FALSE(mixes(dfa, types, size.depth, 7)) << where;
    // The same language by another route: the printed formula, read and translated.
    const auto again = logic::parse_formula(logic::format_formula(*verdict.formula), dfa.alphabet);
    EXPECT_EQ(automata::dfa_from_formula(again), dfa) << where;
  } else {
    ++seen.no;
    ASSERT_TRUE(verdict.witness.has_value()) << where << verdict.open;
    for (int n = 0; n <= 2; ++n) {
      const auto [a, b] = witness_strings(*verdict.witness, n);
      EXPECT_NE(dfa.accepts(a), dfa.accepts(b)) << where;
      // Texts of types grow with the square of a word; longer ones are left to position_types (witness.h).
      if (std::max(a.size(), b.size()) > 500) continue;
      EXPECT_EQ(types.at_end(a, n), types.at_end(b, n)) << where << " n = " << n;
    }
  }
}

inline void hold_against_types(const Dfa& dfa, int period, Seen (&seen)[3]) {
  const Classification answer = classify(dfa, {.period = period, .witness_depth = 2});
  for (const Class c : {Class::Global, Class::Local, Class::Hybrid}) {
    NaiveTypes types(period, c != Class::Local, c != Class::Global);
    hold_against_types(answer, answer.of(c), types, seen[static_cast<int>(c)]);
  }
}

// Every minimal automaton with so many states over two letters: states numbered breadth-first.
template <class Visit>
void for_all_automata(int states, Visit&& visit) {
  Dfa dfa;
  dfa.alphabet = first_letters(2);
  dfa.states = states;
  std::vector<int> table(static_cast<std::size_t>(2 * states), 0);
  for (;;) {
    dfa.next.assign(table.begin(), table.end());
    for (int mask = 0; mask < 1 << states; ++mask) {
      dfa.accepting.clear();
      for (int q = 0; q < states; ++q) dfa.accepting.push_back(static_cast<char>(mask >> q & 1));
      if (automata::minimise(dfa) == dfa) visit(static_cast<const Dfa&>(dfa));
    }
    std::size_t i = 0;
    while (i < table.size() && ++table[i] == states) table[i++] = 0;
    if (i == table.size()) return;
  }
}

}  // namespace yore::expressivity
