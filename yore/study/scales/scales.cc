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
      std::vector<Html> row = {difference.path};
      for (const std::size_t i : order) row.emplace_back(value_or_none(difference.values[i]));
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
    lines.push_back(fmt::format("  {}: {} ({})", difference.path,
                                value_or_none(difference.values[scales.chosen]), others));
  }
  return lines;
}

std::unique_ptr<Plugin> scales_plugin(const StudyConfig& config) {
  return config.scales ? std::make_unique<ScalesPlugin>(*config.scales) : nullptr;
}

}  // namespace yore::study
