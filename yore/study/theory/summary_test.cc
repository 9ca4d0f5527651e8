#include "yore/study/theory/summary.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/runs/run_folder.h"
#include "yore/study/curves.h"
#include "yore/study/measured_text.h"
#include "yore/study/numbers.h"
#include "yore/study/stand_in_result.h"
#include "yore/study/test_support.h"
#include "yore/study/theory/length_curve.h"
#include "yore/study/theory/plugin.h"

namespace yore::study {
namespace {

using testing::contains;
using testing::invented_result;
using testing::set_scores;
using testing::small_study;

std::vector<RunRecord> records_of(const StudyConfig& config) {
  std::vector<RunRecord> records;
  for (const auto& run : plan(config, "/nowhere")) records.push_back({run, invented_result(run.config), 1});
  return records;
}

std::vector<KindSummary> summaries_of(const StudyConfig& config, const std::vector<RunRecord>& records) {
  const Verdicts verdicts = testing::classify_all(config);
  return summarise(
      config, [&](const Kind&) -> const Verdicts& { return verdicts; }, records);
}

KindSummary summary_of(const std::string& name, const std::vector<RunRecord>& records) {
  for (auto& kind : summaries_of(small_study(), records))
    if (kind.name == name) return kind;
  throw std::logic_error("no such kind");
}

tasks::RecognitionScores scores_of(const runs::RunResult& result) {
  return tasks::recognition_scores(result.metrics, "test");
}

// The result with other scores.
template <class Change>
runs::RunResult changed(runs::RunResult result, const Change& change) {
  tasks::RecognitionScores scores = scores_of(result);
  change(scores);
  set_scores(result, scores);
  return result;
}

TEST(Percent, RoundsDownSoThatAHundredMeansAll) {
  EXPECT_EQ(percent(1), "100%");
  EXPECT_EQ(percent(0.99999), "99.9%");
  EXPECT_EQ(percent(511.0 / 512), "99.8%");
  EXPECT_EQ(percent(0.997), "99.7%");
  EXPECT_EQ(percent(0.5), "50%");
  EXPECT_EQ(percent(0), "0%");
  EXPECT_EQ(percent(std::nan("")), "not measured");
  for (int k = 0; k <= 1000; ++k) {
    const std::string text = percent(k / 1000.0);
    EXPECT_NEAR(std::stod(text), k / 10.0, 1e-9) << "a tenth of a percent is itself";
  }
}

TEST(Spread, IsMeanAndExtremes) {
  Spread s;
  for (double v : {0.5, 1.0, 0.75}) s.add(v);
  EXPECT_EQ(s.runs, 3);
  EXPECT_DOUBLE_EQ(s.mean, 0.75);
  EXPECT_EQ(s.min, 0.5);
  EXPECT_EQ(s.max, 1.0);
  Spread ones;
  for (int i = 0; i < 1000; ++i) ones.add(1);
  EXPECT_EQ(ones.mean, 1) << "no rounding error in what must read 100%";
}

TEST(AnsweredAll, OneWrongWordAnywhereIsEnough) {
  const auto run = plan(small_study(), "/nowhere")[2];
  ASSERT_EQ(run.kind, "hybrid");
  const auto good = invented_result(run.config);
  EXPECT_TRUE(answered_all(good));
  EXPECT_TRUE(answered_all(changed(good, [](auto&) {})));
  const auto answers_with = [&](const auto& change) { return answered_all(changed(good, change)); };
  EXPECT_FALSE(answers_with([](auto& s) { s.validation.correct -= 1; }));
  EXPECT_FALSE(answers_with([](auto& s) { s.buckets[1].correct -= 1; }));
  EXPECT_FALSE(answers_with([](auto& s) { s.witnesses[3].logit *= -1; }));
  for (const std::size_t i : {2u, 3u})
    EXPECT_EQ(answers_with([&](auto& s) { s.witnesses[i].logit = std::nan(""); }),
              !scores_of(good).witnesses[i].accepted)
        << "NaN rejects";
  auto bad = good;
  bad.status = "nan";
  EXPECT_FALSE(answered_all(bad));
  EXPECT_FALSE(answers_with([](auto& s) { s.validation.words = s.validation.correct = 0; }))
      << "nothing was asked";
}

TEST(Summarise, SaysWhichWitnessAKindThatShouldSufficeGetsWrong) {
  auto records = records_of(small_study());
  int length = 0;
  for (RunRecord& record : records)
    if (record.run.kind == "hybrid")
      record.result = changed(*record.result, [&](auto& scores) {
        scores.witnesses[3].logit *= -1;
        length = scores.witnesses[3].length;
      });
  const KindSummary hybrid = summary_of("hybrid", records);
  EXPECT_EQ(hybrid.agreement, Agreement::NotFound);
  EXPECT_EQ(hybrid.shortest_wrong_witness, length);
  EXPECT_TRUE(contains(hybrid.conclusion, "wrong on a witness word of length " + std::to_string(length)))
      << hybrid.conclusion;
}

TEST(Summarise, AgreesWithAWorldAsTheoryHasIt) {
  const auto records = records_of(small_study());
  const KindSummary global = summary_of("global", records), hybrid = summary_of("hybrid", records);
  EXPECT_EQ(global.agreement, Agreement::Agrees);
  EXPECT_EQ(global.perfect, 0);
  EXPECT_EQ(global.fails_witness_at, 2);
  EXPECT_EQ(global.fail_witness, 2);
  EXPECT_TRUE(contains(global.conclusion, "Theory: no (the language is not in LTL[P]); measured: 50."))
      << global.conclusion;
  EXPECT_TRUE(contains(global.conclusion, "wrong on a witness word from n\u00a0=\u00a02; agrees"))
      << global.conclusion;
  EXPECT_EQ(hybrid.agreement, Agreement::Agrees);
  EXPECT_EQ(hybrid.perfect, 2);
  EXPECT_FALSE(hybrid.fails_witness_at);
  EXPECT_EQ(hybrid.conclusion,
            "Theory: yes (the language is in LTL[P,Y]); measured: 100% on lengths 201–500; agrees: every "
            "seed answers "
            "every tested word.");
  // The numbers once more, straight from the records.
  double sum = 0;
  for (const auto& record : records)
    if (record.run.kind == "global") sum += scores_of(*record.result).buckets[0].accuracy();
  EXPECT_DOUBLE_EQ(global.buckets[0].accuracy.mean, sum / 2);
}

// A yes never promised that training finds the weights; a no is broken by answers alone.
TEST(Summarise, OnlyAnswersDisagreeWithTheory) {
  auto records = records_of(small_study());
  for (auto& record : records)
    if (record.run.kind == "hybrid")
      record.result = changed(*record.result, [](auto& scores) { scores.buckets[2].correct -= 1; });
    else
      record.result = invented_result(records[2].run.config);
  const KindSummary hybrid = summary_of("hybrid", records), global = summary_of("global", records);
  EXPECT_EQ(hybrid.agreement, Agreement::NotFound);
  EXPECT_STREQ(name(hybrid.agreement), "not found");
  EXPECT_TRUE(contains(hybrid.conclusion, "99.8%")) << hybrid.conclusion;
  EXPECT_TRUE(contains(hybrid.conclusion,
                       fmt::format("; not found: weights that answer every word exist (theory); training did "
                                   "not find them in 2 runs of {} steps.",
                                   small_study().base.training.steps)))
      << hybrid.conclusion;
  EXPECT_EQ(global.agreement, Agreement::Disagrees);
  EXPECT_EQ(global.perfect, 2);
}

// A constant answer is right on words of one side: nothing agrees or disagrees there.
TEST(Summarise, SetsOfOneClassShowNothing) {
  const StudyConfig config = small_study();
  auto records = records_of(config);
  for (RunRecord& record : records)
    record.result = changed(*record.result, [](auto& scores) {
      for (tasks::Score* score :
           {&scores.validation, &scores.buckets[0], &scores.buckets[1], &scores.buckets[2]}) {
        score->correct = score->positives_correct = score->positives = score->words;
      }
      scores.witnesses.clear();
    });
  for (const KindSummary& kind : summaries_of(config, records)) {
    EXPECT_EQ(kind.agreement, Agreement::Open) << kind.name;
    EXPECT_TRUE(contains(kind.conclusion, "every set is of one class, so nothing is shown"))
        << kind.conclusion;
    EXPECT_EQ(to_json(kind)["validation"]["one_class"], true);
  }
  const auto kinds = summarise_runs(config, records);
  EXPECT_TRUE(kinds[0].metrics[0].one_class);
  EXPECT_EQ(numbers_json({config, records, kinds, "", "", ""}, {})["kinds"][0]["metrics"][0]["one_class"],
            true);
  EXPECT_TRUE(contains(comparison(kinds, {}).markup(), "the accuracy there means nothing"));
  EXPECT_TRUE(contains(runs_table(records).markup(), "one class"));
  EXPECT_TRUE(contains(numbers_csv(records), "one_class"));
}

// Results that answer everything, of mixers that theory allows, refuses and is silent about.
TEST(Summarise, OtherMixersAreHeldAgainstTheirFamily) {
  StudyConfig config = small_study();
  testing::set_language(config, "name:parity");
  config.axes.front() = {
      "model.mixer",
      {"gla", "gated_delta_net:negative_eigenvalues=true", "blurry_window", "retention:rotary=false"}};
  const auto records = records_of(config);  // no attention is named, so they are invented to be right
  const auto all = summaries_of(config, records);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].agreement, Agreement::Disagrees);
  EXPECT_TRUE(contains(all[0].conclusion, "Theory: no (gates in [0,1]")) << all[0].conclusion;
  EXPECT_TRUE(contains(all[0].conclusion, "Sarrof et al. 2024, arXiv 2405.17394)")) << all[0].conclusion;
  EXPECT_TRUE(
      contains(all[0].conclusion,
               "disagrees: every seed answers every tested word; theory says that other words break it"))
      << all[0].conclusion;
  EXPECT_EQ(all[1].agreement, Agreement::Agrees);
  EXPECT_EQ(all[2].agreement, Agreement::Open);
  EXPECT_TRUE(contains(all[2].conclusion,
                       "Theory: open (theory is silent about blurry_window: nothing is published)"))
      << all[2].conclusion;
  EXPECT_EQ(all[3].agreement, Agreement::Disagrees);
  const Json json = to_json(all[0]);
  EXPECT_EQ(json.at("family"), "gated_diagonal");
  EXPECT_EQ(json.at("theory"), false);
  EXPECT_EQ(json.at("period"), 1);
  EXPECT_TRUE(contains(json.at("source"), "Sarrof"));
  EXPECT_EQ(to_json(all[2]).at("family"), nullptr);
  EXPECT_EQ(to_json(all[2]).at("theory"), nullptr);
}

