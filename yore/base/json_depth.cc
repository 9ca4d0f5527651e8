#include "yore/base/json_depth.h"

#include <fmt/format.h>

#include "yore/base/error.h"

namespace yore::base {

void refuse_deep_json(int depth, Json::parse_event_t event, const std::string& source) {
  constexpr int kMostLevels = 256;  // far more than any file of ours has, and far fewer than the stack holds
  const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
  if (opens && depth >= kMostLevels)
    throw InputError(source,
                     fmt::format("has more than {} JSON lists and objects within one another", kMostLevels));
}

}  // namespace yore::base
