#include "yore/cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/near_names.h"
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
    case toml::node_type::string: {
      std::string text = node.value_or(std::string());
      if (text.size() > 40) text = text.substr(0, 40) + "...";
      return fmt::format("the string \"{}\"", text);
    }
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

/// Far more than all options need. A device may never end.
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

/// One file on its way into one command's options.
class ConfigReader {
 public:
  ConfigReader(CLI::App& app, std::string path) : app_(app), path_(std::move(path)) {}

  void read(std::istream& input) {
    // Read here: the library goes back in a stream, finds that a pipe cannot, and takes it for empty.
    std::string text(kMaxBytes + 1, '\0');
    input.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(input.gcount()));
    if (text.size() > kMaxBytes)
      throw base::InputError(path_, fmt::format("is larger than {}, expected a configuration",
                                                base::format_bytes(static_cast<double>(kMaxBytes))));
    const toml::table table = parse_toml(text, path_);
    // As the file has them, so that the first fault is the one reported.
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
    std::ranges::sort(entries, [](const auto& a, const auto& b) {
      return a.first->source().begin < b.first->source().begin;
    });
    refuse_study_file(table);
    std::vector<const CLI::Option*> seen;
    for (const auto& [key, node] : entries) {
      if (node->is_table())
        throw base::InputError(
            place(key->source()),
            fmt::format("{}: sections are not read; expected the names of options", key->str()));
      CLI::Option& option = find(*key);
      if (std::ranges::find(seen, &option) != seen.end())
        throw base::InputError(place(key->source()),
                               fmt::format("\"{}\" is given twice (- and _ are alike)", key->str()));
      seen.push_back(&option);
      give(option, *key, *node);
    }
  }

 private:
  std::string place(const toml::source_region& region) const { return toml_place(path_, region); }

  CLI::Option& find(const toml::key& key) const {
    std::string name(key.str());
    std::ranges::replace(name, '_', '-');
    std::vector<std::string> known;
    for (CLI::Option* option : app_.get_options())
      if (option->get_configurable())
        for (const std::string& long_name : option->get_lnames()) {
          if (long_name == name) return *option;
          known.push_back(long_name);
        }
    const std::string nearest = base::did_you_mean(name, known);
    throw base::InputError(
        place(key.source()),
        fmt::format("unknown key \"{}\"{}", key.str(),
                    nearest.empty()
                        ? fmt::format("; keys are the long options that {} --help lists", app_.get_name())
                        : nearest));
  }

  // A whole study in a file is given as it is; its options stand in its section [run].
  void refuse_study_file(const toml::table& table) const {
    if (app_.get_name() == "yore study" && table.contains("title"))
      throw base::InputError(
          path_, fmt::format("is a study file, which goes without --config: yore study {}", path_));
  }

  [[noreturn]] void refuse(const toml::key& key, const toml::node& node, ValueKind kind, bool list) const {
    throw base::InputError(place(node.source()), fmt::format("{}: expected {}, found {}", key.str(),
                                                             expected(kind, list), found(node)));
  }

  // The value as the command line would have it.
  std::string text_of(const toml::key& key, const toml::node& node, ValueKind kind) const {
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
    refuse(key, node, kind, false);
  }

  void give(CLI::Option& option, const toml::key& key, const toml::node& node) const {
    const ValueKind kind = value_kind(option);
    std::vector<std::string> values;
    if (takes_list(option)) {
      const toml::array* list = node.as_array();
      if (list == nullptr || list->empty()) refuse(key, node, kind, true);
      for (const toml::node& element : *list) values.push_back(text_of(key, element, kind));
    } else {
      values.push_back(text_of(key, node, kind));
    }
    if (option.count() > 0) return;  // the command line wins
    try {
      if (kind == ValueKind::Flag)
        option.add_result(option.get_flag_value(option.get_lnames().front(), values.front()));
      else
        option.add_result(values);
      option.run_callback();
    } catch (const CLI::ParseError& e) {
      throw base::InputError(place(node.source()), explain(e));
    }
  }

  CLI::App& app_;
  std::string path_;
};

// The library calls this after it has read the command line, with the file that --config names.
class Toml : public CLI::ConfigTOML {
 public:
  explicit Toml(CLI::App& app) : app_(app) {}
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    const bool help = app_.get_help_ptr()->count() > 0;
    if (!help) ConfigReader(app_, app_.get_config_ptr()->results().at(0)).read(input);
    return {};  // nothing is left to do for the library
  }

 private:
  CLI::App& app_;
};

}  // namespace

std::shared_ptr<CLI::Config> toml_config(CLI::App& app) {
  return std::make_shared<Toml>(app);
}

}  // namespace yore::cli
