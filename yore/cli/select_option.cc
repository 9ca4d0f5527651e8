#include "yore/cli/select_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "yore/base/error.h"
#include "yore/base/options.h"

namespace yore::cli {
namespace {

using base::InputError;

constexpr const char* kSelect = "--select";
constexpr int kMostSeeds = 1000;

double parse_tau(const std::string& text) {
  double tau = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, tau);
  if (error != std::errc() || at != end || !std::isfinite(tau) || tau < -1)
    throw InputError(kSelect, fmt::format("tau: expected a number of at least -1 (above 1: no two tokens are "
                                          "alike), or several separated by \":\", found \"{}\"",
                                          text));
  return tau;
}

/// A whole number, of any length as it is written.
int whole_number(const base::Json& options, const char* name, int low, int high, const std::string& wanted) {
  const base::Json& value = options.at(name);
  if (value.get<double>() < low || value.get<double>() > high)
    throw InputError(kSelect, fmt::format("{}: expected {}, found {}", name, wanted, value.dump()));
  return value.get<int>();
}

bool is(const base::Json& options, const char* name, const char* yes, const char* no) {
  const auto text = options.at(name).get<std::string>();
  if (text != yes && text != no)
    throw InputError(kSelect, fmt::format("{}: expected {} or {}, found \"{}\"", name, yes, no, text));
  return text == yes;
}

}  // namespace

selection::Sweep parse_select(const std::string& text) {
  static const std::vector<base::OptionSpec> specs = {
      {"tau", "", "Least cosine of alike rows"},
      {"cascade", "on", "Each layer validates the representatives of the layer before"},
      {"from", 0, "First layer that selects"},
      {"control", "none", "random: as many at random, measured beside"},
      {"seeds", 3, "Of the control"}};
  const base::Json given = base::parse_options(text, specs, kSelect);
  const base::Json options = base::complete_options(given, specs, kSelect);
  if (!given.contains("tau")) throw InputError(kSelect, "expected tau=NUMBER, such as tau=0.9,cascade=on");
  selection::Sweep sweep;
  const auto taus = options.at("tau").get<std::string>();
  for (std::size_t first = 0; first <= taus.size();) {
    const std::size_t end = std::min(taus.find(':', first), taus.size());
    const double tau = parse_tau(taus.substr(first, end - first));
    if (std::ranges::find(sweep.taus, tau) != sweep.taus.end())
      throw InputError(kSelect, fmt::format("tau: {} is given twice", tau));
    sweep.taus.push_back(tau);
    first = end + 1;
  }
  sweep.cascade = is(options, "cascade", "on", "off");
  sweep.from = whole_number(options, "from", 0, std::numeric_limits<int>::max(), "a layer, from 0");
  if (is(options, "control", "random", "none")) {
    sweep.controls = whole_number(options, "seeds", 1, kMostSeeds, fmt::format("1 to {}", kMostSeeds));
  } else if (given.contains("seeds")) {
    throw InputError(kSelect, "seeds: does nothing without control=random");
  }
  return sweep;
}

CLI::Option* declare_select(CLI::App& app, std::string& text, const std::string& help) {
  return app.add_option(kSelect, text, help)->check([](const std::string& given) {
    try {
      parse_select(given);
      return std::string();
    } catch (const InputError& refused) {
      return std::string(refused.what()).substr(refused.source().size() + 2);  // the library names it itself
    }
  });
}

}  // namespace yore::cli
