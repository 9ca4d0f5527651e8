// What was found of a model when it was held against a language: what `yore verify --json` prints and whoever
// asked it reads. Words are as the alphabet writes them.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "yore/base/files.h"

namespace yore::compiler {

struct Verified {
  /// A set of words the model was asked about.
  struct Words {
    std::int64_t words = 0, wrong = 0;
    std::optional<std::string> shortest_wrong;  ///< the first of the shortest
    /// Logits of right answers: how sure the model is at least. Infinite where no such answer was given.
    double least_accepting_logit = std::numeric_limits<double>::infinity();
    double largest_rejecting_logit = -std::numeric_limits<double>::infinity();
    double accuracy() const {
      return words == 0 ? 1 : 1 - static_cast<double>(wrong) / static_cast<double>(words);
    }
  };
  /// Every word up to some length.
  struct Short : Words {
    int length = -1;           ///< all words up to this length were asked; -1: none
    int right_to_length = -1;  ///< all words up to this length are right; -1: not even the empty one
  };
  /// Drawn words and witness strings.
  struct Long : Words {
    int length = 0;                    ///< none is longer
    std::int64_t witness_strings = 0;  ///< so many of them
    /// The shortest wrong prefix of the shortest wrong word.
    std::optional<std::string> leaves_the_automaton_at;
  };
  /// Of a compiled model.
  struct Proof {
    bool formula_is_the_language = false;   ///< decided on automata
    std::optional<std::string> difference;  ///< a shortest word on which they differ, if they do
    bool proven = false;                    ///< that the weights decide the formula
    bool every_length = false;              ///< for words of every length: a recurrence's proof
    std::int64_t length = 0;                ///< for words up to this length
    double error = 0;                       ///< compiler::Proof::error
    std::string failure;                    ///< if not proven
    std::int64_t longest_proven = 0;        ///< if not proven
    /// Bounds if proven; infinite where there is none.
    double least_accepting_logit = std::numeric_limits<double>::infinity();
    double largest_rejecting_logit = -std::numeric_limits<double>::infinity();
  };

  std::optional<Proof> proof;
  Short exhaustive;
  Long drawn;
  /// Nothing was wrong, and what was to be proven is.
  bool right() const;
};

base::Json to_json(const Verified& verified);

/// The inverse. Throws InputError(`source`) naming the key that is missing or has no such value. What follows
/// from other keys (accuracy, right) may be missing.
Verified verified_from_json(const base::Json& json, const std::string& source);

}  // namespace yore::compiler
