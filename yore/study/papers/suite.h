// `yore study --suite papers`: the published table, run again at a smaller scale.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/study/study.h"
#include "yore/study/theory/plugin.h"

namespace yore::study {

/// Which part of the table, and how.
struct SuiteConfig {
  std::vector<std::string> languages = published_languages();
  std::vector<std::string> attention = {"local:1",  "local:2",  "local:4", "hybrid:1",
                                        "hybrid:2", "hybrid:4", "global"};
  std::vector<std::uint64_t> seeds = {1};
  runs::RunConfig base;
  expressivity::ClassifyOptions classify;

  /// Every language of the published table, in its order.
  static std::vector<std::string> published_languages();
};

/// A cell of the table: one language, one kind.
struct SuiteRow {
  std::string language, definition, attention;
  KindSummary kind;
  /// Published means in percent with their source; empty where nothing was published for this pair.
  struct Published {
    double mean = 0;
    std::optional<double> best;
    std::string source;
  };
  std::vector<Published> published;
  /// Mean accuracy beyond the training lengths, 0..1: buckets weighted by the number of their lengths,
  /// because the papers test as many words of every length. Empty if not measured.
  std::optional<double> measured;
};

/// The table from what was measured.
std::vector<SuiteRow> suite_rows(const std::string& language, const std::string& definition,
                                 const std::vector<KindSummary>& kinds);

/// What suite.json holds.
Json to_json(const SuiteConfig& config);

namespace files {
inline constexpr const char* kSuite = "suite.json";  ///< the configuration; marks the folder as a suite
inline constexpr const char* kTableJson = "table.json";
inline constexpr const char* kTableCsv = "table.csv";
inline constexpr const char* kTableMarkdown = "table.md";
}  // namespace files

/// One study a language in execution.folder/LANGUAGE, their runs trained from one queue; then a table (JSON,
/// CSV, Markdown) and report.html, published beside measured. Restartable and refusing as run_study.
Outcome run_suite(const SuiteConfig& config, const Execution& execution);

}  // namespace yore::study
