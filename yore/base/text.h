// Text as messages show it.
#pragma once
#include <cstddef>
#include <string>

namespace yore::base {

/// The text itself, or, if it is longer than `longest` bytes, its beginning and " ...", together no longer.
/// No UTF-8 character is cut in two. `longest` is at least 4.
std::string shortened(std::string text, std::size_t longest);

}  // namespace yore::base
