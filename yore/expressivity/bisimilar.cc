#include "yore/expressivity/bisimilar.h"

#include <algorithm>
#include <cmath>

#include "yore/expressivity/set_of.h"

namespace yore::expressivity {
namespace {

using Classes = std::vector<int>;

// Steps that copying and sorting so many classes count for.
std::size_t cost_of(std::size_t classes) {
  return 1 + classes / 64;
}

// Letter, window as a set, and classes of v added since the loop (empty unless P is there).
struct Signature {
  Symbol letter;
  Classes window, added;
  auto operator<=>(const Signature&) const = default;
};

// The bisimilarity classes of the positions of some loops, going round for ever.
class LoopClasses {
 public:
  LoopClasses(std::vector<Word> loops, int lookback) : loops_(std::move(loops)), lookback_(lookback) {
    std::size_t positions = 0;
    for (const Word& u : loops_) {
      offset_.push_back(positions);
      positions += u.size();
    }
    class_of_.resize(positions);
    std::size_t classes = 0;
    for (;;) {  // refine from "all alike"
      std::map<std::pair<int, Signature>, int> numbers;
      std::vector<int> refined(positions);
      for (std::size_t l = 0; l < loops_.size(); ++l) {
        for (std::size_t i = 0; i < loops_[l].size(); ++i) {
          const auto key = std::pair{class_of_[offset_[l] + i], Signature{loops_[l][i], seen(l, i), {}}};
          refined[offset_[l] + i] = numbers.emplace(key, static_cast<int>(numbers.size())).first->second;
        }
      }
      class_of_ = std::move(refined);
      if (numbers.size() == classes) break;
      classes = numbers.size();
    }
    count_ = static_cast<int>(classes);
  }

  int count() const { return count_; }
  /// The classes of the k positions before position i of loop l (i = its length: the end), oldest first.
  Classes window(std::size_t l, std::size_t i) const { return last(l, i, lookback_); }
  /// By letter and window, as a set, the class of every position.
  std::map<Signature, int> signatures() const {
    std::map<Signature, int> result;
    for (std::size_t l = 0; l < loops_.size(); ++l) {
      for (std::size_t i = 0; i < loops_[l].size(); ++i) {
        result.emplace(Signature{loops_[l][i], seen(l, i), {}}, class_of_[offset_[l] + i]);
      }
    }
    return result;
  }

 private:
  Classes last(std::size_t l, std::size_t i, int count) const {
    const std::size_t length = loops_[l].size();
    Classes result;
    for (int back = count; back >= 1; --back) {
      const std::size_t at =
          (i + length * static_cast<std::size_t>(count) - static_cast<std::size_t>(back)) % length;
      result.push_back(class_of_[offset_[l] + at]);
    }
    return result;
  }
  // The window as a set: longer than the loop it holds nothing more.
  Classes seen(std::size_t l, std::size_t i) const {
    return set_of(last(l, i, static_cast<int>(std::min<std::size_t>(lookback_, loops_[l].size()))));
  }

  std::vector<Word> loops_;
  int lookback_;
  std::vector<std::size_t> offset_;
  std::vector<int> class_of_;
  int count_ = 0;
};

// Where a word v has come: enough to know all that follows.
struct Config {
  State state;
  Classes window, added;
  auto operator<=>(const Config&) const = default;
};
struct Origin {
  Config config;
  LoopedWord begin;  // with v empty
};

// Reads words v from several origins at once, which share their loops' classes, until two ends look alike and
// differ.
class EndSearch {
 public:
  EndSearch(const Dfa& dfa, int lookback, bool before, std::map<Signature, int> signatures, int loop_classes)
      : dfa_(dfa),
        lookback_(lookback),
        before_(before),
        numbers_(std::move(signatures)),
        loop_classes_(loop_classes),
        next_class_(loop_classes) {}

