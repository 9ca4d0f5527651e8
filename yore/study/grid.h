// What a study is: a run's configuration, and axes along which it varies. Every combination of the axes'
// values is a run; the axis "training.seed" repeats, the others make the kinds that are compared.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yore/expressivity/verdict.h"
#include "yore/runs/run_config.h"

namespace yore::study {

using base::Json;
namespace fs = std::filesystem;

inline constexpr const char* kSeed = "training.seed";
/// The axis of whole tasks, as tasks::parse_task reads them: "copy", "sort:letters=64".
inline constexpr const char* kTask = "task";

/// A path of a run's configuration and the values it takes.
struct Axis {
  std::string path;  ///< "model.attention"
  std::vector<Json> values;
  bool operator==(const Axis&) const = default;
};

/// Reads "PATH=VALUE,VALUE.." (or, where values have commas, "PATH=VALUE;VALUE..", a single one
/// "PATH=VALUE;"); for whole numbers also LOW:HIGH and LOW:HIGH:STEP. PATH may be the last part of a path
/// alone ("seed"), or kTask. Throws InputError("--axis") for a path that `base` with its task does not have
/// (with the nearest) and for values of another type.
Axis parse_axis(const std::string& text, const runs::RunConfig& base);

/// One kind of the grid: what its runs train.
struct Kind {
  std::string name;                                  ///< the values of its axes: "hybrid", "gla, 64"
  std::string title;                                 ///< for people: as the name, with "steps 150" for 150
  std::vector<std::pair<std::string, Json>> values;  ///< by path; empty for a plug-in's kinds
  runs::RunConfig config;                            ///< the seed aside
  bool operator==(const Kind&) const = default;
};

/// A value as people read it beside others: a number or a truth value with what it is of, "steps 150".
std::string titled_value(const std::string& path, const Json& value);

/// A value from the literature, or from an earlier run of this study, to hold it against.
struct PublishedValue {
  std::vector<std::pair<std::string, Json>> where;  ///< the kind: paths and values
  std::string set, metric;  ///< no metric: the one by which the runs are judged (named_metrics.h)
  double value = 0;
  double tolerance = 0;  ///< how far the measured mean may lie from it and still count as the same
  std::string source;
  std::string place{};  ///< where it was read, for messages: "FILE:LINE:COLUMN"
};

/// What was published of a difference between two values of an axis.
struct PublishedDifference {
  std::vector<std::pair<std::string, Json>> where;  ///< the other paths and values
  double value = 0;
};

/// Two values of an axis to hold against each other, everything else equal.
struct Contrast {
  std::string path;         ///< "model.attention"
  Json of, against;         ///< numbers are those of the first minus those of the second
  std::string set, metric;  ///< no metric: the one by which the runs are judged (named_metrics.h)
  std::vector<PublishedDifference> published;
  std::string source;   ///< of what was published
  std::string place{};  ///< where it was read, for messages: "FILE:LINE:COLUMN"
};

/// A setting in which the scales of a study file differ.
struct ScaleDifference {
  std::string path;  ///< "task.vocabulary"
  /// One a scale: a list where the scale has an axis, null where it has no such path.
  std::vector<Json> values;
  bool operator==(const ScaleDifference&) const = default;
};

/// The sizes in which a study file can be run ("papers": as published; "laptop": in half an hour), and which
/// of them this study is. See scales/scales.h.
struct Scales {
  std::vector<std::string> names;
  std::vector<std::string> about;  ///< one a name, for people
  std::size_t chosen = 0;
  std::vector<ScaleDifference> differences;
};

/// What is studied. Two studies with equal configurations measure the same numbers.
struct StudyConfig {
  std::string title;  ///< for the report; empty = made from the task
  /// What all runs share; its task is complete, and the first one's where an axis has tasks.
  runs::RunConfig base;
  Json task_options = Json::object();  ///< of the tasks of such an axis: those that all share
  /// Whether base.model.positions is what the task has by default: a kind whose layers have no place for them
  /// then has none.
  bool positions_by_default = false;
  std::vector<Axis> axes;
  std::vector<PublishedValue> published;
  std::vector<Contrast> contrasts;
  std::string scale;  ///< in what the published runs were larger, for people
  /// Of a study file that has several; no part of what is measured.
  std::optional<Scales> scales;
  /// Said when the study starts and in its report, such as what was left out.
  std::vector<std::string> notes;

  // Of the plug-in for theory (theory/plugin.h).
  /// `classify.lookback` is that of the headline verdict; each kind is judged at its own lookback.
  expressivity::ClassifyOptions classify;
  /// Kinds beside the grid that have the shape of the language's compiled transformer: kCompiled is trained
  /// from its weights, kCompiledShape from random ones.
  std::vector<std::string> init;
  /// The grid's kinds, if settle() was called, after which the axes stay as they are.
  std::optional<std::vector<Kind>> settled;
  std::vector<Kind> extra;  ///< kinds beside the grid, which plug-ins make; not part of study.json
};

/// Makes the grid's kinds once and for all, for kinds() and plan() to hand out: making them reads what their
/// tasks name, a language's file, a text.
void settle(StudyConfig& config);

/// The seeds: the axis of that path, or the base's own.
std::vector<std::uint64_t> seeds(const StudyConfig& config);
/// The grid's kinds, the first axis slowest; then the extra ones.
std::vector<Kind> kinds(const StudyConfig& config);
/// What the kind's configuration has at the path, or at kTask the task as its axis names it; null where it
/// has no such path.
Json value_at(const Kind& kind, const std::string& path);
/// Whether the kind's configuration has these values at these paths.
bool matches(const Kind& kind, const std::vector<std::pair<std::string, Json>>& where);
/// The value of a path that all kinds of the grid share; nothing where an axis varies it.
std::optional<Json> shared(const StudyConfig& config, const std::string& path);

/// Throws InputError: an axis that is empty or named twice, a kind or seed named twice, a kind whose
/// configuration does not fit together.
void validate(const StudyConfig& config);

/// What study.json holds.
Json to_json(const StudyConfig& config);

/// Files of a study's folder.
namespace files {
inline constexpr const char* kStudy = "study.json";  ///< to_json(StudyConfig); marks the folder as a study
inline constexpr const char* kNumbersCsv = "numbers.csv";
inline constexpr const char* kNumbersJson = "numbers.json";
inline constexpr const char* kReport = "report.html";
inline constexpr const char* kRuns = "runs";  ///< a folder; in it one folder a run
}  // namespace files

/// Makes `folder` this study's: writes study.json into a new or empty folder; accepts a folder whose
/// study.json is equal, or whose grid this one extends (more values of an axis, nothing else changed), which
/// it then records. Throws InputError for anything else: another study (saying what differs), a narrower
/// grid, other files.
void claim_folder(const fs::path& folder, const StudyConfig& config);
/// Refuses what claim_folder() would, and writes nothing.
void check_folder(const fs::path& folder, const StudyConfig& config);

/// One run of the grid.
struct PlannedRun {
  std::string name;  ///< "hybrid-seed2": its folder's name; "local:2" becomes "local-2-seed1"
  std::string kind;  ///< its kind's name
  std::uint64_t seed = 0;
  runs::RunConfig config;
  fs::path folder;
};

/// All runs of the grid, first seed first, so that early results cover every kind.
std::vector<PlannedRun> plan(const StudyConfig& config, const fs::path& folder);

}  // namespace yore::study
