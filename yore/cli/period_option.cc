#include "yore/cli/period_option.h"

#include <fmt/format.h>

#include <charconv>

#include "yore/base/error.h"
#include "yore/expressivity/verdict.h"

namespace yore::cli {

int read_period(const std::string& text) {
  if (text == "any") return expressivity::kAnyPeriod;
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (stopped != end || error == std::errc::invalid_argument)
    throw base::InputError("--period", fmt::format("expected a whole number from 1 to {}, or any; got \"{}\"",
                                                   logic::kMaxPeriod, text));
  const bool large = error == std::errc::result_out_of_range ? text[0] != '-' : value > logic::kMaxPeriod;
  if (large || value < 1)
    throw base::InputError(
        "--period", fmt::format("expected a whole number from 1 to {}, or any; got {}, the nearest is {}",
                                logic::kMaxPeriod, text, large ? logic::kMaxPeriod : 1));
  return value;
}

}  // namespace yore::cli
