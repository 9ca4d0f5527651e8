#include "yore/expressivity/bisimilar.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "yore/expressivity/loop_classes.h"
#include "yore/expressivity/set_of.h"

namespace yore::expressivity {
namespace {

// Steps that copying and sorting so many classes count for.
std::size_t cost_of(std::size_t classes) {
  return 1 + classes / 64;
}

// Where a word v has come: enough to know all that follows.
struct Config {
  State state;
  Classes window, added;
  auto operator<=>(const Config&) const = default;
};
struct Origin {
  Config config;
  LoopedWord begin;      // with v empty
  std::size_t loop = 0;  // its number, if it has one
};

// Reads words v from several origins at once, which share their loops' classes, until two ends look alike and
// differ.
class EndSearch {
 public:
  EndSearch(const Dfa& dfa, int lookback, bool before, const LoopClasses& loops,
            const std::vector<Origin>& origins)
      : dfa_(dfa),
        lookback_(lookback),
        before_(before),
        loops_(loops),
        origins_(origins),
        numbers_(loops.signatures()),
        next_class_(loops.count()),
        old_classes_(loops.count()) {}

  /// `inside`, if given, marks the component of the loops. What is read while v stays in it is gone through
  /// first, with half of the steps, and counts as old.
  std::optional<BisimilarPair> run(std::size_t steps, base::Budget& budget,
                                   const std::vector<char>& inside = {}) {
    for (std::size_t o = 0; o < origins_.size(); ++o) {
      if (auto pair = meet(origins_[o].config, kNone, static_cast<int>(o))) return pair;
    }
    std::size_t through = 0;  // visits whose moves within the component are done
    if (!inside.empty()) {
      old_classes_ = std::numeric_limits<int>::max();
      std::size_t half = steps / 2;
      steps -= half;
      for (; through < visits_.size() && half > 0; ++through) {
        if (!inside[static_cast<std::size_t>(visits_[through].config->state)]) continue;
        if (!pay(through, half, budget)) return std::nullopt;
        for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
          if (!inside[static_cast<std::size_t>(dfa_.step(visits_[through].config->state, a))]) continue;
          const int known = next_class_;
          Config next = after(*visits_[through].config, a);
          if (next_class_ > known) first_.push_back({through, a});
          if (auto pair = meet(std::move(next), through, a)) return pair;
        }
      }
      old_classes_ = next_class_;
    }
    for (std::size_t i = 0; i < visits_.size() && steps > 0; ++i) {
      if (!pay(i, steps, budget)) return std::nullopt;
      for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
        if (i < through && inside[static_cast<std::size_t>(dfa_.step(visits_[i].config->state, a))]) continue;
        if (auto pair = meet(after(*visits_[i].config, a), i, a)) return pair;
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Visit {
    const Config* config;
    std::size_t parent;
    int letter_or_origin;
  };

  bool pay(std::size_t visit, std::size_t& steps, base::Budget& budget) {
    const Config& config = *visits_[visit].config;
    const std::size_t cost = cost_of(config.window.size() + config.added.size());
    steps -= std::min(steps, cost);
    return budget.afford(cost);
  }

  // The class of letter a after this.
  int class_after(const Config& config, Symbol a) {
    const auto [entry, is_new] =
        numbers_.emplace(Signature{a, set_of(config.window), config.added}, next_class_);
    if (is_new) ++next_class_;
    return entry->second;
  }

  Config after(const Config& config, Symbol a) {
    const int here = class_after(config, a);
    Config next{dfa_.step(config.state, a), config.window, config.added};
    next.window.push_back(here);
    if (static_cast<int>(next.window.size()) > lookback_) next.window.erase(next.window.begin());
    if (before_ && here >= old_classes_) {
      next.added.push_back(here);
      next.added = set_of(std::move(next.added));
    }
    return next;
  }

  std::optional<BisimilarPair> meet(Config config, std::size_t parent, int letter_or_origin) {
    const auto [entry, is_new] = seen_.emplace(std::move(config), 0);
    if (!is_new) return std::nullopt;
    visits_.push_back({&entry->first, parent, letter_or_origin});
    const Config& met = entry->first;
    const auto [end, first] = ends_.emplace(std::pair{set_of(met.window), met.added}, visits_.size() - 1);
    if (first || accepts(end->second) == accepts(visits_.size() - 1)) return std::nullopt;
    BisimilarPair pair{word_of(end->second), word_of(visits_.size() - 1), {}};
    if (before_)
      for (const std::size_t visit : {end->second, visits_.size() - 1}) add_rounds(visit, pair.rounds);
    return pair;
  }

  bool accepts(std::size_t visit) const { return dfa_.accepting[visits_[visit].config->state] != 0; }

  std::size_t origin_of(std::size_t visit) const {
    while (visits_[visit].parent != kNone) visit = visits_[visit].parent;
    return static_cast<std::size_t>(visits_[visit].letter_or_origin);
  }

  LoopedWord word_of(std::size_t visit) const {
    LoopedWord word = origins_[origin_of(visit)].begin;
    for (; visits_[visit].parent != kNone; visit = visits_[visit].parent)
      word.v.push_back(visits_[visit].letter_or_origin);
    std::reverse(word.v.begin(), word.v.end());
    return word;
  }

  // For each class that v meets and that counted as old without being one of its loop's: the run it is from.
  void add_rounds(std::size_t visit, std::vector<LoopedWord>& rounds) {
    const LoopedWord word = word_of(visit);
    const Origin& origin = origins_[origin_of(visit)];
    std::set<int> own;
    for (std::size_t i = 0; i < word.u.size(); ++i) own.insert(loops_.class_of(origin.loop, i));
    Config config = origin.config;
    for (const Symbol a : word.v) {
      const int here = class_after(config, a);
      if (here < old_classes_ && own.insert(here).second) rounds.push_back(run_to(here));
      config = after(config, a);
    }
  }

  LoopedWord run_to(int old_class) const {
    if (old_class >= loops_.count()) {
      const auto& [visit, letter] = first_[static_cast<std::size_t>(old_class - loops_.count())];
      LoopedWord run = word_of(visit);
      run.v.push_back(letter);
      return run;
    }
    for (const Origin& origin : origins_)
      for (std::size_t i = 0; i < origin.begin.u.size(); ++i)
        if (loops_.class_of(origin.loop, i) == old_class) return origin.begin;
    throw std::logic_error("EndSearch: a class of no loop");
  }

  const Dfa& dfa_;
  int lookback_;
  bool before_;
  const LoopClasses& loops_;
  const std::vector<Origin>& origins_;
  std::map<Signature, int> numbers_;
  int next_class_, old_classes_;
  std::vector<std::pair<std::size_t, Symbol>>
      first_;  // where classes past the loops' were met in a component
  std::map<Config, char> seen_;
  std::vector<Visit> visits_;
  std::map<std::pair<Classes, Classes>, std::size_t> ends_;
};

bool is_primitive(const Word& u) {
  for (std::size_t period = 1; period < u.size(); ++period) {
    if (u.size() % period == 0 &&
        std::equal(u.begin() + static_cast<std::ptrdiff_t>(period), u.end(), u.begin()))
      return false;
  }
  return true;
}

// Puts every word of the length of `word` into it in turn, until `visit` says false.
template <class Visit>
void for_all_words_of_length(int letters, Word& word, Visit&& visit) {
  std::fill(word.begin(), word.end(), 0);
  for (;;) {
    if (!visit()) return;
    auto last = word.rbegin();
    while (last != word.rend() && *last == letters - 1) *last++ = 0;
    if (last == word.rend()) return;
    ++*last;
  }
}

// The primitive words of up to max_loop letters: every rotation is a loop of its own, v begins after a whole
// u. Nothing if the budget ends.
std::optional<std::vector<Word>> all_loops(const Dfa& dfa, int max_loop, base::Budget& budget) {
  std::vector<Word> loops;
  for (int length = 1; length <= max_loop; ++length) {
    if (std::pow(dfa.alphabet.size(), length) > static_cast<double>(budget.left())) break;
    Word u(length, 0);
    for_all_words_of_length(dfa.alphabet.size(), u, [&] {
      if (is_primitive(u)) loops.push_back(u);
      return budget.afford();
    });
  }
  if (!budget.afford()) return std::nullopt;
  return loops;
}

}  // namespace

std::optional<BisimilarPair> find_bisimilar_pair(const Dfa& dfa, int lookback, bool before, int max_loop,
                                                 std::size_t steps, base::Budget& budget) {
  const auto loops = all_loops(dfa, max_loop, budget);
  if (!loops) return std::nullopt;
  // Without P all loops share one numbering, and words with different loops may be compared; words without a
  // loop too.
  // The windows behind a loop are full from the first letter on.
  const std::size_t full = cost_of(static_cast<std::size_t>(lookback));
  std::vector<Origin> together{{{dfa.start, {}, {}}, {{}, {}, dfa.start}}};
  const LoopClasses joint(before ? std::vector<Word>{} : *loops, lookback);
  for (std::size_t l = 0; l < loops->size(); ++l) {
    const Word& u = (*loops)[l];
    const LoopClasses own({u}, lookback);
    for (State q = 0; q < dfa.states; ++q) {
      if (dfa.run(q, u) != q) continue;
      if (!budget.afford(full)) return std::nullopt;
      if (!before) {
        together.push_back({{q, joint.window(l, u.size()), {}}, {u, {}, q}, l});
        continue;
      }
      const std::vector<Origin> alone{{{q, own.window(0, u.size()), {}}, {u, {}, q}}};
      if (auto pair = EndSearch(dfa, lookback, true, own, alone).run(steps, budget)) return pair;
    }
  }
  if (before) return std::nullopt;
  return EndSearch(dfa, lookback, false, joint, together).run(steps, budget);
}

std::optional<BisimilarPair> find_pair_in_component(const Dfa& dfa, int lookback, int max_loop,
                                                    std::size_t steps, base::Budget& budget) {
  const auto loops = all_loops(dfa, max_loop, budget);
  if (!loops) return std::nullopt;
  const automata::Components components = automata::components(dfa);
  for (std::size_t c = 0; c < components.members.size(); ++c) {
    std::vector<char> inside(static_cast<std::size_t>(dfa.states), 0);
    for (const State q : components.members[c]) inside[static_cast<std::size_t>(q)] = 1;
    std::vector<Word> here;
    for (const Word& u : *loops)
      if (std::any_of(components.members[c].begin(), components.members[c].end(),
                      [&](State q) { return dfa.run(q, u) == q; }))
        here.push_back(u);
    if (here.empty() || !budget.afford(here.size() * cost_of(static_cast<std::size_t>(lookback)))) continue;
    const LoopClasses classes(here, lookback);
    std::vector<Origin> origins;
    for (std::size_t l = 0; l < here.size(); ++l)
      for (const State q : components.members[c])
        if (dfa.run(q, here[l]) == q)
          origins.push_back({{q, classes.window(l, here[l].size()), {}}, {here[l], {}, q}, l});
    if (auto pair = EndSearch(dfa, lookback, true, classes, origins).run(steps, budget, inside)) return pair;
  }
  return std::nullopt;
}

}  // namespace yore::expressivity
