#include "yore/study/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "yore/arch/options.h"
#include "yore/base/budget.h"
#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/study/claim.h"
#include "yore/study/measured_text.h"
#include "yore/tasks/task.h"

namespace yore::study {
namespace {

using base::InputError;

constexpr const char* kSource = "--axis";
constexpr std::size_t kMostValues = 100'000;
constexpr std::size_t kMostRuns = 100'000;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// A kind in the name of a run's folder: letters, digits, dots and dashes only, so that it needs no quoting
// anywhere.
std::string folder_name(const std::string& kind) {
  std::string name = kind;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.')
      c = c == '*' ? 'x' : c == '+' || c == ',' ? '_' : '-';
  return name;
}

/// The names of the kinds' folders, each its own: where letters that no folder's name has here are all that
/// tells kinds apart, and where a name is longer than folders' may be, a hash tells them apart.
std::vector<std::string> folder_names(const std::vector<Kind>& kinds) {
  constexpr std::size_t kLongest = 200;
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Kind& kind : kinds) {
    std::string name = folder_name(kind.name);
    const std::string hash = "-" + base::crc64_text(base::crc64(kind.name));
    if (name.size() > kLongest) name = name.substr(0, kLongest - hash.size()) + hash;
    if (!taken.insert(name).second) taken.insert(name += hash);
    names.push_back(std::move(name));
  }
  return names;
}

const std::vector<base::OptionSpec>& task_options(const runs::RunConfig& base) {
  return tasks::find_task(base.task.at("name").get<std::string>()).options;
}

// Separated by commas, or by semicolons where there is one; a semicolon at the end makes a single value of
// what has commas.
std::vector<std::string> split(std::string text, const std::string& path) {
  const char mark = text.find(';') != std::string::npos ? ';' : ',';
  if (text.ends_with(';')) text.pop_back();
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(mark, at), text.size());
    if (end == at)
      throw InputError(kSource, fmt::format("{}: value {} of \"{}\" is empty", path, parts.size() + 1, text));
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// "1:5" as 1, 2 .. 5. False if the text is no range.
bool add_range(const std::string& text, std::vector<Json>& values) {
  std::int64_t part[3] = {0, 0, 1};
  int parts = 0;
  const char *at = text.data(), *const end = at + text.size();
  for (; parts < 3; ++parts) {
    const auto [next, error] = std::from_chars(at, end, part[parts]);
    if (error != std::errc{}) return false;
    at = next;
    if (at == end) break;
    if (*at++ != ':') return false;
  }
  if (parts < 1 || parts > 2 || at != end) return false;
  const std::int64_t low = part[0], high = part[1], step = part[2];
  if (step < 1)
    throw InputError(kSource, fmt::format("\"{}\": expected LOW:HIGH:STEP with a STEP of at least 1", text));
  if (low > high || static_cast<std::uint64_t>(high - low) / static_cast<std::uint64_t>(step) >= kMostValues)
    throw InputError(kSource, fmt::format("\"{}\": expected LOW:HIGH with LOW <= HIGH and at most {} numbers",
                                          text, kMostValues));
  const std::int64_t more = (high - low) / step;
  for (std::int64_t i = 0; i <= more; ++i) {
    const std::int64_t v = low + i * step;
    values.emplace_back(v < 0 ? Json(v) : Json(static_cast<std::uint64_t>(v)));
  }
  return true;
}

// The task that a value of the axis kTask names, with the options that all share.
Json task_of_axis(const Json& value, const Json& shared_options) {
  Json task = tasks::parse_task(value.get<std::string>());
  const std::string name = task.at("name").get<std::string>();
  if (name == "formal")
    throw InputError(kSource,
                     "task: the words of a language are no task of this axis; expected --axis language=..");
  for (const auto& [option, given] : shared_options.items()) {
    if (task.contains(option))
      throw InputError(kSource, fmt::format("task: {} of {} is given for all tasks too", option, name));
    task[option] = given;
  }
  return tasks::complete_task(task);
}

// The kind's configuration: the language's letters follow the language, unless they are given.
runs::RunConfig configured(const StudyConfig& config,
                           const std::vector<std::pair<std::string, Json>>& values) {
  runs::RunConfig run = config.base;
  for (const auto& [path, value] : values)
    if (path == kTask) run.task = task_of_axis(value, config.task_options);
  const auto sets = [&](const char* path) {
    return std::any_of(values.begin(), values.end(), [&](const auto& v) { return v.first == path; });
  };
  if (sets("task.language") && !sets("task.alphabet") && run.task.contains("alphabet"))
    run.task["alphabet"] = "";
  bool task_changes = false;
  for (const auto& [path, value] : values) {
    if (path == kTask) continue;
    runs::set_path(run, path, value, kSource);
    task_changes = task_changes || path.starts_with("task.");
  }
  if (task_changes) run.task = tasks::complete_task(run.task);
  if (config.positions_by_default && !sets("model.positions") && !arch::has_place_for_positions(run.model))
    run.model.positions = "none";
  return run;
}

void add_kinds(const StudyConfig& config, const std::vector<const Axis*>& axes, std::size_t depth,
               std::vector<std::pair<std::string, Json>>& values, std::vector<Kind>& all) {
  if (base::interrupted()) throw base::Interrupted("planning a study");
  if (depth < axes.size()) {
    for (const Json& value : axes[depth]->values) {
      values.emplace_back(axes[depth]->path, value);
      add_kinds(config, axes, depth + 1, values, all);
      values.pop_back();
    }
    return;
  }
  std::string name, title;
  for (const auto& [path, value] : values) {
    const char* const comma = name.empty() ? "" : ", ";
    name += comma + text_of(value);
    title += comma + titled_value(path, value);
  }
  const arch::ModelOptions& model = config.base.model;
  if (name.empty()) title = name = model.mixer.empty() ? model.attention : model.mixer;
  all.push_back({name, title, values, configured(config, values)});
}

}  // namespace

