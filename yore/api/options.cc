#include "yore/api/options.h"

#include <fmt/format.h>

#include <array>

#include "yore/base/near_names.h"

namespace yore::api {
namespace {

/// At least 1, for what the command line takes as a positive number.
template <class T>
void require_positive(const char* name, T value) {
  if (value < 1) throw base::InputError(fmt::format("options.{}", name), "expected at least 1, got 0");
}

/// A number, or "any".
void read_period(Keys& keys, int& period) {
  if (keys.is("period", "any")) {
    period = expressivity::kAnyPeriod;
    return;
  }
  keys.read("period", period);
  if (period < 1 || period > logic::kMaxPeriod)
    throw base::InputError("options.period",
                           fmt::format("expected 1 to {}, or \"any\", got {}", logic::kMaxPeriod, period));
}

template <class Choice, std::size_t n>
Choice choice(const std::string& text, const char* option, const std::array<Choice, n>& all) {
  for (const Choice c : all)
    if (text == compiler::name(c)) return c;
  throw base::InputError(option, fmt::format("expected {} or {}, got \"{}\"", compiler::name(all[0]),
                                             compiler::name(all[1]), text));
}

}  // namespace

Keys::Keys(const Json& object, std::string source) : object_(object), source_(std::move(source)) {
  if (!object.is_object()) throw base::InputError(source_, "expected an object, got " + object.dump());
}

void Keys::finish() const {
  for (const auto& [name, value] : object_.items())
    if (std::find(known_.begin(), known_.end(), name) == known_.end())
      throw base::InputError(place(name), "is not known" + base::did_you_mean(name, known_));
}

void Keys::require(const char* name) const {
  if (!object_.contains(name)) throw base::InputError(place(name), "is missing");
}

void Keys::refuse(const char* name, const Json& value) const {
  throw base::InputError(place(name), "expected another kind of value, got " + value.dump());
}

expressivity::ClassifyOptions classify_options(const Json& given) {
  expressivity::ClassifyOptions options;
  Keys keys(given, "options");
  keys.read("lookback", options.lookback);
  read_period(keys, options.period);
  keys.read("formulas", options.formulas);
  keys.read("witness_depth", options.witness_depth);
  keys.read("max_monoid", options.max_monoid);
  keys.read("max_pairs", options.max_pairs);
  keys.read("max_formula", options.max_formula);
  keys.read("max_types", options.max_types);
  keys.read("max_states", options.max_states);
  keys.finish();
  require_positive("lookback", options.lookback);
  if (options.witness_depth > 8)
    throw base::InputError("options.witness_depth",
                           fmt::format("expected 0 to 8, got {}", options.witness_depth));
  return options;
}

CompileQuestion compile_options(const Json& given) {
  CompileQuestion question;
  compiler::CompileOptions& options = question.compile;
  std::string encoding = compiler::name(options.encoding), once = compiler::name(options.once);
  Keys keys(given, "options");
  keys.read("mixer", options.mixer);
  keys.read("encoding", encoding);
  keys.read("once", once);
  keys.read("length", options.length);
  read_period(keys, question.classify.period);
  keys.read("max_parameters", options.max_parameters);
  keys.read("max_formula", question.classify.max_formula);
  keys.read("max_states", question.classify.max_states);
  keys.finish();
  using compiler::Encoding, compiler::Once;
  options.encoding = choice(encoding, "options.encoding", std::array{Encoding::ZeroOne, Encoding::PlusMinus});
  options.once = choice(once, "options.once", std::array{Once::Sharp, Once::Uniform});
  require_positive("length", options.length);
  compiler::check_target(options.mixer);
  if (compiler::find_target(options.mixer) != nullptr)
    for (const char* name : {"once", "length"})
      if (given.contains(name))
        throw base::InputError(
            fmt::format("options.{}", name),
            fmt::format("has no use with mixer {}, whose numbers are exact at every length", options.mixer));
  return question;
}

}  // namespace yore::api
