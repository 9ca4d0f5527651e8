#include "yore/study/matrix/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "yore/expressivity/families.h"
#include "yore/mixers/attention/options.h"
#include "yore/study/measured_text.h"

namespace yore::study {

using expressivity::Answer;
using expressivity::Class;
using expressivity::Family;

namespace {

constexpr const char* kLanguageAxis = "task.language";
constexpr std::array<const char*, 2> kMixerAxes = {"model.mixer", "model.attention"};

bool is_mixer_axis(const std::string& path) {
  return std::find(kMixerAxes.begin(), kMixerAxes.end(), path) != kMixerAxes.end();
}

// Where a kind stands: its language, its mixer, and the rest as words.
struct Place {
  std::string language, mixer, where;
};
std::string where_phrase(const std::string& path, const Json& value) {
  if (path == "model.positions") {
    if (value == "none") return "without positions";
    if (const auto period = arch::period_of_positions(value.get<std::string>()))
      return fmt::format("with positions modulo {}", *period);
  }
  return fmt::format("with {} {}", spaced(path.substr(path.rfind('.') + 1)), value_text(value));
}
Place place_in_matrix(const Kind& kind) {
  Place place;
  for (const auto& [path, value] : kind.values) {
    if (path == kLanguageAxis)
      place.language = value_text(value);
    else if (is_mixer_axis(path))
      place.mixer = value_text(value);
    else
      place.where += (place.where.empty() ? "" : ", ") + where_phrase(path, value);
  }
  return place;
}

std::string words_of(Family family) {
  switch (family) {
    case Family::GatedDiagonal:
      return "gates in [0,1]";
    case Family::TimeInvariant:
      return "constant decay";
    case Family::PositiveDelta:
      return "delta, b ≤ 1";
    case Family::SignedDiagonal:
      return "gates in [-1,1]";
    case Family::DeltaProducts:
      return "delta, b ≤ 2";
  }
  return "";
}

std::string attention_words(const KindClass& kind) {
  const std::string k = kind.lookback == 1 ? "" : fmt::format(", {} back", kind.lookback);
  return kind.of == Class::Global ? "global" : (kind.of == Class::Local ? "local" : "hybrid") + k;
}

MatrixColumn column_of(const std::string& value, const arch::ModelOptions& model) {
  MatrixColumn column{value, "", ""};
  if (const auto attention = class_of(model)) {
    column.name = attention_words(*attention);
    column.kind = "attention";
    return column;
  }
  std::vector<std::string> names, kinds;
  const auto add = [](std::vector<std::string>& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  };
  for (const arch::Mixer& mixer : arch::parse_mixers(model)) {
    add(names, spaced(mixer.name));
    const auto row = expressivity::row_of(mixer.name, mixer.options);
    add(kinds, !row || row->by_class ? "windows"
               : row->by_family      ? words_of(*row->by_family)
                                     : "theory is silent");
  }
  column.name = fmt::format("{}", fmt::join(names, ", "));
  column.kind = fmt::format("{}", fmt::join(kinds, ", "));
  return column;
}

// The longest words of both sides.
void take_longest_set(MatrixCell& cell, const KindSummary& kind) {
  const SetSummary* longest = nullptr;
  const auto look = [&](const SetSummary& set) {
    if (set.accuracy.runs > 0 && !set.one_class &&
        (longest == nullptr || set.max_length > longest->max_length))
      longest = &set;
  };
  look(kind.validation);
  for (const SetSummary& set : kind.buckets) look(set);
  if (longest == nullptr) return;
  cell.set = longest->name;
  cell.accuracy = longest->accuracy;
  cell.guessing = longest->guessing.mean;
}

MatrixCell cell_of(const KindSummary& kind) {
  MatrixCell cell;
  cell.theory = kind.prediction;
  cell.agreement = kind.agreement;
  cell.planned = kind.planned;
  cell.seeds = kind.complete - kind.diverged;
  cell.answer_all = kind.perfect;
  cell.witnesses = kind.witness.accuracy;
  take_longest_set(cell, kind);
  return cell;
}

constexpr int kUndecided = 6;
// MLRegTest's classes stand with the languages of their verdict, so that the picture goes from what is easily
// said to what is not.
std::pair<std::string, int> group_of(const languages::Language& language,
                                     const expressivity::Classification& classification) {
  const auto [verdict, rank] = verdict_group(classification);
  const std::string file = mlregtest_class(language.title);
  return file.empty() ? std::pair(verdict, 2 * rank) : std::pair(file, 2 * rank + 1);
}

std::string row_title(const languages::Language& language) {
  std::string title = language.title;
  if (title.ends_with(".att")) title.resize(title.size() - 4);
  return title;
}

}  // namespace

double MatrixCell::better() const {
  if (!measured() || guessing >= 1) return 0;
  return std::clamp((accuracy.mean - guessing) / (1 - guessing), 0.0, 1.0);
}

std::string mlregtest_class(const std::string& title) {
  static const std::vector<std::pair<std::string, std::string>> names = {
      {"SL", "strictly local"},
      {"coSL", "complements of strictly local"},
      {"TSL", "tier-based strictly local"},
      {"TcoSL", "tier-based complements of strictly local"},
      {"SP", "strictly piecewise"},
      {"coSP", "complements of strictly piecewise"},
      {"LT", "locally testable"},
      {"TLT", "tier-based locally testable"},
      {"PT", "piecewise testable"},
      {"LTT", "locally threshold testable"},
      {"TLTT", "tier-based locally threshold testable"},
      {"PLT", "piecewise locally testable"},
      {"TPLT", "tier-based piecewise locally testable"},
      {"SF", "star-free"},
      {"Zp", "counting modulo a prime"},
      {"Reg", "regular"}};
  std::vector<std::string> parts(1);
  for (const char c : title)
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  const auto number = [](const std::string& text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (parts.size() < 6 || !number(parts[0]) || !number(parts[1]) || !number(parts[3])) return "";
  for (const auto& [name, words] : names)
    if (parts[2] == name) return fmt::format("{}, {} (MLRegTest)", name, words);
  return "";
}

std::pair<std::string, int> verdict_group(const expressivity::Classification& c) {
  const auto is = [&](Class of, Answer answer) { return c.of(of).member == answer; };
  const bool global = is(Class::Global, Answer::Yes), local = is(Class::Local, Answer::Yes);
  if (global && local) return {"global or local attention suffices", 0};
  if (global) return {"global attention suffices", 1};
  if (local) return {"local attention suffices", 2};
  if (is(Class::Hybrid, Answer::Yes)) return {"needs hybrid attention", 3};
  if (is(Class::Hybrid, Answer::No) && is(Class::StarFree, Answer::Yes))
    return {"star-free, beyond attention", 4};
  if (is(Class::StarFree, Answer::No)) return {"counts: not star-free", 5};
  return {"undecided", kUndecided};
}

std::vector<MatrixColumn> columns_of(const std::vector<std::pair<std::string, Kind>>& values) {
  std::vector<MatrixColumn> columns;
  for (const auto& [value, kind] : values) columns.push_back(column_of(value, kind.config.model));
  // What two columns share does not name them: their values do.
  std::map<std::string, int> counts;
  for (const MatrixColumn& column : columns) ++counts[column.title()];
  for (MatrixColumn& column : columns)
    if (counts[column.title()] > 1) column = {column.value, column.value, column.kind};
  return columns;
}

bool has_matrix(const StudyConfig& config) {
  bool language = false, mixer = false;
  for (const Axis& axis : config.axes) {
    if (axis.values.size() < 2) continue;
    language = language || axis.path == kLanguageAxis;
    mixer = mixer || is_mixer_axis(axis.path);
  }
  return language && mixer;
}

std::vector<Matrix> matrices(const StudyConfig& config, const std::vector<KindSummary>& summaries,
                             const StudyLanguages& languages) {
  const std::vector<Kind> all = kinds(config);
  std::vector<std::pair<std::string, Kind>> values;
  std::vector<std::string> names;  // of the languages
  std::vector<Matrix> list;
  std::vector<std::vector<std::vector<const KindSummary*>>> placed;  // [matrix][row][column]
  std::vector<std::vector<LanguageKey>> keys;  // [matrix][row]: an axis may be the alphabet
  const auto index = [](auto& items, const auto& is, const auto& make) {
    const auto it = std::find_if(items.begin(), items.end(), is);
    if (it != items.end()) return static_cast<std::size_t>(it - items.begin());
    items.push_back(make());
    return items.size() - 1;
  };
  for (std::size_t k = 0; k < all.size() && k < summaries.size(); ++k) {
    if (all[k].values.empty()) continue;  // another plug-in's
    const Place place = place_in_matrix(all[k]);
    const std::size_t column = index(
        values, [&](const auto& v) { return v.first == place.mixer; },
        [&] { return std::pair(place.mixer, all[k]); });
    const std::size_t row = index(
        names, [&](const auto& name) { return name == place.language; }, [&] { return place.language; });
    const std::size_t matrix = index(
        list, [&](const Matrix& m) { return m.where == place.where; },
        [&] {
          return Matrix{place.where, {}, {}};
        });
    placed.resize(list.size());
    keys.resize(list.size());
    if (placed[matrix].size() <= row) placed[matrix].resize(row + 1);
    keys[matrix].resize(placed[matrix].size());
    keys[matrix][row] = language_key(all[k]);
    if (placed[matrix][row].size() <= column) placed[matrix][row].resize(column + 1, nullptr);
    placed[matrix][row][column] = &summaries[k];
  }
  const std::vector<MatrixColumn> columns = columns_of(values);
  for (std::size_t m = 0; m < list.size(); ++m) {
    list[m].columns = columns;
    for (std::size_t r = 0; r < placed[m].size(); ++r) {
      const auto& [language, verdicts] = languages.at(keys[m][r]);
      const auto [group, rank] = group_of(language, verdicts.at({1, 1}));
      MatrixRow row{row_title(language), group, rank, {}};
      placed[m][r].resize(columns.size(), nullptr);
      for (const KindSummary* kind : placed[m][r]) row.cells.push_back(kind ? cell_of(*kind) : MatrixCell{});
      list[m].rows.push_back(std::move(row));
    }
    std::stable_sort(list[m].rows.begin(), list[m].rows.end(), [](const MatrixRow& a, const MatrixRow& b) {
      return std::tie(a.rank, a.group) < std::tie(b.rank, b.group);
    });
  }
  return list;
}

}  // namespace yore::study
