#include "yore/study/theory/prediction.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/mixers/attention/options.h"

namespace yore::study {

using expressivity::Answer;
using expressivity::Class;

namespace {

// A layer may have its own mask and positions.
template <class Holds>
bool any_layer(const arch::ModelOptions& model, const Holds& holds) {
  const std::vector<arch::Mixer> mixers = arch::parse_mixers(model);
  return std::any_of(mixers.begin(), mixers.end(), [&](const arch::Mixer& mixer) {
    return holds(mixers::read_attention_options({model.width, mixer.options}));
  });
}
bool has_positions(const arch::ModelOptions& model) {
  return model.positions != "none" || any_layer(model, [](const mixers::AttentionOptions& o) {
           return o.positions != mixers::AttentionPositions::None;
         });
}
bool is_strict(const arch::ModelOptions& model) {
  return !any_layer(model, [](const mixers::AttentionOptions& o) { return !o.params.strict; });
}

}  // namespace

std::optional<KindClass> class_of(const arch::ModelOptions& options) {
  bool global = false;
  int lookback = 0;
  for (const arch::Mixer& mixer : arch::parse_mixers(options)) {
    if (mixer.name != "attention") return std::nullopt;
    for (const int k : mixers::read_attention_options({options.width, mixer.options}).params.lookback) {
      if (k < 0)
        global = true;
      else
        lookback = lookback == 0 ? k : std::min(lookback, k);
    }
  }
  if (lookback == 0) return KindClass{Class::Global, 1};
  return KindClass{global ? Class::Hybrid : Class::Local, lookback};
}

Verdicts classify_all(const StudyConfig& config, const languages::Language& language, Verdicts verdicts) {
  const auto add = [&](int lookback) {
    if (verdicts.contains(lookback)) return;
    auto options = config.classify;
    options.lookback = lookback;
    verdicts.emplace(lookback, expressivity::classify(language.dfa, options));
  };
  add(config.classify.lookback);
  add(1);
  for (const Kind& kind : kinds(config))
    // Global attention has no lookback: the headline's classification answers for it.
    if (const auto c = class_of(kind.config.model); c && c->of != Class::Global) add(c->lookback);
  return verdicts;
}

Prediction predict(const Kind& kind, const Verdicts& verdicts) {
  const arch::ModelOptions& model = kind.config.model;
  Prediction p;
  p.kind = class_of(model);
  if (!p.kind) {
    p.because = "the theory of attention does not speak of these mixers";
    return p;
  }
  const auto& classification =
      p.kind->of == Class::Global ? verdicts.begin()->second : verdicts.at(p.kind->lookback);
  const auto& verdict = classification.of(p.kind->of);
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
  if (kind.name == runs::inits::kCompiled || kind.name == runs::inits::kCompiledShape) {
    p.because += "; the compiled transformer has this shape";
  } else if (verdict.member == Answer::Yes && verdict.formula) {
    const int depth = logic::measure(*verdict.formula).depth;
    const int layers = static_cast<int>(arch::parse_mixers(model).size());
    if (depth > layers)
      p.because +=
          fmt::format("; the formula found nests {} temporal operators, these models have {} layer{}", depth,
                      layers, layers == 1 ? "" : "s");
  }
  if (has_positions(model)) {
    p.answer = Answer::Unknown;
    p.because = fmt::format("the theory speaks of models without positions, these have {} ones",
                            model.positions != "none" ? model.positions : "some");
  } else if (!is_strict(model) && p.answer == Answer::Yes) {
    p.answer = Answer::Unknown;
    p.because += ", but the mask is not strict and can only do less";
  }
  return p;
}

}  // namespace yore::study
