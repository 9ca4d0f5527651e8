// From arguments to a subcommand to an exit code.
#include <fmt/color.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <new>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/near_names.h"
#include "yore/cli/command.h"
#include "yore/cli/tensor_program.h"

namespace yore::cli {
namespace {

constexpr const char* kVersion = "yore " YORE_VERSION;

std::vector<std::string>& arguments() {
  static std::vector<std::string> stored;
  return stored;
}

std::string overview() {
  std::string text =
      "yore: attention over the past. Decide which attention a language needs, prove it, train it, measure "
      "it.\n\n"
      "Usage: yore COMMAND [OPTIONS]\n\nCommands:\n";
  for (const CommandEntry& entry : commands())
    text += fmt::format("  {:<12}{}\n", entry.name(), entry.summary);
  text +=
      "\nyore COMMAND --help shows the options and examples; yore --version the version.\n"
      "Exit codes: 0 done, or yes; 1 a question was answered with no; 2 bad input; 128+n stopped by signal "
      "n.\n";
  return text;
}

// The library's TOML reader, plus the check that every key is one of this command's options.
class Toml : public CLI::ConfigTOML {
 public:
  explicit Toml(const CLI::App& app) : app_(app) {}
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> entries = CLI::ConfigTOML::from_config(input);
    std::vector<std::string> known;
    for (const CLI::Option* option : app_.get_options())
      if (option->get_configurable())
        for (const std::string& name : option->get_lnames()) known.push_back(name);
    for (const CLI::ConfigItem& item : entries) {
      const std::string name = item.fullname();
      if (name == "++" || name == "--") continue;
      if (std::find(known.begin(), known.end(), name) == known.end())
        throw base::InputError("configuration file",
                               fmt::format("unknown key \"{}\"{}", name, base::did_you_mean(name, known)));
    }
    return entries;
  }

 private:
  const CLI::App& app_;
};

// Long options that start like the one that is not there, or look like it.
std::string unknown_option_hint(const CLI::App& app, const std::string& given) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  return base::did_you_mean(given.substr(0, given.find('=')), known);
}

int complain(const std::string& message) {
  std::fflush(stdout);
  const bool colour = ::isatty(STDERR_FILENO) != 0;
  fmt::print(stderr, "{}{}\n",
             colour ? fmt::format(fmt::emphasis::bold | fg(fmt::terminal_color::red), "yore: ")
                    : std::string("yore: "),
             message);
  return kBadInput;
}

int parse_and_run(const CommandEntry& entry, std::vector<std::string> rest) {
  const std::unique_ptr<Command> command = entry.maker.make();
  const std::unique_ptr<CLI::App> app = make_app(entry, *command);
  try {
    std::reverse(rest.begin(), rest.end());  // the library takes arguments last first
    app->parse(rest);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app->help());
    return kOk;
  } catch (const CLI::ExtrasError& e) {
    std::string extra = e.what();
    if (const auto colon = extra.find(": "); colon != std::string::npos) extra = extra.substr(colon + 2);
    // The library lists what is left over last first, separated by blanks.
    const std::string first = extra.substr(0, extra.find(' '));
    const bool option = first.starts_with("-");
    return complain(fmt::format("{}: {} \"{}\"{} (see yore {} --help)", entry.name(),
                                option ? "unknown option" : "one argument too many:", option ? first : extra,
                                option ? unknown_option_hint(*app, first) : "", entry.name()));
  } catch (const CLI::ParseError& e) {
    return complain(fmt::format("{}: {} (see yore {} --help)", entry.name(), e.what(), entry.name()));
  }
  return command->run();
}

}  // namespace

void emit(const std::string& text, const std::string& file) {
  if (file.empty())
    fmt::print("{}", text);
  else
    base::write_file(file, text);
}

const std::vector<std::string>& original_arguments() {
  return arguments();
}

std::unique_ptr<CLI::App> make_app(const CommandEntry& entry, Command& command) {
  auto app = std::make_unique<CLI::App>(std::string("yore ") + entry.name() + ": " + entry.summary);
  app->name(std::string("yore ") + entry.name());
  app->footer(std::string("Examples:\n") + entry.examples);
  app->get_formatter()->column_width(34);
  app->option_defaults()->always_capture_default();
  if (entry.takes_config) {
    app->set_config("--config", "",
                    "Read options from a TOML file: keys are the long option names; the command line wins");
    app->config_formatter(std::make_shared<Toml>(*app));
    app->allow_config_extras(CLI::config_extras_mode::error);
  }
  command.declare(*app);
  return app;
}

int run_program(int argc, char** argv) {
  arguments().assign(argv + 1, argv + argc);
  std::vector<std::string> rest = arguments();
  try {
    if (rest.empty()) {
      fmt::print(stderr, "{}", overview());
      return kBadInput;
    }
    const std::string first = rest.front();
    if (first == "--help" || first == "-h" || first == "help") {
      if (first != "help" || rest.size() < 2) {
        fmt::print("{}", overview());
        return kOk;
      }
      rest = {rest[1], "--help"};
    }
    if (first == "--version") {
      fmt::print("{}\n", kVersion);
      return kOk;
    }
    std::vector<std::string> names;
    for (const CommandEntry& entry : commands()) {
      names.emplace_back(entry.name());
      if (rest.front() != entry.name()) continue;
      if (!entry.here()) become_tensor_program(rest);
      return parse_and_run(entry, {rest.begin() + 1, rest.end()});
    }
    return complain(fmt::format("no command \"{}\"{}\n{}", rest.front(),
                                base::did_you_mean(rest.front(), names), "yore --help lists them"));
  } catch (const base::InputError& e) {
    return complain(e.what());
  } catch (const base::BudgetError& e) {
    return complain(e.what());
  } catch (const std::bad_alloc&) {
    return complain("out of memory");
  } catch (const std::exception& e) {
    // Not the user's fault: say so, and end as a crash would, so that nobody takes it for an answer.
    fmt::print(stderr, "yore: internal error, please report it: {}\n", e.what());
    return 70;
  }
}

}  // namespace yore::cli
