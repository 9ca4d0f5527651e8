#include "yore/mixers/common/layer_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/base/text.h"

namespace yore::mixers {
namespace {

// Whether the heads divide so many numbers into multiples of `unit`.
bool heads_divide(double all, std::int64_t heads, int unit) {
  const double each = all / static_cast<double>(heads) / unit;
  return each > 0.5 && std::abs(each - std::round(each)) < 1e-9;
}

}  // namespace

std::string uneven_heads(std::int64_t width, const std::string& name, double share, std::int64_t heads,
                         int unit) {
  constexpr std::int64_t kWidest = 1 << 16;
  constexpr std::size_t kShown = 8;
  const double all = share * static_cast<double>(width);
  std::string text =
      fmt::format("width {}: {}{} do{} not divide{}; expected ", width,
                  name.empty() ? "" : fmt::format("{} = {:g} of it are {:g}, which ", name, share, all),
                  base::counted(heads, "head"), heads == 1 ? "es" : "",
                  unit == 1 ? "" : fmt::format(" into multiples of {}", unit));
  std::vector<std::string> remedies;
  for (std::int64_t w = 1; w <= kWidest; ++w)
    if (heads_divide(share * static_cast<double>(w), heads, unit)) {
      remedies.push_back(fmt::format("a width that is a multiple of {}", w));
      break;
    }
  std::vector<std::int64_t> fitting;
  for (std::int64_t h = 1; h <= 4096 && static_cast<double>(h) <= all && fitting.size() < kShown; ++h)
    if (heads_divide(all, h, unit)) fitting.push_back(h);
  if (!fitting.empty()) remedies.push_back(fmt::format("heads={}", fmt::join(fitting, " or ")));
  if (remedies.empty()) remedies.push_back("another " + name);
  return text + fmt::format("{}", fmt::join(remedies, ", or "));
}

LayerOptions::LayerOptions(const std::string& mechanism, const base::Json& given,
                           const std::vector<base::OptionSpec>& specs)
    : source_("mixer " + mechanism), given_(given) {
  json = base::complete_options(given, specs, source_);
}

void LayerOptions::require(bool fine, const std::string& option, const std::string& expected) const {
  if (!fine)
    throw base::InputError(source_, fmt::format("{}: expected {}, found {}{}", option, expected,
                                                json[option].dump(), given(option) ? "" : ", the default"));
}

void LayerOptions::refuse(const std::string& reason) const {
  throw base::InputError(source_, reason);
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

double LayerOptions::scale(const std::string& zero) {
  return number("scale", "more than 0 and at most 1e30, or 0 for " + zero,
                [](double x) { return x >= 0 && x <= 1e30; });
}

void LayerOptions::key_scale(std::int64_t width) {
  if (scale("1 / sqrt(key width)") == 0) json["scale"] = 1 / std::sqrt(static_cast<double>(width));
}

std::string LayerOptions::word(const std::string& option, const std::vector<std::string>& words) {
  auto found = json[option].get<std::string>();
  require(std::find(words.begin(), words.end(), found) != words.end(), option,
          fmt::format("one of {}{}", fmt::join(words, ", "), base::did_you_mean(found, words)));
  return found;
}

void LayerOptions::leave_out(const base::Json& defaults) {
  for (const auto& [name, value] : defaults.items())
    if (json.at(name) == value) json.erase(name);
}

std::int64_t LayerOptions::head_width(std::int64_t width, const std::string& heads, const std::string& share,
                                      int unit) {
  const auto count = json[heads].get<std::int64_t>();
  const double part = number(share, "more than 0 and at most 64", [](double x) { return x > 0 && x <= 64; });
  const double all = part * static_cast<double>(width);
  if (!heads_divide(all, count, unit)) refuse(uneven_heads(width, share, part, count, unit));
  return std::llround(all / static_cast<double>(count));
}

}  // namespace yore::mixers
