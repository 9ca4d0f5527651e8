// Regexes under construction, for state elimination: equal expressions are one node, and every operation
// simplifies by local rules, because elimination piles up copies (r r*, r | s r, ...) that nobody wants to
// read.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "yore/base/budget.h"
#include "yore/logic/regex.h"

namespace yore::automata {

/// An arena of expressions. Operations keep the language and never make the text longer than the plain
/// construction would.
class RegexBuilder {
 public:
  using Id = std::int32_t;

  /// Throws BudgetError("max-regex") when an expression would be longer than `max_length` letters and
  /// operators.
  explicit RegexBuilder(std::size_t max_length);

  Id none() const { return none_; }        ///< no word at all
  Id epsilon() const { return epsilon_; }  ///< the empty word
  Id letters(std::vector<logic::Symbol> symbols);
  Id concat(Id a, Id b);
  Id unite(Id a, Id b) { return unite(std::vector<Id>{a, b}); }
  Id star(Id a);

  /// Letters and operators when written out without sharing.
  double length(Id id) const { return nodes_[id].length; }
  /// The finished tree; equal subexpressions are shared.
  logic::RegexPtr build(Id id) const;

 private:
  using Kind = logic::Regex::Kind;
  struct Node {
    Kind kind;
    std::vector<logic::Symbol> letters;
    std::vector<Id> children;
    int min = 0, max = -1;
    bool nullable = false;
    double length = 1;
  };

  Id intern(Node node);
  Id unite(const std::vector<Id>& parts);
  Id plus(Id a);
  Id optional(Id a);
  Id repeat(Id a, int min, int max);
  Id sequence(const std::vector<Id>& items);
  void append(std::vector<Id>& items, Id id);
  bool merge_tail(std::vector<Id>& items, Id next);
  void collect(Id part, std::vector<Id>& members, std::vector<logic::Symbol>& letters, bool& epsilon) const;
  bool factor(std::vector<Id>& members, bool front);
  bool is_repeat(Id id, int min, int max) const;
  bool is_star(Id id) const { return is_repeat(id, 0, -1); }
  std::vector<Id> items(Id id) const;
  std::vector<logic::RegexPtr> counted(const std::vector<Id>& sequence,
                                       const std::vector<logic::RegexPtr>& built) const;

  std::size_t max_length_;
  base::Budget stored_;
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, std::vector<Id>> by_hash_;
  Id none_, epsilon_;
};

}  // namespace yore::automata
