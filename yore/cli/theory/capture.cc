// yore capture: do the samples that sizes of a task need grow like a + b ln T, or like a power of T?
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "yore/base/bounded_file.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/progress.h"
#include "yore/base/text.h"
#include "yore/cli/command.h"
#include "yore/cli/option_values.h"
#include "yore/study/capture/verdict.h"

namespace yore::cli {
namespace {

using study::Judgement;
using study::Needed;

double number_of(const std::string& text, const std::string& place) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    throw base::InputError(place, fmt::format("expected a number, found \"{}\"", base::shortened(text, 80)));
  return number;
}

// Far more than the points that the budget allows.
constexpr std::size_t kMostPointBytes = std::size_t{1} << 24;
// Beyond it not every whole number is a double.
constexpr double kMostSamples = 9'007'199'254'740'992;

double number_within(const std::string& text, const std::string& what, double least,
                     const std::string& place) {
  const double number = number_of(text, place);
  if (number >= least && number <= kMostSamples) return number;
  throw base::InputError(place, fmt::format("expected {} from {} to {:.0f} (2^53), found {}", what, least,
                                            kMostSamples, base::shortened(text, 40)));
}

// Without blanks at its ends; those within are no part of a number.
std::string trimmed(const std::string& text) {
  constexpr const char* kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Lines "SIZE,SAMPLES" or "SIZE,>SAMPLES"; the first one may name the columns.
study::NeededSet read_points(const std::string& path) {
  const std::string bytes = base::read_bounded_file(path, kMostPointBytes);
  const std::string_view text = base::after_byte_order_mark(bytes);
  study::NeededSet points;
  std::set<double> there;
  int line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line(text.substr(at, end - at));
    at = end + 1;
    ++line_number;
    line = trimmed(line);
    if (line.empty() || (line_number == 1 && line == "size,samples")) continue;
    const std::string place = fmt::format("{}:{}", path, line_number);
    const std::size_t comma = line.find(',');
    if (comma == std::string::npos)
      throw base::InputError(place, fmt::format("expected SIZE,SAMPLES such as 16,8 or 16,>256; found \"{}\"",
                                                base::shortened(line, 80)));
    const double size = number_within(trimmed(line.substr(0, comma)), "a size", 1, place);
    std::string samples = trimmed(line.substr(comma + 1));
    const bool censored = samples.starts_with('>');
    if (censored) samples = trimmed(samples.substr(1));
    const double n = number_within(samples, "samples", 0, place);
    if (!there.insert(size).second)
      throw base::InputError(place, fmt::format("the size {:g} is there twice", size));
    points.push_back(censored ? study::more_than(size, n) : study::exactly(size, n));
  }
  std::vector<double> sizes;
  for (const Needed& p : points) sizes.push_back(p.size);
  study::require_sizes(sizes, path);
  return points;
}

class CaptureCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option(
           "FILE", file_,
           "Lines SIZE,SAMPLES: the samples that a size needs, or >N where N were not enough; five sizes or "
           "more, the largest ten times the smallest. The first line may be size,samples")
        ->required()
        ->check(a_path());
    app.add_option("--replicates", replicates_, "Sets of points drawn from the best law with its noise")
        ->check(CLI::Range(20, 100'000));
    app.add_option("--max-fits", max_fits_, "Budget: sizes times replicates")->check(CLI::PositiveNumber);
    app.add_option("--seed", seed_, "Of these");
    app.add_flag("--json", json_, "Print one JSON object");
  }

  int run() override {
    const study::NeededSet points = read_points(file_);
    const Judgement j = judge(points);
    if (json_)
      print_json(j);
    else
      print(j);
    return kOk;
  }

 private:
  // Of all that is fitted the cost is known before it begins.
  Judgement judge(const study::NeededSet& points) const {
    const std::string doing = fmt::format("fitting {} replicates of {} sizes", replicates_, points.size());
    const auto replicates = static_cast<std::size_t>(replicates_);
    base::Budget whole(doing, {.count = max_fits_, .option = "max-fits"});
    whole.spend(points.size() * replicates);
    base::require_memory(file_, static_cast<double>(sizeof(Needed) * whole.count()), doing);
    base::Budget budget(doing);
    std::optional<base::Progress> progress;
    return study::judge(points, study::redrawn(points, replicates_, seed_), [&] {
      budget.spend();
      // What is done at once needs no line.
      if (!progress && budget.seconds() > 2) progress.emplace(doing, replicates_);
      if (progress) progress->update(static_cast<double>(budget.count()));
    });
  }

  static void print(const Judgement& j) {
    fmt::print("{}: {}\n", study::name_of(j.verdict), j.reason);
    for (const study::LawFit& law : j.fits)
      fmt::print("  {:<10} n = {:<22} BIC {:.2f}\n", study::name_of(law.law), law.text(), law.bic);
    if (!j.band.empty())
      fmt::print("  a power's exponent: {:.2g} to {:.2g}, the middle 95 % of {} replicates\n", j.exponent_low,
                 j.exponent_high, j.replicates);
  }

  static void print_json(const Judgement& j) {
    base::Json fits = base::Json::array();
    for (const study::LawFit& law : j.fits)
      fits.push_back({{"law", study::name_of(law.law)},
                      {"text", law.text()},
                      {"deviation", law.deviation},
                      {"bic", law.bic}});
    fmt::print("{}\n", base::Json({{"verdict", study::name_of(j.verdict)},
                                   {"reason", j.reason},
                                   {"fits", fits},
                                   {"replicates", j.replicates},
                                   {"power_share", j.power_share},
                                   {"logarithm_share", j.log_share},
                                   {"slow_share", j.slow_share},
                                   {"exponent", {j.exponent_low, j.exponent_high}}})
                           .dump());
  }

  std::string file_;
  int replicates_ = study::kReplicates;
  std::size_t max_fits_ = 100'000;
  std::uint64_t seed_ = 1;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_capture() {
  return std::make_unique<CaptureCommand>();
}

}  // namespace yore::cli
