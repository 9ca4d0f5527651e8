// What several tests of this folder need: random automata, small worlds, and slow constructions that are
// right by inspection.
#pragma once
#include <ostream>
#include <set>
#include <string>
#include <utility>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/automata/nfa.h"
#include "yore/base/random.h"

namespace yore::automata {

/// How GoogleTest shows an automaton when two differ.
inline void PrintTo(const Dfa& dfa, std::ostream* out) {
  *out << json_from_dfa(dfa);
}

}  // namespace yore::automata

namespace yore::automata::testing {

inline Alphabet first_letters(int n) {
  std::vector<std::string> names;
  for (int i = 0; i < n; ++i) names.push_back(std::string(1, static_cast<char>('a' + i)));
  return Alphabet(names);
}

/// The automaton of a regular expression.
inline Dfa dfa_of(const std::string& pattern, const std::string& alphabet = "ab") {
  return dfa_from_regex(logic::parse_regex(pattern, Alphabet::parse(alphabet)));
}

/// Targets uniform, each state accepting with probability 1 / one_in.
inline Dfa random_dfa(base::Random& random, int states, int letters, int one_in = 2) {
  const auto n = static_cast<std::uint64_t>(states);
  Dfa dfa{first_letters(letters), states, static_cast<State>(random.below(n)), {}, {}};
  for (int q = 0; q < states; ++q) {
    dfa.accepting.push_back(random.below(static_cast<std::uint64_t>(one_in)) == 0);
    for (int a = 0; a < letters; ++a) dfa.next.push_back(static_cast<State>(random.below(n)));
  }
  return dfa;
}

/// The same language with every state in several copies under shuffled names.
inline Dfa blown_up(const Dfa& dfa, int copies, base::Random& random) {
  const auto total = static_cast<std::size_t>(dfa.states) * static_cast<std::size_t>(copies);
  std::vector<State> name(total);
  for (std::size_t i = 0; i < total; ++i) name[i] = static_cast<State>(i);
  for (std::size_t i = total; i > 1; --i) std::swap(name[i - 1], name[random.below(i)]);
  const auto copy_of = [&](State q) {
    return name[static_cast<std::size_t>(q) * static_cast<std::size_t>(copies) +
                random.below(static_cast<std::uint64_t>(copies))];
  };
  const auto letters = static_cast<std::size_t>(dfa.alphabet.size());
  Dfa result{dfa.alphabet, static_cast<State>(total), copy_of(dfa.start), std::vector<char>(total),
             std::vector<State>(total * letters)};
  for (std::size_t i = 0; i < total; ++i) {
    const auto q = static_cast<State>(i / static_cast<std::size_t>(copies));
    result.accepting[name[i]] = dfa.accepting[q];
    for (std::size_t a = 0; a < letters; ++a)
      result.next[static_cast<std::size_t>(name[i]) * letters + a] =
          copy_of(dfa.step(q, static_cast<Symbol>(a)));
  }
  return result;
}

inline Nfa reversed(const Dfa& dfa) {
  Nfa nfa{dfa.alphabet, dfa.states, {}, std::vector<char>(static_cast<std::size_t>(dfa.states), 0), {}};
  nfa.accepting[dfa.start] = 1;
  for (State q = 0; q < dfa.states; ++q) {
    if (dfa.accepting[q]) nfa.starts.push_back(q);
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) nfa.edges.push_back({dfa.step(q, a), a, q});
  }
  return nfa;
}

/// Membership by following sets of states, empty moves included.
inline bool simulate(const Nfa& nfa, const Word& word) {
  const auto close = [&](std::set<State> set) {
    for (std::size_t before = 0; before != set.size();) {
      before = set.size();
      for (const Nfa::Edge& e : nfa.edges)
        if (e.symbol == kEpsilon && set.contains(e.from)) set.insert(e.to);
    }
    return set;
  };
  std::set<State> now = close({nfa.starts.begin(), nfa.starts.end()});
  for (Symbol a : word) {
    std::set<State> then;
    for (const Nfa::Edge& e : nfa.edges)
      if (e.symbol == a && now.contains(e.from)) then.insert(e.to);
    now = close(std::move(then));
  }
  for (State q : now)
    if (nfa.accepting[q]) return true;
  return false;
}

/// The words of length <= max_length on which two automata differ, if any: the first in length-then-symbol
/// order.
inline std::optional<Word> first_difference(const Dfa& a, const Dfa& b, int max_length) {
  std::optional<Word> found;
  for_all_words(a.alphabet.size(), max_length, [&](const Word& word) {
    if (!found && a.accepts(word) != b.accepts(word)) found = word;
  });
  return found;
}

// Every word that one edit makes of `word`, from the definition of the four edits.
inline std::set<Word> neighbours(const Word& word, int letters, int low, int high) {
  std::set<Word> result;
  const auto n = static_cast<int>(word.size());
  for (int i = 0; i <= n; ++i) {
    const auto at = word.begin() + i;
    for (Symbol s = 0; s < letters; ++s) {
      if (n < high) {
        Word w(word.begin(), at);
        w.push_back(s);
        w.insert(w.end(), at, word.end());
        result.insert(w);
      }
      if (i < n && s != *at) {
        Word w = word;
        w[static_cast<std::size_t>(i)] = s;
        result.insert(w);
      }
    }
    if (i < n && n > low) {
      Word w = word;
      w.erase(w.begin() + i);
      result.insert(w);
    }
    if (i + 1 < n && letters > 1) {
      Word w = word;
      std::swap(w[static_cast<std::size_t>(i)], w[static_cast<std::size_t>(i) + 1]);
      result.insert(w);
    }
  }
  return result;
}

}  // namespace yore::automata::testing
