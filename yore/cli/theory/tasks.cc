// yore tasks: what a model can learn, and the options of each task.
#include <fmt/format.h>

#include "yore/cli/command.h"
#include "yore/cli/option_values.h"
#include "yore/tasks/task.h"

namespace yore::cli {
namespace {

const char* objective(const tasks::TaskInfo& info) {
  return info.objective == tasks::Objective::Accept      ? "accept at the end"
         : info.objective == tasks::Objective::NextToken ? "next token"
                                                         : "tag per token";
}

base::Json as_json(const tasks::TaskInfo& info) {
  base::Json options = base::Json::array();
  for (const base::OptionSpec& option : info.options)
    options.push_back({{"name", option.name}, {"default", option.fallback}, {"help", option.help}});
  base::Json sizes = nullptr;
  if (info.sizes.at != nullptr)
    sizes = {{"procedure", info.sizes.procedure}, {"costlier", info.sizes.costlier}};
  return {{"name", info.name},     {"summary", info.summary}, {"objective", objective(info)},
          {"source", info.source}, {"options", options},      {"defaults", info.defaults},
          {"sizes", sizes}};
}

void print(const tasks::TaskInfo& info) {
  fmt::print("{}\n  {}\n  objective  {}\n  source     {}\n", info.name, info.summary, objective(info),
             info.source);
  if (info.sizes.at != nullptr)
    fmt::print("  sizes      T, for --capture; the cheapest known procedure {}{}\n", info.sizes.procedure,
               info.sizes.costlier ? " (costlier than others here)" : "");
  fmt::print("  options (yore train --task {}:OPTION=VALUE,.. or --OPTION VALUE):\n", info.name);
  for (const base::OptionSpec& option : info.options)
    fmt::print("    {:<23} {}{}\n", option.name, option.help,
               option.fallback.is_null() || option.fallback == ""
                   ? ""
                   : fmt::format("; default {}", option.fallback.dump()));
  if (!info.defaults.empty()) {
    fmt::print("  unless you say otherwise, a run of it has\n");
    for (const auto& [path, value] : info.defaults.items()) fmt::print("    {:<23} {}\n", path, value.dump());
  }
}

class Tasks : public Command {
 public:
  void declare(CLI::App& app) override {
    set_words(*app.add_option("TASK", name_, "Show this one with its options"), tasks::task_infos(),
              &tasks::TaskInfo::name);
    app.add_flag("--json", json_, "Print JSON: one object, or a list of all");
  }
  int run() override {
    if (!name_.empty()) {
      const tasks::TaskInfo& info = tasks::find_task(name_);
      if (json_)
        fmt::print("{}\n", as_json(info).dump());
      else
        print(info);
      return kOk;
    }
    base::Json all = base::Json::array();
    for (const tasks::TaskInfo& info : tasks::task_infos()) {
      all.push_back(as_json(info));
      if (!json_) fmt::print("{:<18}{:<20}{}\n", info.name, objective(info), info.summary);
    }
    if (json_) fmt::print("{}\n", all.dump());
    return kOk;
  }

 private:
  std::string name_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_tasks() {
  return std::make_unique<Tasks>();
}

}  // namespace yore::cli
