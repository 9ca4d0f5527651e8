#include "yore/study/capture/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "yore/base/error.h"
#include "yore/base/random.h"

namespace yore::study {
namespace {

constexpr double kMargin = 2;      // of BIC: "positive" evidence of Kass & Raftery 1995
constexpr double kSupport = 0.95;  // of the replicates
constexpr std::size_t kFewestNumbers = 3;
constexpr int kBandPlaces = 25;
// A law whose deviation is as good as infinite may draw what no double holds.
constexpr double kMostDrawnSamples = 0x1p53;

std::vector<LawFit> fit_all(const NeededSet& points) {
  return {fit(Law::Constant, points), fit(Law::Logarithm, points), fit(Law::Power, points)};
}

std::size_t numbers_in(const NeededSet& points) {
  return static_cast<std::size_t>(
      std::count_if(points.begin(), points.end(), [](const Needed& p) { return !p.censored(); }));
}

// Sizes that need samples at all, and how many: a law that begins below 0 says nothing of the others.
std::size_t growing_in(const NeededSet& points) {
  return static_cast<std::size_t>(std::count_if(
      points.begin(), points.end(), [](const Needed& p) { return !p.censored() && p.most > 0.5; }));
}

std::size_t smallest_bic(const std::vector<LawFit>& fits) {
  return static_cast<std::size_t>(
      std::min_element(fits.begin(), fits.end(),
                       [](const LawFit& a, const LawFit& b) { return a.bic < b.bic; }) -
      fits.begin());
}

// How much better the power is than the better of the others. One that falls is no growth, and has no lead.
double power_lead(const std::vector<LawFit>& fits) {
  const double lead = std::min(fits[0].bic, fits[1].bic) - fits[2].bic;
  return fits[2].exponent() > 0 ? lead : std::min(lead, 0.0);
}

// Whether 1 + n grows over the range by no more than ln T does.
bool is_slow(const LawFit& law) {
  const double grown = (1 + std::max(0.0, law.high)) / (1 + std::max(0.0, law.low));
  return grown <= std::log(law.high_size) / std::log(std::max(law.low_size, 2.0));
}

// The number below which a share of them lies.
double quantile(std::vector<double> numbers, double share) {
  std::sort(numbers.begin(), numbers.end());
  const double place = share * static_cast<double>(numbers.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, numbers.size() - 1);
  return numbers[low] + (place - static_cast<double>(low)) * (numbers[high] - numbers[low]);
}

std::string range_text(const NeededSet& points) {
  return fmt::format("T = {:g} to {:g}", points.front().size, points.back().size);
}

// What the replicates say, in the fields of the judgement.
void ask_replicates(const std::vector<NeededSet>& replicates, const std::function<void()>& each,
                    Judgement& j) {
  // Few seeds give few different replicates, of which each is fitted once.
  std::map<NeededSet, std::vector<LawFit>> fitted;
  std::vector<double> exponents;
  std::vector<std::vector<double>> values(kBandPlaces);
  const LawFit& frame = j.fits[j.best];
  const auto size_at = [&](int i) {
    return frame.low_size *
           std::pow(frame.high_size / frame.low_size, static_cast<double>(i) / (kBandPlaces - 1));
  };
  for (const NeededSet& replicate : replicates) {
    if (each) each();
    ++j.replicates;
    if (numbers_in(replicate) < kFewestNumbers) continue;  // speaks for nothing
    const auto [it, is_new] = fitted.try_emplace(replicate);
    if (is_new) it->second = fit_all(replicate);
    const std::vector<LawFit>& fits = it->second;
    const LawFit& best = fits[smallest_bic(fits)];
    j.power_share += power_lead(fits) >= kMargin;
    j.log_share += power_lead(fits) <= -kMargin;
    j.slow_share += is_slow(best);
    exponents.push_back(fits[2].exponent());
    for (int i = 0; i < kBandPlaces; ++i)
      values[static_cast<std::size_t>(i)].push_back(std::max(0.0, best.at(size_at(i))));
  }
  if (exponents.empty()) return;
  for (double* share : {&j.power_share, &j.log_share, &j.slow_share}) *share /= j.replicates;
  constexpr double kTail = 0.025;
  j.exponent_low = quantile(exponents, kTail);
  j.exponent_high = quantile(exponents, 1 - kTail);
  for (int i = 0; i < kBandPlaces; ++i) {
    const auto& at = values[static_cast<std::size_t>(i)];
    j.band.push_back({size_at(i), quantile(at, kTail), quantile(at, 1 - kTail)});
  }
}

void decide(const NeededSet& points, Judgement& j) {
  const double lead = power_lead(j.fits);
  const std::string range = range_text(points);
  const auto share = [](double s) { return fmt::format("{:.0f} %", 100 * s); };
  const std::size_t growing = growing_in(points);
  if (growing < kFewestNumbers && !(is_slow(j.fits[j.best]) && j.slow_share >= kSupport)) {
    j.reason = fmt::format(
        "over {} {} size{} a number above 0: a threshold below which nothing is needed explains that as well "
        "as "
        "any growth",
        range, growing, growing == 1 ? " has" : "s have");
  } else if (lead >= kMargin && j.power_share >= kSupport) {
    j.verdict = Capture::Not;
    j.reason = fmt::format(
        "over {} n grows as a power, {} (exponent {:.2g} to {:.2g}), better than any a + b ln T "
        "by {:.1f} of BIC, in {} of the replicates by 2 or more",
        range, j.fits[2].text(), j.exponent_low, j.exponent_high, lead, share(j.power_share));
  } else if (lead <= -kMargin && j.log_share >= kSupport) {
    j.verdict = Capture::Consistent;
    j.reason = fmt::format(
        "over {} n is {}, better than any power of T by {:.1f} of BIC, in {} of the replicates by "
        "2 or more",
        range, j.fits[std::min<std::size_t>(j.best, 1)].text(), -lead, share(j.log_share));
  } else if (is_slow(j.fits[j.best]) && j.slow_share >= kSupport) {
    j.verdict = Capture::Consistent;
    j.reason = fmt::format("over {} n grows by no more than ln T does ({}), in {} of the replicates too",
                           range, j.fits[j.best].text(), share(j.slow_share));
  } else {
    j.reason = fmt::format(
        "over {} both {} and {} describe n: BIC prefers the {} by {:.1f}, {} of the replicates "
        "prefer the power and {} the others by 2 or more",
        range, j.fits[1].text(), j.fits[2].text(), lead > 0 ? "power" : "others", std::abs(lead),
        share(j.power_share), share(j.log_share));
  }
}

}  // namespace

void require_sizes(std::vector<double> sizes, const std::string& source) {
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  const auto count = static_cast<int>(sizes.size());
  if (count < kFewestSizes)
    throw base::InputError(
        source, fmt::format("{} size{} cannot tell a logarithm from a power; expected {} or more", count,
                            count == 1 ? "" : "s", kFewestSizes));
  if (sizes.back() < kNarrowestRange * sizes.front())
    throw base::InputError(
        source, fmt::format("sizes from {:g} to {:g} are less than one decade, in which a logarithm and a "
                            "power look alike; expected the largest to be {:g} times the smallest",
                            sizes.front(), sizes.back(), kNarrowestRange));
}

std::string name_of(Capture verdict) {
  return verdict == Capture::Consistent ? "consistent" : verdict == Capture::Not ? "not" : "undecided";
}

Judgement judge(const NeededSet& given, const std::vector<NeededSet>& replicates,
                const std::function<void()>& each) {
  NeededSet points = given;
  std::sort(points.begin(), points.end());
  Judgement j;
  const std::size_t numbers = numbers_in(points);
  if (numbers < kFewestNumbers) {
    j.reason = fmt::format("{} of {} sizes {} a number, the others need more than was tried", numbers,
                           points.size(), numbers == 1 ? "has" : "have");
    return j;
  }
  j.fits = fit_all(points);
  j.best = smallest_bic(j.fits);
  if (replicates.empty()) {
    j.reason = "too few seeds to tell chance from growth";
    return j;
  }
  ask_replicates(replicates, each, j);
  decide(points, j);
  return j;
}

std::vector<NeededSet> redrawn(const NeededSet& points, int count, std::uint64_t seed) {
  if (numbers_in(points) < kFewestNumbers) return {};
  const std::vector<LawFit> fits = fit_all(points);
  const LawFit& law = fits[smallest_bic(fits)];
  const auto n = static_cast<double>(points.size());
  // The likelihood makes the deviation too small, by what the law's numbers take.
  const double deviation = law.deviation * std::sqrt(n / (n - (law.law == Law::Constant ? 1 : 2)));
  std::vector<NeededSet> sets;
  for (int i = 0; i < count; ++i) {
    base::Random random({seed, static_cast<std::uint64_t>(i)});
    NeededSet set;
    for (const Needed& p : points) {
      const double y = std::log1p(std::max(0.0, law.at(p.size))) + deviation * random.normal();
      const double drawn = std::clamp(std::expm1(y), 0.0, kMostDrawnSamples);
      set.push_back(p.censored() && drawn > p.above ? p : exactly(p.size, drawn));
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace yore::study
