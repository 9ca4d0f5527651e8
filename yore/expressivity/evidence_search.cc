#include "yore/expressivity/evidence_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "yore/expressivity/graph_tools.h"
#include "yore/expressivity/lumped_formula.h"
#include "yore/expressivity/set_of.h"

namespace yore::expressivity {
namespace {

using logic::FormulaGraph;
using logic::NodeId;
using logic::Symbol;
using TypeSet = std::vector<int>;

constexpr int kRounds = 2;
constexpr std::size_t kSets = 6;  // sets of states for which a round collects evidence

// One round: how positions look, as local types over letters with the bits of earlier rounds, and what is
// evidence.
struct Round {
  TypeLevels levels;                     // levels 0 .. depth - 1
  std::vector<std::vector<char>> sets;   // closed sets of states
  std::vector<std::set<Look>> evidence;  // for each set
  std::vector<Look> all_looks;           // every way a position can look
};

class EvidenceSearch {
 public:
  EvidenceSearch(const Dfa& dfa, int lookback, int depth, base::Budget& budget, std::size_t max_nodes)
      : dfa_(dfa), lookback_(lookback), depth_(depth), budget_(budget), max_nodes_(max_nodes) {}

  std::optional<Formula> run() {
    for (int round = 0; round < kRounds; ++round) {
      rounds_.emplace_back();
      // First as the windows are, gathering evidence; then with that evidence's bits at EOS.
      for (const bool gather : {true, false}) {
        std::map<Look, std::vector<char>> states_at;
        std::map<Look, bool> ends;
        const auto decided = walk(states_at, ends);
        if (!decided) return std::nullopt;
        if (*decided) return formula(ends);
        if (gather && !collect_evidence(states_at)) return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  struct Config {
    State state;
    int bits;                               // of all finished rounds
    std::vector<std::vector<int>> windows;  // per round, oldest first, level depth - 1
    auto operator<=>(const Config&) const = default;
  };

  // How the position after these windows looks in a round: its letter with the bits of earlier rounds, and
  // the window. EOS, with letter -1, may use all bits there are.
  Look look(const Config& config, std::size_t round, Symbol letter) const {
    const int known = letter < 0 ? config.bits : config.bits & ((1 << first_bit(round)) - 1);
    return {letter, known, set_of(config.windows[round])};
  }
  std::size_t first_bit(std::size_t round) const {
    std::size_t bit = 0;
    for (std::size_t r = 0; r < round; ++r) bit += rounds_[r].sets.size();
    return bit;
  }

  // Walks through everything reachable. True if acceptance follows from how EOS looks, false if not; nothing
  // if the budget is spent.
  std::optional<bool> walk(std::map<Look, std::vector<char>>& states_at, std::map<Look, bool>& ends) {
    bool decided = true;
    const std::size_t last = rounds_.size() - 1;
    std::map<Config, char> seen;
    std::vector<const Config*> queue;
    const auto meet = [&](Config config) {
      const auto [entry, is_new] = seen.emplace(std::move(config), 0);
      if (is_new) queue.push_back(&entry->first);
    };
    meet({dfa_.start, 0, std::vector<std::vector<int>>(rounds_.size())});
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const Config& config = *queue[i];
      std::size_t cost = 1;  // copying and sorting the windows counts too
      for (const auto& window : config.windows) cost += window.size() / 64;
      if (!budget_.afford(cost)) return std::nullopt;
      const bool accepts = dfa_.accepting[config.state] != 0;
      decided = ends.emplace(look(config, last, -1), accepts).first->second == accepts && decided;
      for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
        auto& states = states_at[look(config, last, a)];
        states.resize(dfa_.states, 0);
        states[dfa_.step(config.state, a)] = 1;
        meet(after(config, a));
      }
    }
    return decided;
  }

  Config after(const Config& config, Symbol a) {
    Config next{dfa_.step(config.state, a), config.bits, {}};
    for (std::size_t r = 0; r < rounds_.size(); ++r) {
      Round& round = rounds_[r];
      const Look here = look(config, r, a);
      for (std::size_t s = 0; s < round.evidence.size(); ++s) {
        if (round.evidence[s].count(here) != 0) next.bits |= 1 << (first_bit(r) + s);
      }
      std::vector<int> window = config.windows[r];
      window.push_back(round.levels.number(depth_ - 1, a, here.bits, config.windows[r]));
      if (static_cast<int>(window.size()) > lookback_) window.erase(window.begin());
      next.windows.push_back(std::move(window));
    }
    return next;
  }

  // The states reachable from some of these.
  std::vector<char> closure(std::vector<char> states) const {
    std::vector<State> queue;
    for (State q = 0; q < dfa_.states; ++q) {
      if (states[q]) queue.push_back(q);
    }
    for (std::size_t i = 0; i < queue.size(); ++i) {
      for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
        const State to = dfa_.step(queue[i], a);
        if (states[to]) continue;
        states[to] = 1;
        queue.push_back(to);
      }
    }
    return states;
  }

  // Fills in the last round's sets, smallest first, and their evidence; false if no type tells anything.
  bool collect_evidence(const std::map<Look, std::vector<char>>& states_at) {
    std::map<Look, std::vector<char>> closed;
    std::set<std::pair<long, std::vector<char>>> sets;
    for (const auto& [look, states] : states_at) {
      closed[look] = closure(states);
      rounds_.back().all_looks.push_back(look);
      const long size = std::count(closed[look].begin(), closed[look].end(), 1);
      if (size < dfa_.states) sets.emplace(size, closed[look]);
    }
    Round& round = rounds_.back();
    for (const auto& [size, set] : sets) {
      if (round.sets.size() == kSets) break;
      round.sets.push_back(set);
      round.evidence.emplace_back();
      for (const auto& [look, states] : closed) {
        const bool inside =
            std::equal(states.begin(), states.end(), set.begin(), [](char q, char s) { return q <= s; });
        if (inside) round.evidence.back().insert(look);
      }
    }
    return !round.sets.empty();
  }

  Formula formula(const std::map<Look, bool>& ends) const {
    FormulaGraph graph;
    std::vector<NodeId> bits;  // "P evidence"
    for (const Round& round : rounds_) {
      std::vector<NodeId> found;
      for (const auto& evidence : round.evidence) {
        std::vector<LabelledLook> cases;
        for (const Look& look : round.all_looks) cases.push_back({look, evidence.count(look) != 0 ? 1 : 0});
        LumpedFormula writer(graph, round.levels, lookback_, bits, dfa_.alphabet.size(), max_nodes_);
        found.push_back(graph.before(writer.formulas(cases, depth_ - 1, 2)[1]));
      }
      bits.insert(bits.end(), found.begin(), found.end());
    }
    std::vector<LabelledLook> cases;
    for (const auto& [look, accepts] : ends) cases.push_back({look, accepts ? 1 : 0});
    LumpedFormula writer(graph, rounds_.back().levels, lookback_, bits, dfa_.alphabet.size(), max_nodes_);
    return compacted(graph, writer.formulas(cases, depth_ - 1, 2)[1], dfa_.alphabet);
  }

  const Dfa& dfa_;
  int lookback_, depth_;
  base::Budget& budget_;
  std::size_t max_nodes_;
  std::vector<Round> rounds_;
};

}  // namespace

std::optional<Formula> find_by_evidence(const Dfa& dfa, int lookback, int depth, base::Budget& budget,
                                        std::size_t max_nodes) {
  return EvidenceSearch(dfa, lookback, depth, budget, max_nodes).run();
}

}  // namespace yore::expressivity
