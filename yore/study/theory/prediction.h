// What theory says of one kind and one language, before anything is trained.
#pragma once
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
/// other mixers than attention: this theory does not speak of it. Throws InputError as arch::expand.
std::optional<KindClass> class_of(const arch::ModelOptions& model);

/// Theory's answer for a kind.
struct Prediction {
  std::optional<KindClass> kind;
  expressivity::Answer answer = expressivity::Answer::Unknown;
  std::string logic;    ///< "LTL[P,Y]"
  std::string because;  ///< half a sentence, for people
};

/// The verdicts of a language that a study needs, by lookback: one classification for each lookback in its
/// grid, the headline's, and 1, of which the compiled transformer is made. Those in `known` are taken from
/// there.
using Verdicts = std::map<int, expressivity::Classification>;
Verdicts classify_all(const StudyConfig& config, const languages::Language& language, Verdicts known = {});

/// The theory is about strict masks and no positions. A mask that is not strict can only lose, so a yes
/// becomes open; with positions, or other mixers than attention, everything is open. A yes is for models with
/// as many layers as the formula nests; `because` says when this model has fewer than the formula found. The
/// layers of a compiled transformer's shape are enough, however the formula found nests.
Prediction predict(const Kind& kind, const Verdicts& verdicts);

}  // namespace yore::study