std::string titled_value(const std::string& path, const Json& value) {
  if (!value.is_number() && !value.is_boolean()) return text_of(value);
  return spaced(path.substr(path.rfind('.') + 1)) + " " + text_of(value);
}

Axis parse_axis(const std::string& text, const runs::RunConfig& base) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw InputError(kSource,
                     fmt::format("\"{}\"; expected PATH=VALUE,VALUE.. such as mixer=attention,gla or "
                                 "training.seed=1:5",
                                 text));
  if (text.substr(0, equals) == kTask) {
    Axis tasks{kTask, {}};
    for (const std::string& part : split(text.substr(equals + 1), kTask)) tasks.values.emplace_back(part);
    return tasks;
  }
  std::vector<std::string> names;
  for (const base::OptionSpec& option : task_options(base)) names.push_back(option.name);
  Axis axis{runs::resolve_path(text.substr(0, equals), runs::paths(names), kSource), {}};
  if (axis.path == "task.name")
    throw InputError(kSource, "task.name cannot vary by itself; expected --axis task=NAME,NAME..");
  const bool of_task = axis.path.starts_with("task.");
  const std::string option = axis.path.substr(axis.path.find('.') + 1);
  const bool whole_number =
      of_task ? base::find_option(option, task_options(base), kSource).fallback.is_number_integer()
              : runs::get_path(base, axis.path).is_number_integer();
  for (const std::string& part : split(text.substr(equals + 1), axis.path)) {
    if (whole_number && add_range(part, axis.values)) continue;
    axis.values.push_back(
        of_task ? base::parse_option(base::find_option(option, task_options(base), kSource), part, kSource)
                : runs::parse_value(axis.path, part, kSource));
  }
  // A value of another type is refused now, with the axis at hand.
  for (const Json& value : axis.values) {
    runs::RunConfig any = base;
    runs::set_path(any, axis.path, value, kSource);
  }
  return axis;
}

std::vector<std::uint64_t> seeds(const StudyConfig& config) {
  for (const Axis& axis : config.axes) {
    if (axis.path != kSeed) continue;
    std::vector<std::uint64_t> all;
    for (const Json& value : axis.values) all.push_back(value.get<std::uint64_t>());
    return all;
  }
  return {config.base.training.seed};
}

namespace {

/// All runs of a grid are kept and looked at one by one.
void check_size(const StudyConfig& config) {
  std::size_t runs = 1;
  for (const Axis& axis : config.axes) {
    if (axis.values.size() > kMostRuns / runs)
      throw InputError("grid", fmt::format("more than {} runs", kMostRuns));
    runs *= std::max<std::size_t>(1, axis.values.size());
  }
}

std::vector<Kind> kinds_of_grid(const StudyConfig& config) {
  check_size(config);
  std::vector<const Axis*> axes;
  for (const Axis& axis : config.axes)
    if (axis.path != kSeed) axes.push_back(&axis);
  std::vector<Kind> all;
  std::vector<std::pair<std::string, Json>> values;
  add_kinds(config, axes, 0, values, all);
  return all;
}

}  // namespace

