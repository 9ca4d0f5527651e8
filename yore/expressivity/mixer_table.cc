// Which of this project's mixers, and how set, belong to which class or family; and the order of their costs.
#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "yore/expressivity/families.h"
#include "yore/mixers/spec.h"

namespace yore::expressivity {
namespace {

constexpr std::int64_t kWidth = 64, kTokens = 1024;  // of the layers that are compared

struct Cost {
  std::int64_t bytes;
  double flops;
  bool operator<(const Cost& other) const {
    return std::tie(bytes, flops) < std::tie(other.bytes, other.flops);
  }
};

Cost cost_of(const MixerRow& row) {
  const mixers::Spec& spec = mixers::find_spec(row.mixer);
  const mixers::MixerSetting setting{kWidth, spec.complete(kWidth, row.options)};
  return {spec.state_bytes(setting, kTokens), spec.flops(setting, kTokens - 1)};
}

}  // namespace

std::vector<MixerRow> mixer_table(int lookback) {
  using base::Json;
  const auto attention = [](const Json& reach, Class c) {
    return MixerRow{"attention", {{"lookback", reach}, {"strict", true}}, c, std::nullopt, ""};
  };
  const auto of = [](const char* mixer, Json options, Family f) {
    return MixerRow{mixer, std::move(options), std::nullopt, f, ""};
  };
  const auto silent = [](const char* mixer, Json options, const char* why) {
    return MixerRow{mixer, std::move(options), std::nullopt, std::nullopt, why};
  };
  const Json none = Json::object();
  std::vector<MixerRow> rows = {
      attention("local:" + std::to_string(lookback), Class::Local),
      attention("hybrid:" + std::to_string(lookback), Class::Hybrid),
      attention("global", Class::Global),
      {"short_conv", none, Class::Local, std::nullopt, ""},
      of("gla", none, Family::GatedDiagonal),
      of("mamba2", none, Family::GatedDiagonal),
      of("gsa", none, Family::GatedDiagonal),
      of("linear_attention", none, Family::TimeInvariant),
      of("retention", {{"rotary", false}}, Family::TimeInvariant),
      silent("retention", {{"rotary", true}},
             "its decays turn with positions, so they are no numbers in [0,1]"),
      silent("abc", none, "nothing is published"),
      silent("blurry_window", none, "nothing is published"),
  };
  for (const char* mixer : {"delta_net", "gated_delta_net", "kda"}) {
    rows.push_back(of(mixer, {{"negative_eigenvalues", false}}, Family::PositiveDelta));
    rows.push_back(of(mixer, {{"negative_eigenvalues", true}}, Family::DeltaProducts));
  }
  return rows;
}

std::optional<MixerRow> row_of(const std::string& mixer, const base::Json& options) {
  if (mixers::find_spec(mixer).name() == "attention") return std::nullopt;
  for (MixerRow& row : mixer_table(1)) {
    bool fits = row.mixer == mixer;
    for (const auto& [key, value] : row.options.items())
      fits = fits && options.contains(key) && options.at(key) == value;
    if (fits) return std::move(row);
  }
  throw std::logic_error("row_of: the table has no row for these options of " + mixer);
}

std::vector<MixerChoice> cheapest_mixers(const Classification& classification) {
  std::vector<std::pair<Cost, MixerChoice>> known;
  // A window longer than the tokens that are compared costs as much as one that holds them all.
  const auto compared = mixer_table(std::min<int>(classification.lookback, kTokens));
  const auto given = mixer_table(classification.lookback);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const MixerRow& row = given[i];
    if (row.by_class && classification.of(*row.by_class).member == Answer::Yes)
      known.push_back({cost_of(compared[i]), {row.mixer, row.options, name(*row.by_class)}});
    if (row.by_family && classification.of(*row.by_family).member == Answer::Yes)
      known.push_back({cost_of(compared[i]), {row.mixer, row.options, name(*row.by_family)}});
  }
  std::stable_sort(known.begin(), known.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<MixerChoice> cheapest;
  for (auto& entry : known) {
    MixerChoice& choice = entry.second;  // older compilers let no lambda refer to a structured binding
    // The same mixer in a weaker setting came first; its stronger one costs no less.
    const bool told = std::any_of(cheapest.begin(), cheapest.end(), [&](const MixerChoice& other) {
      return other.mixer == choice.mixer && other.mixer != "attention";
    });
    if (!told) cheapest.push_back(std::move(choice));
  }
  return cheapest;
}

std::vector<std::string> mixers_of(Family family) {
  std::vector<std::string> names;
  for (const MixerRow& row : mixer_table(1))
    if (row.by_family == family) names.push_back(row.mixer);
  return names;
}

}  // namespace yore::expressivity
