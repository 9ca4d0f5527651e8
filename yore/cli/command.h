// What a subcommand is. A new one costs one file and one row of the table in commands.cc.
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
  kBadInput = 2,  ///< what was handed in cannot be used, nothing was changed; or what was printed is lost
  /// A fault of ours. Ends as a crash would, so that nobody takes it for an answer.
  kInternalError = 70,
};

/// One subcommand: its options and what it does with them.
class Command {
 public:
  virtual ~Command() = default;
  /// Adds the options; the fields they fill live in the command object.
  virtual void declare(CLI::App& app) = 0;
  /// Called after a successful parse. Returns the process's exit code.
  virtual int run() = 0;
  /// What is left of a run() that a signal stopped before it could hand back anything; ends a message.
  virtual std::string kept() const { return "nothing was written"; }
};

/// How to make a subcommand NAME, which its file defines as `std::unique_ptr<Command> make_NAME()`.
struct Maker {
  const char* name;
  std::unique_ptr<Command> (*make)();
  /// False for the commands of cli/tensor in `yore`, which is linked without them: `make` is make_NAME_line,
  /// of cli/NAME_line.h, then.
  bool here;
};

/// A row of the table.
struct CommandEntry {
  Maker maker;
  const char* summary;        ///< one line for `yore --help`
  const char* examples;       ///< shown under `yore NAME --help`
  bool takes_config = false;  ///< accepts --config FILE.toml
  bool computes = true;       ///< whether how fast the tensor half computes matters to it

  const char* name() const { return maker.name; }
  /// Whether this program can run it.
  bool here() const { return maker.here; }
};

/// All subcommands in the order of the help.
std::span<const CommandEntry> commands();

/// A parser for one subcommand with its options declared on `command`.
std::unique_ptr<CLI::App> make_app(const CommandEntry& entry, Command& command);

/// The arguments this process was started with (argv[1..]).
const std::vector<std::string>& original_arguments();

/// The whole program: parses, dispatches, turns exceptions into messages and exit codes.
int run_program(int argc, char** argv);

}  // namespace yore::cli
