// Yes-certificates for lookback k >= 2: a formula over Y<=k (and P), found from pairs of words it must tell
// apart.
//
// A set of formulas is grown. Walking the automaton together with what the set's operators remember, look for
// two words of which one is accepted and which end with the same truth values. If there are none, acceptance
// is a boolean combination of these values: done. Otherwise add a formula of the LEAST depth that tells the
// two words apart (there is one, or the pair is bisimilar and the answer no), and walk again. If the language
// is definable with depth r no formula of greater depth is ever added, and there are finitely many of depth
// <= r up to equivalence: the search ends. (Listing all types of depth r instead, the obvious way, fails
// already for .*ab.* over three letters and k = 2: at depth 3 there are millions.)
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

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
  /// base::BudgetError("max-types", limit) when that is spent, or ("max-formula") when the set outgrows
  /// max_nodes.
  Outcome run(int max_depth, std::size_t& budget, std::size_t limit, std::size_t max_nodes);

  /// After Found: the boolean combination that decides acceptance, as a decision tree.
  Formula formula();
  /// After Same: one accepted and one rejected word.
  const std::pair<Word, Word>& pair() const { return pair_; }

 private:
  using NodeId = logic::NodeId;
  using Ends = std::map<std::vector<char>, bool>;  // truth of the temporal nodes at EOS -> acceptance
  struct Place {
    int word, position;
    auto operator<=>(const Place&) const = default;
  };

  std::optional<std::pair<Word, Word>> conflict(std::size_t& budget, std::size_t limit);
  void refresh_temporal_nodes();
  NodeId tell_apart(Place x, Place y);
  NodeId tell_from_all(Place x, std::vector<Place> others);
  std::vector<Place> earlier(Place x, bool window) const;
  int type(int depth, Place x) const { return types_[depth][x.word][x.position]; }
  bool holds(NodeId f, Place x);
  NodeId tree(const std::vector<const Ends::value_type*>& ends);

  const Dfa& dfa_;
  int lookback_;
  bool before_;
  logic::FormulaGraph graph_;
  std::vector<NodeId> temporal_;
  Ends ends_;
  std::pair<Word, Word> pair_;
  bool pending_ = false;  // pair_ is a conflict not yet resolved
  // For the pair at hand: its words, their types by depth, truth values by word and node, formulas found.
  std::vector<Word> words_;
  std::vector<std::vector<std::vector<int>>> types_;
  std::vector<std::vector<std::vector<char>>> truth_;
  std::map<std::pair<Place, Place>, NodeId> told_;
};

}  // namespace yore::expressivity
