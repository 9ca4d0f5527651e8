// What theory says of one attention kind and one language, before anything is trained.
#pragma once
#include <map>
#include <string>

#include "yore/expressivity/verdict.h"
#include "yore/runs/run_config.h"
#include "yore/study/study_config.h"

namespace yore::study {

/// The class of an attention kind: what all heads of all layers together can see.
struct KindClass {
  expressivity::Class of = expressivity::Class::Hybrid;  ///< Global, Local or Hybrid
  int lookback = 1;                                      ///< k of the local heads; 1 if there are none
};

/// Only global heads: Global; only local ones: Local; both: Hybrid. With several lookbacks the smallest
/// counts, since a smaller one expresses the larger (Y<=2 f is Y f | Y Y f). Throws InputError as
/// mixers::parse_attention.
KindClass class_of(const std::string& attention, const arch::ModelOptions& model);

/// Theory's answer for a kind.
struct Prediction {
  KindClass kind;
  expressivity::Answer answer = expressivity::Answer::Unknown;
  std::string logic;    ///< "LTL[P,Y]"
  std::string because;  ///< half a sentence, for people
};

/// The verdicts a study needs, by lookback: one classification for each lookback in its grid, the headline's,
/// and 1, of which the compiled transformer is made. Those in `known` are taken from there.
using Verdicts = std::map<int, expressivity::Classification>;
Verdicts classify_all(const StudyConfig& config, Verdicts known = {});

/// The theory is about strict masks and no positions. A mask that is not strict can only lose, so a yes
/// becomes open; with positions everything is open. A yes is for models with as many layers as the formula
/// nests; `because` says when this model has fewer than the formula found.
/// The layers of a compiled transformer's shape are enough, however the formula found nests.
Prediction predict(const Kind& kind, const Verdicts& verdicts);

}  // namespace yore::study
