#include "yore/cli/option_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

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

template <class T>
std::string whole_number(std::string& text, T lowest) {
  T value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && at == end && value >= lowest) {
    text = std::to_string(value);
    return "";
  }
  return fmt::format("expected a whole number from {} to {}, found \"{}\"", lowest,
                     std::numeric_limits<T>::max(), text);
}

std::string real_number(std::string& text, bool positive, bool non_negative) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  const bool number = error == std::errc() && at == end && std::isfinite(value);
  if (number && (!positive || value > 0) && (!non_negative || value >= 0)) return "";
  return fmt::format("expected a number{}, found \"{}\"",
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

void check_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (takes_list(*option)) option->allow_extra_args(false)->expected(1, kMostValues);
    const bool positive = says(*option, "POSITIVE"), non_negative = says(*option, "NONNEGATIVE");
    switch (value_kind(*option)) {
      case ValueKind::Integer: {
        const std::int64_t lowest = positive       ? 1
                                    : non_negative ? 0
                                                   : std::numeric_limits<std::int64_t>::min();
        check_first(*option, [=](std::string& text) { return whole_number(text, lowest); });
        break;
      }
      case ValueKind::Unsigned:
        check_first(*option, [=](std::string& text) {
          return whole_number(text, static_cast<std::uint64_t>(positive ? 1 : 0));
        });
        break;
      case ValueKind::Real:
        check_first(*option, [=](std::string& text) { return real_number(text, positive, non_negative); });
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
  const std::string text = error.what();
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

}  // namespace yore::cli
