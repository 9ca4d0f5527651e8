#include "yore/cli/option_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "yore/base/near_names.h"

namespace yore::cli {
namespace {

/// More values than a command line has; the library takes lists of such a length apart in no other way.
constexpr int kMostValues = 1 << 20;

// The part of the library's type name that is the type: "UINT" of "UINT:POSITIVE".
std::string type_of(const CLI::Option& option) {
  const std::string name = option.get_type_name();
  return name.substr(0, name.find_first_of(": "));
}

bool says(const CLI::Option& option, const char* validator) {
  return (option.get_type_name() + ":").find(fmt::format(":{}:", validator)) != std::string::npos;
}

// What set_range(), set_unit() and set_words() say of an option stands in the name of a check that checks
// nothing.
constexpr std::string_view kRange = "range ", kUnit = "unit ", kWords = "words ";

std::string noted(CLI::Option& option, std::string_view kind) {
  try {
    for (int i = 0;; ++i)
      if (const std::string& name = option.get_validator(i)->get_name(); name.starts_with(kind))
        return name.substr(kind.size());
  } catch (const CLI::OptionNotFound&) {  // past the last one
    return "";
  }
}

void note(CLI::Option& option, std::string_view kind, const std::string& text) {
  option.check(CLI::Validator([](std::string&) { return std::string(); }, "", std::string(kind) + text));
}

/// Bounds of a whole number; none = those of its type, which only the library knows.
struct Bounds {
  std::optional<std::int64_t> low, high;
};

// Of "1 - 8", as the library describes a range, or "1 8".
Bounds read_bounds(const std::string& text) {
  Bounds bounds;
  const char* const end = text.data() + text.size();
  std::int64_t value = 0;
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) return bounds;
  bounds.low = value;
  const std::size_t second = text.find_first_not_of(" -", static_cast<std::size_t>(at - text.data()));
  if (second != std::string::npos && std::from_chars(text.data() + second, end, value).ec == std::errc())
    bounds.high = value;
  return bounds;
}

Bounds bounds_of(CLI::Option& option) {
  if (const std::string range = noted(option, kRange); !range.empty()) return read_bounds(range);
  constexpr std::string_view kIn = " in [";
  const std::string type = option.get_type_name();
  if (const auto in = type.find(kIn); in != std::string::npos)
    return read_bounds(type.substr(in + kIn.size()));
  if (says(option, "POSITIVE")) return {1, std::nullopt};
  if (says(option, "NONNEGATIVE")) return {0, std::nullopt};
  return {};
}

std::string shown(const Bounds& bounds) {
  if (bounds.low && bounds.high)
    return fmt::format("a whole number from {} to {}", *bounds.low, *bounds.high);
  if (bounds.low) return fmt::format("a whole number of at least {}", *bounds.low);
  return "a whole number";
}

std::string whole_number(std::string& text, const Bounds& bounds) {
  using Limits = std::numeric_limits<std::int64_t>;
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && at == end && value >= bounds.low.value_or(Limits::min()) &&
      value <= bounds.high.value_or(Limits::max())) {
    text = std::to_string(value);
    return "";
  }
  // A number that is too long for any type has the type's range said.
  const bool too_long = error == std::errc::result_out_of_range && at == end;
  const Bounds all = {bounds.low.value_or(Limits::min()), bounds.high.value_or(Limits::max())};
  return fmt::format("expected {}, found \"{}\"", shown(too_long ? all : bounds), text);
}

std::string natural_number(std::string& text, std::uint64_t lowest) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && at == end && value >= lowest) {
    text = std::to_string(value);
    return "";
  }
  return fmt::format("expected a whole number from {} to {}, found \"{}\"", lowest,
                     std::numeric_limits<std::uint64_t>::max(), text);
}

std::string real_number(std::string& text, bool positive, bool non_negative, const std::string& unit) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  const bool number = error == std::errc() && at == end && std::isfinite(value);
  if (number && (!positive || value > 0) && (!non_negative || value >= 0)) return "";
  return fmt::format("expected a number{}{}, found \"{}\"", unit.empty() ? "" : " of " + unit,
                     positive       ? " above 0"
                     : non_negative ? " that is not negative"
                                    : "",
                     text);
}

std::string boolean(std::string& text) {
  if (text == "true" || text == "false") return "";
  return fmt::format("expected true or false, found \"{}\"", text);
}

