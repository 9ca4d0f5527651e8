#include "yore/expressivity/lumped_formula.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <set>
#include <stdexcept>

#include "yore/expressivity/graph_tools.h"
#include "yore/expressivity/set_of.h"

namespace yore::expressivity {
namespace {

using logic::FormulaGraph;
using logic::NodeId;
using logic::Symbol;

Look lumped(const Look& look, const std::vector<int>& lump_of) {
  std::vector<int> window;
  for (const int type : look.window) window.push_back(lump_of[type]);
  return {look.letter, look.bits, set_of(std::move(window))};
}

// Whether looks that are the same once lumped carry the same label.
bool consistent(const std::vector<LabelledLook>& cases, const std::vector<int>& lump_of) {
  std::map<Look, int> label_of;
  return std::all_of(cases.begin(), cases.end(), [&](const LabelledLook& c) {
    return label_of.emplace(lumped(c.look, lump_of), c.label).first->second == c.label;
  });
}

// Lumps of types, numbered from 0, under which the cases stay consistent: each type in turn joins the first
// lump it can. Past some work the rest stay alone, which costs only length.
std::vector<int> lumps_for(const std::vector<LabelledLook>& cases, int types) {
  constexpr std::size_t kMaxWork = 3'000'000;
  base::Budget work("lumping types together", {.count = kMaxWork});
  std::size_t cells = 1;
  for (const LabelledLook& c : cases) cells += 1 + c.look.window.size();
  std::vector<int> lump_of(types), firsts;
  for (int t = 0; t < types; ++t) lump_of[t] = t;  // a lump goes by its first type
  for (int t = 0; t < types; ++t) {
    bool joined = false;
    for (std::size_t i = 0; i < firsts.size() && !joined && work.left() > 0; ++i) {
      lump_of[t] = firsts[i];
      joined = consistent(cases, lump_of);
      work.afford(cells);
    }
    if (joined) continue;
    lump_of[t] = t;
    firsts.push_back(t);
  }
  for (int& lump : lump_of)
    lump = static_cast<int>(std::lower_bound(firsts.begin(), firsts.end(), lump) - firsts.begin());
  return lump_of;
}

// A set of cases, one bit each.
class CaseSet {
 public:
  explicit CaseSet(std::size_t cases) : words_((cases + 63) / 64, 0) {}
  void add(std::size_t c) { words_[c / 64] |= std::uint64_t{1} << c % 64; }
  int size() const {
    return std::accumulate(words_.begin(), words_.end(), 0,
                           [](int sum, auto word) { return sum + std::popcount(word); });
  }
  int common(const CaseSet& other) const {
    int sum = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) sum += std::popcount(words_[i] & other.words_[i]);
    return sum;
  }
  CaseSet with(const CaseSet& other) const {
    return combined(other, [](auto x, auto y) { return x & y; });
  }
  CaseSet without(const CaseSet& other) const {
    return combined(other, [](auto x, auto y) { return x & ~y; });
  }

 private:
  template <class Combine>
  CaseSet combined(const CaseSet& other, Combine&& combine) const {
    CaseSet result = *this;
    for (std::size_t i = 0; i < words_.size(); ++i) result.words_[i] = combine(words_[i], other.words_[i]);
    return result;
  }
  std::vector<std::uint64_t> words_;
};

// A yes-no question about a look: the formula that asks it, and the cases of which it holds.
struct Question {
  NodeId formula;
  CaseSet holds;
};

// "The look here is one of the `wanted`", among those in `among`.
NodeId tree(FormulaGraph& graph, const std::vector<Question>& questions, const CaseSet& wanted,
            const CaseSet& among, base::Budget& nodes) {
  count_nodes(graph, nodes);
  const CaseSet hits = among.with(wanted);
  const int all = among.size(), all_hits = hits.size();
  if (all_hits == 0 || all_hits == all) return graph.constant(all_hits != 0);
  // The question whose two halves are purest, then most even.
  const Question* best = nullptr;
  std::pair<double, int> best_cost;
  for (const Question& question : questions) {
    const int yes = among.common(question.holds), no = all - yes;
    if (yes == 0 || no == 0) continue;
    const double yes_hits = hits.common(question.holds), no_hits = all_hits - yes_hits;
    const double impurity = yes_hits * (yes - yes_hits) / yes + no_hits * (no - no_hits) / no;
    const std::pair<double, int> cost{impurity, std::max(yes, no)};
    if (best && best_cost <= cost) continue;
    best = &question;
    best_cost = cost;
  }
  if (!best) throw std::logic_error("LumpedFormula: equal looks have different labels");
  const NodeId if_no = tree(graph, questions, wanted, among.without(best->holds), nodes);
  const NodeId if_yes = tree(graph, questions, wanted, among.with(best->holds), nodes);
  return graph.disjunction({graph.conjunction({best->formula, if_yes}),
                            graph.conjunction({graph.negation(best->formula), if_no})});
}

}  // namespace

