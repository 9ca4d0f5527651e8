// What theory says of one kind and one language, before anything is trained.
#pragma once
#include <compare>
#include <map>
#include <optional>
#include <string>

#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"
#include "yore/runs/run_config.h"
#include "yore/study/grid.h"

namespace yore::study {

/// The class of a model of attention: what all heads of all layers together can see.
struct KindClass {
  expressivity::Class of = expressivity::Class::Hybrid;  ///< Global, Local or Hybrid
  int lookback = 1;                                      ///< k of the local heads; 1 if there are none
};

/// Only global heads: Global; only local ones: Local; both: Hybrid. With several lookbacks the smallest
/// counts, since a smaller one expresses the larger (Y<=2 f is Y f | Y Y f). Nothing for a model that has
/// other mixers than attention. Throws InputError as arch::expand.
std::optional<KindClass> class_of(const arch::ModelOptions& model);

/// Theory's answer for a kind.
struct Prediction {
  std::optional<KindClass> kind;               ///< of models of attention and short convolutions alone
  std::optional<expressivity::Family> family;  ///< of models whose other mixers are all of one family
  int period = 1;                              ///< of the positions by which it was judged; 1 = none
  expressivity::Answer answer = expressivity::Answer::Unknown;
  std::string logic;    ///< "LTL[P,Y]"; of models that have a kind
  std::string because;  ///< half a sentence, for people: the theorem, or why nothing is said
  std::string source;   ///< who has proven it; empty for models of attention, and where nothing is said
};

/// What a classification is asked about.
struct Question {
  int lookback = 1;  ///< k of local heads
  int period = 1;    ///< of the positions; 1 = there are none
  auto operator<=>(const Question&) const = default;
};

/// The verdicts of a language that a study needs: one classification for each lookback and period in its
/// grid, the headline's lookback, and 1, of which the compiled transformer is made. Those in `known` are
/// taken from there.
using Verdicts = std::map<Question, expressivity::Classification>;
Verdicts classify_all(const StudyConfig& config, const languages::Language& language, Verdicts known = {});

/// Of attention the theory is about strict masks. A mask that is not strict can only lose, so a yes becomes
/// open. A yes is for models with as many layers as the formula nests; `because` says when this model has
/// fewer than the formula found. The layers of a compiled transformer's shape are enough, however the formula
/// found nests.
///
/// Other mixers are judged by their family (expressivity::mixer_table, which their options decide): yes means
/// that some model of the family recognises the language, no that none does, and where the table or the
/// published theorems are silent the answer is open. A short convolution beside another mixer is part of such
/// layers. Of different mixers in one model: yes if those of one kind suffice alone (the others can write
/// nothing); no if one theorem covers all of them; open else.
///
/// Positions that tell i modulo M (arch::period_of_positions) are judged with that period; of all others
/// theory says nothing.
Prediction predict(const Kind& kind, const Verdicts& verdicts);

}  // namespace yore::study
