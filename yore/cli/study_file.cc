#include "yore/cli/study_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/near_names.h"
#include "yore/cli/option_values.h"

namespace yore::cli {
namespace {

using base::InputError;

[[noreturn]] void refuse(const std::string& path, const toml::source_region& at, const std::string& message) {
  throw InputError(fmt::format("{}:{}:{}", path, at.begin.line, at.begin.column), message);
}

class StudyReader {
 public:
  explicit StudyReader(const std::string& path) : path_(path) {}

  StudyFile read() {
    const std::string text = base::read_file(path_);
    toml::table table;
    try {
      table = toml::parse(text, path_);
    } catch (const toml::parse_error& e) {
      refuse(path_, e.source(), std::string(e.description()));
    }
    static const std::vector<std::string> known = {"title", "scale", "run", "axes", "published"};
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (name == "title" || name == "scale")
        (name == "title" ? file_.title : file_.scale) = text_of(node, name);
      else if (name == "run")
        for (const auto& [option, value] : table_of(node, name))
          file_.options.push_back(words(option_name(std::string(option.str())), value));
      else if (name == "axes")
        for (const auto& [axis, values] : table_of(node, name)) add_axis(std::string(axis.str()), values);
      else if (name == "published")
        add_published(node);
      else
        refuse(path_, key.source(),
               fmt::format("unknown key \"{}\"{}", name, base::did_you_mean(name, known)));
    }
    if (file_.title.empty()) throw InputError(path_, "has no title");
    return std::move(file_);
  }

