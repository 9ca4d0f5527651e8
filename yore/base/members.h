// Keys that a JSON object has to have, read one by one: what is missing or of another type is refused by its
// place, as fields.h does for whole structs.
#pragma once
#include "yore/base/fields.h"

namespace yore::base::fields {

/// The value of a key that has to be there, under `path` in messages ("compiled."; "" at the top).
template <class T>
T member(const Json& json, const char* key, const Source& source, const std::string& path = "") {
  if (!json.is_object())
    refuse(source, path.substr(0, path.empty() ? 0 : path.size() - 1), "an object", json);
  const auto found = json.find(key);
  if (found == json.end()) throw InputError(source.name, path + key + ": is missing");
  T value{};
  read(*found, value, source, path + key);
  return value;
}
/// That value if it is there, else `fallback`.
template <class T>
T member_or(const Json& json, const char* key, const Source& source, const std::string& path, T fallback) {
  return json.is_object() && !json.contains(key) ? fallback : member<T>(json, key, source, path);
}

}  // namespace yore::base::fields
