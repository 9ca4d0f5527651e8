#include "yore/mixers/common/layer_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/base/near_names.h"

namespace yore::mixers {

LayerOptions::LayerOptions(const std::string& mechanism, const base::Json& given,
                           const std::vector<base::OptionSpec>& specs)
    : source_("mixer " + mechanism) {
  json = base::complete_options(given, specs, source_);
}

void LayerOptions::require(bool fine, const std::string& option, const std::string& expected) const {
  if (!fine)
    throw base::InputError(source_,
                           fmt::format("{}: expected {}, found {}", option, expected, json[option].dump()));
}

std::int64_t LayerOptions::whole(const std::string& option, std::int64_t low, std::int64_t high) {
  const auto x = json[option].get<std::int64_t>();
  require(x >= low && x <= high, option, fmt::format("{} to {}", low, high));
  return x;
}

double LayerOptions::number(const std::string& option, const std::string& expected,
                            const std::function<bool(double)>& fine) {
  const auto x = json[option].get<double>();
  require(std::isfinite(x) && fine(x), option, expected);
  json[option] = x;
  return x;
}

std::string LayerOptions::word(const std::string& option, const std::vector<std::string>& words) {
  const auto found = json[option].get<std::string>();
  require(std::find(words.begin(), words.end(), found) != words.end(), option,
          fmt::format("one of {}{}", fmt::join(words, ", "), base::did_you_mean(found, words)));
  return found;
}

std::int64_t LayerOptions::head_width(std::int64_t width, const std::string& heads,
                                      const std::string& share) {
  const auto count = json[heads].get<std::int64_t>();
  const double all = number(share, "more than 0 and at most 64", [](double x) { return x > 0 && x <= 64; }) *
                     static_cast<double>(width);
  const double each = all / static_cast<double>(count);
  require(each >= 1 && std::abs(each - std::round(each)) < 1e-9, share,
          fmt::format("a share of the width {} that {} heads divide", width, count));
  return std::llround(each);
}

}  // namespace yore::mixers
