#include "yore/base/budget.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <utility>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"

namespace yore::base {
namespace {

// The number in a file such as memory.max; unlimited if it says "max" or is not there.
std::size_t number_in(const std::string& path) {
  std::ifstream file(path);
  std::size_t value = 0;
  return file >> value ? value : kNoLimit;
}

// The least limit of this process's control group and those above it.
std::size_t group_limit() {
  std::size_t least = kNoLimit;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    // "0::/user.slice/a.scope" (version 2), "9:memory:/a" (version 1).
    const std::size_t second = line.find(':', line.find(':') + 1);
    if (second == std::string::npos) continue;
    const bool unified = line.starts_with("0::");
    if (!unified && line.find("memory") >= second) continue;
    const std::string root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    const std::string file = unified ? "/memory.max" : "/memory.limit_in_bytes";
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      least = std::min(least, number_in(root + (path == "/" ? "" : path) + file));
      if (path.empty() || path.find('/') == std::string::npos) break;
    }
  }
  return least;
}

std::size_t process_limit() {
  std::size_t least = kNoLimit;
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    struct rlimit limit {};
    if (::getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
      least = std::min(least, static_cast<std::size_t>(limit.rlim_cur));
  }
  return least;
}

}  // namespace

Budget::Budget(std::string doing, BudgetLimits limits)
    : doing_(std::move(doing)), limits_(std::move(limits)), start_(std::chrono::steady_clock::now()) {}

double Budget::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

bool Budget::take(std::size_t steps) {
  if (end_ != End::None) return false;
  count_ += steps;
  if (interrupted())
    end_ = End::Interrupted;
  else if (count_ > limits_.count || count_ < steps)  // or past what can be counted
    end_ = End::Count;
  else if (limits_.seconds > 0 && seconds() > limits_.seconds)
    end_ = End::Time;
  return end_ == End::None;
}

bool Budget::afford(std::size_t steps) {
  if (take(steps)) return true;
  if (end_ == End::Interrupted) fail();
  return false;
}

void Budget::spend(std::size_t steps) {
  if (!take(steps)) fail();
}

void Budget::hold(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > limits_.bytes && end_ == End::None) end_ = End::Memory;
  if (end_ == End::Memory) fail();
}

void Budget::fail() const {
  if (end_ == End::Interrupted) throw Interrupted(doing_);
  const std::string remedy = limits_.option.empty() ? "ask for less" : "raise it with --" + limits_.option;
  const std::string name = limits_.option.empty() ? doing_ : limits_.option;
  if (end_ == End::Time)
    throw BudgetError(name, static_cast<std::size_t>(limits_.seconds), doing_ + " (seconds)", remedy);
  if (end_ == End::Memory) throw BudgetError(name, limits_.bytes, doing_ + " (bytes)", remedy);
  throw BudgetError(name, limits_.count, doing_, remedy);
}

std::string Budget::report() const {
  const char* why = end_ == End::Interrupted ? ", stopped by a signal"
                    : end_ == End::Count     ? ", past the budget of steps"
                    : end_ == End::Time      ? ", past the budget of time"
                    : end_ == End::Memory    ? ", past the budget of memory"
                                             : "";
  return fmt::format("{}: {} steps in {:.1f} s{}", doing_, count_, seconds(), why);
}

std::size_t memory_limit() {
  const auto pages = static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  const auto page = static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
  const std::size_t machine = pages * page;
  return std::min({machine == 0 ? kNoLimit : machine, group_limit(), process_limit()});
}

std::string format_bytes(double bytes) {
  if (bytes < 1e6) return fmt::format("{:.0f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return bytes < 1e15 ? fmt::format("{:.1f} GB", bytes / 1e9) : fmt::format("{:.1e} GB", bytes / 1e9);
}

void require_memory(const std::string& source, double bytes, const std::string& what) {
  const auto limit = static_cast<double>(memory_limit());
  if (bytes <= limit) return;
  throw InputError(source, fmt::format("{} would need about {} of memory, and this process may have {}", what,
                                       format_bytes(bytes), format_bytes(limit)));
}

}  // namespace yore::base
