#include "yore/cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/base/process.h"
#include "yore/cli/option_values.h"
#include "yore/cli/toml_text.h"
#include "yore/cli/toml_values.h"

namespace yore::cli {
namespace {

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
      throw base::InputError(path_, fmt::format("is a study file, which goes without --config: yore study {}",
                                                base::shell_quoted(path_)));
  }

  void give(CLI::Option& option, const toml::key& key, const toml::node& node) const {
    const std::vector<std::string> values = toml_values(option, key, node, path_);
    if (option.count() > 0) return;  // the command line wins
    try {
      if (value_kind(option) == ValueKind::Flag)
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
