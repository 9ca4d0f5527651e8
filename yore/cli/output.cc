#include "yore/cli/output.h"

#include <fcntl.h>
#include <fmt/color.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/text.h"
#include "yore/base/write_pieces.h"
#include "yore/cli/command.h"
#include "yore/foreign/foreign.h"
#include "yore/runs/run_folder.h"

namespace yore::cli {

void emit(const std::string& text, const std::string& file) {
  if (file.empty())
    fmt::print("{}", text);
  else
    base::write_file(file, text, base::Parents::MustExist);
}

void deliver(const std::string& text, const std::string& file) {
  emit(text, file);
  if (file.empty()) return;
  fmt::print(report_stream(file), "written to {}\n", file);
}

bool stands_beside_output(const std::filesystem::path& file) {
  struct stat of_file {};
  struct stat of_output {};
  if (::stat(file.c_str(), &of_file) != 0 || !S_ISREG(of_file.st_mode)) return false;
  return ::fstat(STDOUT_FILENO, &of_output) != 0 || of_file.st_dev != of_output.st_dev ||
         of_file.st_ino != of_output.st_ino;
}

std::FILE* report_stream(const std::string& file) {
  return file.empty() || stands_beside_output(file) ? stdout : stderr;
}

std::string form_to_print(const std::string& to, const std::string& file, const std::string& form) {
  if (!to.empty()) return to;
  return file.empty() && ::isatty(STDOUT_FILENO) != 0 ? "text" : form;
}

void check_output(const std::string& file, bool force) {
  std::error_code ignored;
  if (file.empty() && force)
    throw base::InputError("--force", "replaces the file to write, and none is named");
  if (file.empty()) return;
  if (std::filesystem::is_directory(file, ignored))
    throw base::InputError(file, "is a folder, expected a file to write");
  // Before hours of work are lost for it.
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    throw base::InputError(file, fmt::format("cannot write: {} (expected the folder {} to be there)",
                                             std::strerror(ENOENT), folder.string()));
  if (!force && stands_beside_output(file)) throw base::InputError(file, "exists; --force replaces it");
  base::require_writable(file);
}

void check_folder(const std::filesystem::path& folder, bool force, const std::string& what) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(folder))) return;
  const std::string name = folder.string();
  if (!std::filesystem::is_directory(folder))
    throw base::InputError(name, "is a file, expected a folder to write");
  if (runs::is_run_folder(folder) && !foreign::is_foreign(folder))
    throw base::InputError(name, "is the folder of a training run, whose model is its own");
  std::error_code unread;
  if (!force && !std::filesystem::is_empty(folder, unread))
    throw base::InputError(name, fmt::format("exists; --force replaces {}", what));
}

void write_folder(const std::filesystem::path& output, bool force, const std::string& what,
                  const std::function<void(const std::filesystem::path&)>& write) {
  check_folder(output, force, what);
  if (std::filesystem::exists(std::filesystem::symlink_status(output))) return write(output);
  std::filesystem::path folder = std::filesystem::absolute(output).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const std::filesystem::path beside = base::beside(folder);
  std::error_code error;
  std::filesystem::create_directories(beside, error);
  if (error) throw base::InputError(output.string(), "cannot create the folder: " + error.message());
  try {
    write(beside);
    std::filesystem::rename(beside, folder, error);
    if (error == std::errc::directory_not_empty || error == std::errc::file_exists)
      throw base::InputError(
          output.string(),
          fmt::format("was written by another process in the meantime; --force replaces {}", what));
    if (error) throw base::InputError(output.string(), "cannot rename into place: " + error.message());
  } catch (...) {
    std::filesystem::remove_all(beside, error);
    throw;
  }
}

void open_standard_files() {
  // The lowest free descriptor is the one that open() returns.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
      // The wrong way round for the first two: reading and writing fail as on the closed descriptor.
      if (::open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY) != fd) return;
    }
}

int lost_output(int why) {
  if (why == EPIPE) return 128 + SIGPIPE;
  complain(fmt::format("standard output: cannot write: {}", std::strerror(why)));
  return kBadInput;
}

void flush_output() {
  if (std::fflush(stdout) != 0)
    throw std::system_error(errno, std::generic_category(), "standard output: cannot write");
}

int finish_output(int exit_code) {
  return std::fflush(stdout) == 0 ? exit_code : lost_output(errno);
}

void complain(const std::string& message) {
  std::fflush(stdout);
  const bool colour = ::isatty(STDERR_FILENO) != 0;
  const std::string text =
      fmt::format("{}{}\n",
                  colour ? fmt::format(fmt::emphasis::bold | fg(fmt::terminal_color::red), "yore: ")
                         : std::string("yore: "),
                  base::visible(message));
  std::fputs(text.c_str(), stderr);
}

}  // namespace yore::cli
