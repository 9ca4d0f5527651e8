#include "yore/base/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

#include "yore/base/error.h"
#include "yore/base/json_depth.h"
#include "yore/base/near_names.h"

namespace yore::base {
namespace {

const char* type_of(const Json& fallback) {
  if (fallback.is_boolean()) return "true or false";
  if (fallback.is_number_integer()) return "a whole number";
  if (fallback.is_number()) return "a number";
  if (fallback.is_string()) return "a text";
  if (fallback.is_array()) return "a list, [A,B]";
  return "a value";
}

// What is above the largest signed number would become a negative one where it is read.
bool is_signed_sized(const Json& value) {
  return !value.is_number_unsigned() ||
         value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

bool fits(const Json& fallback, const Json& value) {
  if (fallback.is_boolean()) return value.is_boolean();
  if (fallback.is_number_integer())  // unsigned ones are seeds, of 64 bits
    return value.is_number_integer() && (fallback.is_number_unsigned() || is_signed_sized(value));
  if (fallback.is_number()) return value.is_number();
  if (fallback.is_string()) return value.is_string();
  if (fallback.is_array()) return value.is_array();
  return true;
}

[[noreturn]] void refuse_value(const OptionSpec& option, const std::string& found,
                               const std::string& source) {
  throw InputError(source, fmt::format("{}: expected {}, found {}", option.name, type_of(option.fallback),
                                       found.size() > 60 ? found.substr(0, 60) + "..." : found));
}

std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace

const OptionSpec& find_option(const std::string& name, const std::vector<OptionSpec>& options,
                              const std::string& source) {
  std::vector<std::string> known;
  for (const OptionSpec& option : options) {
    if (option.name == name) return option;
    known.push_back(option.name);
  }
  if (known.empty()) throw InputError(source, fmt::format("takes no options, found \"{}\"", name));
  throw InputError(source, fmt::format("unknown option \"{}\"{}; there are {}", name,
                                       did_you_mean(name, known), fmt::join(known, ", ")));
}

Json parse_option(const OptionSpec& option, const std::string& text, const std::string& source) {
  if (option.fallback.is_string()) return text;
  const auto shallow = [&](int depth, Json::parse_event_t event, const Json&) {
    refuse_deep_json(depth, event, source);
    return true;
  };
  Json value = Json::parse(text, shallow, false);
  if ((option.fallback.is_array() || option.fallback.is_null()) && value.is_discarded() && text.size() >= 2 &&
      text.front() == '[' && text.back() == ']') {
    // A list of texts without quotes.
    value = Json::array();
    const std::string_view items = std::string_view(text).substr(1, text.size() - 2);
    for (std::size_t at = 0; at <= items.size();) {
      const std::size_t end = std::min(items.find(',', at), items.size());
      if (end == at) refuse_value(option, text, source);
      value.push_back(std::string(items.substr(at, end - at)));
      at = end + 1;
    }
    return value;
  }
  if (value.is_discarded()) {
    if (!option.fallback.is_null()) refuse_value(option, "\"" + text + "\"", source);
    return text;
  }
  if (!fits(option.fallback, value)) refuse_value(option, text, source);
  return value;
}

Json parse_options(const std::string& text, const std::vector<OptionSpec>& options,
                   const std::string& source) {
  Json result = Json::object();
  std::size_t at = 0;
  while (at < text.size()) {
    // A list's commas are its own.
    std::size_t end = at;
    for (int depth = 0; end < text.size() && (text[end] != ',' || depth > 0); ++end)
      depth += text[end] == '[' ? 1 : text[end] == ']' ? -1 : 0;
    const std::string item = text.substr(at, end - at);
    const std::size_t equals = item.find('=');
    const std::string name = with_underscores(item.substr(0, equals));
    const OptionSpec& option = find_option(name, options, source);
    if (result.contains(name)) throw InputError(source, fmt::format("{} is given twice", name), text, at);
    result[name] =
        parse_option(option, equals == std::string::npos ? "true" : item.substr(equals + 1), source);
    at = end + 1;
    if (end + 1 == text.size()) throw InputError(source, "expected an option after the comma", text, end);
  }
  return result;
}

Json complete_options(const Json& given, const std::vector<OptionSpec>& options, const std::string& source) {
  if (!given.is_object()) throw InputError(source, "expected an object of options, found " + given.dump());
  for (const auto& [name, value] : given.items()) {
    const OptionSpec& option = find_option(name, options, source);
    if (!fits(option.fallback, value)) refuse_value(option, value.dump(), source);
  }
  Json result = Json::object();
  for (const OptionSpec& option : options)
    result[option.name] = given.contains(option.name) ? given.at(option.name) : option.fallback;
  return result;
}

}  // namespace yore::base
