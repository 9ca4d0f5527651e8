// yore capture: do the samples that sizes of a task need grow like a + b ln T, or like a power of T?
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "yore/base/error.h"
#include "yore/base/files.h"
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
    throw base::InputError(place, fmt::format("expected a number, found \"{}\"", text));
  return number;
}

// Lines "SIZE,SAMPLES" or "SIZE,>SAMPLES"; the first one may name the columns.
study::NeededSet read_points(const std::string& path) {
  const std::string text = base::read_file(path);
  study::NeededSet points;
  int line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    ++line_number;
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (line.empty() || (line_number == 1 && line == "size,samples")) continue;
    const std::string place = fmt::format("{}:{}", path, line_number);
    const std::size_t comma = line.find(',');
    if (comma == std::string::npos)
      throw base::InputError(
          place, fmt::format("expected SIZE,SAMPLES such as 16,8 or 16,>256; found \"{}\"", line));
    const double size = number_of(line.substr(0, comma), place);
    std::string samples = line.substr(comma + 1);
    const bool censored = samples.starts_with('>');
    if (censored) samples.erase(0, 1);
    const double n = number_of(samples, place);
    if (size < 1) throw base::InputError(place, fmt::format("expected a size of at least 1, found {}", size));
    if (n < 0) throw base::InputError(place, fmt::format("expected samples of at least 0, found {}", n));
    for (const Needed& there : points)
      if (there.size == size)
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
    app.add_option("--seed", seed_, "Of these");
    app.add_flag("--json", json_, "Print one JSON object");
  }

  int run() override {
    const study::NeededSet points = read_points(file_);
    const Judgement j = study::judge(points, study::redrawn(points, replicates_, seed_));
    if (json_)
      print_json(j);
    else
      print(j);
    return kOk;
  }

 private:
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
  std::uint64_t seed_ = 1;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_capture() {
  return std::make_unique<CaptureCommand>();
}

}  // namespace yore::cli
