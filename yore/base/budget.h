// What a long computation may use, in one object: a number of steps, time, memory, and whether somebody wants
// it to stop (Ctrl-C, SIGTERM). The loop asks at every step and ends within it. Who answers a signal with
// what is known so far asks take(); who answers "unknown" when a limit is reached, but not when a signal
// came, asks afford(); who can answer neither asks spend().
//
//   base::Budget budget("drawing the words of 41-100", {.count = 1000, .option = "max-words"});
//   for (;;) {
//     // Interrupted, or BudgetError: "drawing ... went past the budget of 1000 (raise it ..)"
//     budget.spend();
//     ..
//   }
#pragma once
#include <chrono>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>

namespace yore::base {

/// A computation that had nothing to hand back was stopped by Ctrl-C or SIGTERM. The program ends with
/// interrupt_exit_code().
class Interrupted : public std::runtime_error {
 public:
  /// `doing`: what was stopped, e.g. "drawing the words of 41-100".
  explicit Interrupted(const std::string& doing) : std::runtime_error(doing + ": stopped by a signal") {}
};

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct BudgetLimits {
  std::size_t count = kNoLimit;  ///< steps
  double seconds = 0;            ///< on a clock that nobody sets; 0 = no limit
  std::size_t bytes = kNoLimit;  ///< that hold() was told of and release() was not
  std::string option{};          ///< that raises the one at fault, without dashes; empty = there is none
};

class Budget {
 public:
  /// Why the computation must end.
  enum class End { None, Interrupted, Count, Time, Memory };

  /// `doing` names the computation in messages. The clock starts now.
  explicit Budget(std::string doing, BudgetLimits limits = {});

  /// Counts `steps` more. False if they are too many, if the time is over or a signal came; end() then says
  /// which, and it stays so.
  bool take(std::size_t steps = 1);
  /// As take(), but throws Interrupted if a signal came: that is no answer.
  bool afford(std::size_t steps = 1);
  /// As take(), but throws Interrupted or BudgetError.
  void spend(std::size_t steps = 1);
  /// Counts `bytes` more of memory. Throws BudgetError if they are too many.
  void hold(std::size_t bytes);
  /// Counts them no more: they were given back.
  void release(std::size_t bytes) { bytes_ -= bytes; }

  End end() const { return end_; }
  std::size_t count() const { return count_; }
  /// Steps before the limit; none once the budget has ended.
  std::size_t left() const {
    return end_ == End::None && count_ < limits_.count ? limits_.count - count_ : 0;
  }
  std::size_t bytes() const { return bytes_; }
  double seconds() const;
  /// One line for people: what it was doing, how far it came, and why it ended if it has to.
  std::string report() const;

 private:
  [[noreturn]] void fail() const;

  std::string doing_;
  BudgetLimits limits_;
  std::chrono::steady_clock::time_point start_;
  std::size_t count_ = 0, bytes_ = 0;
  End end_ = End::None;
};

/// How much memory this process may have: what the machine has, or less if a limit of the process (ulimit -v)
/// or of its control group says so.
std::size_t memory_limit();

/// "24.0 GB".
std::string format_bytes(double bytes);

/// Throws InputError(`source`) if `bytes` are more than memory_limit(), saying what needs them ("12 test
/// words") and how much there is. For what is known to be needed before anything is begun.
void require_memory(const std::string& source, double bytes, const std::string& what);

}  // namespace yore::base
