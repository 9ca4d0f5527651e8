// Everything that can be held against a model that should recognise a language, step by step: the proof of a
// compiled one, all short words, long words and the strings on which weaker attention must fail.
#pragma once
#include <functional>

#include "yore/automata/dfa.h"
#include "yore/compiler/prove.h"
#include "yore/compiler/verified.h"
#include "yore/inspection/options.h"
#include "yore/inspection/subject.h"

namespace yore::inspection {

using automata::Dfa;
using compiler::Verified;
using logic::Word;

/// Each step may be left out; result() is of those that were done.
class Verification {
 public:
  /// Told how many words of how many are done.
  using Progress = std::function<void(std::int64_t done, std::int64_t all)>;

  /// Keeps references to both. Throws std::invalid_argument if their alphabets differ, and
  /// as require_drawable.
  Verification(const Subject& subject, const Dfa& language, const VerifyOptions& options = {});

  /// For a subject with a manifest: is its formula the language, and do the weights decide the formula?
  compiler::Proof prove();
  /// All words up to the longest length that max_length and max_words allow.
  const Verified::Short& ask_short_words(const Progress& progress = {});
  /// Drawn words (as tests are, tasks/formal/sample.h) and witness_words.
  const Verified::Long& ask_long_words(const Progress& progress = {});

  const Verified& result() const { return result_; }

 private:
  const Subject& subject_;
  const Dfa& language_;
  VerifyOptions options_;
  Verified result_;
};

/// The strings that tell the language from those of the classes it is not in, in pairs, one accepted and one
/// not: those of n = 1..8, and of n doubled from there, while they have at most `longest` letters.
std::vector<Word> witness_words(const Dfa& language, int longest);

}  // namespace yore::inspection
