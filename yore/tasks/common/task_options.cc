#include "yore/tasks/common/task_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/base/near_names.h"

namespace yore::tasks {

using base::InputError;
using base::Json;

LengthRange parse_bucket(const std::string& text, const std::string& source) {
  int low = 0, high = 0;
  const char* const end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, low);
  if (error == std::errc() && at != end && *at == '-') {
    auto [last, error2] = std::from_chars(at + 1, end, high);
    if (error2 == std::errc() && last == end && low >= 0 && low <= high) return {low, high};
  }
  throw InputError(source,
                   fmt::format("\"{}\" is no range of lengths; expected LOW-HIGH such as 41-100", text));
}

TaskOptions::TaskOptions(const Json& given, const std::vector<base::OptionSpec>& specs,
                         const std::string& task)
    : source_("task " + task), json_(base::complete_options(given, specs, source_)) {}

void TaskOptions::refuse(const std::string& name, const std::string& expected) const {
  throw InputError(source_, fmt::format("{}: expected {}", name, expected));
}

std::int64_t TaskOptions::whole(const std::string& name, std::int64_t low, std::int64_t high) const {
  std::int64_t value = 0;
  base::fields::read(json_.at(name), value, {source_}, name);
  if (value < low || value > high) refuse(name, fmt::format("{} to {}, found {}", low, high, value));
  return value;
}

int TaskOptions::integer(const std::string& name, int low, int high) const {
  return static_cast<int>(whole(name, low, high));
}

std::uint64_t TaskOptions::seed(const std::string& name) const {
  std::uint64_t value = 0;
  base::fields::read(json_.at(name), value, {source_}, name);
  return value;
}

double TaskOptions::number(const std::string& name, double low, double high) const {
  const double value = json_.at(name).get<double>();
  if (!(value >= low && value <= high)) refuse(name, fmt::format("{} to {}, found {}", low, high, value));
  return value;
}

std::size_t TaskOptions::choice(const std::string& name, const std::vector<std::string>& words) const {
  const std::string value = text(name);
  const auto it = std::find(words.begin(), words.end(), value);
  if (it == words.end())
    refuse(name, fmt::format("one of {}; found \"{}\"{}", fmt::join(words, ", "), value,
                             base::did_you_mean(value, words)));
  return static_cast<std::size_t>(it - words.begin());
}

std::vector<std::string> TaskOptions::texts(const std::string& name) const {
  std::vector<std::string> all;
  for (const Json& item : json_.at(name)) {
    if (!item.is_string()) refuse(name, "a list of texts, found " + item.dump());
    all.push_back(item.get<std::string>());
  }
  return all;
}

std::vector<LengthRange> TaskOptions::ranges(const std::string& name, int low, int high) const {
  std::vector<LengthRange> all;
  for (const Json& item : json_.at(name)) {
    if (!item.is_string()) refuse(name, "texts such as \"41-100\", found " + item.dump());
    all.push_back(parse_bucket(item.get<std::string>(), source_ + ": " + name));
    if (all.back().first < low || all.back().second > high)
      refuse(name, fmt::format("lengths from {} to {}, found {}", low, high, item.get<std::string>()));
  }
  return all;
}

base::Json decoder_defaults(const base::Json& more) {
  base::Json defaults = {{"model.strict", false},
                         {"model.norm_place", "pre"},
                         {"model.positions", "rotary"},
                         {"model.width", 64},
                         {"training.learning_rate", 1e-3}};
  defaults.update(more);
  return defaults;
}

}  // namespace yore::tasks