int TypeLevels::number(int r, Symbol letter, int bits, const std::vector<int>& window) {
  while (static_cast<int>(levels_.size()) <= r) {
    levels_.emplace_back();
    numbers_.emplace_back();
  }
  std::vector<int> below;
  for (const int type : window) below.push_back(r == 0 ? -1 : levels_[r][type].lower);
  Look look{letter, bits, r == 0 ? std::vector<int>{} : set_of(below)};
  if (const auto found = numbers_[r].find(look); found != numbers_[r].end()) return found->second;
  const int lower = r == 0 ? -1 : number(r - 1, letter, bits, below);
  const int id = static_cast<int>(levels_[r].size());
  numbers_[r].emplace(look, id);
  levels_[r].push_back({std::move(look), lower});
  return id;
}

std::vector<NodeId> LumpedFormula::formulas(const std::vector<LabelledLook>& cases, int level, int labels) {
  std::vector<LabelledLook> coarse = cases;
  std::vector<NodeId> in_lump;
  if (level >= 0) {
    const auto& below = types_.level(level);
    const std::vector<int> lump_of = lumps_for(cases, static_cast<int>(below.size()));
    std::set<LabelledLook> distinct;
    for (const LabelledLook& c : cases) distinct.insert({lumped(c.look, lump_of), c.label});
    coarse.assign(distinct.begin(), distinct.end());
    std::vector<LabelledLook> below_cases;
    for (std::size_t t = 0; t < below.size(); ++t) below_cases.push_back({below[t].look, lump_of[t]});
    const int lumps = lump_of.empty() ? 0 : 1 + *std::max_element(lump_of.begin(), lump_of.end());
    in_lump = formulas(below_cases, level - 1, lumps);
  }

  std::vector<Question> questions;
  const auto ask = [&](NodeId formula, auto&& holds) {
    questions.push_back({formula, CaseSet(coarse.size())});
    for (std::size_t c = 0; c < coarse.size(); ++c) {
      if (holds(coarse[c].look)) questions.back().holds.add(c);
    }
  };
  for (std::size_t lump = 0; lump < in_lump.size(); ++lump) {
    ask(graph_.yesterday(in_lump[lump], lookback_), [&](const Look& look) {
      return std::binary_search(look.window.begin(), look.window.end(), static_cast<int>(lump));
    });
  }
  for (std::size_t i = 0; i < bit_formulas_.size(); ++i) {
    ask(bit_formulas_[i], [i](const Look& look) { return (look.bits >> i & 1) != 0; });
  }
  for (Symbol a = 0; a < letters_; ++a) {
    ask(graph_.letter(a), [a](const Look& look) { return look.letter == a; });
  }
  CaseSet everything(coarse.size());
  std::vector<CaseSet> labelled(labels, everything);
  for (std::size_t c = 0; c < coarse.size(); ++c) {
    everything.add(c);
    labelled[coarse[c].label].add(c);
  }
  std::vector<NodeId> result;
  for (const CaseSet& wanted : labelled) {
    result.push_back(tree(graph_, questions, wanted, everything, nodes_));
    count_nodes(graph_, nodes_);
  }
  return result;
}

}  // namespace yore::expressivity
