// Cases over the truth of subformulas at one position, some known and some not yet.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "yore/base/budget.h"
#include "yore/compiler/dependence.h"
#include "yore/logic/formula.h"

namespace yore::compiler {

using logic::NodeId;

enum class Truth : signed char { False = 0, True = 1, Unknown = -1 };

/// Truth of nodes at one position. Letters are known together, with the token that stands there: a letter or
/// EOS, where no letter holds. So are pos=r/m, with the position's remainder; remainders that the nodes in
/// hand do not tell apart make one case.
class Cases {
 public:
  explicit Cases(const logic::Formula& formula);

  /// From what has been assumed; a temporal node only if assumed itself.
  Truth truth(NodeId id) const;

  /// What a visitor says of a case.
  enum class Next {
    Done,   ///< nothing more to see below this case
    Split,  ///< tell cases apart by one more node
    Stop,   ///< give up altogether
  };
  /// Visits cases that together cover every position of every word, from the one that knows nothing: where
  /// the visitor says Split, one of `nodes` that is not known gets both values: the one that `prefer`
  /// names for the case just visited (it may name none: std::nullopt), else the first. With all nodes known
  /// Split means Done. False if a visitor said Stop, or `cases`, from which each is taken, was spent. Throws
  /// base::Interrupted.
  bool split(std::vector<NodeId> nodes, base::Budget& cases, const std::function<Next()>& visit,
             const std::function<std::optional<NodeId>()>& prefer = {});

  /// Whether the last visited case knows all nodes that it was asked to split by.
  bool complete() const { return complete_; }

 private:
  bool here(NodeId id) const { return !dependence_[static_cast<std::size_t>(id)].past; }
  /// Of a node that the position's remainder tells, in the group of remainders in hand.
  Truth in_group(NodeId id) const;
  /// Groups the remainders by what they tell of the nodes.
  void group_remainders(const std::vector<NodeId>& nodes);
  /// From what is below the node alone; once a case for each node, however often others share it.
  Truth derived(NodeId id) const;
  Truth junction(const logic::Node& node) const;
  /// Whether what is assumed of a node contradicts what is known below it: no position is such a case.
  bool impossible() const;
  bool descend(std::size_t next, base::Budget& cases, const std::function<Next()>& visit,
               const std::function<std::optional<NodeId>()>& prefer);

  const logic::FormulaGraph& graph_;
  std::vector<Dependence> dependence_;
  TruthTable by_token_, by_remainder_;
  std::vector<Truth> assumed_;
  std::vector<NodeId> nodes_;
  std::vector<NodeId> junctions_;         ///< the And and Or nodes among those assumed
  std::vector<std::vector<int>> groups_;  ///< of remainders
  int token_ = -1, group_ = -1;
  bool needs_token_ = false, needs_remainder_ = false;
  bool complete_ = false;
  struct Derived {
    std::uint64_t in_case = 0;
    Truth truth = Truth::Unknown;
  };
  mutable std::vector<Derived> derived_;
  std::uint64_t case_ = 1;  ///< counts what has been assumed so far, never the same twice
};

}  // namespace yore::compiler
