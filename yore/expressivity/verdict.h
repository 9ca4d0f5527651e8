// What can be said about a language and a class: member or not or unknown, with the evidence.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yore/algebra/groups.h"
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
/// With positions modulo `period` > 1 also "LTL[P,MOD_2]" ...
std::string logic_name(Class c, int lookback, int period = 1);

/// Why a language is NOT in a class: words that make, for every n, two strings on different sides of the
/// language that no formula of depth <= n of the class's logic tells apart (docs: shared definitions in
/// docs/theory.md, "Witnesses").
struct Witness {
  std::string kind;                                 ///< "cycle", "suffix", "loop", "counter", "bisimilar"
  std::vector<std::pair<std::string, Word>> words;  ///< by the names that the recipes have
  std::vector<State> states;                        ///< p, q ... of the minimal DFA
  /// The two strings for every n, in the words' names: "s (x y)^n z" and "s (x y)^n x z"; powers are
  /// numbers or linear in n, such as (2n+1).
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

/// The families of mixers beyond softmax attention whose languages are known in part or in full
/// (docs/theory.md, "Other mixers").
enum class Family {
  GatedDiagonal,   ///< gates in [0,1], one a channel or head, that depend on the token: GLA, Mamba-2, GSA
  TimeInvariant,   ///< constant decays in [0,1]: linear attention, RetNet
  PositiveDelta,   ///< delta steps of strength at most 1: DeltaNet, gated DeltaNet, KDA
  SignedDiagonal,  ///< gates in [-1,1] that depend on the token
  DeltaProducts,   ///< delta steps of strength up to 2
};
inline constexpr Family kFamilies[] = {Family::GatedDiagonal, Family::TimeInvariant, Family::PositiveDelta,
                                       Family::SignedDiagonal, Family::DeltaProducts};
/// "gated_diagonal", "time_invariant", "positive_eigenvalue_delta", "signed_diagonal", "delta_products".
const char* name(Family f);

/// Why a family does NOT recognise a language: u leads states round a cycle, s to the first of them, and z
/// tells some apart, so that s u^i z is in the language exactly if i modulo the number of states is in
/// `accepted`.
struct Counter {
  Word s, u, z;
  std::vector<State> states;  ///< of the minimal DFA, in the order in which u leads through them
  std::vector<int> accepted;  ///< some of 0 .. states.size() - 1, ascending; neither none nor all
  std::string group;          ///< what u generates: "Z2"
};

/// One family's verdict.
struct FamilyVerdict {
  Family of = Family::GatedDiagonal;
  Answer member = Answer::Unknown;
  std::string theorem;             ///< what was proven, in a sentence; empty if unknown
  std::string source;              ///< by whom; empty if unknown
  std::optional<Counter> witness;  ///< of a no (unless witnesses were not asked for)
  std::string open;                ///< of an unknown: why; else empty
  std::string checked_by;
};

/// A mixer, with the options it needs, that recognises a language.
struct MixerChoice {
  std::string mixer;   ///< as `yore mixers` names it
  base::Json options;  ///< those that matter, as a configuration gives them
  std::string by;      ///< the class or family that says so: "local", "gated_diagonal"
  bool operator==(const MixerChoice&) const = default;
};

/// Which periods of positions help: for each class (in the order of kClasses) the least M for which a model
/// whose positions tell i mod M recognises the language, 1 if it needs none; nothing if no M does, or if that
/// is not known. Where a smaller M is open, as it can be below a lookback k > 1, the least that is known to
/// do.
struct PeriodSearch {
  std::vector<std::optional<int>> least;
  std::vector<char> known;  ///< whether `least` is settled
  /// The M at which the rest of the answer is: the least above 1 of the class that was asked for, if it has
  /// one, else of hybrid, else of global or local, else of star-free; 1 if no M adds a class.
  int used = 1;
};

/// The language without the letters that move no state of its minimal automaton.
struct Tier {
  std::vector<logic::Symbol> neutral;  ///< those letters
  logic::Alphabet letters;             ///< the others
  Answer hybrid = Answer::Unknown;     ///< whether hybrid attention recognises the words of the others
  std::vector<Class> sufficient;       ///< for them, as in Classification
  std::optional<Formula> formula;      ///< of the weakest class that holds them, over `letters`
};

/// The whole answer for a language.
struct Classification {
  Dfa dfa;                            ///< minimal
  int lookback = 1;                   ///< k of local and hybrid
  int period = 1;                     ///< M of the positions, 1 = there are none
  std::vector<ClassVerdict> classes;  ///< in the order of kClasses
  /// The weakest of global, local, hybrid that suffice (global and local may both stand there); empty if none
  /// is known to.
  std::vector<Class> sufficient;
  std::vector<FamilyVerdict> families;  ///< in the order of kFamilies
  /// The mixers that suffice, in the order of the state they keep after 1,024 tokens, then of their time a
  /// token (layers of width 64, options at their defaults).
  std::vector<MixerChoice> cheapest;
  /// The non-trivial maximal subgroups of the syntactic semigroup; nothing if it went past its budget.
  /// Of the words whose length is a multiple of the period.
  std::optional<std::vector<algebra::Group>> groups;
  std::optional<PeriodSearch> periods;  ///< if classify_any_period was asked
  std::optional<Tier> tier;  ///< if hybrid attention is not known to suffice and some letter is neutral
  const FamilyVerdict& of(Family f) const { return families[static_cast<std::size_t>(f)]; }
  const ClassVerdict& of(Class c) const { return classes[static_cast<std::size_t>(c)]; }
};

/// As ClassifyOptions::period: the least that helps.
inline constexpr int kAnyPeriod = 0;

struct ClassifyOptions {
  int lookback = 1;
  int period = 1;                   ///< positions tell i modulo this; 1 .. logic::kMaxPeriod, or kAnyPeriod
  std::optional<Class> asked = {};  ///< with kAnyPeriod: whose least period to answer at (PeriodSearch::used)
  std::size_t max_monoid = 20'000;  ///< elements of the syntactic semigroup for the algebraic tests
  std::size_t max_formula = 20'000;                      ///< nodes of a synthesised formula
  std::size_t max_states = automata::kDefaultMaxStates;  ///< when a formula is proven right
  std::size_t max_types = 200'000;                       ///< type classes explored for lookback >= 2
  std::size_t max_pairs = 100'000'000;  ///< pairs of states walked by the hybrid test (four bytes each)
  int witness_depth = 3;                ///< depth to which a witness is verified
  bool witnesses = true;                ///< look for the words that explain a no (at lookback 1)
  bool formulas = true;                 ///< look for the formula that shows a yes
};

/// Decides all four classes, each by the automaton test and (within max_monoid) by the algebraic test; throws
/// std::logic_error if the two ever disagree, if a formula does not say what the DFA accepts, or if a
/// witness does not verify. `dfa` need not be minimal. With kAnyPeriod as classify_any_period.
Classification classify(const Dfa& dfa, const ClassifyOptions& options = {});

/// Looks for the least period that helps (`options.period` is ignored), and classifies with it. Periods above
/// logic::kMaxPeriod are not looked at.
Classification classify_any_period(const Dfa& dfa, const ClassifyOptions& options = {});

/// Exactly the JSON of `yore classify --json`:
/// {"alphabet":[..],"dfa":{"states":n},"sufficient":[..],"classes":{..},"cheapest":[..],"mixers":{..},
/// "groups":[..],"tier":{..} or null}, and "period":{..} if positions were asked about.
base::Json to_json(const Classification& classification);

/// An answer for a person: one sentence about the language, called `title`, then class by class the verdict
/// with its formula or witness and how to follow that by hand. `colour` for a terminal.
std::string to_text(const Classification& classification, bool colour = false,
                    const std::string& title = "The language");

}  // namespace yore::expressivity
