// Reading a task's options: one way to check them and one way to refuse.
//
//   const TaskOptions options(given, specs(), "copy");
//   const int letters = options.integer("letters", 2, 4096);
//
// Errors are InputError("task copy") with a message such as "letters: expected 2 to 4096, found 1".
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "yore/base/options.h"
#include "yore/tasks/task.h"

namespace yore::tasks {

/// Lengths low..high, both included.
using LengthRange = std::pair<int, int>;

/// "41-100" as {41, 100}. Throws InputError(`source`).
LengthRange parse_bucket(const std::string& text, const std::string& source);

class TaskOptions {
 public:
  /// Throws for unknown names and values of another type.
  TaskOptions(const base::Json& given, const std::vector<base::OptionSpec>& specs, const std::string& task);

  /// All options in the order of the list, as given or by default.
  const base::Json& json() const { return json_; }

  /// The value, if it lies in low..high.
  int integer(const std::string& name, int low, int high) const;
  std::int64_t whole(const std::string& name, std::int64_t low, std::int64_t high) const;
  /// Any number that fits 64 bits without a sign.
  std::uint64_t seed(const std::string& name) const;
  double number(const std::string& name, double low, double high) const;
  bool flag(const std::string& name) const { return json_.at(name).get<bool>(); }
  std::string text(const std::string& name) const { return json_.at(name).get<std::string>(); }
  /// The index among `words`; others are refused with the nearest.
  std::size_t choice(const std::string& name, const std::vector<std::string>& words) const;
  /// A list of texts.
  std::vector<std::string> texts(const std::string& name) const;
  /// A list of ranges ("41-100") within low..high.
  std::vector<LengthRange> ranges(const std::string& name, int low, int high) const;

  /// "NAME: expected EXPECTED".
  [[noreturn]] void refuse(const std::string& name, const std::string& expected) const;

 private:
  std::string source_;
  base::Json json_;
};

/// TaskInfo::complete and TaskInfo::make of a task T(const TaskOptions&), whose constructor checks them.
template <class T>
base::Json complete_options(const TaskInfo& info, const base::Json& given) {
  const TaskOptions options(given, info.options, info.name);
  T{options};
  return options.json();
}
template <class T>
std::unique_ptr<Task> make_from_options(const TaskInfo& info, const base::Json& given, const TaskContext&) {
  return std::make_unique<T>(TaskOptions(given, info.options, info.name));
}

/// TaskInfo::defaults of a decoder: it sees its own token, norms before its parts, rotary positions, width
/// 64, learning rate 1e-3; `more` is added, or stands instead.
base::Json decoder_defaults(const base::Json& more = base::Json::object());

}  // namespace yore::tasks
