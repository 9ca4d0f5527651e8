// Plain structs to JSON and back. A struct names its fields once, in for_each_field(struct, visitor) in its
// own namespace; writing, reading, the check for unknown keys and the suggestions all come from that one
// list.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/near_names.h"

namespace yore::base::fields {

/// Whether T is Struct, const or not: one for_each_field serves reading and writing.
template <class T, class Struct>
concept Either = std::same_as<std::remove_const_t<T>, Struct>;

/// A struct with a for_each_field(struct, visitor) that calls visitor(name, field) for each field.
template <class T>
concept Visitable = requires(T& value) {
  for_each_field(value, [](const char*, auto&) {});
};

/// An enumeration whose values count from 0 and whose names enum_names(value), found beside it, returns in
/// their order.
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
  enum_names(value).size();
};

/// The name of a value.
template <NamedEnum T>
std::string enum_name(T value) {
  return enum_names(value)[static_cast<std::size_t>(value)];
}

inline Json write(const std::string& value) {
  return value;
}
inline Json write(const Json& value) {
  return value;
}
template <NamedEnum T>
Json write(T value) {
  return enum_name(value);
}
template <class T>
requires std::is_arithmetic_v<T> Json write(T value) {
  return value;  // a NaN or infinity is written as null by the library
}
template <class A, class B>
Json write(const std::pair<A, B>& value) {
  return Json::array({write(value.first), write(value.second)});
}
template <Visitable T>
Json write(const T& value);
template <class T>
Json write(const std::vector<T>& values) {
  Json json = Json::array();
  for (const T& value : values) json.push_back(write(value));
  return json;
}
template <Visitable T>
Json write(const T& value) {
  Json json = Json::object();
  for_each_field(value, [&](const char* name, const auto& field) { json[name] = write(field); });
  return json;
}

/// Where the text came from, for messages.
struct Source {
  std::string name;
  bool null_is_nan = false;  ///< results may hold a diverged loss; configurations may not
};

[[noreturn]] inline void refuse(const Source& source, const std::string& key, const std::string& expected,
                                const Json& found) {
  std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 40) + "...";
  throw InputError(source.name,
                   fmt::format("{}: expected {}, found {}", key.empty() ? "top level" : key, expected, text));
}

inline void read(const Json& json, std::string& value, const Source& source, const std::string& key) {
  if (!json.is_string()) refuse(source, key, "a string", json);
  value = json.get<std::string>();
}
inline void read(const Json& json, Json& value, const Source&, const std::string&) {
  value = json;
}
template <NamedEnum T>
void read(const Json& json, T& value, const Source& source, const std::string& key) {
  const auto names = enum_names(value);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (json == names[i]) {
      value = static_cast<T>(i);
      return;
    }
  const std::vector<std::string> words(names.begin(), names.end());
  refuse(source, key,
         fmt::format("one of {}{}", fmt::join(words, ", "),
                     json.is_string() ? did_you_mean(json.get<std::string>(), words) : ""),
         json);
}
inline void read(const Json& json, bool& value, const Source& source, const std::string& key) {
  if (!json.is_boolean()) refuse(source, key, "true or false", json);
  value = json.get<bool>();
}
inline void read(const Json& json, double& value, const Source& source, const std::string& key) {
  if (json.is_null() && source.null_is_nan)
    value = std::numeric_limits<double>::quiet_NaN();
  else if (json.is_number())
    value = json.get<double>();
  else
    refuse(source, key, "a number", json);
}
template <class T>
requires(std::integral<T> && !std::same_as<T, bool>) void read(const Json& json, T& value,
                                                               const Source& source, const std::string& key) {
  bool fits = false;
  if (json.is_number_unsigned())
    fits = std::in_range<T>(json.get<std::uint64_t>());
  else if (json.is_number_integer())
    fits = std::in_range<T>(json.get<std::int64_t>());
  if (!fits)
    refuse(
        source, key,
        fmt::format("an integer from {} to {}", std::numeric_limits<T>::min(), std::numeric_limits<T>::max()),
        json);
  value = json.get<T>();
}
template <class A, class B>
void read(const Json& json, std::pair<A, B>& value, const Source& source, const std::string& key) {
  if (!json.is_array() || json.size() != 2) refuse(source, key, "a pair [low, high]", json);
  read(json[0], value.first, source, key + "[0]");
  read(json[1], value.second, source, key + "[1]");
}
template <Visitable T>
void read(const Json& json, T& value, const Source& source, const std::string& key);
template <class T>
void read(const Json& json, std::vector<T>& values, const Source& source, const std::string& key) {
  if (!json.is_array()) refuse(source, key, "a list", json);
  values.assign(json.size(), T{});
  for (std::size_t i = 0; i < json.size(); ++i)
    read(json[i], values[i], source, fmt::format("{}[{}]", key, i));
}
/// Unknown keys are refused with the nearest known ones; missing keys leave the field as it is.
template <Visitable T>
void read(const Json& json, T& value, const Source& source, const std::string& key) {
  if (!json.is_object()) refuse(source, key, "an object", json);
  const std::string prefix = key.empty() ? "" : key + ".";
  std::vector<std::string> known;
  for_each_field(value, [&](const char* name, auto& field) {
    known.emplace_back(name);
    if (const auto found = json.find(name); found != json.end()) read(*found, field, source, prefix + name);
  });
  for (const auto& [name, unused] : json.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw InputError(source.name,
                       fmt::format("{}{}: unknown key{}", prefix, name, did_you_mean(name, known)));
}

}  // namespace yore::base::fields