  std::optional<BisimilarPair> run(const std::vector<Origin>& origins, std::size_t steps,
                                   base::Budget& budget) {
    for (const Origin& origin : origins) {
      if (auto pair = meet(origin.config, kNone, static_cast<int>(&origin - origins.data()), origins))
        return pair;
    }
    for (std::size_t i = 0; i < visits_.size() && steps > 0; ++i) {
      const std::size_t cost = cost_of(visits_[i].config->window.size() + visits_[i].config->added.size());
      steps -= std::min(steps, cost);
      if (!budget.afford(cost)) return std::nullopt;
      for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
        if (auto pair = meet(after(*visits_[i].config, a), i, a, origins)) return pair;
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

  Config after(const Config& config, Symbol a) {
    const Signature signature{a, set_of(config.window), config.added};
    const auto [entry, is_new] = numbers_.emplace(signature, next_class_);
    if (is_new) ++next_class_;
    const int here = entry->second;
    Config next{dfa_.step(config.state, a), config.window, config.added};
    next.window.push_back(here);
    if (static_cast<int>(next.window.size()) > lookback_) next.window.erase(next.window.begin());
    if (before_ && here >= loop_classes_) {
      next.added.push_back(here);
      next.added = set_of(std::move(next.added));
    }
    return next;
  }

  std::optional<BisimilarPair> meet(Config config, std::size_t parent, int letter_or_origin,
                                    const std::vector<Origin>& origins) {
    const auto [entry, is_new] = seen_.emplace(std::move(config), 0);
    if (!is_new) return std::nullopt;
    visits_.push_back({&entry->first, parent, letter_or_origin});
    const Config& met = entry->first;
    const auto [end, first] = ends_.emplace(std::pair{set_of(met.window), met.added}, visits_.size() - 1);
    if (first || accepts(end->second) == accepts(visits_.size() - 1)) return std::nullopt;
    return BisimilarPair{word_of(end->second, origins), word_of(visits_.size() - 1, origins)};
  }

  bool accepts(std::size_t visit) const { return dfa_.accepting[visits_[visit].config->state] != 0; }

  LoopedWord word_of(std::size_t visit, const std::vector<Origin>& origins) const {
    Word reversed;
    for (; visits_[visit].parent != kNone; visit = visits_[visit].parent)
      reversed.push_back(visits_[visit].letter_or_origin);
    LoopedWord word = origins[static_cast<std::size_t>(visits_[visit].letter_or_origin)].begin;
    word.v.assign(reversed.rbegin(), reversed.rend());
    return word;
  }

  const Dfa& dfa_;
  int lookback_;
  bool before_;
  std::map<Signature, int> numbers_;
  int loop_classes_, next_class_;
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

}  // namespace

std::optional<BisimilarPair> find_bisimilar_pair(const Dfa& dfa, int lookback, bool before, int max_loop,
                                                 std::size_t steps, base::Budget& budget) {
  std::vector<Word> loops;  // every rotation of a loop is a loop of its own: v begins after a whole u
  for (int length = 1; length <= max_loop; ++length) {
    if (std::pow(dfa.alphabet.size(), length) > static_cast<double>(budget.left())) break;
    Word u(length, 0);
    for_all_words_of_length(dfa.alphabet.size(), u, [&] {
      if (is_primitive(u)) loops.push_back(u);
      return budget.afford();
    });
  }
  if (!budget.afford()) return std::nullopt;
  // Without P all loops share one numbering, and words with different loops may be compared; words without a
  // loop too.
  // The windows behind a loop are full from the first letter on.
  const std::size_t full = cost_of(static_cast<std::size_t>(lookback));
  const Origin finite{{dfa.start, {}, {}}, {{}, {}, dfa.start}};
  std::vector<Origin> together{finite};
  const LoopClasses joint(before ? std::vector<Word>{} : loops, lookback);
  for (std::size_t l = 0; l < loops.size(); ++l) {
    const LoopClasses own({loops[l]}, lookback);
    for (State q = 0; q < dfa.states; ++q) {
      if (dfa.run(q, loops[l]) != q) continue;
      if (!budget.afford(full)) return std::nullopt;
      if (!before) {
        together.push_back({{q, joint.window(l, loops[l].size()), {}}, {loops[l], {}, q}});
        continue;
      }
      EndSearch search(dfa, lookback, true, own.signatures(), own.count());
      if (auto pair =
              search.run({{{q, own.window(0, loops[l].size()), {}}, {loops[l], {}, q}}}, steps, budget))
        return pair;
    }
  }
  if (before) return std::nullopt;
  EndSearch search(dfa, lookback, false, joint.signatures(), joint.count());
  return search.run(together, steps, budget);
}

}  // namespace yore::expressivity
