// Random minimal automata for tests: any, and of the small classes, which are rare among random ones.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/random.h"

namespace yore::expressivity {

inline logic::Alphabet first_letters(int count) {
  std::vector<std::string> names;
  for (int a = 0; a < count; ++a) names.push_back(std::string(1, static_cast<char>('a' + a)));
  return logic::Alphabet(names);
}

/// Uniform targets and acceptance.
inline automata::Dfa random_language(base::Random& random, int states, int letters) {
  automata::Dfa dfa;
  dfa.alphabet = first_letters(letters);
  dfa.states = states;
  for (int q = 0; q < states; ++q) {
    dfa.accepting.push_back(random.below(2) != 0);
    for (int a = 0; a < letters; ++a) dfa.next.push_back(static_cast<automata::State>(random.below(states)));
  }
  return automata::minimise(dfa);
}

/// Moves never lead to a smaller state: partially ordered, so global.
inline automata::Dfa random_ordered_language(base::Random& random, int states, int letters) {
  automata::Dfa dfa;
  dfa.alphabet = first_letters(letters);
  dfa.states = states;
  for (int q = 0; q < states; ++q) {
    dfa.accepting.push_back(random.below(2) != 0);
    for (int a = 0; a < letters; ++a)
      dfa.next.push_back(static_cast<automata::State>(q + random.below(states - q)));
  }
  return automata::minimise(dfa);
}

/// Moves keep the order of the states: such maps permute nothing, so star-free, and often beyond hybrid.
inline automata::Dfa random_monotone_language(base::Random& random, int states, int letters) {
  automata::Dfa dfa;
  dfa.alphabet = first_letters(letters);
  dfa.states = states;
  dfa.next.resize(static_cast<std::size_t>(states) * static_cast<std::size_t>(letters));
  for (int a = 0; a < letters; ++a) {
    std::vector<automata::State> targets;
    for (int q = 0; q < states; ++q) targets.push_back(static_cast<automata::State>(random.below(states)));
    std::sort(targets.begin(), targets.end());
    for (int q = 0; q < states; ++q) dfa.next[q * letters + a] = targets[q];
  }
  dfa.start = static_cast<automata::State>(random.below(states));
  for (int q = 0; q < states; ++q) dfa.accepting.push_back(random.below(2) != 0);
  return automata::minimise(dfa);
}

/// What a letter does, and what is accepted, depends on the position modulo `period`. For each remainder
/// moves never lead to a smaller state (`ordered`: global with positions of that period) or keep the order of
/// the states (star-free with them, often beyond hybrid).
inline automata::Dfa random_phased_language(base::Random& random, int states, int period, int letters,
                                            bool ordered) {
  automata::Dfa dfa;
  dfa.alphabet = first_letters(letters);
  dfa.states = states * period;  // state q at remainder r: r * states + q
  for (int r = 0; r < period; ++r) {
    std::vector<std::vector<int>> targets(static_cast<std::size_t>(letters));
    for (std::vector<int>& of_letter : targets) {
      for (int q = 0; q < states; ++q)
        of_letter.push_back(static_cast<int>(ordered ? q + random.below(states - q) : random.below(states)));
      if (!ordered) std::sort(of_letter.begin(), of_letter.end());
    }
    for (int q = 0; q < states; ++q) {
      dfa.accepting.push_back(random.below(2) != 0);
      for (int a = 0; a < letters; ++a)
        dfa.next.push_back(static_cast<automata::State>(
            (r + 1) % period * states + targets[static_cast<std::size_t>(a)][static_cast<std::size_t>(q)]));
    }
  }
  return automata::minimise(dfa);
}

/// Acceptance depends on the last `memory` letters (and on whether there are so many): definite.
inline automata::Dfa random_definite_language(base::Random& random, int memory, int letters) {
  automata::Dfa dfa;
  dfa.alphabet = first_letters(letters);
  std::vector<logic::Word> words;  // the states: all words of length <= memory
  automata::for_all_words(letters, memory, [&](const logic::Word& word) { words.push_back(word); });
  dfa.states = static_cast<automata::State>(words.size());
  for (const auto& word : words) {
    dfa.accepting.push_back(random.below(2) != 0);
    for (int a = 0; a < letters; ++a) {
      logic::Word next = word;
      next.push_back(a);
      if (static_cast<int>(next.size()) > memory) next.erase(next.begin());
      dfa.next.push_back(
          static_cast<automata::State>(std::find(words.begin(), words.end(), next) - words.begin()));
    }
  }
  return automata::minimise(dfa);
}

/// This share of the words of `length` letters must not occur: strictly local, so hybrid.
inline automata::Dfa random_forbidden_factors(base::Random& random, int length, int letters, double share) {
  automata::Dfa dfa;
  dfa.alphabet = first_letters(letters);
  // The states: all words of fewer than `length` letters in the order of for_all_words, then the sink.
  std::vector<int> first{0};  // the number of the first word of each length
  for (int n = 0, count = 1; n < length; ++n, count *= letters) first.push_back(first.back() + count);
  const automata::State sink = first.back();
  dfa.states = sink + 1;
  for (int n = 0; n < length; ++n)
    for (int word = 0; word < first[n + 1] - first[n]; ++word)
      for (int a = 0; a < letters; ++a) {
        const int longer = word * letters + a;
        if (n + 1 < length)
          dfa.next.push_back(first[n + 1] + longer);
        else if (random.uniform() < share)
          dfa.next.push_back(sink);
        else
          dfa.next.push_back(first[n] + longer % (first[n + 1] - first[n]));
      }
  for (int a = 0; a < letters; ++a) dfa.next.push_back(sink);
  dfa.accepting.assign(static_cast<std::size_t>(sink), 1);
  dfa.accepting.push_back(0);
  return automata::minimise(dfa);
}

}  // namespace yore::expressivity
