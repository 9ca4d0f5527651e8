// From arguments to a subcommand to an exit code.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmp.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <optional>
#include <system_error>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/interrupt.h"
#include "yore/base/near_names.h"
#include "yore/base/text.h"
#include "yore/cli/command.h"
#include "yore/cli/config_file.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/cli/tensor_program.h"
#include "yore/version.h"

namespace yore::cli {
namespace {

constexpr const char* kVersion = "yore " YORE_VERSION;

std::vector<std::string>& arguments() {
  static std::vector<std::string> stored;
  return stored;
}

// The library's help, with "..." behind options that take several values.
class HelpText : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    return CLI::Formatter::make_option_opts(option) + (takes_list(*option) ? " ..." : "");
  }
};

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

// Long options that start like the one that is not there, or look like it.
std::string unknown_option_hint(const CLI::App& app, const std::string& given) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  return base::did_you_mean(given.substr(0, given.find('=')), known);
}

// What was given and belongs nowhere; nothing if all found its place.
std::optional<std::string> left_over(const CLI::App& app) {
  std::vector<std::string> extra = app.remaining();
  // What stands behind the mark is no option.
  auto mark = std::ranges::find(extra, "--");
  if (mark != extra.end()) mark = extra.erase(mark);
  if (extra.empty()) return std::nullopt;
  // An option that is not there explains the words behind it, which its value may have been.
  const auto option =
      std::find_if(extra.begin(), mark, [](const std::string& e) { return e.starts_with("-"); });
  if (option == mark) return fmt::format("one argument too many: \"{}\"", fmt::join(extra, " "));
  return fmt::format("unknown option \"{}\"{}", *option, unknown_option_hint(app, *option));
}

int parse_and_run(const CommandEntry& entry, const std::vector<std::string>& arguments) {
  const std::unique_ptr<Command> command = entry.maker.make();
  const std::unique_ptr<CLI::App> app = make_app(entry, *command);
  std::optional<std::string> fault;
  try {
    std::vector<std::string> rest = with_empty_values(*app, arguments);
    std::ranges::reverse(rest);  // the library takes arguments last first
    app->parse(rest);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app->help());
    return kOk;
  } catch (const CLI::ParseError& e) {
    fault = explain(e);
  }
  if (const auto extra = left_over(*app)) fault = extra;
  if (fault) {
    complain(fmt::format("{}: {} (see yore {} --help)", entry.name(), *fault, entry.name()));
    return kBadInput;
  }
  base::end_at_interrupts(fmt::format("yore: {}: stopped by a signal; {}", entry.name(), command->kept()));
  if (entry.computes) say_openblas_choice();
  try {
    return command->run();
  } catch (const base::Interrupted& e) {
    base::catch_interrupts();  // or the line of end_at_interrupts() could come beside this one
    complain(fmt::format("{}; {}", e.what(), command->kept()));
    return base::interrupt_exit_code();
  }
}

// Whether `yore` parses the arguments of a command that runs in yore-tensor: help and refusals then come at
// once, without libtorch. What a --config file says may come from a pipe, which can be read only once.
bool parses_ahead(const std::vector<std::string>& arguments) {
  const auto has = [&](auto&& test) { return std::ranges::any_of(arguments, test); };
  return has([](const std::string& a) { return a == "--help" || a == "-h"; }) ||
         !has([](const std::string& a) { return a.starts_with("--config"); });
}

int dispatch(std::vector<std::string> rest) {
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
    if (!entry.here() && !parses_ahead(rest)) become_tensor_program(rest);
    return parse_and_run(entry, {rest.begin() + 1, rest.end()});
  }
  complain(fmt::format("no command \"{}\"{}\nyore --help lists them", rest.front(),
                       base::did_you_mean(rest.front(), names)));
  return kBadInput;
}

// GMP, which is C, ends the program by abort() where memory ends, and nothing may be thrown through it: the
// program says what it says of std::bad_alloc, and ends at once.
void* with_memory(void* memory) {
  if (memory != nullptr) return memory;
  std::fflush(stdout);
  std::fputs("yore: out of memory\n", stderr);
  ::_exit(kBadInput);
}

void bound_gmp() {
  ::mp_set_memory_functions(
      [](std::size_t bytes) { return with_memory(std::malloc(bytes)); },
      [](void* memory, std::size_t, std::size_t bytes) { return with_memory(std::realloc(memory, bytes)); },
      [](void* memory, std::size_t) { std::free(memory); });
}

// Everything but what a person handed in: a fault of ours, unless the output went nowhere, or the system
// refused a path that nobody asked about before (too long, not allowed, in a loop of links).
int surprised_by(const std::exception& e) {
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&e)) {
    complain(fmt::format("{}: {}", base::shortened(file->path1().string(), 200), file->code().message()));
    return kBadInput;
  }
  if (const auto* system = dynamic_cast<const std::system_error*>(&e)) {
    if (std::ferror(stdout) != 0) return lost_output(system->code().value());
    if (std::ferror(stderr) != 0) return kBadInput;  // nobody to tell
  }
  constexpr int kNotUtf8 = 316;
  if (const auto* json = dynamic_cast<const base::Json::type_error*>(&e);
      json != nullptr && json->id == kNotUtf8) {
    complain(
        "a name or text that was given is not UTF-8, and would have to be kept in a JSON file, which is");
    return kBadInput;
  }
  complain(fmt::format("internal error, please report it: {}", e.what()));
  return kInternalError;
}

}  // namespace

const std::vector<std::string>& original_arguments() {
  return arguments();
}

std::unique_ptr<CLI::App> make_app(const CommandEntry& entry, Command& command) {
  auto app = std::make_unique<CLI::App>(std::string("yore ") + entry.name() + ": " + entry.summary);
  app->name(std::string("yore ") + entry.name());
  app->footer(std::string("Examples:\n") + entry.examples);
  app->formatter(std::make_shared<HelpText>());
  app->get_formatter()->column_width(34);
  app->option_defaults()->always_capture_default();
  app->allow_extras();  // refused after parsing, in our words
  if (entry.takes_config) {
    app->set_config("--config", "",
                    "Read options from a TOML file: keys are the long option names; the command line wins")
        ->check(a_path());
    app->config_formatter(toml_config(*app));
  }
  command.declare(*app);
  check_values(*app);
  return app;
}

int run_program(int argc, char** argv) {
  open_standard_files();
  bound_gmp();
  arguments().assign(argv + 1, argv + argc);
  int exit_code = kOk;
  try {
    exit_code = dispatch(arguments());
  } catch (const base::InputError& e) {
    complain(e.what());
    exit_code = kBadInput;
  } catch (const base::BudgetError& e) {
    complain(e.what());
    exit_code = kBadInput;
  } catch (const std::bad_alloc&) {
    complain("out of memory");
    exit_code = kBadInput;
  } catch (const std::exception& e) {
    exit_code = surprised_by(e);
  }
  return finish_output(exit_code);
}

}  // namespace yore::cli
