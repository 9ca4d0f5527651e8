// A value of a JSON file with its place in it, so that what is wrong is refused by name.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/base/files.h"

namespace yore::text {

class JsonField {
 public:
  JsonField(const base::Json& json, std::string path, const std::string& source)
      : json_(json), path_(std::move(path)), source_(source) {}

  const base::Json& json() const { return json_; }
  const std::string& path() const { return path_; }
  const std::string& source() const { return source_; }

  /// "SOURCE: PATH: expected EXPECTED, found VALUE".
  [[noreturn]] void refuse(const std::string& expected) const {
    base::fields::refuse({source_}, path_, expected, json_);
  }

  /// Whether an object has the key and it is not null.
  bool has(const char* key) const { return object().json_.contains(key) && !json_[key].is_null(); }
  /// The value there; null where the key is missing.
  JsonField at(const char* key) const {
    static const base::Json null;
    const auto it = object().json_.find(key);
    return {it == json_.end() ? null : *it, path_.empty() ? key : path_ + "." + key, source_};
  }
  /// The items of a list; a missing one has none.
  std::vector<JsonField> items() const {
    std::vector<JsonField> all;
    if (json_.is_null()) return all;
    if (!json_.is_array()) refuse("a list");
    for (std::size_t i = 0; i < json_.size(); ++i)
      all.push_back({json_[i], fmt::format("{}[{}]", path_, i), source_});
    return all;
  }

  std::string text() const {
    if (!json_.is_string()) refuse("a text");
    return json_.get<std::string>();
  }
  /// A text of 1 to `most` bytes.
  std::string short_text(std::size_t most) const {
    std::string value = text();
    if (value.empty() || value.size() > most) refuse(fmt::format("a text of 1 to {} bytes", most));
    return value;
  }
  bool flag(bool fallback) const {
    if (json_.is_null()) return fallback;
    if (!json_.is_boolean()) refuse("true or false");
    return json_.get<bool>();
  }
  std::int64_t whole(std::int64_t low, std::int64_t high) const {
    const bool fits =
        json_.is_number_integer() &&
        (!json_.is_number_unsigned() || json_.get<std::uint64_t>() <= static_cast<std::uint64_t>(high));
    if (!fits || json_.get<std::int64_t>() < low || json_.get<std::int64_t>() > high)
      refuse(fmt::format("a whole number from {} to {}", low, high));
    return json_.get<std::int64_t>();
  }
  /// The index of a text among `words`.
  std::size_t choice(const std::vector<std::string>& words) const {
    const auto it =
        json_.is_string() ? std::find(words.begin(), words.end(), json_.get<std::string>()) : words.end();
    if (it == words.end()) refuse(fmt::format("one of {}", fmt::join(words, ", ")));
    return static_cast<std::size_t>(it - words.begin());
  }
  /// Refuses keys other than these, which could change tokens unseen.
  void only(const std::vector<std::string>& keys) const {
    for (const auto& [key, value] : object().json_.items())
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        JsonField(value, path_.empty() ? key : path_ + "." + key, source_)
            .refuse(fmt::format("no such key beside {}", fmt::join(keys, ", ")));
  }

 private:
  const JsonField& object() const {
    if (!json_.is_object()) refuse("an object");
    return *this;
  }
  const base::Json& json_;
  std::string path_;
  const std::string& source_;
};

}  // namespace yore::text