TEST(Summarise, OneGoodSeedShowsThatItCanBeDone) {
  auto records = records_of(small_study());
  for (auto& record : records)
    if (record.run.name == "hybrid-seed1")
      record.result = changed(*record.result, [](auto& scores) { scores.buckets[2].correct -= 100; });
  const KindSummary hybrid = summary_of("hybrid", records);
  EXPECT_EQ(hybrid.agreement, Agreement::Agrees);
  EXPECT_TRUE(contains(hybrid.conclusion, "1 of 2 seeds answer")) << hybrid.conclusion;
}

TEST(Summarise, ClaimsNothingAboutWhatWasNotMeasured) {
  auto records = records_of(small_study());
  for (auto& record : records) {
    if (record.run.kind == "global") record.result.reset();
    if (record.run.kind == "local") record.result->status = "nan";
    if (record.run.name == "hybrid-seed2") record.result.reset();
  }
  const KindSummary global = summary_of("global", records), local = summary_of("local", records),
                    hybrid = summary_of("hybrid", records);
  EXPECT_EQ(global.agreement, Agreement::Open);
  EXPECT_EQ(global.conclusion, "Theory: no (the language is not in LTL[P]); not measured.");
  EXPECT_EQ(global.validation.accuracy.runs, 0);
  EXPECT_EQ(local.diverged, 2);
  EXPECT_EQ(local.agreement, Agreement::Open);
  EXPECT_TRUE(contains(local.conclusion, "diverged")) << local.conclusion;
  EXPECT_EQ(hybrid.complete, 1);
  EXPECT_EQ(hybrid.planned, 2);
  EXPECT_TRUE(contains(hybrid.conclusion, "the run answers every tested word")) << hybrid.conclusion;
}

