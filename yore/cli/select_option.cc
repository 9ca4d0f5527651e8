#include "yore/cli/select_option.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "yore/base/error.h"
#include "yore/base/options.h"

namespace yore::cli {
namespace {

using base::InputError;

constexpr const char* kSelect = "--select";
constexpr int kMostSeeds = 1000;

double parse_tau(const std::string& text) {
  char* end = nullptr;
  const double tau = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(tau) || tau < -1)
    throw InputError(kSelect, fmt::format("tau: expected a number of at least -1 (above 1: no two tokens are "
                                          "alike), or several separated by \":\", found \"{}\"",
                                          text));
  return tau;
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
    sweep.taus.push_back(parse_tau(taus.substr(first, end - first)));
    first = end + 1;
  }
  sweep.cascade = is(options, "cascade", "on", "off");
  sweep.from = options.at("from").get<int>();
  if (sweep.from < 0)
    throw InputError(kSelect, fmt::format("from: expected a layer, from 0, found {}", sweep.from));
  if (is(options, "control", "random", "none")) {
    sweep.controls = options.at("seeds").get<int>();
    if (sweep.controls < 1 || sweep.controls > kMostSeeds)
      throw InputError(kSelect, fmt::format("seeds: expected 1 to {}, found {}", kMostSeeds, sweep.controls));
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
      return std::string(refused.what());
    }
  });
}

}  // namespace yore::cli
