#include "yore/mixers/common/rotary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "yore/base/error.h"
#include "yore/base/near_names.h"

namespace yore::mixers {
namespace {

using Kind = RotaryScaling::Kind;

/// A comma-separated list of numbers, perhaps in brackets, beginning at `at` of the text.
std::vector<double> numbers_of(const std::string& text, std::size_t at, const auto& fail) {
  std::size_t end = text.size();
  if (at < end && text[at] == '[') {
    if (text.back() != ']') fail("expected ] at the end", end);
    ++at, --end;
  }
  std::vector<double> numbers;
  for (;;) {
    double x = 0;
    const auto [rest, error] = std::from_chars(text.data() + at, text.data() + end, x);
    if (error != std::errc{} || !std::isfinite(x)) fail("expected a number", at);
    numbers.push_back(x);
    at = static_cast<std::size_t>(rest - text.data());
    if (at == end) return numbers;
    if (text[at] != ',') fail("expected a comma or the end", at);
    ++at;
  }
}

}  // namespace

RotaryScaling parse_rotary_scaling(const std::string& text, const std::string& source) {
  const auto fail = [&](const std::string& message, std::size_t place) {
    throw base::InputError(source, "rotary_scaling: " + message, text, place);
  };
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  if (kind == "none" && colon == std::string::npos) return {};
  const struct {
    const char* name;
    Kind kind;
    std::vector<std::size_t> counts;
    const char* form;
  } kinds[] = {{"linear", Kind::Linear, {1}, "linear:FACTOR"},
               {"llama3", Kind::Llama3, {4}, "llama3:FACTOR,LOW,HIGH,ORIGINAL"},
               {"yarn", Kind::Yarn, {2, 4}, "yarn:FACTOR,ORIGINAL,FAST,SLOW"}};
  const auto* known =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& k) { return k.name == kind; });
  if (known == std::end(kinds))
    fail("expected none, linear:FACTOR, llama3:FACTOR,LOW,HIGH,ORIGINAL or yarn:FACTOR,ORIGINAL,FAST,SLOW" +
             base::did_you_mean(kind, {"none", "linear", "llama3", "yarn"}),
         0);
  const std::string form = fmt::format("expected {}", known->form);
  if (colon == std::string::npos) fail(form, text.size());
  const std::vector<double> x = numbers_of(text, colon + 1, fail);
  if (std::find(known->counts.begin(), known->counts.end(), x.size()) == known->counts.end())
    fail(fmt::format("{}, found {} numbers", form, x.size()), colon + 1);
  RotaryScaling scaling{known->kind, x[0]};
  if (scaling.kind == Kind::Llama3) scaling.low = x[1], scaling.high = x[2], scaling.original = x[3];
  if (scaling.kind == Kind::Yarn) {
    scaling.original = x[1];
    scaling.high = x.size() == 4 ? x[2] : 32;
    scaling.low = x.size() == 4 ? x[3] : 1;
  }
  if (!(scaling.factor >= 1)) fail("expected a factor of at least 1", colon + 1);
  if (scaling.kind == Kind::Linear) return scaling;
  if (!(scaling.original >= 1)) fail(form + " with ORIGINAL a number of tokens", colon + 1);
  if (!(scaling.low > 0 && scaling.low < scaling.high))
    fail(fmt::format("{} with {}", form, scaling.kind == Kind::Yarn ? "0 < SLOW < FAST" : "0 < LOW < HIGH"),
         colon + 1);
  return scaling;
}

std::string rotary_scaling_text(const RotaryScaling& s) {
  switch (s.kind) {
    case Kind::Linear:
      return fmt::format("linear:{}", s.factor);
    case Kind::Llama3:
      return fmt::format("llama3:{},{},{},{}", s.factor, s.low, s.high, s.original);
    case Kind::Yarn:
      return fmt::format("yarn:{},{},{},{}", s.factor, s.original, s.high, s.low);
    default:
      return "none";
  }
}

std::vector<double> rotary_frequency_factors(const Rotary& rotary) {
  const RotaryScaling& s = rotary.scaling;
  const auto dims = static_cast<double>(rotary.dims);
  /// The (fractional) number of the pair that turns `turns` times within the original length.
  const auto pair_of = [&](double turns) {
    return dims * std::log(s.original / (turns * 2 * std::numbers::pi)) / (2 * std::log(rotary.base));
  };
  std::vector<double> factors;
  for (std::int64_t c = 0; c < rotary.dims / 2; ++c) {
    double kept = s.kind == Kind::None ? 1 : 0;  // share of the frequency that is not divided
    if (s.kind == Kind::Llama3) {
      const double turns =
          s.original * std::pow(rotary.base, -2.0 * static_cast<double>(c) / dims) / (2 * std::numbers::pi);
      kept = std::clamp((turns - s.low) / (s.high - s.low), 0.0, 1.0);
    } else if (s.kind == Kind::Yarn) {
      const double first = std::max(0.0, std::floor(pair_of(s.high)));
      double last = std::min(dims - 1, std::ceil(pair_of(s.low)));
      if (last == first) last += 0.001;  // as published: a step rather than a division by zero
      kept = 1 - std::clamp((static_cast<double>(c) - first) / (last - first), 0.0, 1.0);
    }
    factors.push_back(kept + (1 - kept) / s.factor);
  }
  return factors;
}

double rotary_length_factor(const Rotary& rotary) {
  return rotary.scaling.kind == Kind::Yarn ? 0.1 * std::log(rotary.scaling.factor) + 1 : 1.0;
}

}  // namespace yore::mixers
