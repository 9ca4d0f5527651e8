// What can be said about a language and a class: member or not or unknown, with the evidence.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/files.h"
#include "yore/logic/formula.h"

namespace yore::expressivity {

using automata::Dfa;
using automata::State;
using logic::Formula;
using logic::Word;

enum class Answer { No, Yes, Unknown };

/// The four classes, weakest questions first. Global and Local are incomparable; both lie in Hybrid, and that
/// in StarFree.
enum class Class { Global, Local, Hybrid, StarFree };
inline constexpr Class kClasses[] = {Class::Global, Class::Local, Class::Hybrid, Class::StarFree};
/// "global", "local", "hybrid", "star_free": the keys of the JSON output.
const char* name(Class c);
/// The logic of a class: "LTL[P]", "LTL[Y]" / "LTL[Y<=k]", "LTL[P,Y]" / "LTL[P,Y<=k]", "LTL[P,Y,S]".
std::string logic_name(Class c, int lookback);

/// Why a language is NOT in a class: words that make, for every n, two strings on different sides of the
/// language that no formula of depth <= n of the class's logic tells apart (docs: shared definitions in
/// docs/theory.md, "Witnesses").
struct Witness {
  std::string kind;                                 ///< "cycle", "suffix", "loop", "counter", "bisimilar"
  std::vector<std::pair<std::string, Word>> words;  ///< s, t, u, x, y, z as far as used
  std::vector<State> states;                        ///< p, q ... of the minimal DFA
  /// The two strings for every n, in the words' names: "s (x y)^n z" and "s (x y)^n x z"; powers may be n, 2
  /// or (2n+1).
  std::string recipe_a, recipe_b;
  int depth = 0;            ///< n up to which indistinguishability was verified
  Word a, b;                ///< the two strings at n = depth
  bool a_accepted = false;  ///< whether a (so not b) is in the language
};

/// The witness's two strings at a given n >= 0 (longer n, deeper formulas needed). first/second follow
/// recipe_a / recipe_b.
std::pair<Word, Word> witness_strings(const Witness& witness, int n);

/// One class's verdict. A Yes carries a formula unless the formula budget was spent; a No carries a
/// witness (each unless it was not asked for).
struct ClassVerdict {
  Class of = Class::Global;
  Answer member = Answer::Unknown;
  std::string logic;
  std::optional<Formula> formula;
  std::optional<Witness> witness;
  /// Which budget left something open ("max-monoid 20000: ..."), empty if nothing is open.
  std::string open;
  /// "automaton test and algebraic test agree" or which of them was run.
  std::string checked_by;
};

/// The whole answer for a language.
struct Classification {
  Dfa dfa;                            ///< minimal
  int lookback = 1;                   ///< k of local and hybrid
  std::vector<ClassVerdict> classes;  ///< in the order of kClasses
  /// The weakest of global, local, hybrid that suffice (global and local may both stand there); empty if none
  /// is known to.
  std::vector<Class> sufficient;
  const ClassVerdict& of(Class c) const { return classes[static_cast<std::size_t>(c)]; }
};

struct ClassifyOptions {
  int lookback = 1;
  std::size_t max_monoid = 20'000;   ///< elements of the syntactic semigroup for the algebraic tests
  std::size_t max_formula = 20'000;  ///< nodes of a synthesised formula
  std::size_t max_states = automata::kDefaultMaxStates;  ///< when a formula is proven right
  std::size_t max_types = 200'000;                       ///< type classes explored for lookback >= 2
  std::size_t max_pairs = 100'000'000;  ///< pairs of states walked by the hybrid test (four bytes each)
  int witness_depth = 3;                ///< depth to which a witness is verified
  bool witnesses = true;                ///< look for the words that explain a no (at lookback 1)
  bool formulas = true;                 ///< look for the formula that shows a yes
};

/// Decides all four classes, each by the automaton test and (within max_monoid) by the algebraic test; throws
/// std::logic_error if the two ever disagree, if a formula does not say what the DFA accepts, or if a
/// witness does not verify. `dfa` need not be minimal.
Classification classify(const Dfa& dfa, const ClassifyOptions& options = {});

/// Exactly the JSON of `yore classify --json`:
/// {"alphabet":[..],"dfa":{"states":n},"sufficient":[..],"classes":{..}}.
base::Json to_json(const Classification& classification);

/// An answer for a person: one sentence about the language, called `title`, then class by class the verdict
/// with its formula or witness and how to follow that by hand. `colour` for a terminal.
std::string to_text(const Classification& classification, bool colour = false,
                    const std::string& title = "The language");

}  // namespace yore::expressivity
