// The fields of another program's configuration, read by name with what is expected of them.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "yore/base/files.h"

namespace yore::foreign {

using base::Json;

/// An object and where it stands. A field that is null counts as missing, but for is_null().
class Fields {
 public:
  /// `place` goes before the fields' names in messages ("text_config."); fields of `shown` have its names
  /// there.
  Fields(Json object, std::string source, std::string place = "",
         std::map<std::string, std::string> shown = {});

  bool has(const std::string& name) const;
  /// Whether it stands there as null, which transformers tells from missing where the default is something.
  bool is_null(const std::string& name) const;
  /// Throw InputError(source) naming the field if it is missing (without a fallback) or something else.
  std::int64_t whole(const std::string& name, std::int64_t least) const;
  std::int64_t whole(const std::string& name, std::int64_t least, std::int64_t fallback) const;
  double number(const std::string& name) const;
  double number(const std::string& name, double fallback) const;
  bool flag(const std::string& name, bool fallback) const;
  std::string text(const std::string& name) const;
  std::string text(const std::string& name, const std::string& fallback) const;
  std::vector<std::string> texts(const std::string& name) const;
  /// The fields of an object within this one; none if it is missing.
  Fields inner(const std::string& name) const;

  /// Throws InputError: "NAME: expected EXPECTED, found .." (or "is missing").
  [[noreturn]] void refuse(const std::string& name, const std::string& expected) const;
  /// Throws as refuse() unless `fine`.
  void require(bool fine, const std::string& name, const std::string& expected) const {
    if (!fine) refuse(name, expected);
  }

  const Json& object() const { return object_; }
  const std::string& source() const { return source_; }

 private:
  /// Null if it is missing.
  const Json* find(const std::string& name) const;
  Json object_;
  std::string source_, place_;
  std::map<std::string, std::string> shown_;
};

}  // namespace yore::foreign
