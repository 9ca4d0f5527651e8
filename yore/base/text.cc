#include "yore/base/text.h"

namespace yore::base {

std::string shortened(std::string text, std::size_t longest) {
  const std::string mark = " ...";
  if (text.size() <= longest) return text;
  std::size_t kept = longest - mark.size();
  while (kept > 0 && continues(text[kept])) --kept;
  return text.substr(0, kept) + mark;
}

std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace yore::base
