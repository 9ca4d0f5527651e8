#include "yore/cli/study_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "yore/base/bounded_file.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/near_names.h"
#include "yore/cli/option_values.h"
#include "yore/cli/toml_text.h"
#include "yore/cli/toml_values.h"

namespace yore::cli {
namespace {

using base::InputError;

[[noreturn]] void refuse(const std::string& path, const toml::source_region& at, const std::string& message) {
  throw InputError(toml_place(path, at), message);
}

/// Far more than any study needs.
constexpr std::size_t kMaxStudyBytes = std::size_t{16} << 20;

constexpr const char* kDefaultScale = "laptop";

bool is_axis(const std::vector<std::string>& words) {
  return words.front() == "--axis";
}
// The path of an axis, the name of any other option, as both are spelt in a file: "learning_rate".
std::string key_of(const std::vector<std::string>& words) {
  std::string key = is_axis(words) ? words[1].substr(0, words[1].find('=')) : words.front().substr(2);
  key = key.substr(key.rfind('.') + 1);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

class StudyReader {
 public:
  StudyReader(const std::string& path, const CLI::App& app) : path_(path), app_(app) {}

  StudyFile read() {
    const std::string text = base::read_bounded_file(path_, kMaxStudyBytes);
    const toml::table table = parse_toml(text, path_);
    static const std::vector<std::string> known = {"title",  "scale",     "run",      "axes",
                                                   "scales", "published", "contrast", "automata"};
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (name == "title" || name == "scale")
        (name == "title" ? file_.title : file_.scale) = text_of(node, name);
      else if (name == "run" || name == "axes")
        add_options(name, node, file_.options);
      else if (name == "scales")
        for (const auto& [scale, settings] : table_of(node, name))
          add_scale(std::string(scale.str()), settings);
      else if (name == "published")
        add_published(node);
      else if (name == "contrast")
        add_contrasts(node);
      else if (name == "automata")
        add_automata(node);
      else
        refuse(path_, key.source(),
               fmt::format("unknown key \"{}\"{}", name, base::did_you_mean(name, known)));
    }
    if (file_.title.empty()) throw InputError(path_, "has no title");
    check_scales(table);
    check_automata(table);
    return std::move(file_);
  }

 private:
  std::string text_of(const toml::node& node, const std::string& key) const {
    if (!node.is_string()) refuse(path_, node.source(), key + ": expected a text");
    return **node.as_string();
  }
  double number_of(const toml::node& node, const std::string& key) const {
    const std::optional<double> number = node.is_number() ? node.value<double>() : std::nullopt;
    if (!number || !std::isfinite(*number)) refuse(path_, node.source(), key + ": expected a finite number");
    return *number;
  }
  const toml::table& table_of(const toml::node& node, const std::string& key) const {
    if (!node.is_table()) refuse(path_, node.source(), key + ": expected a table");
    return *node.as_table();
  }
  double tolerance_of(const toml::node& node) const {
    const double tolerance = number_of(node, "tolerance");
    if (tolerance < 0) refuse(path_, node.source(), "tolerance: expected 0 or more");
    return tolerance;
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
    if (node.is_floating_point() && std::isfinite(**node.as_floating_point()))
      return fmt::format("{}", **node.as_floating_point());
    refuse(path_, node.source(),
           key + ": expected a text, a finite number, true or false, or a list of these");
  }
  std::vector<std::string> words(const std::string& option, const toml::node& node) const {
    std::vector<std::string> all = {option};
    if (const toml::array* list = node.as_array())
      for (const toml::node& item : *list) all.push_back(word(item, option));
    else
      all.push_back(word(node, option));
    return all;
  }
  FileOption run_option(const toml::key& key, const toml::node& value) const {
    const std::string name = option_name(std::string(key.str()));
    std::vector<std::string> known;
    const CLI::Option* found = nullptr;
    for (const CLI::Option* option : app_.get_options())
      if (option->get_configurable())
        for (const std::string& spelt : option->get_lnames()) {
          known.push_back("--" + spelt);
          if (known.back() == name) found = option;
        }
    if (found == nullptr)
      refuse(path_, key.source(),
             fmt::format("run: yore study has no option {}{}", name, base::did_you_mean(name, known)));
    if (name == "--scale" || name == "--automata")
      refuse(path_, key.source(), fmt::format("run: {} is chosen on the command line", name));
    FileOption option{{name}, toml_place(path_, value.source())};
    for (std::string& text : toml_values(*found, key, value, path_)) option.words.push_back(std::move(text));
    return option;
  }
  void add_options(const std::string& name, const toml::node& node, FileOptions& options) const {
    for (const auto& [key, value] : table_of(node, name)) {
      const std::string option(key.str());
      if (name == "run") {
        options.push_back(run_option(key, value));
        continue;
      }
      const std::vector<std::string> all = words(option, value);
      if (all.size() == 1)
        refuse(path_, value.source(), option + ": an axis without a value, expected at least one");
      if (std::find(all.begin() + 1, all.end(), "") != all.end())
        refuse(path_, value.source(), option + ": an empty value");
      for (std::size_t i = 1; i < all.size(); ++i)
        if (value.is_array() && all[i].find(';') != std::string::npos)
          refuse(path_, value.source(),
                 fmt::format("{}: \"{}\" has a semicolon in it, which would make two values of it", option,
                             all[i]));
      // What a list holds may have commas in it: semicolons, one at the end too, keep each value whole.
      options.push_back({{"--axis", fmt::format("{}={}{}", option, fmt::join(all.begin() + 1, all.end(), ";"),
                                                value.is_array() ? ";" : "")},
                         toml_place(path_, value.source())});
    }
  }
  void add_scale(const std::string& name, const toml::node& node) {
    static const std::vector<std::string> known = {"about", "run", "axes"};
    StudyScale scale{name, "", {}};
    for (const auto& [key, value] : table_of(node, "scales." + name)) {
      const std::string part(key.str());
      if (part == "about")
        scale.about = text_of(value, part);
      else if (part == "run" || part == "axes")
        add_options(part, value, scale.options);
      else
        refuse(path_, key.source(),
               fmt::format("scales.{}: unknown key \"{}\"{}", name, part, base::did_you_mean(part, known)));
    }
    if (scale.about.empty())
      refuse(path_, node.source(), fmt::format("scales.{}: expected a text `about`", name));
    file_.scales.push_back(std::move(scale));
  }
  void check_scales(const toml::table& table) const {
    if (file_.scales.empty()) return;
    const toml::source_region& at = table.get("scales")->source();
    if (!file_.scale.empty())
      refuse(path_, table.get("scale")->source(),
             "scale: does not go with scales, each of which has its about");
    if (std::none_of(file_.scales.begin(), file_.scales.end(),
                     [](const StudyScale& scale) { return scale.name == kDefaultScale; }))
      refuse(path_, at, fmt::format("scales: expected one named {}, which is the default", kDefaultScale));
    // An axis would win over a scale's value for the same setting, which would then do nothing.
    for (const StudyScale& scale : file_.scales)
      for (const auto& [words, place] : scale.options)
        for (const auto& [shared, _] : file_.options)
          if (is_axis(shared) && !is_axis(words) && key_of(shared) == key_of(words))
            throw InputError(
                place,
                fmt::format("scales.{0}.run: {1} is an axis of this file; give it under scales.{0}.axes",
                            scale.name, key_of(words)));
  }
  void add_automata(const toml::node& node) {
    static const std::vector<std::string> known = {"files", "source"};
    for (const auto& [key, value] : table_of(node, "automata")) {
      const std::string part(key.str());
      if (part == "source") {
        file_.automata_source = text_of(value, part);
      } else if (part == "files") {
        const std::vector<std::string> all = words(part, value);
        file_.automata.assign(all.begin() + 1, all.end());
      } else {
        refuse(path_, key.source(),
               fmt::format("automata: unknown key \"{}\"{}", part, base::did_you_mean(part, known)));
      }
    }
    if (file_.automata.empty() || file_.automata_source.empty())
      refuse(path_, node.source(), "automata: expected files and source");
  }
  void check_automata(const toml::table& table) const {
    if (file_.automata.empty()) return;
    if (std::none_of(file_.options.begin(), file_.options.end(), [](const FileOption& option) {
          return is_axis(option.words) && key_of(option.words) == "language" &&
                 option.words[1].ends_with(';');
        }))
      refuse(path_, table.get("automata")->source(),
             "automata: expected a list as the axis language, which they join");
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
    common.place = toml_place(path_, entry.source());
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
        common.tolerance = tolerance_of(field), has_tolerance = true;
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

  void add_contrasts(const toml::node& node) {
    if (!node.is_array_of_tables()) refuse(path_, node.source(), "contrast: expected [[contrast]] tables");
    for (const toml::node& item : *node.as_array()) add_contrast(*item.as_table());
  }
  void add_contrast(const toml::table& entry) {
    static const std::vector<std::string> known = {"path",   "of",     "against",  "set",
                                                   "metric", "source", "published"};
    study::Contrast contrast;
    contrast.place = toml_place(path_, entry.source());
    for (const auto& [key, field] : entry) {
      const std::string name(key.str());
      if (name == "of" || name == "against")
        (name == "of" ? contrast.of : contrast.against) = json_of(field, name);
      else if (name == "path")
        contrast.path = text_of(field, name);
      else if (name == "set")
        contrast.set = text_of(field, name);
      else if (name == "metric")
        contrast.metric = text_of(field, name);
      else if (name == "source")
        contrast.source = text_of(field, name);
      else if (name == "published")
        for (const toml::node& one : list_of(field, name))
          contrast.published.push_back(published_difference(table_of(one, name)));
      else
        refuse(path_, key.source(),
               fmt::format("contrast: unknown key \"{}\"{}", name, base::did_you_mean(name, known)));
    }
    if (contrast.path.empty() || contrast.of.is_null() || contrast.against.is_null() || contrast.set.empty())
      refuse(path_, entry.source(), "contrast: expected path, of, against and set");
    if (!contrast.published.empty() && contrast.source.empty())
      refuse(path_, entry.source(), "contrast: published needs a source");
    file_.contrasts.push_back(std::move(contrast));
  }
  study::PublishedDifference published_difference(const toml::table& entry) const {
    study::PublishedDifference difference;
    bool has_value = false;
    for (const auto& [key, field] : entry) {
      const std::string name(key.str());
      if (name == "where")
        for (const auto& [path, wanted] : table_of(field, name))
          difference.where.emplace_back(std::string(path.str()), json_of(wanted, name));
      else if (name == "value")
        difference.value = number_of(field, name), has_value = true;
      else
        refuse(path_, key.source(),
               fmt::format("contrast: published: expected where and value, found \"{}\"", name));
    }
    if (!has_value) refuse(path_, entry.source(), "contrast: published: expected where and value");
    return difference;
  }

  const std::string& path_;
  const CLI::App& app_;
  StudyFile file_;
};

// Whether the words of a command line say something of this key: "--positions none", "--positions=none",
// "--axis positions=none", "--axis=positions=none".
bool gives(const std::vector<std::string>& given, const std::string& key) {
  bool after_axis = false;
  for (const std::string& word : given) {
    const bool is_option = word.starts_with("--");
    if (is_option) after_axis = word == "--axis";
    if (is_option && !word.starts_with("--axis") && key_of({word.substr(0, word.find('='))}) == key)
      return true;
    const std::string axis = word.starts_with("--axis=") ? word.substr(7)
                             : !is_option && after_axis  ? word
                                                         : "";
    if (axis.find('=') != std::string::npos && key_of({"--axis", axis}) == key) return true;
  }
  return false;
}

}  // namespace

StudyFile read_study_file(const std::string& path, const CLI::App& app) {
  return StudyReader(path, app).read();
}

std::size_t find_scale(const StudyFile& file, const std::string& name, const std::string& path) {
  const std::string wanted = name.empty() ? kDefaultScale : name;
  std::vector<std::string> names;
  for (const StudyScale& scale : file.scales) {
    if (scale.name == wanted) return names.size();
    names.push_back(scale.name);
  }
  throw InputError("--scale", fmt::format("{} has no scale \"{}\", expected {}{}", path, wanted,
                                          fmt::join(names, " or "), base::did_you_mean(wanted, names)));
}

FileOptions options_at(const StudyFile& file, const StudyScale& scale) {
  FileOptions options;
  for (const FileOption& option : file.options)
    if (std::none_of(scale.options.begin(), scale.options.end(),
                     [&](const FileOption& other) { return key_of(other.words) == key_of(option.words); }))
      options.push_back(option);
  options.insert(options.end(), scale.options.begin(), scale.options.end());
  return options;
}

FileOptions with_automata(FileOptions options, const StudyFile& file, const std::string& folder,
                          const std::string& path) {
  if (file.automata.empty())
    throw InputError("--automata", fmt::format("{} has no [automata] that could be in a folder", path));
  std::vector<std::string> missing;
  std::string languages;
  for (const std::string& name : file.automata) {
    const std::filesystem::path automaton = std::filesystem::path(folder) / name;
    if (!std::filesystem::is_regular_file(automaton)) missing.push_back(name);
    languages += "dfa:" + automaton.string() + ";";
  }
  if (!missing.empty())
    throw InputError("--automata", fmt::format("\"{}\" lacks {}; expected the files of {}", folder,
                                               fmt::join(missing, ", "), file.automata_source));
  for (auto& [words, _] : options)
    if (is_axis(words) && key_of(words) == "language") words[1] += languages;
  return options;
}

void parse_study_arguments(CLI::App& app, const FileOptions& options, std::vector<std::string> given,
                           const std::string& path) {
  std::vector<std::string> arguments;
  for (const auto& [words, place] : options) {
    const std::string& name = words.front();
    if (gives(given, key_of(words))) continue;
    const CLI::Option& option = *app.get_option(name);
    if (value_kind(option) == ValueKind::Flag) {  // which takes no value on a command line
      if (words.back() == "true") arguments.push_back(name);
      continue;
    }
    for (std::size_t i = 1; i < words.size(); ++i) {
      // A value with a dash in front would be an option by itself; behind "=" the library loses an empty one.
      if (words[i].starts_with('-'))
        arguments.push_back(name + "=" + words[i]);
      else
        arguments.insert(arguments.end(), {name, words[i]});
    }
  }
  given = with_empty_values(app, given);
  arguments.insert(arguments.end(), given.begin(), given.end());
  check_values(app);
  std::reverse(arguments.begin(), arguments.end());  // the library takes arguments last first
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& e) {
    const std::string why = explain(e);
    for (const auto& [words, place] : options)
      if (why.starts_with(words.front() + ":") && !gives(given, key_of(words))) throw InputError(place, why);
    throw InputError(path, why);
  }
}

}  // namespace yore::cli