TEST(LengthBins, CoverEveryLengthOnce) {
  tasks::DataConfig data;
  for (int parts : {1, 3, 6, 100}) {
    int next = 0;
    for (const auto& bin : length_bins(data, parts)) {
      EXPECT_EQ(bin.low, next);
      EXPECT_LE(bin.low, bin.high);
      next = bin.high + 1;
    }
    EXPECT_EQ(next, 501);
  }
}

TEST(Curves, AreMeansWithBandsFromTheRecords) {
  const auto records = records_of(small_study());
  const auto plot = accuracy_by_length(small_study(), records);
  ASSERT_EQ(plot.series.size(), 3u);
  EXPECT_EQ(plot.shade->to, 40);
  EXPECT_EQ(plot.series[2].name, "hybrid");
  for (const auto& point : plot.series[2].points) EXPECT_EQ(point.y, 100);
  EXPECT_TRUE(plot.series[0].band);
  for (const auto& point : plot.series[0].points) {
    EXPECT_LE(point.low, point.y);
    EXPECT_LE(point.y, point.high);
  }
  EXPECT_EQ(loss_by_step(small_study(), records).series[0].points.size(), 12u);
  EXPECT_FALSE(has_points(accuracy_by_length(small_study(), {})));
}

TEST(Numbers, EveryNumberIsALine) {
  const auto records = records_of(small_study());
  const std::string csv = numbers_csv(records);
  std::size_t lines = 0, fields_expected = 8;
  for (std::size_t at = 0; at < csv.size();) {
    const std::size_t end = csv.find('\n', at);
    ASSERT_NE(end, std::string::npos) << "the last line ends";
    const std::string line = csv.substr(at, end - at);
    // A comma between quotes belongs to its field.
    std::size_t fields = 1;
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      fields += c == ',' && !quoted;
    }
    EXPECT_EQ(fields, fields_expected) << line;
    ++lines;
    at = end + 1;
  }
  const auto& r = *records[0].result;
  EXPECT_EQ(lines, 1 + 6 * (4 + r.metrics.size() + 4 * r.history.size()));
  EXPECT_TRUE(csv.starts_with("kind,seed,what,set,name,count,value,keys\n"));
  EXPECT_TRUE(contains(csv,
                       "\nhybrid,1,metric,41-100,accuracy,512,1,\"{\"\"min_length\"\":41,"
                       "\"\"max_length\"\":100,\"\"correct\"\":512,"))
      << csv.substr(0, 400);
  EXPECT_TRUE(contains(csv, "\nglobal,2,run,,status,,finished,\n"));
  EXPECT_TRUE(contains(csv, "\nlocal,1,history,,loss,120,"));
  EXPECT_EQ(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
}

