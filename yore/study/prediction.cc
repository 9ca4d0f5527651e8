#include "yore/study/prediction.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/study/compiled.h"

namespace yore::study {

using expressivity::Answer;
using expressivity::Class;

KindClass class_of(const std::string& attention, const arch::ModelOptions& model) {
  bool global = false;
  int lookback = 0;
  for (const auto& layer : mixers::parse_attention(attention, model.layers, model.heads))
    for (int k : layer.lookback) {
      if (k < 0)
        global = true;
      else
        lookback = lookback == 0 ? k : std::min(lookback, k);
    }
  if (lookback == 0) return {Class::Global, 1};
  return {global ? Class::Hybrid : Class::Local, lookback};
}

Verdicts classify_all(const StudyConfig& config, Verdicts verdicts) {
  const auto add = [&](int lookback) {
    if (verdicts.contains(lookback)) return;
    auto options = config.classify;
    options.lookback = lookback;
    verdicts.emplace(lookback, expressivity::classify(config.language.dfa, options));
  };
  add(config.classify.lookback);
  add(1);
  for (const Kind& kind : kinds(config))
    // Global attention has no lookback: the headline's classification answers for it.
    if (const KindClass c = class_of(kind.model.attention, kind.model); c.of != Class::Global)
      add(c.lookback);
  return verdicts;
}

Prediction predict(const Kind& kind, const Verdicts& verdicts) {
  const arch::ModelOptions& model = kind.model;
  Prediction p;
  p.kind = class_of(model.attention, model);
  const auto& classification =
      p.kind.of == Class::Global ? verdicts.begin()->second : verdicts.at(p.kind.lookback);
  const auto& verdict = classification.of(p.kind.of);
  p.answer = verdict.member;
  p.logic = verdict.logic;
  switch (verdict.member) {
    case Answer::No:
      p.because = fmt::format("the language is not in {}", verdict.logic);
      break;
    case Answer::Yes:
      p.because = fmt::format("the language is in {}", verdict.logic);
      break;
    case Answer::Unknown:
      p.because = "undecided: " + verdict.open;
      break;
  }
  if (kind.name == kCompiled || kind.name == kCompiledShape) {
    p.because += "; the compiled transformer has this shape";
  } else if (verdict.member == Answer::Yes && verdict.formula) {
    const int depth = logic::measure(*verdict.formula).depth;
    if (depth > model.layers)
      p.because +=
          fmt::format("; the formula found nests {} temporal operators, these models have {} layer{}", depth,
                      model.layers, model.layers == 1 ? "" : "s");
  }
  if (model.positions != "none") {
    p.answer = Answer::Unknown;
    p.because =
        fmt::format("the theory speaks of models without positions, these have {} ones", model.positions);
  } else if (!model.strict && p.answer == Answer::Yes) {
    p.answer = Answer::Unknown;
    p.because += ", but the mask is not strict and can only do less";
  }
  return p;
}

}  // namespace yore::study
