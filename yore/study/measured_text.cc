#include "yore/study/measured_text.h"

#include <fmt/format.h>

#include "yore/base/progress.h"
#include "yore/study/compiled_text.h"
#include "yore/study/curves.h"

namespace yore::study {

using namespace report;
using expressivity::Answer;

namespace {

std::string range(const SetSummary& set) {
  return fmt::format("{}–{}", set.min_length, set.max_length);
}

std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_array()) return value.dump();
  // A pair of numbers is a range of lengths.
  if (value.size() == 2 && value[0].is_number())
    return fmt::format("{}–{}", shown(value[0]), shown(value[1]));
  std::string list;
  for (const Json& item : value) list += (list.empty() ? "" : ", ") + shown(item);
  return list;
}

// "train_min_length" as "train min length".
std::string spaced(std::string name) {
  for (char& c : name)
    if (c == '_') c = ' ';
  return name;
}

}  // namespace

Html spread_cell(const Spread& spread) {
  if (spread.runs == 0) return "–";
  if (spread.runs == 1 || spread.min == spread.max) return percent(spread.mean);
  return Html(percent(spread.mean)) +
         element("span", fmt::format("worst {}", percent(spread.min)), {{"class", "second"}});
}

Html answer_badge(Answer answer) {
  switch (answer) {
    case Answer::Yes:
      return badge("yes", Tone::Good);
    case Answer::No:
      return badge("no", Tone::Bad);
    case Answer::Unknown:
      break;
  }
  return badge("open", Tone::Neutral);
}

Html agreement_badge(Agreement agreement) {
  const Tone tone = agreement == Agreement::Agrees      ? Tone::Good
                    : agreement == Agreement::Disagrees ? Tone::Bad
                                                        : Tone::Neutral;
  return badge(name(agreement), tone);
}

Html missing_notice(const std::vector<RunRecord>& records) {
  std::string missing;
  int count = 0;
  for (const auto& record : records)
    if (!record.result) {
      missing += (count++ == 0 ? "" : ", ") + record.run.name;
      if (record.progress > 0) missing += fmt::format(" (at {})", percent(record.progress));
    }
  if (count == 0) return {};
  return element("p",
                 fmt::format("{} of {} runs have no result yet, and nothing is claimed about them: {}.",
                             count, records.size(), missing),
                 {{"class", "notice"}});
}

Html comparison(const StudyConfig& config, const std::vector<KindSummary>& kinds,
                const CompiledModel& compiled) {
  Table t{
      "Accuracy: mean over seeds, and the worst seed where they differ. Validation words have the lengths "
      "trained on but were never "
      "trained on; the other lengths are beyond them. Witness words are those that theory says fool some "
      "kind (short ones may have "
      "been trained on).",
      {{"attention"}, {"theory"}, {"measured"}},
      {}};
  const bool witnesses =
      std::any_of(kinds.begin(), kinds.end(), [](const auto& k) { return k.witness.accuracy.runs > 0; });
  if (!kinds.empty()) {
    t.columns.push_back(
        {Html("validation ") + element("span", range(kinds[0].validation), {{"class", "second"}}), true});
    for (const auto& bucket : kinds[0].buckets)
      t.columns.push_back({Html("lengths ") + element("span", range(bucket), {{"class", "second"}}), true});
  }
  if (witnesses) t.columns.push_back({"witness words", true});
  t.columns.push_back({"seeds that answer all", true});
  for (const auto& kind : kinds) {
    std::vector<Html> row = {kind.title, answer_badge(kind.prediction.answer),
                             agreement_badge(kind.agreement), spread_cell(kind.validation.accuracy)};
    for (const auto& bucket : kind.buckets) row.push_back(spread_cell(bucket.accuracy));
    if (witnesses) row.push_back(spread_cell(kind.witness.accuracy));
    row.push_back(fmt::format("{} of {}", kind.perfect, kind.complete));
    t.rows.push_back(std::move(row));
  }
  if (compiled.compiled) t.rows.push_back(compiled_row(config, compiled, witnesses));
  std::vector<Html> conclusions;
  conclusions.reserve(kinds.size() + 1);
  for (const auto& kind : kinds) conclusions.push_back(strong(kind.title) + ": " + kind.conclusion);
  conclusions.push_back(strong("compiled") + ": " + sentence(compiled));
  return table(t) + bullets(conclusions) +
         paragraph(
             "The criterion is that of the papers: a run succeeds if it answers every tested word correctly, "
             "all lengths and witness words "
             "included. Percentages are rounded down, so 100% means every word. Words of a set are half "
             "accepted, half rejected ones where the "
             "language has both; guessing scores 50%.");
}

Html plot_figure(const Plot& plot, const std::string& id_prefix, const Html& caption) {
  if (!has_points(plot)) return paragraph(plot.label + ": not measured.");
  return figure(Html::raw(draw_plot(plot, id_prefix + "-wide-", kWide)), caption,
                Html::raw(draw_plot(plot, id_prefix + "-narrow-", kNarrow)));
}

Html runs_table(const std::vector<RunRecord>& records) {
  Table t{"",
          {{"run"},
           {"seed", true},
           {"status"},
           {"steps", true},
           {"time", true},
           {"parameters", true},
           {"validation", true},
           {"longest words", true},
           {"answers all"}},
          {}};
  for (const auto& record : records) {
    std::vector<Html> row = {record.run.attention, std::to_string(record.run.seed)};
    if (!record.result) {
      row.push_back(record.progress > 0 ? fmt::format("unfinished, {}", percent(record.progress))
                                        : std::string("not run"));
      row.resize(t.columns.size(), "–");
    } else {
      const auto& r = *record.result;
      const auto accuracy = [&](const runs::Score& s) {
        return Html(s.words == 0 ? "–" : percent(s.accuracy()));
      };
      row.push_back(r.status == "nan" ? badge("diverged", Tone::Bad) : Html(r.status));
      row.push_back(std::to_string(r.steps));
      row.push_back(base::format_duration(r.seconds));
      row.push_back(std::to_string(r.parameters));
      row.push_back(accuracy(r.train_range));
      row.push_back(r.buckets.empty() ? Html("–") : accuracy(r.buckets.back()));
      row.push_back(answered_all(r) ? badge("yes", Tone::Good) : badge("no", Tone::Bad));
    }
    t.rows.push_back(std::move(row));
  }
  return table(t);
}

Html configuration(const StudyConfig& config) {
  const Json json = to_json(config);
  std::string seeds;
  for (std::uint64_t seed : config.seeds) seeds += (seeds.empty() ? "" : ", ") + std::to_string(seed);
  std::string kinds;
  for (const Kind& kind : study::kinds(config)) kinds += (kinds.empty() ? "" : ", ") + kind.title();
  Html body = facts({{"language", code(config.language.spec)},
                     {"alphabet", code(config.language.dfa.alphabet.text())},
                     {"attention", kinds},
                     {"seeds", seeds}});
  for (const auto& [group, fields] : json["run"].items()) {
    std::vector<std::pair<Html, Html>> pairs;
    for (const auto& [field, value] : fields.items()) pairs.emplace_back(spaced(field), shown(value));
    body += element("h3", group == "data" ? Html("words") : Html(group)) + facts(pairs);
  }
  return body;
}

}  // namespace yore::study
