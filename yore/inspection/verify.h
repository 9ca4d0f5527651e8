// A recogniser against a language, by asking it: all short words, and long ones drawn at random or given.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/model/model.h"

namespace yore::inspection {

using automata::Dfa;
using logic::Word;

/// What a set of words showed.
struct Tally {
  std::int64_t words = 0, wrong = 0;
  std::optional<Word> shortest_wrong;  ///< the first of the shortest
  /// Logits of the right answers: how sure the model is at least. Infinite where there are none.
  double least_accepting = 0, largest_rejecting = 0;
  double accuracy() const {
    return words == 0 ? 1 : 1 - static_cast<double>(wrong) / static_cast<double>(words);
  }
};

/// Every word up to some length.
struct Exhaustive {
  Tally tally;
  int length = -1;           ///< all words up to this length were asked
  int right_to_length = -1;  ///< all words up to this length are right; -1: not even the empty one
};

/// All words of at most `max_length` letters, shortest first, as long as they are at most `max_words`,
/// with at most 64 letters a word on average; lengths are done whole. `progress` is told of words done.
Exhaustive verify_all(const model::Model& model, const Dfa& dfa, int max_length, std::int64_t max_words,
                      const std::function<void(std::int64_t)>& progress = {});

/// Throws InputError("--length") if words of up to so many letters cannot be drawn, and ("--random,
/// --length") if so many of them do not fit into memory.
void require_drawable(const Dfa& dfa, int count, int max_length);

/// `count` words drawn as tests are (tasks/formal/sample.h: accepted, rejected, near-misses) of lengths up to
/// max_length, and `given` ones.
Tally verify_some(const model::Model& model, const Dfa& dfa, int count, int max_length, std::uint64_t seed,
                  const std::vector<Word>& given, const std::function<void(std::int64_t)>& progress = {});

/// The shortest prefix of the word that the model answers wrongly: where it first leaves the automaton.
std::optional<Word> first_wrong_prefix(const model::Model& model, const Dfa& dfa, const Word& word);

}  // namespace yore::inspection
