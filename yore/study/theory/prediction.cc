#include "yore/study/theory/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "yore/expressivity/families.h"
#include "yore/mixers/attention/options.h"
#include "yore/study/measured_text.h"

namespace yore::study {

using expressivity::Answer;
using expressivity::Class;
using expressivity::Classification;
using expressivity::ClassVerdict;
using expressivity::Family;
using expressivity::FamilyVerdict;

namespace {

// Theory is asked with the period of a model's positions.
static_assert(arch::kMostPeriod <= logic::kMaxPeriod);

// What the layers of a model are to theory, taken together.
struct LayersSeen {
  bool attention = false, global = false, strict = true;
  bool own_positions = false;                 ///< rotary or ALiBi, in some layer of attention
  bool convolution = false;                   ///< the layers of short_conv: windows
  int lookback = 0;                           ///< the smallest of the local heads; 0 if there are none
  std::set<Family> families;                  ///< of the other mixers, as their options decide
  std::map<std::string, std::string> silent;  ///< mixers of which nothing is published, and why
  std::size_t layers = 0;

  explicit LayersSeen(const arch::ModelOptions& model) {
    for (const arch::Mixer& mixer : arch::parse_mixers(model)) {
      ++layers;
      if (const auto row = expressivity::row_of(mixer.name, mixer.options)) {
        convolution = convolution || row->by_class.has_value();
        if (row->by_family) families.insert(*row->by_family);
        if (!row->silent.empty()) silent.emplace(mixer.name, row->silent);
        continue;
      }
      attention = true;
      const auto options = mixers::read_attention_options({model.width, mixer.options});
      strict = strict && options.params.strict;
      own_positions = own_positions || options.positions != mixers::AttentionPositions::None;
      for (const int k : options.params.lookback)
        if (k < 0)
          global = true;
        else
          lookback = lookback == 0 ? k : std::min(lookback, k);
    }
  }