// Before all other checks of the option.
template <class Check>
void check_first(CLI::Option& option, Check check) {
  option.transform(CLI::Validator(std::function<std::string(std::string&)>(check), ""));
}

}  // namespace

ValueKind value_kind(const CLI::Option& option) {
  if (option.get_expected_min() == 0) return ValueKind::Flag;
  const std::string type = type_of(option);
  return type == "INT"       ? ValueKind::Integer
         : type == "UINT"    ? ValueKind::Unsigned
         : type == "FLOAT"   ? ValueKind::Real
         : type == "BOOLEAN" ? ValueKind::Boolean
                             : ValueKind::Text;
}

std::string option_name(std::string field) {
  std::ranges::replace(field, '_', '-');
  return "--" + field;
}

bool takes_list(const CLI::Option& option) {
  return option.get_items_expected_max() > 1;
}

void set_range(CLI::Option& option, std::int64_t low, std::int64_t high) {
  note(option, kRange, fmt::format("{} {}", low, high));
}

CLI::Validator one_of(const std::vector<std::string>& names) {
  const auto check = [names](std::string& text) {
    if (std::ranges::find(names, text) != names.end()) return std::string();
    return fmt::format("expected {}{}, found \"{}\"{}", names.size() > 1 ? "one of " : "",
                       fmt::join(names, ", "), text, base::did_you_mean(text, names));
  };
  // The description stands in the help, where the shell's completion finds the names.
  return CLI::Validator(check, fmt::format("{{{}}}", fmt::join(names, ",")));
}

CLI::Validator a_path() {
  return CLI::Validator(
      [](std::string& text) {
        return text.empty() ? std::string("is empty, expected the name of a file or folder") : std::string();
      },
      "");
}

CLI::Validator a_text() {
  return CLI::Validator(
      [](std::string& text) { return text.empty() ? std::string("is empty") : std::string(); }, "");
}

void set_unit(CLI::Option& option, const std::string& unit) {
  note(option, kUnit, unit);
}

void set_words(CLI::Option& option, const std::vector<std::string>& words) {
  note(option, kWords, fmt::format("{}", fmt::join(words, " ")));
}

std::string words_of(CLI::Option& option) {
  return noted(option, kWords);
}

void check_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (takes_list(*option) && !option->get_positional())
      option->allow_extra_args(false)->expected(1, kMostValues);
    const bool positive = says(*option, "POSITIVE"), non_negative = says(*option, "NONNEGATIVE");
    switch (value_kind(*option)) {
      case ValueKind::Integer:
        check_first(*option,
                    [bounds = bounds_of(*option)](std::string& text) { return whole_number(text, bounds); });
        break;
      case ValueKind::Unsigned:
        check_first(*option, [=](std::string& text) { return natural_number(text, positive ? 1 : 0); });
        break;
      case ValueKind::Real:
        check_first(*option, [=, unit = noted(*option, kUnit)](std::string& text) {
          return real_number(text, positive, non_negative, unit);
        });
        break;
      case ValueKind::Boolean:
        check_first(*option, boolean);
        break;
      case ValueKind::Flag:
      case ValueKind::Text:
        break;
    }
  }
}

std::string explain(const CLI::ParseError& error) {
  std::string text = error.what();
  constexpr std::string_view kConversion = "Could not convert: ";
  if (!text.starts_with(kConversion)) return text;
  // Whole numbers were checked before: what is left is one that fits 64 bits and not the option's 32, or a
  // flag with a value.
  const auto equals = text.find(" = ");
  const std::string option = text.substr(kConversion.size(), equals - kConversion.size());
  const std::string value = text.substr(std::min(text.size(), equals + 3));
  if (value.find_first_not_of("-0123456789") == std::string::npos)
    return fmt::format("{}: expected a whole number of at most {}, found \"{}\"", option,
                       std::numeric_limits<int>::max(), value);
  return fmt::format("{}: takes no value such as \"{}\"", option, value);
}

std::vector<std::string> with_empty_values(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  bool options = true;
  for (const std::string& argument : arguments) {
    options = options && argument != "--";
    const std::string name = argument.substr(0, argument.size() - (argument.empty() ? 0 : 1));
    const CLI::Option* option = options && name.starts_with("--") && argument.ends_with("=")
                                    ? app.get_option_no_throw(name)
                                    : nullptr;
    if (option != nullptr && option->get_expected_min() > 0)
      result.insert(result.end(), {name, ""});
    else
      result.push_back(argument);
  }
  return result;
}

}  // namespace yore::cli