 private:
  std::string text_of(const toml::node& node, const std::string& key) const {
    if (!node.is_string()) refuse(path_, node.source(), key + ": expected a text");
    return **node.as_string();
  }
  double number_of(const toml::node& node, const std::string& key) const {
    if (!node.is_number()) refuse(path_, node.source(), key + ": expected a number");
    return *node.value<double>();
  }
  const toml::table& table_of(const toml::node& node, const std::string& key) const {
    if (!node.is_table()) refuse(path_, node.source(), key + ": expected a table");
    return *node.as_table();
  }
  const toml::array& list_of(const toml::node& node, const std::string& key) const {
    if (!node.is_array()) refuse(path_, node.source(), key + ": expected a list");
    return *node.as_array();
  }
  /// A value as a command line spells it.
  std::string word(const toml::node& node, const std::string& key) const {
    if (node.is_string()) return **node.as_string();
    if (node.is_boolean()) return **node.as_boolean() ? "true" : "false";
    if (node.is_integer()) return std::to_string(**node.as_integer());
    if (node.is_floating_point()) return fmt::format("{}", **node.as_floating_point());
    refuse(path_, node.source(), key + ": expected a text, a number, true or false, or a list of these");
  }
  std::vector<std::string> words(const std::string& option, const toml::node& node) const {
    std::vector<std::string> all = {option};
    if (const toml::array* list = node.as_array())
      for (const toml::node& item : *list) all.push_back(word(item, option));
    else
      all.push_back(word(node, option));
    return all;
  }
  void add_axis(const std::string& axis, const toml::node& values) {
    const std::vector<std::string> all = words(axis, values);
    // A semicolon separates what may have commas in it.
    file_.options.push_back(
        {"--axis", fmt::format("{}={}", axis, fmt::join(all.begin() + 1, all.end(), ";"))});
  }
  base::Json json_of(const toml::node& node, const std::string& key) const {
    if (node.is_string()) return **node.as_string();
    if (node.is_boolean()) return **node.as_boolean();
    if (node.is_integer()) return **node.as_integer();
    if (node.is_floating_point()) return **node.as_floating_point();
    refuse(path_, node.source(), key + ": expected a text, a number, or true or false");
  }
  void add_published(const toml::node& node) {
    if (!node.is_array_of_tables()) refuse(path_, node.source(), "published: expected [[published]] tables");
    for (const toml::node& item : *node.as_array()) add_published_entry(*item.as_table());
  }
  // One value, or a table of values over two paths.
  void add_published_entry(const toml::table& entry) {
    static const std::vector<std::string> known = {"where",     "set",    "metric", "value",  "values",
                                                   "tolerance", "source", "by",     "columns"};
    study::PublishedValue common;
    bool has_tolerance = false;
    const toml::node *value = nullptr, *values = nullptr, *by = nullptr, *columns = nullptr;
    for (const auto& [key, field] : entry) {
      const std::string name(key.str());
      if (name == "where")
        for (const auto& [path, wanted] : table_of(field, name))
          common.where.emplace_back(std::string(path.str()), json_of(wanted, name));
      else if (name == "set")
        common.set = text_of(field, name);
      else if (name == "metric")
        common.metric = text_of(field, name);
      else if (name == "source")
        common.source = text_of(field, name);
      else if (name == "tolerance")
        common.tolerance = number_of(field, name), has_tolerance = true;
      else if (name == "value")
        value = &field;
      else if (name == "values")
        values = &field;
      else if (name == "by")
        by = &field;
      else if (name == "columns")
        columns = &field;
      else
        refuse(path_, key.source(),
               fmt::format("published: unknown key \"{}\"{}", name, base::did_you_mean(name, known)));
    }
    if (common.set.empty() || !has_tolerance || common.source.empty() ||
        (value == nullptr) == (values == nullptr))
      refuse(path_, entry.source(),
             "published: expected set, tolerance, source, and either value or values with by and columns");
    if (value != nullptr) {
      if (by != nullptr || columns != nullptr)
        refuse(path_, entry.source(), "published: by and columns go with values");
      common.value = number_of(*value, "value");
      file_.published.push_back(std::move(common));
      return;
    }
    if (by == nullptr || columns == nullptr)
      refuse(path_, entry.source(),
             "published: values needs by, two paths, and columns, values of the second");
    add_published_table(common, list_of(*by, "by"), list_of(*columns, "columns"),
                        table_of(*values, "values"));
  }
  void add_published_table(const study::PublishedValue& common, const toml::array& by,
                           const toml::array& columns, const toml::table& values) {
    if (by.size() != 2) refuse(path_, by.source(), "published: by: expected two paths");
    for (const auto& [row, cells] : values) {
      const toml::array& list = list_of(cells, "values");
      if (list.size() != columns.size())
        refuse(path_, cells.source(),
               fmt::format("published: values: expected {} numbers, one a column; found {}", columns.size(),
                           list.size()));
      for (std::size_t i = 0; i < list.size(); ++i) {
        study::PublishedValue value = common;
        value.where.emplace_back(text_of(by[0], "by"), std::string(row.str()));
        value.where.emplace_back(text_of(by[1], "by"), json_of(columns[i], "columns"));
        value.value = number_of(list[i], "values");
        file_.published.push_back(std::move(value));
      }
    }
  }

  const std::string& path_;
  StudyFile file_;
};

}  // namespace

StudyFile read_study_file(const std::string& path) {
  return StudyReader(path).read();
}

void parse_study_arguments(CLI::App& app, const StudyFile& file, std::vector<std::string> given,
                           const std::string& path) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  std::vector<std::string> arguments;
  for (const std::vector<std::string>& option : file.options) {
    const std::string& name = option.front();
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw InputError(
          path, fmt::format("run: yore study has no option {}{}", name, base::did_you_mean(name, known)));
    const bool replaced =
        name != "--axis" && std::any_of(given.begin(), given.end(), [&](const std::string& word) {
          return word == name || word.starts_with(name + "=");
        });
    if (!replaced) arguments.insert(arguments.end(), option.begin(), option.end());
  }
  arguments.insert(arguments.end(), given.begin(), given.end());
  check_values(app);
  std::reverse(arguments.begin(), arguments.end());  // the library takes arguments last first
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& e) {
    throw InputError(path, explain(e));
  }
}

}  // namespace yore::cli
