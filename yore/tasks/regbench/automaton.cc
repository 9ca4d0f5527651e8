#include "yore/tasks/regbench/automaton.h"

#include <numeric>
#include <stdexcept>
#include <utility>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace {

int draw_between(int low, int high, base::Random& random) {
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low) + 1));
}

// `count` of 0 .. n-1 without repetition, in a random order: the start of a Fisher-Yates shuffle.
std::vector<int> draw_distinct(int count, int n, base::Random& random) {
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  for (int i = 0; i < count; ++i)
    std::swap(all[static_cast<std::size_t>(i)],
              all[static_cast<std::size_t>(draw_between(i, n - 1, random))]);
  all.resize(static_cast<std::size_t>(count));
  return all;
}

}  // namespace

std::vector<std::string> letter_names(int letters) {
  if (letters > 26) return numbered_names(letters, {});
  std::vector<std::string> names;
  for (int i = 0; i < letters; ++i) names.emplace_back(1, static_cast<char>('a' + i));
  return names;
}

automata::Dfa draw_moves(const AutomatonShape& shape, base::Random& random) {
  const int states = draw_between(shape.min_states, shape.max_states, random);
  const std::vector<int> alphabet =
      draw_distinct(draw_between(shape.min_alphabet, shape.max_alphabet, random), shape.letters, random);
  const auto letters = static_cast<std::size_t>(shape.letters);
  const automata::State sink = states;
  automata::Dfa dfa{automata::Alphabet(letter_names(shape.letters)), states + 1, 0,
                    std::vector<char>(static_cast<std::size_t>(states) + 1, 1),
                    std::vector<automata::State>((static_cast<std::size_t>(states) + 1) * letters, sink)};
  dfa.accepting.back() = 0;
  for (int q = 0; q < states; ++q) {
    const int moves = draw_between(shape.min_moves, shape.max_moves, random);
    const std::vector<int> symbols = draw_distinct(moves, static_cast<int>(alphabet.size()), random),
                           others = draw_distinct(moves, states - 1, random);
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const auto symbol = static_cast<std::size_t>(alphabet[static_cast<std::size_t>(symbols[i])]);
      // The others are numbered without q.
      dfa.next[static_cast<std::size_t>(q) * letters + symbol] = others[i] + (others[i] >= q);
    }
  }
  return dfa;
}

PromptAutomaton::PromptAutomaton(const automata::Dfa& dfa) : dfa_(automata::minimise(dfa)) {
  const auto accepts = [&](automata::State q) { return dfa_.accepting[static_cast<std::size_t>(q)] != 0; };
  for (automata::State q = 0; q < dfa_.states; ++q) {
    legal_.emplace_back();
    for (automata::Symbol a = 0; a < dfa_.alphabet.size(); ++a)
      if (accepts(dfa_.step(q, a))) legal_.back().push_back(a);
    if (accepts(q) == legal_.back().empty())
      throw std::invalid_argument("PromptAutomaton: strings end, or come back from outside the language");
  }
  if (!accepts(dfa_.start)) throw std::invalid_argument("PromptAutomaton: an empty language");
}

std::uint64_t PromptAutomaton::hash(std::uint64_t seed) const {
  std::vector<std::int32_t> form(dfa_.next.begin(), dfa_.next.end());
  form.insert(form.end(), dfa_.accepting.begin(), dfa_.accepting.end());
  return sequence_hash(seed, form);
}

void PromptAutomaton::draw_string(int length, base::Random& random, std::vector<std::int32_t>& tokens) const {
  automata::State q = dfa_.start;
  for (int i = 0; i < length; ++i) {
    const std::vector<automata::Symbol>& choices = legal(q);
    tokens.push_back(choices[random.below(choices.size())]);
    q = dfa_.step(q, tokens.back());
  }
}

Side side_of(const PromptAutomaton& automaton, std::uint64_t split_seed) {
  switch (automaton.hash(split_seed) >> 60) {
    case 0:
      return Side::Validation;
    case 1:
      return Side::Test;
    default:
      return Side::Training;
  }
}

PromptAutomaton draw_automaton(const AutomatonShape& shape, Side side, std::uint64_t split_seed,
                               base::Random& random) {
  for (;;) {
    PromptAutomaton automaton(draw_moves(shape, random));
    if (side_of(automaton, split_seed) == side) return automaton;
  }
}

}  // namespace yore::tasks
