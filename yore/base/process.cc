#include "yore/base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <utility>

#include "yore/base/error.h"

namespace yore::base {
namespace {

/// One above those of the standard streams.
class HighDescriptor {
 public:
  explicit HighDescriptor(int fd = -1) : fd_(fd) {
    // Never 0, 1 or 2 (possible when we were started without them): the child's dup2 calls would overwrite
    // each other.
    if (fd_ >= 0 && fd_ <= 2) {
      fd_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
      ::close(fd);
    }
  }
  HighDescriptor(HighDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  HighDescriptor& operator=(HighDescriptor&&) = delete;
  ~HighDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  void close() { ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& what, const char* doing, int error) {
  throw InputError(what, fmt::format("cannot {}: {}", doing, std::strerror(error)));
}

// A file in memory. Input and output pass through such files rather than pipes: neither side can then block
// the other, and a program that never reads its input does not send us SIGPIPE.
HighDescriptor memory_file(const std::string& program) {
  HighDescriptor file{::memfd_create("yore", MFD_CLOEXEC)};
  // Several processes may write to one such file, whose place in it the kernel does not guard for files of
  // this kind: without appending, one line in thousands stood where another was written.
  if (file.get() < 0 || ::fcntl(file.get(), F_SETFL, O_APPEND) != 0)
    fail(program, "prepare its input and output", errno);
  return file;
}

std::string content(const HighDescriptor& file) {
  std::string bytes;
  char buffer[1 << 16];
  off_t at = 0;
  for (;;) {
    const ssize_t n = ::pread(file.get(), buffer, sizeof buffer, at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
    at += n;
  }
}

std::string name_of(const std::string& entry) {
  return entry.substr(0, entry.find('='));
}

std::vector<std::string> environment_with(const std::vector<std::string>& changes) {
  std::vector<std::string> result = changes;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool replaced = false;
    for (const auto& change : changes) replaced = replaced || name_of(change) == name_of(*entry);
    if (!replaced) result.emplace_back(*entry);
  }
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (auto& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

struct Streams {
  int in, out, err;
};

// Starts argv[0]. A failing exec is reported through a pipe that a successful one closes, so "no such
// program" is an exception here rather than an odd exit code later. Between fork and exec only
// async-signal-safe calls are made.
pid_t start(std::vector<std::string> argv, const Streams& streams, const std::vector<std::string>& changes,
            bool beside) {
  if (argv.empty()) throw std::invalid_argument("process: no program given");
  const auto program = find_program(argv[0]);
  if (!program) throw InputError(argv[0], "no such program on PATH, or not executable");
  std::vector<std::string> environment = environment_with(changes);
  const auto arguments = pointers(argv);
  const auto entries = pointers(environment);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(argv[0], "start it", errno);
  HighDescriptor read_end{ends[0]}, write_end{ends[1]};
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) fail(argv[0], "start it", errno);
  if (pid == 0) {
    if (beside) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(128 + SIGTERM);  // it died before we asked to be told
    }
    if (::dup2(streams.in, 0) >= 0 && ::dup2(streams.out, 1) >= 0 && ::dup2(streams.err, 2) >= 0)
      ::execve(program->c_str(), arguments.data(), entries.data());
    const int why = errno;
    [[maybe_unused]] const ssize_t ignored = ::write(write_end.get(), &why, sizeof why);
    ::_exit(127);
  }
  write_end.close();
  int why = 0;
  ssize_t n;
  do {
    n = ::read(read_end.get(), &why, sizeof why);
  } while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(sizeof why)) {
    ::waitpid(pid, nullptr, 0);
    fail(argv[0], "start it", why);
  }
  return pid;
}

int decode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool executable(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<std::filesystem::path> find_program(const std::string& program) {
  if (program.find('/') != std::string::npos)
    return executable(program) ? std::optional<std::filesystem::path>(program) : std::nullopt;
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "/usr/bin:/bin" : path;
  for (std::size_t from = 0; !program.empty() && from <= folders.size();) {
    const std::size_t to = std::min(folders.find(':', from), folders.size());
    const std::string folder = folders.substr(from, to - from);
    const std::filesystem::path candidate = std::filesystem::path(folder.empty() ? "." : folder) / program;
    if (executable(candidate)) return candidate;
    from = to + 1;
  }
  return std::nullopt;
}

ProcessResult run_process(const std::vector<std::string>& argv, const std::string& input) {
  const std::string name = argv.empty() ? "" : argv[0];
  const HighDescriptor in = memory_file(name), out = memory_file(name), err = memory_file(name);
  for (std::size_t done = 0; done < input.size();) {
    const ssize_t n = ::pwrite(in.get(), input.data() + done, input.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno != EINTR) fail(name, "hand it its input", errno);
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  const pid_t pid = start(argv, {in.get(), out.get(), err.get()}, {}, false);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return {decode(status), content(out), content(err)};
}

Child::Child(const std::vector<std::string>& argv, const std::filesystem::path& log,
             const std::vector<std::string>& environment) {
  const HighDescriptor in{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  if (in.get() < 0) fail("/dev/null", "open", errno);
  if (log.empty()) {
    pid_ = start(argv, {in.get(), STDOUT_FILENO, STDERR_FILENO}, environment, true);
    return;
  }
  const HighDescriptor out{::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
  if (out.get() < 0) fail(log.string(), "open", errno);
  pid_ = start(argv, {in.get(), out.get(), out.get()}, environment, true);
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), exit_code_(other.exit_code_) {}

Child::~Child() {
  if (pid_ < 0 || exit_code_) return;
  terminate();
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(kGraceSeconds);
  while (!poll()) {
    if (Clock::now() >= deadline) ::kill(-pid_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::optional<int> Child::poll() {
  if (pid_ < 0 || exit_code_) return exit_code_;
  int status = 0;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == pid_) exit_code_ = decode(status);
  if (ended < 0 && errno == ECHILD) exit_code_ = 127;  // someone else reaped it: never wait for it for ever
  return exit_code_;
}

void Child::terminate() {
  if (pid_ >= 0 && !poll()) ::kill(-pid_, SIGTERM);
}

std::string shell_quoted(const std::string& text) {
  const bool plain =
      !text.empty() && text.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+."
                           "/:,") == std::string::npos;
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::filesystem::path own_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace yore::base
