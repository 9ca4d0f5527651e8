// Mixers beyond softmax attention: what published theorems say of a language, and which mixers of this
// project that makes sufficient. Two programs decide: the cycles of state maps, and the groups of the
// semigroup.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/algebra/semigroup.h"
#include "yore/expressivity/classes.h"

namespace yore::expressivity {

/// What a family's verdict is made from.
struct FamilyQuestion {
  const Dfa* dfa = nullptr;                             ///< minimal
  const algebra::Semigroup* semigroup = nullptr;        ///< null if it went past its budget
  const std::vector<algebra::Group>* groups = nullptr;  ///< of the semigroup; null with it
  const ClassVerdict* star_free = nullptr;
  const CounterSearch* counter = nullptr;  ///< of the star-free test
  std::string no_semigroup;                ///< the budget that ended its enumeration
  int period = 1;                          ///< of the positions; groups and counter are those of this period
  std::size_t max_maps = 20'000, max_pairs = 100'000'000;
  bool witnesses = true;
};

/// The verdicts on all families, in the order of kFamilies. Throws std::logic_error if automaton and
/// semigroup disagree.
std::vector<FamilyVerdict> judge_families(const FamilyQuestion& question);

/// One way to set a mixer and what is known of it so: a row of the table that ties this project's mixers to
/// classes and families. Every mixer of mixers::specs() has one row or more.
struct MixerRow {
  std::string mixer;
  base::Json options;  ///< those that put it there; K stands for the lookback in question
  std::optional<Class> by_class;
  std::optional<Family> by_family;
  std::string silent;  ///< where neither: why nothing is said
};
/// The table, with the lookback of local heads filled in.
std::vector<MixerRow> mixer_table(int lookback);

/// The row of the table to which a layer of this mixer belongs, by its options in full; nothing for
/// attention, whose class all its heads together decide. Throws InputError for a mixer that there is not, and
/// std::logic_error if no row has these options.
std::optional<MixerRow> row_of(const std::string& mixer, const base::Json& options);

/// The rows of the table that suffice, in the order of the state that a layer of width 64 keeps of 1,024
/// tokens, then of its operations at the last of them (mixers::Spec).
std::vector<MixerChoice> cheapest_mixers(const Classification& classification);

/// "gla, mamba2, gsa": how the mixers of a family are to be set, each with its options.
std::vector<std::string> mixers_of(Family family);

}  // namespace yore::expressivity
