#include "yore/cli/toml_values.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/cli/option_values.h"
#include "yore/cli/toml_text.h"

namespace yore::cli {
namespace {

// What the file should have for an option, and what it has.
const char* expected(ValueKind kind, bool list) {
  switch (kind) {
    case ValueKind::Integer:
    case ValueKind::Unsigned:
      return list ? "a list of whole numbers such as [1, 2]" : "a whole number";
    case ValueKind::Real:
      return list ? "a list of numbers such as [0.5, 1]" : "a number";
    case ValueKind::Flag:
    case ValueKind::Boolean:
      return list ? "a list of true and false" : "true or false";
    case ValueKind::Text:
      break;
  }
  return list ? "a list of strings such as [\"a\", \"b\"]" : "a string in quotes";
}

std::string found(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return fmt::format("the string \"{}\"", base::shortened(node.value_or(std::string()), 40));
    case toml::node_type::integer:
      return fmt::format("the whole number {}", node.value_or(std::int64_t{0}));
    case toml::node_type::floating_point:
      return fmt::format("the number {}", node.value_or(0.0));
    case toml::node_type::boolean:
      return node.value_or(false) ? "true" : "false";
    case toml::node_type::array:
      return node.as_array() != nullptr && node.as_array()->empty() ? "an empty list" : "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

/// A value as the command line would have it; nothing if it is of another type.
std::optional<std::string> text_of(const toml::node& node, ValueKind kind) {
  switch (kind) {
    case ValueKind::Integer:
    case ValueKind::Unsigned:
      if (const auto* integer = node.as_integer()) return std::to_string(**integer);
      break;
    case ValueKind::Real:
      if (const auto* integer = node.as_integer()) return std::to_string(**integer);
      if (const auto* real = node.as_floating_point()) return fmt::format("{}", **real);
      break;
    case ValueKind::Flag:
    case ValueKind::Boolean:
      if (const auto* boolean = node.as_boolean()) return **boolean ? "true" : "false";
      break;
    case ValueKind::Text:
      if (const auto* text = node.as_string()) return **text;
      break;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> toml_values(const CLI::Option& option, const toml::key& key, const toml::node& node,
                                     const std::string& path) {
  const ValueKind kind = value_kind(option);
  const auto refuse = [&](const toml::node& at, bool list) {
    throw base::InputError(toml_place(path, at.source()), fmt::format("{}: expected {}, found {}", key.str(),
                                                                      expected(kind, list), found(at)));
  };
  const bool many = takes_list(option);
  const toml::array* list = many ? node.as_array() : nullptr;
  if (many && (list == nullptr || list->empty())) refuse(node, true);
  std::vector<std::string> values;
  const auto add = [&](const toml::node& one) {
    const std::optional<std::string> text = text_of(one, kind);
    if (!text) refuse(one, false);
    values.push_back(*text);
  };
  if (many)
    for (const toml::node& one : *list) add(one);
  else
    add(node);
  return values;
}

}  // namespace yore::cli
