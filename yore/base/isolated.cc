#include "yore/base/isolated.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <stdexcept>
#include <vector>

#include "yore/base/budget.h"
#include "yore/base/interrupt.h"
#include "yore/base/text.h"

namespace yore::base {
namespace {

// A result travels through a pipe: one of these, then the text.
constexpr char kReturned = 'r', kThrew = 't';

// The child's whole life. _exit: nothing of the parent's buffers is to be written a second time.
[[noreturn]] void work(int out, int seconds, pid_t parent, std::size_t index,
                       const std::function<std::string(std::size_t)>& job) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::signal(SIGXCPU, SIG_DFL);
  // A terminal's Ctrl-C reaches all of us; the parent decides, and ends its children.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  const rlimit time{static_cast<rlim_t>(seconds), static_cast<rlim_t>(seconds) + 1};
  ::setrlimit(RLIMIT_CPU, &time);
  std::string message;
  try {
    message = kReturned + job(index);
  } catch (const std::exception& error) {
    message = kThrew + std::string(error.what());
  } catch (...) {
    message = std::string(1, kThrew) + "an exception of unknown type";
  }
  for (std::size_t done = 0; done < message.size();) {
    const ssize_t n = ::write(out, message.data() + done, message.size() - done);
    if (n < 0 && errno != EINTR) ::_exit(1);
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  ::_exit(0);
}

// The processes that run; those left over are ended.
class Pool {
 public:
  ~Pool() {
    for (const Running& one : running_) {
      ::kill(one.pid, SIGKILL);
      (void)wait(one.pid);
      ::close(one.in);
    }
  }
  std::size_t size() const { return running_.size(); }

  void start(std::size_t index, int seconds, const std::function<std::string(std::size_t)>& job) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw std::runtime_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) work(ends[1], seconds, parent, index, job);
    const int why = errno;
    ::close(ends[1]);
    if (pid < 0) {
      ::close(ends[0]);
      throw std::runtime_error(fmt::format("cannot start a process: {}", std::strerror(why)));
    }
    running_.push_back({index, pid, ends[0], ""});
  }

  // Waits until something happens, and hands over who has ended.
  void collect(int seconds, std::map<std::size_t, IsolatedResult>& done) {
    std::vector<pollfd> watched;
    for (const Running& one : running_) watched.push_back({one.in, POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0) return;  // a signal
    for (std::size_t i = watched.size(); i-- > 0;) {
      if (watched[i].revents == 0) continue;
      Running& one = running_[i];
      char buffer[1 << 16];
      const ssize_t n = ::read(one.in, buffer, sizeof buffer);
      if (n > 0) one.message.append(buffer, static_cast<std::size_t>(n));
      if (n > 0 || (n < 0 && errno == EINTR)) continue;
      ::close(one.in);
      done[one.index] = result(one.message, wait(one.pid), seconds);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

 private:
  struct Running {
    std::size_t index;
    pid_t pid;
    int in;
    std::string message;
  };

  static int wait(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  static IsolatedResult result(const std::string& message, int status, int seconds) {
    if (WIFSIGNALED(status)) {
      const int signal = WTERMSIG(status);
      if (signal == SIGXCPU)
        return {"", fmt::format("took more than {} of processor time", base::counted(seconds, "second"))};
      return {"", fmt::format("ended by signal {} ({})", signal, ::strsignal(signal))};
    }
    if (WEXITSTATUS(status) != 0 || message.empty()) return {"", "ended without a result"};
    if (message[0] == kReturned) return {message.substr(1), ""};
    return {"", message.size() > 1 ? message.substr(1) : "an exception without a message"};
  }

  std::vector<Running> running_;
};

}  // namespace

void for_each_isolated(std::size_t count, const IsolatedLimits& limits,
                       const std::function<std::string(std::size_t)>& job,
                       const std::function<void(std::size_t, const IsolatedResult&)>& visit) {
  if (limits.at_once < 1 || limits.seconds < 1)
    throw std::invalid_argument("for_each_isolated: at_once and seconds must be at least 1");
  Pool pool;
  std::map<std::size_t, IsolatedResult> done;
  std::size_t started = 0, visited = 0;
  while (visited < count) {
    if (interrupted()) throw Interrupted(fmt::format("after {} of {}", visited, count));
    while (started < count && pool.size() < static_cast<std::size_t>(limits.at_once)) {
      pool.start(started, limits.seconds, job);
      ++started;
    }
    pool.collect(limits.seconds, done);
    for (auto first = done.begin(); first != done.end() && first->first == visited; first = done.begin()) {
      visit(visited, first->second);
      done.erase(first);
      ++visited;
    }
  }
}

}  // namespace yore::base
