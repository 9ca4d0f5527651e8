// The minimal automaton of a black box, from membership queries and counterexamples.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "yore/automata/black_box.h"
#include "yore/automata/dfa.h"

namespace yore::automata {

/// A word on which the black box and the hypothesis (a minimal automaton) differ; nothing if none is known.
/// It may ask the black box, whose memory the learner shares (word_search.h has one that does).
using Counterexample = std::function<std::optional<Word>(const Dfa& hypothesis)>;

/// Where learning stops. A language that is not regular, or an oracle that errs at random, has no last
/// hypothesis: one of these ends it.
struct LearnOptions {
  int max_states = 200;                  ///< of the hypothesis, at least 1
  std::int64_t max_queries = 1'000'000;  ///< words the learner itself asks, at least 1
  int max_rounds = 1'000;                ///< hypotheses handed to the search for counterexamples
  /// What the caller's option for max_states is called, for Learned::open.
  const char* max_states_name = "max-states";
};

struct Learned {
  /// Minimal, numbered as minimise() does. If unfinished: the last hypothesis that agreed with all that was
  /// known when it was made.
  Dfa dfa;
  /// The search found nothing against `dfa`.
  bool finished = false;
  /// If unfinished, what stopped it: "max-states 200: ...", "max-queries ...", "max-rounds ...", another
  /// budget that the search or the oracle spent, or "interrupted".
  std::string open;
  /// `dfa` is right on the first so many of BlackBox::answers(): all there were when it was last checked.
  std::int64_t agrees = 0;
  /// Words that the learner asked; what the search asked is not among them.
  std::int64_t queries = 0;
  /// Hypotheses handed to the search.
  std::int64_t rounds = 0;
  /// What the search returned, in order.
  std::vector<Word> counterexamples;
};

/// Learns until `search` finds nothing, or a budget is spent (which is a value, Learned::open; a
/// base::BudgetError from the search or the oracle counts as one, and so does an interrupt). With n states
/// told apart (the result's if finished), k letters and m the length of the longest word known, at most
///   1 + k n max(1, n - 1) + 2 (n - 1) log2 m + rounds
/// words are asked, in batches. Every hypothesis agrees with all words known when it is made. Throws
/// std::invalid_argument if a counterexample is none, or an option is out of range.
Learned learn(BlackBox& box, const Counterexample& search, const LearnOptions& options = {});

}  // namespace yore::automata
