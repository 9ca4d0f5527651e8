#include "yore/cli/action_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "yore/base/error.h"

namespace yore::cli {

CLI::Option* ActionOptions::add(CLI::Option* option, std::vector<std::string> actions) {
  all_.emplace_back(option, std::move(actions));
  return option;
}

void ActionOptions::check(const std::string& action) const {
  for (const auto& [option, actions] : all_)
    if (option->count() > 0 && std::find(actions.begin(), actions.end(), action) == actions.end())
      throw base::InputError(
          "--" + option->get_lnames().front(),
          fmt::format("does not go with {}, but with {}", action, fmt::join(actions, " and ")));
}

bool ActionOptions::given(const std::string& name) const {
  return std::any_of(all_.begin(), all_.end(),
                     [&](const auto& one) { return one.first->count() > 0 && one.first->check_name(name); });
}

}  // namespace yore::cli
