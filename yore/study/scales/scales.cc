#include "yore/study/scales/scales.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/study/measured_text.h"

namespace yore::study {
namespace {

using namespace report;

using Settings = std::vector<std::pair<std::string, Json>>;

// Every setting by its path. An axis stands under the path that it varies, as a list even of one value.
Settings settings_of(const StudyConfig& study) {
  const Json json = to_json(study);
  Settings all;
  for (const auto& [group, fields] : json.at("run").items())
    for (const auto& [field, value] : fields.items()) all.emplace_back(group + "." + field, value);
  for (const auto& [path, values] : json.at("axes").items()) all.emplace_back(path, values);
  return all;
}

Json find(const Settings& settings, const std::string& path) {
  const auto it =
      std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.first == path; });
  return it == settings.end() ? Json(nullptr) : it->second;
}

std::string value_or_none(const Json& value) {
  return value.is_null() ? "none" : value_text(value);
}

constexpr std::size_t kLongLine = 100;  ///< characters of a line of the terminal that is still read

// The entries of a list, or the one value that there is.
std::vector<std::string> entries_of(const Json& value) {
  std::vector<std::string> entries;
  if (value.is_null()) return entries;
  if (!value.is_array()) return {value_text(value)};
  for (const Json& item : value) entries.push_back(value_text(item));
  return entries;
}

std::string count_text(std::size_t n) {
  return fmt::format("{} value{}", n, n == 1 ? "" : "s");
}

// A long setting for the terminal: how many values each scale has, then those that only some have, one a
// line.
std::vector<std::string> long_lines(const Scales& scales, const ScaleDifference& difference) {
  std::vector<std::vector<std::string>> entries;
  for (const Json& value : difference.values) entries.push_back(entries_of(value));
  std::string others;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (i != scales.chosen)
      others +=
          fmt::format("{}{}: {}", others.empty() ? "" : "; ", scales.names[i], count_text(entries[i].size()));
  std::vector<std::string> lines = {
      fmt::format("  {}: {} ({})", difference.path, count_text(entries[scales.chosen].size()), others)};
  std::vector<std::string> named;
  for (const auto& list : entries)
    for (const std::string& entry : list) {
      const auto has = [&](const std::vector<std::string>& some) {
        return std::find(some.begin(), some.end(), entry) != some.end();
      };
      if (has(named) || std::all_of(entries.begin(), entries.end(), has)) continue;
      named.push_back(entry);
      std::string in;
      for (std::size_t i = 0; i < entries.size(); ++i)
        if (has(entries[i])) in += (in.empty() ? "" : ", ") + scales.names[i];
      lines.push_back(fmt::format("    only {}: {}", in, entry));
    }
  if (named.empty()) lines.emplace_back("    the same values, in another order or number");
  return lines;
}

class ScalesPlugin final : public Plugin {
 public:
  explicit ScalesPlugin(Scales scales) : scales_(std::move(scales)) {}

  void measure(const StudyConfig&, const Execution& execution) override {
    for (const std::string& line : scale_lines(scales_)) execution.say(line);
  }

  std::vector<Section> sections() const override {
    Table t{"The settings in which the scales differ; all others are the same", {{"setting"}}, {}};
    // The scale of this study first.
    std::vector<std::size_t> order = {scales_.chosen};
    for (std::size_t i = 0; i < scales_.names.size(); ++i)
      if (i != scales_.chosen) order.push_back(i);
    std::vector<Html> list;
    for (const std::size_t i : order) {
      t.columns.push_back(
          {i == scales_.chosen ? scales_.names[i] + ", this study" : scales_.names[i], false, true});
      list.push_back(strong(scales_.names[i]) + ": " + scales_.about[i]);
    }
    for (const ScaleDifference& difference : scales_.differences) {
      std::vector<Html> row = {breakable(difference.path)};
      for (const std::size_t i : order) row.push_back(value_cell(difference.values[i]));
      t.rows.push_back(std::move(row));
    }
    return {{"scales", "At which scale", bullets(list) + table(t)}};
  }

  Json numbers() const override {
    Json differences = Json::object();
    for (const ScaleDifference& difference : scales_.differences) {
      Json values = Json::object();
      for (std::size_t i = 0; i < scales_.names.size(); ++i) values[scales_.names[i]] = difference.values[i];
      differences[difference.path] = values;
    }
    return {{"scale", {{"name", scales_.names[scales_.chosen]}, {"differences", differences}}}};
  }

 private:
  Scales scales_;
};

}  // namespace

std::vector<ScaleDifference> scale_differences(const std::vector<StudyConfig>& studies) {
  std::vector<Settings> settings;
  std::vector<std::string> paths;
  for (const StudyConfig& study : studies) {
    settings.push_back(settings_of(study));
    for (const auto& [path, value] : settings.back())
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  std::vector<ScaleDifference> differences;
  for (const std::string& path : paths) {
    ScaleDifference difference{path, {}};
    for (const Settings& one : settings) difference.values.push_back(find(one, path));
    if (std::any_of(difference.values.begin(), difference.values.end(),
                    [&](const Json& value) { return value != difference.values.front(); }))
      differences.push_back(std::move(difference));
  }
  return differences;
}

std::vector<std::string> scale_lines(const Scales& scales) {
  std::vector<std::string> lines = {
      fmt::format("scale {}: {}", scales.names[scales.chosen], scales.about[scales.chosen])};
  for (const ScaleDifference& difference : scales.differences) {
    std::string others;
    for (std::size_t i = 0; i < scales.names.size(); ++i)
      if (i != scales.chosen)
        others += fmt::format("{}{}: {}", others.empty() ? "" : "; ", scales.names[i],
                              value_or_none(difference.values[i]));
    const std::string line = fmt::format("  {}: {} ({})", difference.path,
                                         value_or_none(difference.values[scales.chosen]), others);
    const std::vector<std::string> more =
        line.size() <= kLongLine ? std::vector{line} : long_lines(scales, difference);
    lines.insert(lines.end(), more.begin(), more.end());
  }
  return lines;
}

std::unique_ptr<Plugin> scales_plugin(const StudyConfig& config) {
  return config.scales ? std::make_unique<ScalesPlugin>(*config.scales) : nullptr;
}

}  // namespace yore::study
