// Progress on standard error: a bar with the time left on a terminal, a plain line now and then elsewhere.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace yore::base {

/// Shows how far a known amount of work has come. One thread at a time.
class Progress {
 public:
  /// Where lines go and whether that is a terminal; the default is standard error. For tests, and for
  /// --quiet.
  struct Output {
    std::function<void(const std::string&)> write;
    bool terminal = false;
    int columns = 80;
    /// Seconds between updates: on a terminal, and elsewhere.
    double terminal_interval = 0.1;
    double plain_interval = 10;
    /// Seconds since some fixed point; replaced in tests.
    std::function<double()> clock;
    static Output standard_error();
    static Output silent();
  };

  /// `label` names the work, `total` > 0 its amount; `done` > 0 when it is resumed (does not count for the
  /// rate).
  Progress(std::string label, double total, double done = 0, Output output = Output::standard_error());
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `total` is reached; `note` is a short text such as "loss 0.12". Prints when an interval has
  /// passed.
  void update(double done, const std::string& note = "");
  /// Ends the display with a last line; called by the destructor if not before.
  void finish(const std::string& note = "");

 private:
  std::string line(double now, const std::string& note) const;
  std::string label_;
  double total_, start_done_, done_, start_, last_ = -1e300;
  bool finished_ = false;
  Output output_;
};

/// Says now and then where work of unknown length has come to: a line after two seconds, so that what is done
/// at once says nothing, and then one every Output::plain_interval. One thread at a time.
class Heartbeat {
 public:
  explicit Heartbeat(Progress::Output output = Progress::Output::standard_error());
  /// Prints `text()` if it is time for a line.
  template <class Text>
  void beat(const Text& text) {
    if (due()) say(text());
  }

 private:
  bool due();
  void say(const std::string& text) const;
  Progress::Output output_;
  double start_, next_;
};

/// "1:05" or "2:03:04" for seconds.
std::string format_duration(double seconds);

}  // namespace yore::base
