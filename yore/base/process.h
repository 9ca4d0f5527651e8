// Other programs: run one to its end with text in and out, or keep several going.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace yore::base {

/// What a finished program left behind.
struct ProcessResult {
  int exit_code = 0;  ///< its exit status; 128 + signal number if a signal ended it
  std::string out;    ///< everything it wrote to standard output
  std::string err;    ///< everything it wrote to standard error
};

/// The full path of `program` on PATH (or itself if it contains a slash and is executable), empty if there is
/// none.
std::optional<std::filesystem::path> find_program(const std::string& program);

/// Runs argv[0] with the arguments given, feeds `input` to it, and waits. Throws InputError if it cannot be
/// started (naming the program). It stays in our process group: a terminal's Ctrl-C ends it too.
ProcessResult run_process(const std::vector<std::string>& argv, const std::string& input = "");

/// A child that runs beside us, with standard output and standard error appended to one log file and its own
/// process group, so that a terminal's Ctrl-C reaches only the parent, which decides. It gets SIGTERM if we
/// die. The destructor terminates it and waits: after kGraceSeconds it is killed.
class Child {
 public:
  /// How long the destructor lets a terminated child save its work.
  static constexpr double kGraceSeconds = 20;

  /// An empty `log`: it writes where we do. `environment`: "NAME=value" entries that replace or extend ours.
  /// Throws InputError if the program cannot be started or the log cannot be opened.
  Child(const std::vector<std::string>& argv, const std::filesystem::path& log,
        const std::vector<std::string>& environment = {});
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// The exit code (as in ProcessResult) once it has ended, nothing while it runs. Never blocks.
  std::optional<int> poll();
  /// Sends SIGTERM to it and to what it started, if it still runs.
  void terminate();

 private:
  pid_t pid_;
  std::optional<int> exit_code_;
};

/// `text` as one word of a POSIX shell's command line, in quotes where it needs them.
std::string shell_quoted(const std::string& text);

/// The folder this program's executable lies in.
std::filesystem::path own_folder();

}  // namespace yore::base
