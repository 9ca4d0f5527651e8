// The plug-ins there are; one line each.
#include "yore/study/published/plugin.h"
#include "yore/study/theory/plugin.h"

namespace yore::study {

std::vector<std::unique_ptr<Plugin>> plugins_for(const StudyConfig& config) {
  std::vector<std::unique_ptr<Plugin>> all;
  for (const auto make : {
           theory_plugin,
           published_plugin,
       })
    if (std::unique_ptr<Plugin> plugin = make(config)) all.push_back(std::move(plugin));
  return all;
}

}  // namespace yore::study