  /// Of attention and convolutions. A convolution tells its last rows apart as 1-local heads in several
  /// layers do, and sees no more than they.
  std::optional<KindClass> windows() const {
    const int k = convolution ? 1 : lookback;
    if (k == 0 && !global) return std::nullopt;
    if (k == 0) return KindClass{Class::Global, 1};
    return KindClass{global ? Class::Hybrid : Class::Local, k};
  }
};

// Families whose layers' matrices are among those of the other, so that a no of that one covers both.
// Constant decays are gates in [0,1], these have eigenvalues in [0,1] as steps of strength at most 1 have,
// and these are among steps of strength up to 2.
int strength(Family f) {
  switch (f) {
    case Family::TimeInvariant:
      return 0;
    case Family::GatedDiagonal:
      return 1;
    case Family::PositiveDelta:
      return 2;
    case Family::SignedDiagonal:  // no mixer of this project is one
    case Family::DeltaProducts:
      return 3;
  }
  return 3;
}

std::string too_shallow(const ClassVerdict& verdict, std::size_t layers) {
  if (verdict.member != Answer::Yes || !verdict.formula) return "";
  const int depth = logic::measure(*verdict.formula).depth;
  if (depth <= static_cast<int>(layers)) return "";
  return fmt::format("; the formula found nests {} temporal operators, these models have {} layer{}", depth,
                     layers, layers == 1 ? "" : "s");
}

void judge_attention(Prediction& p, const Kind& kind, const LayersSeen& seen, const ClassVerdict& verdict) {
  p.answer = verdict.member;
  p.logic = verdict.logic;
  p.because = verdict.member == Answer::No    ? fmt::format("the language is not in {}", verdict.logic)
              : verdict.member == Answer::Yes ? fmt::format("the language is in {}", verdict.logic)
                                              : "undecided: " + verdict.open;
  if (kind.name == runs::inits::kCompiled || kind.name == runs::inits::kCompiledShape)
    p.because += "; the compiled transformer has this shape";
  else
    p.because += too_shallow(verdict, seen.layers);
  if (!seen.strict && p.answer == Answer::Yes) {
    p.answer = Answer::Unknown;
    p.because += ", but the mask is not strict and can only do less";
  }
}

void judge_family(Prediction& p, const LayersSeen& seen, const Classification& classification,
                  Family family) {
  const FamilyVerdict& verdict = classification.of(family);
  p.answer = verdict.member;
  p.because = verdict.member == Answer::Unknown ? verdict.open : verdict.theorem;
  p.source = verdict.source;
  // Both are built from a formula of full past LTL, a layer for each operator that it nests.
  if (family == Family::GatedDiagonal || family == Family::PositiveDelta)
    p.because += too_shallow(classification.of(Class::StarFree), seen.layers);
}

// Several kinds of layers: yes if one suffices alone, no if one theorem covers them all.
void judge_mixed(Prediction& p, const Kind& kind, const LayersSeen& seen,
                 const Classification& classification) {
  std::vector<std::string> names;
  const auto enough = [&](const Prediction& alone, const std::string& name) {
    names.push_back(name);
    if (p.answer == Answer::Yes || alone.answer != Answer::Yes) return;
    p.answer = Answer::Yes;
    p.because = fmt::format("layers of {} are enough, the others can write nothing: {}", name, alone.because);
    p.source = alone.source;
  };
  if (const auto windows = seen.windows()) {
    Prediction alone;
    judge_attention(alone, kind, seen, classification.of(windows->of));
    enough(alone, seen.attention ? "attention" : "short_conv");
  }
  std::optional<Family> strongest;
  for (const Family family : seen.families) {
    Prediction alone;
    judge_family(alone, seen, classification, family);
    enough(alone, spaced(expressivity::name(family)));
    if (!strongest || strength(family) > strength(*strongest)) strongest = family;
  }
  if (p.answer == Answer::Yes) return;
  for (const auto& [name, why] : seen.silent) names.push_back(name);
  if (strongest && !seen.attention && seen.silent.empty())
    judge_family(p, seen, classification, *strongest);
  else
    p.because = fmt::format("no theorem speaks of models that have layers of {}", fmt::join(names, " and "));
}

}  // namespace

std::optional<KindClass> class_of(const arch::ModelOptions& options) {
  const LayersSeen seen(options);
  if (seen.convolution || !seen.families.empty() || !seen.silent.empty()) return std::nullopt;
  return seen.windows();
}

Verdicts classify_all(const StudyConfig& config, const languages::Language& language, Verdicts verdicts) {
  const auto add = [&](int lookback, int period) {
    if (verdicts.contains({lookback, period})) return;
    auto options = config.classify;
    options.lookback = lookback;
    options.period = period;
    verdicts.emplace(Question{lookback, period}, expressivity::classify(language.dfa, options));
  };
  add(config.classify.lookback, 1);
  add(1, 1);
  for (const Kind& kind : kinds(config)) {
    const int period = arch::period_of_positions(kind.config.model.positions).value_or(1);
    add(1, period);
    // Global attention has no lookback.
    if (const auto c = LayersSeen(kind.config.model).windows(); c && c->of != Class::Global)
      add(c->lookback, period);
  }
  return verdicts;
}

Prediction predict(const Kind& kind, const Verdicts& verdicts) {
  const arch::ModelOptions& model = kind.config.model;
  const LayersSeen seen(model);
  const auto windows = seen.windows();
  const std::size_t parts = (windows ? 1 : 0) + seen.families.size() + seen.silent.size();
  Prediction p;
  if (parts == 1) p.kind = windows;
  if (seen.families.size() == 1 && seen.silent.empty() && !seen.attention) p.family = *seen.families.begin();
  const auto period = arch::period_of_positions(model.positions);
  if (!period || seen.own_positions) {
    if (p.kind) p.logic = expressivity::logic_name(p.kind->of, p.kind->lookback);
    p.because =
        fmt::format("the theory speaks of models without positions or with periodic ones, these have {} ones",
                    model.positions != "none" ? model.positions : "some");
    return p;
  }
  p.period = *period;
  const Classification& classification = verdicts.at({windows ? windows->lookback : 1, *period});
  if (parts > 1)
    judge_mixed(p, kind, seen, classification);
  else if (windows)
    judge_attention(p, kind, seen, classification.of(windows->of));
  else if (!seen.families.empty())
    judge_family(p, seen, classification, *seen.families.begin());
  else
    p.because =
        fmt::format("theory is silent about {}: {}", seen.silent.begin()->first, seen.silent.begin()->second);
  return p;
}

}  // namespace yore::study