void settle(StudyConfig& config) {
  if (!config.settled) config.settled = kinds_of_grid(config);
}

std::vector<Kind> kinds(const StudyConfig& config) {
  std::vector<Kind> all = config.settled ? *config.settled : kinds_of_grid(config);
  all.insert(all.end(), config.extra.begin(), config.extra.end());
  return all;
}

Json value_at(const Kind& kind, const std::string& path) {
  if (path != kTask) return runs::get_path(kind.config, path);
  const auto found = std::find_if(kind.values.begin(), kind.values.end(),
                                  [&](const auto& value) { return value.first == path; });
  return found == kind.values.end() ? Json() : found->second;
}

bool matches(const Kind& kind, const std::vector<std::pair<std::string, Json>>& where) {
  return std::all_of(where.begin(), where.end(),
                     [&](const auto& wanted) { return value_at(kind, wanted.first) == wanted.second; });
}

std::optional<Json> shared(const StudyConfig& config, const std::string& path) {
  for (const Axis& axis : config.axes)
    if (axis.path == path) return axis.values.size() == 1 ? std::optional(axis.values.front()) : std::nullopt;
  return runs::get_path(config.base, path);
}

void validate(const StudyConfig& config) {
  std::set<std::string> paths;
  for (const Axis& axis : config.axes) {
    if (axis.values.empty()) throw InputError(axis.path, "no value given, expected at least one");
    if (!paths.insert(axis.path).second) throw InputError(axis.path, "is an axis twice");
  }
  std::set<std::pair<std::string, std::uint64_t>> names;
  const std::uint64_t first_seed = seeds(config).front();
  for (const PlannedRun& run : plan(config, {})) {
    if (base::interrupted()) throw base::Interrupted("planning a study");
    if (!names.emplace(run.kind, run.seed).second)
      throw InputError("grid", fmt::format("{} with seed {} is named twice", run.kind, run.seed));
    if (run.seed == first_seed) runs::validate(run.config);
  }
}

Json to_json(const StudyConfig& config) {
  // What the runs get from the grid does not belong to what they share.
  Json run = runs::to_json(config.base), axes = Json::object();
  // Where no capture is measured its settings are what they always are, and folders of studies before it stay
  // valid.
  if (config.base.training.capture.empty())
    for (const std::string& path : runs::paths({}))
      if (path.starts_with("training.capture")) run["training"].erase(path.substr(path.find('.') + 1));
  for (const Axis& axis : config.axes) {
    if (axis.path == kTask) run["task"] = config.task_options;
  }
  for (const Axis& axis : config.axes) {
    if (axis.path == kTask) {
      axes[axis.path] = axis.values;
      continue;
    }
    const std::size_t dot = axis.path.find('.');
    run[axis.path.substr(0, dot)].erase(axis.path.substr(dot + 1));
    if (axis.path == "task.language") run["task"].erase("alphabet");
    axes[axis.path] = axis.values;
  }
  const expressivity::ClassifyOptions& o = config.classify;
  Json json = {{"run", run},
               {"axes", axes},
               {"classify",
                {{"lookback", o.lookback},
                 {"max_monoid", o.max_monoid},
                 {"max_formula", o.max_formula},
                 {"max_states", o.max_states},
                 {"max_types", o.max_types},
                 {"max_pairs", o.max_pairs},
                 {"formulas", o.formulas},
                 {"witness_depth", o.witness_depth}}}};
  if (!config.init.empty()) json["init"] = config.init;
  if (!config.title.empty()) json["title"] = config.title;
  return json;
}

void claim_folder(const fs::path& folder, const StudyConfig& config) {
  claim(folder, files::kStudy, "study", to_json(config));
}
void check_folder(const fs::path& folder, const StudyConfig& config) {
  check_claim(folder, files::kStudy, "study", to_json(config));
}

std::vector<PlannedRun> plan(const StudyConfig& config, const fs::path& folder) {
  std::vector<PlannedRun> runs;
  const std::vector<Kind> all = kinds(config);
  const std::vector<std::string> names = folder_names(all);
  for (const std::uint64_t seed : seeds(config))
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Kind& kind = all[k];
      PlannedRun run{fmt::format("{}-seed{}", names[k], seed), kind.name, seed, kind.config, {}};
      run.config.training.seed = seed;
      run.folder = folder / files::kRuns / run.name;
      runs.push_back(std::move(run));
    }
  return runs;
}

}  // namespace yore::study
