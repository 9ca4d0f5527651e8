#include "yore/study/pareto/statements.h"

#include <fmt/format.h>

#include <algorithm>

namespace yore::study {
namespace {

constexpr const char* kReference = "attention";

bool equal_or_better(const StateSet& set, double a, double b) {
  return set.as_good(a, b) || set.equal(a, b);
}

const StatePoint& best_of(const StateSet& set, const std::vector<StatePoint>& points) {
  return *std::max_element(points.begin(), points.end(), [&](const StatePoint& a, const StatePoint& b) {
    return !set.as_good(a.spread.mean, b.spread.mean);
  });
}

std::string with_seeds(const StateSet& set, const StatePoint& point) {
  return fmt::format("{} ({}, {} seed{}, {} bytes)", point.kind, set.text(point.spread.mean),
                     point.spread.runs, point.spread.runs == 1 ? "" : "s", point.bytes);
}

// What a sentence about these two does not know.
std::string without_spread(const StatePoint& a, const StatePoint& b) {
  return std::min(a.spread.runs, b.spread.runs) < 2 ? ", by one seed, which has no spread to judge by" : "";
}

std::string state_ratio(std::int64_t bytes, std::int64_t reference) {
  const double ratio = static_cast<double>(reference) / static_cast<double>(bytes);
  if (bytes == reference) return "with the same state";
  return bytes < reference ? fmt::format("with {:.1f} times less state", ratio)
                           : fmt::format("with {:.1f} times the state", 1 / ratio);
}

std::string reference_of(const StateSet& set) {
  const std::vector<std::string> all = set.families();
  if (std::find(all.begin(), all.end(), kReference) != all.end()) return kReference;
  std::vector<StatePoint> drawn;
  for (const StatePoint& point : set.points)
    if (point.best) drawn.push_back(point);
  return best_of(set, drawn).family;
}

std::string list(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::vector<std::string> guessing(const StateSet& set) {
  const std::vector<std::string> all = set.families();
  std::vector<std::string> guess;
  for (const std::string& family : all)
    if (!set.above_chance(best_of(set, set.drawn(family)).spread.mean)) guess.push_back(family);
  if (guess.empty()) return {};
  const std::string chance = set.text(*set.chance);
  if (guess.size() == all.size())
    return {fmt::format("No family is better than guessing here ({}).", chance)};
  const std::string reference = reference_of(set);
  return {fmt::format("No better than guessing here ({}): {}.{}", chance, list(guess),
                      std::find(guess.begin(), guess.end(), reference) == guess.end()
                          ? ""
                          : fmt::format(" So nothing is compared with {}.", reference))};
}

std::vector<std::string> comparisons(const StateSet& set) {
  if (set.families().size() < 2) return {};
  const std::string reference = reference_of(set);
  const std::vector<StatePoint> its = set.drawn(reference);
  const StatePoint& top = best_of(set, its);
  if (!set.above_chance(top.spread.mean)) return {};
  const StatePoint goal = *std::find_if(
      its.begin(), its.end(), [&](const StatePoint& p) { return set.equal(p.spread.mean, top.spread.mean); });
  std::vector<std::string> lines;
  for (const std::string& family : set.families()) {
    if (family == reference) continue;
    const std::vector<StatePoint> points = set.drawn(family);
    const auto reaches = std::find_if(points.begin(), points.end(), [&](const StatePoint& p) {
      return equal_or_better(set, p.spread.mean, goal.spread.mean);
    });
    if (reaches == points.end()) {
      const StatePoint& best = best_of(set, points);
      lines.push_back(fmt::format("No {} here does as well as {}; its best is {}{}.", family,
                                  with_seeds(set, goal), with_seeds(set, best), without_spread(goal, best)));
      continue;
    }
    const bool same = set.equal(reaches->spread.mean, goal.spread.mean);
    lines.push_back(fmt::format("{} does {} {} {}{}.", with_seeds(set, *reaches),
                                same ? "as well as" : "better than", with_seeds(set, goal),
                                state_ratio(reaches->bytes, goal.bytes), without_spread(goal, *reaches)));
  }
  return lines;
}

std::string meaning_of_as_well(const StateSet& set) {
  return fmt::format("As well means: the means are at most {} apart.",
                     set.share ? "half a percentage point" : "one percent");
}

bool says_as_well(const std::string& line) {
  return line.find(" as well as ") != std::string::npos;
}

std::vector<std::string> trends(const StateSet& set) {
  std::vector<std::string> lines, gain, others, unjudged;
  for (const std::string& family : set.families()) {
    const std::vector<StatePoint> points = set.drawn(family);
    // Between two guesses nothing is gained or lost.
    if (points.size() < 2 || !set.above_chance(best_of(set, points).spread.mean)) continue;
    const StatePoint &small = points.front(), &large = points.back();
    if (small.spread.runs < 2 || large.spread.runs < 2) {
      unjudged.push_back(family);
      continue;
    }
    const std::string sizes =
        fmt::format("{} from {} to {} bytes of state: {} to {}", family, small.bytes, large.bytes,
                    set.text(small.spread.mean), set.text(large.spread.mean));
    const bool gains = !set.as_good(best_seed(set, small), worst_seed(set, large));
    const bool loses = !set.as_good(best_seed(set, large), worst_seed(set, small));
    lines.push_back(sizes + (gains   ? ", better beyond the spread of the seeds."
                             : loses ? ", worse beyond the spread of the seeds."
                                     : ", a change within the spread of the seeds."));
    (gains ? gain : others).push_back(family);
  }
  if (gain.size() + others.size() > 1)
    lines.push_back(fmt::format("Gain as their state grows: {}. Do not: {}.", list(gain), list(others)));
  if (!unjudged.empty())
    lines.push_back(fmt::format(
        "Whether more state helps cannot be judged with one seed a size, which has no spread: {}.",
        list(unjudged)));
  return lines;
}

std::vector<std::string> against_baselines(const StateSet& set) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : set.baselines) {
    std::vector<std::string> better, others;
    for (const std::string& family : set.families())
      (set.as_good(value, worst_seed(set, best_of(set, set.drawn(family)))) ? others : better)
          .push_back(family);
    const std::string than = fmt::format("better than the {} ({}) with every seed of", name, set.text(value));
    lines.push_back(better.empty()   ? fmt::format("No family is {} its best state.", than)
                    : others.empty() ? fmt::format("Every family is {} its best state.", than)
                                     : fmt::format("B{} the best state: {}. Not: {}.", than.substr(1),
                                                   list(better), list(others)));
  }
  return lines;
}

std::vector<std::string> statements(const StateSet& set) {
  std::vector<std::string> all;
  for (const auto& more : {guessing(set), comparisons(set), trends(set), against_baselines(set)})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace yore::study
