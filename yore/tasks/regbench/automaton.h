// The random automata of RegBench (in-context language learning) and the prompts that they write.
//
// As in the public reference (berlino/seq_icl, Akyurek et al. 2024, arXiv 2401.12973). An automaton is drawn
// in four steps: a number of states; an alphabet, a random subset of the letters; for each state an
// out-degree and that many moves on distinct letters of the alphabet to distinct other states; then it is
// minimised, and what the start does not reach is left out. Every state accepts. Minimising may merge a state
// with its target, so that the result can have fewer states than were drawn and moves from a state to itself.
//
// Its strings are random walks from the start: every letter that the state allows is equally likely.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/random.h"

namespace yore::tasks {

/// What is drawn; ranges include both ends and are drawn from uniformly.
struct AutomatonShape {
  int letters = 18;  ///< of the task; an automaton uses some of them
  int min_states = 4, max_states = 12;
  int min_alphabet = 4, max_alphabet = 18;  ///< at most `letters`
  int min_moves = 1, max_moves = 3;         ///< out of a state; below min_states, at most min_alphabet
};

/// The letters of the task: "a", "b" .. for up to 26, else "0", "1" ..
std::vector<std::string> letter_names(int letters);

/// An automaton as drawn, before it is minimised, over all `letters`. States 0 .. n-1 are the drawn ones and
/// accept, 0 is the start; the last state is the rejecting one where forbidden letters lead.
automata::Dfa draw_moves(const AutomatonShape& shape, base::Random& random);

/// A prefix-closed language in its minimal form, and what it allows where.
class PromptAutomaton {
 public:
  /// Of any automaton whose accepting states each have a move to an accepting one, the start among them, and
  /// whose other states never lead back. std::invalid_argument else.
  explicit PromptAutomaton(const automata::Dfa& dfa);

  /// Minimal, numbered breadth-first: equal exactly for equal languages.
  const automata::Dfa& dfa() const { return dfa_; }
  /// The letters after which a string that has led to q is still in the language; ascending. Empty where it
  /// is not.
  const std::vector<automata::Symbol>& legal(automata::State q) const {
    return legal_[static_cast<std::size_t>(q)];
  }
  /// A hash of the language, the same on every platform: of the minimal form.
  std::uint64_t hash(std::uint64_t seed) const;
  /// Adds a string of `length` letters to `tokens`.
  void draw_string(int length, base::Random& random, std::vector<std::int32_t>& tokens) const;

 private:
  automata::Dfa dfa_;
  std::vector<std::vector<automata::Symbol>> legal_;
};

/// Which part of the data an automaton belongs to.
enum class Side { Training, Validation, Test };

/// The rule of the split: by the hash of the language, a sixteenth is for validation, a sixteenth for tests.
/// Automata that differ in the names of their states only are the same automaton, so that no language is on
/// two sides. (The reference compares objects: a language drawn twice may be on both sides of its split.
/// 8,000 draws have about 7,960 languages.)
Side side_of(const PromptAutomaton& automaton, std::uint64_t split_seed);

/// Draws until one is of that side.
PromptAutomaton draw_automaton(const AutomatonShape& shape, Side side, std::uint64_t split_seed,
                               base::Random& random);

}  // namespace yore::tasks
