#include "yore/study/study_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "yore/study/curves.h"
#include "yore/study/executor.h"
#include "yore/study/measured_text.h"
#include "yore/study/numbers.h"

namespace yore::study {
namespace {

using namespace report;

Section repetition(const StudyData& data, const std::vector<Plugin::File>& beside) {
  Html body = paragraph(
                  "This command does it again; finished runs in its folder are kept, unfinished ones go on "
                  "where they stopped, on any "
                  "machine. Training data, weights and order are drawn from the seeds alone.") +
              preformatted(data.command);
  body +=
      paragraph(fmt::format("Trained on: {}. Report of {}. Other processors may round otherwise and so train "
                            "other weights from the same seeds.",
                            data.machine, data.date));
  body += paragraph("Every number of this study, also beside this file:");
  Html links;
  for (const Plugin::File& file : beside) links += offer(file.name, file.type, file.content);
  body += paragraph(links + offer(files::kStudy, "application/json", to_json(data.config).dump(2)));
  return {"repeat", "Repeat it, take the numbers", body};
}

// Loss and validation against steps, where runs were looked at more than once.
Html training_curves(const StudyData& data) {
  const std::vector<Picture> loss =
      pictures(data.config, [&](const StudyConfig& some) { return loss_by_step(some, data.records); });
  const std::vector<Picture> validation =
      pictures(data.config, [&](const StudyConfig& some) { return validation_by_step(some, data.records); });
  const auto any = [](const std::vector<Picture>& list, bool (*has)(const Plot&)) {
    return std::any_of(list.begin(), list.end(), [&](const Picture& picture) { return has(picture.plot); });
  };
  if (any(loss, report::has_points) && !any(loss, has_curve) && !any(validation, has_curve))
    return paragraph(
        "Each run was looked at once, at its end, since evaluate_every is not smaller than its steps: there "
        "is "
        "no curve to draw. The table has what was found.");
  return plot_figures(
             loss, "loss",
             "Training loss (logarithmic), mean over seeds and band from the lowest to the highest.") +
         plot_figures(validation, "validation", "The validation set during training.");
}

}  // namespace

std::string title_of(const StudyConfig& config) {
  if (!config.title.empty()) return config.title;
  for (const Axis& axis : config.axes)
    if (axis.path == kTask) return fmt::format("{} tasks", axis.values.size());
  const Json& task = config.base.task;
  std::string name = task.at("name").get<std::string>();
  for (const char* main : {"language", "file"})
    if (const auto value = shared(config, std::string("task.") + main); task.contains(main) && value)
      return value->get<std::string>();
  return name;
}

std::vector<Plugin::File> study_files(const StudyData& data,
                                      const std::vector<std::unique_ptr<Plugin>>& plugins) {
  std::vector<Plugin::File> list = {
      {files::kNumbersCsv, "text/csv", numbers_csv(data.records)},
      {files::kNumbersJson, "application/json", numbers_json(data, plugins).dump(1) + "\n"}};
  for (const auto& plugin : plugins)
    for (Plugin::File& file : plugin->files()) list.push_back(std::move(file));
  return list;
}

std::string study_report(const StudyData& data, const std::vector<std::unique_ptr<Plugin>>& plugins,
                         const std::vector<Plugin::File>& beside) {
  Page page;
  page.title = fmt::format("{}: a study", title_of(data.config));
  page.heading = Html(title_of(data.config));
  Html lead;
  for (const auto& plugin : plugins) {
    if (const Html heading = plugin->heading(); !heading.empty() && data.config.title.empty())
      page.heading = heading;
    if (const Html more = plugin->lead(); !more.empty()) lead += (lead.empty() ? Html() : Html(" ")) + more;
  }
  page.lead =
      (lead.empty() ? Html() : element("p", lead, {{"class", "lead"}})) + missing_notice(data.records);
  for (const std::string& note : data.config.notes) page.lead += element("p", note, {{"class", "notice"}});
  for (const auto& plugin : plugins)
    for (Section& section : plugin->first_sections()) page.sections.push_back(std::move(section));
  page.sections.push_back({"measured", "What was measured", comparison(data.kinds, plugins)});
  for (const auto& plugin : plugins)
    for (Section& section : plugin->sections()) page.sections.push_back(std::move(section));
  page.sections.push_back(
      {"training", "Training", training_curves(data) + element("h3", "Runs") + runs_table(data.records)});
  page.sections.push_back({"setup", "Set-up", configuration(data.config)});
  page.sections.push_back(repetition(data, beside));
  page.footer = paragraph(
      "Made by yore. What is said of models was measured in the runs listed above, or comes from theory "
      "and says so, with its theorem or its proof.");
  return to_html(page);
}

std::string describe_machine() {
  std::ifstream info("/proc/cpuinfo");
  std::string line, model = "unknown processor";
  while (std::getline(info, line))
    if (line.starts_with("model name")) {
      if (const auto colon = line.find(": "); colon != std::string::npos) model = line.substr(colon + 2);
      break;
    }
  const int cores = usable_cores();
  return fmt::format("{}, {} core{}", model, cores, cores == 1 ? "" : "s");
}

}  // namespace yore::study
