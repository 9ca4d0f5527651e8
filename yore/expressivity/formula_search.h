// Yes-certificates for lookback k >= 2: a formula over Y<=k (and P), learnt from words it must tell apart.
//
// Some formulas are chosen that tell all accepted from all rejected example words. Walking the automaton
// together with what the chosen formulas remember, look for two words of which one is accepted and which end
// with the same truth values. If there are none, acceptance is a boolean combination of these values: done.
// Otherwise the two words become examples; if no formula known so far tells them apart, formulas of the LEAST
// depth that do are added (there are some, or the two are bisimilar and the answer is no). If the language is
// definable with depth r no formula of greater depth is ever added, and up to equivalence there are finitely
// many: the search ends. Tried first: listing all types of depth r. It fails already for .*ab.* over three
// letters and k = 2, where depth 3 has millions; so does keeping every formula ever added instead of choosing
// few.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "yore/base/budget.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

class FormulaSearch {
 public:
  /// Formulas use Y<=lookback, and P if `before`.
  FormulaSearch(const Dfa& dfa, int lookback, bool before)
      : dfa_(dfa), lookback_(lookback), before_(before) {}

  enum class Outcome {
    Found,  ///< formula() is the answer
    Same,   ///< pair() is told apart by no formula: the answer is no
    Deeper  ///< more depth is needed than allowed
  };
  /// Continues with formulas up to max_depth. Each step of a walk is taken from `budget`; throws
  /// base::BudgetError when that is spent, or ("max-formula") when the formulas outgrow max_nodes.
  Outcome run(int max_depth, base::Budget& budget, std::size_t max_nodes);

  /// After Found: the boolean combination that decides acceptance, as a decision tree.
  Formula formula();
  /// After Same: one accepted and one rejected word.
  const std::pair<Word, Word>& pair() const { return pair_; }

 private:
  using NodeId = logic::NodeId;
  using Ends = std::map<std::vector<char>, bool>;  // truth of the chosen formulas at EOS -> acceptance
  struct Place {
    int word, position;
    auto operator<=>(const Place&) const = default;
  };
  struct Example {
    Word word;
    bool accepted;
    std::vector<std::vector<char>> truth;  // by node and position
  };

  void choose();
  std::optional<std::pair<Word, Word>> conflict(base::Budget& budget);
  void add_example(Word word);
  bool known_apart(const Example& x, const Example& y);
  std::vector<NodeId> tell_apart(Place x, Place y);
  NodeId tell_from_all(Place x, std::vector<Place> others, int depth);
  std::vector<Place> earlier(Place x, bool window) const;
  int type(int depth, Place x) const { return types_[depth][x.word][x.position]; }
  void evaluate(Example& example) const;
  bool holds(NodeId f, Place x) const { return pair_truth_[x.word].truth[f][x.position] != 0; }
  void learn_depths();
  NodeId tree(const std::vector<const Ends::value_type*>& ends);

  const Dfa& dfa_;
  int lookback_;
  bool before_;
  logic::FormulaGraph graph_;
  std::vector<int> depth_;             // of each node
  std::vector<NodeId> pool_, chosen_;  // temporal nodes
  std::vector<Example> examples_;
  Ends ends_;
  std::pair<Word, Word> pair_;
  bool pending_ = false;  // no formula for pair_ yet
  // The pair at hand: its types by depth, and its truth values.
  std::vector<std::vector<std::vector<int>>> types_;
  std::vector<Example> pair_truth_;
};

}  // namespace yore::expressivity
