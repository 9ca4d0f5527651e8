// What a study is: one language, a grid of attention kinds x seeds, everything else equal.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"
#include "yore/runs/run_config.h"

namespace yore::study {

using base::Json;
namespace fs = std::filesystem;

/// What is studied. Two studies with equal configurations measure the same numbers.
struct StudyConfig {
  languages::Language language;
  std::vector<std::string> attention = {"global", "local", "hybrid"};  ///< see mixers::parse_attention
  std::vector<std::uint64_t> seeds = {1, 2, 3, 4, 5};
  /// Kinds beside these that have the shape of the language's compiled transformer: kCompiled is trained from
  /// its weights, kCompiledShape from random ones.
  std::vector<std::string> init;
  /// That shape, which follows from the language; for kinds of `init` only.
  std::optional<arch::ModelOptions> compiled_shape;
  /// Model, words and training of every run; attention, seed, language and alphabet are filled in by plan().
  runs::RunConfig base;
  /// `classify.lookback` is that of the headline verdict; each kind is judged at its own lookback.
  expressivity::ClassifyOptions classify;
};

/// One kind of the grid: what its runs train, and from where.
struct Kind {
  std::string name;              ///< as StudyConfig::attention or init has it
  arch::ModelOptions model;       ///< its attention included
  std::string start = "random";  ///< TrainingConfig::init
  /// For people: the name, or "trained from compiled".
  std::string title() const;
  bool operator==(const Kind&) const = default;
};

/// Those of `attention`, then those of `init`. Throws std::logic_error if these lack compiled_shape.
std::vector<Kind> kinds(const StudyConfig& config);

/// Throws InputError: an empty grid, a kind or seed named twice, a kind the model cannot have, a bad base.
/// compiled_shape may still be missing.
void validate(const StudyConfig& config);

/// What study.json holds.
Json to_json(const StudyConfig& config);

/// Files of a study's folder.
namespace files {
inline constexpr const char* kStudy = "study.json";  ///< to_json(StudyConfig); marks the folder as a study
inline constexpr const char* kVerdict = "verdict.json";
inline constexpr const char* kNumbersCsv = "numbers.csv";
inline constexpr const char* kNumbersJson = "numbers.json";
inline constexpr const char* kReport = "report.html";
inline constexpr const char* kRuns = "runs";               ///< a folder; in it one folder a run
inline constexpr const char* kCompiledModel = "compiled";  ///< a folder, see compiled_model.h
}  // namespace files

/// Makes `folder` this study's: writes study.json into a new or empty folder; accepts a folder whose
/// study.json is equal, or whose grid this one extends (more kinds, more seeds, nothing else changed), which
/// it then records. Throws InputError for anything else: another study (saying what differs), a narrower
/// grid, other files.
void claim_folder(const fs::path& folder, const StudyConfig& config);

/// One run of the grid.
struct PlannedRun {
  std::string name;       ///< "hybrid-seed2": its folder's name; "local:2" becomes "local-2-seed1"
  std::string attention;  ///< its kind's name
  std::uint64_t seed = 0;
  runs::RunConfig config;
  fs::path folder;
};

/// All runs of the grid, first seed first, so that early results cover every kind.
std::vector<PlannedRun> plan(const StudyConfig& config, const fs::path& folder);

}  // namespace yore::study
