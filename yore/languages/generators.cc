#include "yore/languages/generators.h"

namespace yore::languages {
namespace {

std::string digit(int value) {
  return std::string(1, static_cast<char>('0' + value));
}

}  // namespace

automata::Dfa cycle_navigation(int places) {
  automata::Dfa dfa;
  std::vector<std::string> names = {">", "<", "="};
  for (int i = 0; i < places; ++i) names.push_back(digit(i));
  dfa.alphabet = logic::Alphabet(names);
  // States: where the walk stands, then the right answer given, then everything else.
  const automata::State answered = places, wrong = places + 1;
  dfa.states = places + 2;
  dfa.accepting.assign(static_cast<std::size_t>(dfa.states), 0);
  dfa.accepting[static_cast<std::size_t>(answered)] = 1;
  for (automata::State q = 0; q < dfa.states; ++q) {
    const bool walking = q < places;
    dfa.next.push_back(walking ? (q + 1) % places : wrong);
    dfa.next.push_back(walking ? (q + places - 1) % places : wrong);
    dfa.next.push_back(walking ? q : wrong);
    for (int i = 0; i < places; ++i) dfa.next.push_back(i == q ? answered : wrong);
  }
  return dfa;
}

automata::Dfa modular_sum(int modulus) {
  automata::Dfa dfa;
  std::vector<std::string> names;
  for (int i = 0; i < modulus; ++i) names.push_back(digit(i));
  dfa.alphabet = logic::Alphabet(names);
  dfa.states = modulus;
  dfa.accepting.assign(static_cast<std::size_t>(modulus), 0);
  dfa.accepting[0] = 1;
  for (int q = 0; q < modulus; ++q)
    for (int i = 0; i < modulus; ++i) dfa.next.push_back((q + i) % modulus);
  return dfa;
}

}  // namespace yore::languages
