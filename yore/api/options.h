// The options of questions as JSON objects: the names of the command line with underscores.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/compiler/compiler.h"
#include "yore/expressivity/verdict.h"

namespace yore::api {

using base::Json;

/// The keys of an object, each read by name; finish() refuses those that nobody read.
class Keys {
 public:
  /// Throws InputError(`source`) unless it is an object. Keeps a reference to it.
  Keys(const Json& object, std::string source);

  /// Sets `value` if the key is there. Throws InputError("SOURCE.NAME") for another kind of value, a negative
  /// number too.
  template <class T>
  void read(const char* name, T& value) {
    known_.emplace_back(name);
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    bool fits = false;
    if constexpr (std::is_same_v<T, std::string>)
      fits = found->is_string();
    else if constexpr (std::is_same_v<T, bool>)
      fits = found->is_boolean();
    else if (found->is_number_unsigned())
      fits = std::in_range<T>(found->template get<std::uint64_t>());
    else if (found->is_number_integer())  // a negative number, or one that C++ wrote
      fits =
          found->template get<std::int64_t>() >= 0 && std::in_range<T>(found->template get<std::int64_t>());
    if (!fits) refuse(name, *found);
    value = found->template get<T>();
  }
  /// Whether the key is there and has this text; else it is still to be read.
  bool is(const char* name, const char* text) {
    known_.emplace_back(name);
    const auto found = object_.find(name);
    return found != object_.end() && *found == text;
  }
  /// As read(); throws InputError if the key is not there.
  template <class T>
  T required(const char* name) {
    require(name);
    T value{};
    read(name, value);
    return value;
  }
  /// A key that is read elsewhere.
  void allow(const char* name) { known_.emplace_back(name); }
  /// Throws InputError naming a key that is there and was not read, with near names.
  void finish() const;

 private:
  void require(const char* name) const;
  [[noreturn]] void refuse(const char* name, const Json& value) const;
  std::string place(const std::string& name) const { return source_ + "." + name; }

  const Json& object_;
  std::string source_;
  std::vector<std::string> known_;
};

/// lookback, period (a number or "any"), formulas, witness_depth, max_monoid, max_pairs, max_formula,
/// max_types, max_states. Throws InputError.
expressivity::ClassifyOptions classify_options(const Json& given);

/// How a language is compiled: its formula is searched with `classify`.
struct CompileQuestion {
  compiler::CompileOptions compile;
  expressivity::ClassifyOptions classify;
};
/// mixer (as compiler::CompileOptions names it), encoding, once, length, period (as for classify),
/// max_parameters, max_formula, max_states. Throws InputError, also for once and length with a mixer that has
/// no use for them.
CompileQuestion compile_options(const Json& given);

}  // namespace yore::api