TEST(Numbers, JsonHoldsTheResultsWhole) {
  const StudyConfig config = small_study();
  auto records = records_of(config);
  records[1].result.reset();
  StudyConfig prepared = config;
  std::vector<std::unique_ptr<Plugin>> plugins;
  plugins.push_back(theory_plugin(config));
  plugins[0]->prepare(prepared);
  const auto kinds = summarise_runs(prepared, records);
  plugins[0]->take(prepared, records, kinds);
  const Json json = numbers_json({config, records, kinds, "yore study", "a machine", "2026-01-31"}, plugins);
  EXPECT_EQ(json["made"],
            Json({{"command", "yore study"}, {"machine", "a machine"}, {"date", "2026-01-31"}}));
  EXPECT_EQ(json["study"], to_json(config));
  EXPECT_EQ(json["runs"].size(), 6u);
  EXPECT_TRUE(json["runs"][1]["result"].is_null());
  EXPECT_EQ(json["runs"][0]["result"], runs::to_json(*records[0].result));
  ASSERT_EQ(json["kinds"].size(), 3u);
  EXPECT_EQ(json["kinds"][1]["complete"], 1) << "one of the two runs has no result";
  EXPECT_EQ(json["kinds"][2]["name"], "hybrid");
  EXPECT_EQ(json["kinds"][2]["values"], Json({{"model.attention", "hybrid"}}));
  const Json& validation = json["kinds"][2]["metrics"][0];
  EXPECT_EQ(validation["set"], "validation");
  EXPECT_EQ(validation["mean"], 1.0);
  EXPECT_EQ(validation["runs"], 2);
  EXPECT_EQ(json["summary"][2]["name"], "hybrid");
  EXPECT_EQ(json["compiled"]["compiled"], true);
  EXPECT_EQ(json["summary"][2]["theory"], true);
  EXPECT_EQ(json["summary"][2]["agreement"], "agrees");
}

using CollectTest = testing::InFolder;

TEST_F(CollectTest, ReadsWhatIsThereAndCan) {
  const auto runs = plan(small_study(), folder_);
  runs::write_config(runs[0].folder, runs[0].config);
  runs::write_result(runs[0].folder, invented_result(runs[0].config));
  const auto records = collect(runs);
  ASSERT_EQ(records.size(), 6u);
  EXPECT_TRUE(records[0].result);
  EXPECT_FALSE(records[1].result);
  base::write_file(runs[0].folder / runs::files::kResult, "{\"status\":");
  EXPECT_FALSE(collect(runs)[0].result) << "a result that cannot be read is none";
}

}  // namespace
}  // namespace yore::study
