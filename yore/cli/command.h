// What a subcommand is. One file per subcommand; main.cc is a table of them.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <span>
#include <string>

namespace yore::cli {

/// Exit codes, the same for every subcommand.
enum ExitCode {
  kOk = 0,        ///< done; or the answer is yes
  kNo = 1,        ///< a question was asked and the answer is not yes (equivalent, classify --is, a study with
                  ///< failed runs)
  kBadInput = 2,  ///< what was handed in cannot be used; nothing was changed
};

/// One subcommand: its options and what it does with them.
class Command {
 public:
  virtual ~Command() = default;
  /// Adds the options; the fields they fill live in the command object.
  virtual void declare(CLI::App& app) = 0;
  /// Called after a successful parse. Returns the process's exit code.
  virtual int run() = 0;
};

/// A row of the table.
struct CommandEntry {
  const char* name;
  const char* summary;   ///< one line for `yore --help`
  const char* examples;  ///< shown under `yore NAME --help`
  std::unique_ptr<Command> (*make)();
  bool takes_config = false;  ///< accepts --config FILE.toml
};

std::unique_ptr<Command> make_classify();
std::unique_ptr<Command> make_languages();
std::unique_ptr<Command> make_equivalent();
std::unique_ptr<Command> make_convert();
std::unique_ptr<Command> make_sample();
std::unique_ptr<Command> make_compile();
std::unique_ptr<Command> make_verify();
std::unique_ptr<Command> make_run();
std::unique_ptr<Command> make_extract();
std::unique_ptr<Command> make_picture();
std::unique_ptr<Command> make_train();
std::unique_ptr<Command> make_evaluate();
std::unique_ptr<Command> make_study();
std::unique_ptr<Command> make_export();
std::unique_ptr<Command> make_import();
std::unique_ptr<Command> make_completion();

/// All subcommands in the order of the help.
std::span<const CommandEntry> commands();

/// A parser for one subcommand with its options declared on `command`.
std::unique_ptr<CLI::App> make_app(const CommandEntry& entry, Command& command);

/// The arguments this process was started with (argv[1..]), for handing on to the tensor program.
const std::vector<std::string>& original_arguments();

/// Prints `text` to standard output, or replaces `file` by it if one is named.
void emit(const std::string& text, const std::string& file);

/// The whole program: parses, dispatches, turns exceptions into messages and exit codes.
int run_program(int argc, char** argv);

}  // namespace yore::cli
