#include "yore/base/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "yore/base/text.h"

namespace yore::base {
namespace {

constexpr double kSilentSeconds = 2;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The first `columns` code points of `text`: a line that wraps cannot be overwritten by the next one.
std::string cut(const std::string& text, int columns) {
  std::size_t end = 0;
  for (int n = 0; end < text.size() && n < columns; ++n) {
    ++end;
    while (end < text.size() && continues(text[end])) ++end;
  }
  return text.substr(0, end);
}

}  // namespace

Progress::Output Progress::Output::standard_error() {
  Output output;
  output.write = [](const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  };
  const char* term = std::getenv("TERM");
  output.terminal = ::isatty(2) == 1 && term != nullptr && std::string_view(term) != "dumb";
  struct winsize size {};
  if (output.terminal && ::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) output.columns = size.ws_col;
  output.clock = steady_seconds;
  return output;
}

Progress::Output Progress::Output::silent() {
  Output output;
  output.write = [](const std::string&) {};
  output.clock = steady_seconds;
  return output;
}

Progress::Progress(std::string label, double total, double done, Output output)
    : label_(std::move(label)), total_(total), start_done_(done), done_(done), output_(std::move(output)) {
  if (!(total > 0)) throw std::invalid_argument("Progress: total must be positive");
  start_ = output_.clock();
}

Progress::~Progress() {
  try {
    finish();
  } catch (...) {  // a display must not take the work down with it
  }
}

void Progress::update(double done, const std::string& note) {
  if (finished_) return;
  done_ = std::clamp(done, 0.0, total_);
  const double now = output_.clock();
  if (now - last_ < (output_.terminal ? output_.terminal_interval : output_.plain_interval)) return;
  last_ = now;
  output_.write(fmt::format(fmt::runtime(output_.terminal ? "\r{}\x1b[K" : "{}\n"), line(now, note)));
}

void Progress::finish(const std::string& note) {
  if (finished_) return;
  finished_ = true;
  const std::string last = line(output_.clock(), note);
  output_.write(fmt::format(fmt::runtime(output_.terminal ? "\r{}\x1b[K\n" : "{}\n"), last));
}

std::string Progress::line(double now, const std::string& note) const {
  const double fraction = done_ / total_;
  const double elapsed = std::max(0.0, now - start_);
  // Work done before a resumption took other time than ours, so it does not count for the rate.
  const double rate = elapsed > 0 ? (done_ - start_done_) / elapsed : 0;
  std::string time;
  if (finished_)
    time = format_duration(elapsed);
  else if (rate > 0)
    time = format_duration((total_ - done_) / rate) + " left";
  else
    time = "--:-- left";
  // Rounded down: 100% is said only when all is done.
  const std::string facts =
      fmt::format("{:3.0f}%  {}{}{}", std::floor(100 * fraction), time, note.empty() ? "" : "  ", note);
  if (!output_.terminal) return fmt::format("{}: {}", label_, facts.substr(facts.find_first_not_of(' ')));
  constexpr int kBar = 24;
  std::string bar;
  if (output_.columns >= 60)
    bar = fmt::format("[{:<{}}] ", std::string(static_cast<std::size_t>(fraction * kBar), '='), kBar);
  return cut(fmt::format("{}  {}{}", label_, bar, facts), output_.columns - 1);
}

Heartbeat::Heartbeat(Progress::Output output)
    : output_(std::move(output)), start_(output_.clock()), next_(start_ + kSilentSeconds) {}

bool Heartbeat::due() {
  const double now = output_.clock();
  if (now < next_) return false;
  next_ = now + output_.plain_interval;
  return true;
}

void Heartbeat::say(const std::string& text) const {
  output_.write(fmt::format("{}  ({})\n", text, format_duration(output_.clock() - start_)));
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "--:--";
  // Beyond about eleven years the figure means nothing, and would overflow.
  const auto whole = static_cast<std::int64_t>(std::llround(std::min(seconds, 359'999'999.0)));
  const std::int64_t h = whole / 3600, m = whole / 60 % 60, s = whole % 60;
  return h > 0 ? fmt::format("{}:{:02}:{:02}", h, m, s) : fmt::format("{}:{:02}", m, s);
}

}  // namespace yore::base
