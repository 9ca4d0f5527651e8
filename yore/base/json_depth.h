// How deep JSON from outside may be nested.
#pragma once
#include <string>

#include "yore/base/files.h"

namespace yore::base {

/// For callbacks of Json::parse: throws InputError(`source`) at the beginning of a list or object that stands
/// within too many others. What is deeper ends the program where it is printed or compared, by recursion.
void refuse_deep_json(int depth, Json::parse_event_t event, const std::string& source);

}  // namespace yore::base
