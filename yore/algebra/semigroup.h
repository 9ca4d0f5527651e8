// The transition semigroup of a DFA: all state maps q -> q.w for non-empty words w. For a minimal DFA it is
// the syntactic semigroup. Enumeration is budgeted: a semigroup may have n^n elements.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/budget.h"

namespace yore::algebra {

using automata::Dfa;
using automata::State;
using logic::Symbol;
using logic::Word;
using Element = std::int32_t;  ///< index into a semigroup, 0..size-1

/// How many elements of a `states`-state semigroup a budget of `max_elements` pays for: all of them up to 256
/// states, beyond that proportionally fewer, so that the table of maps never holds more than 256 *
/// max_elements states.
std::size_t affordable_elements(std::size_t max_elements, State states);

/// All elements with their left and right Cayley graphs. Elements are found in length-then-symbol order, so
/// word(e) is a shortest one. Products read from left to right: e f is "first e, then f".
class Semigroup {
 public:
  /// Throws base::BudgetError("max-monoid") past affordable_elements(max_elements, dfa.states),
  /// base::Interrupted if a signal came.
  Semigroup(const Dfa& dfa, std::size_t max_elements);

  int size() const { return static_cast<int>(parents_.size()); }
  int letters() const { return letters_; }
  State states() const { return states_; }
  /// The map of an element: image of each state.
  const State* map(Element e) const {
    return maps_.data() + static_cast<std::size_t>(e) * static_cast<std::size_t>(states_);
  }
  /// The element of the one-letter word a; two letters may have the same.
  Element generator(Symbol a) const { return generators_[static_cast<std::size_t>(a)]; }
  /// e followed by the letter a.
  Element right(Element e, Symbol a) const { return right_[edge(e, a)]; }
  /// The letter a followed by e.
  Element left(Symbol a, Element e) const { return left_[edge(e, a)]; }
  /// e followed by f.
  Element product(Element e, Element f) const;
  /// A shortest word with that map.
  Word word(Element e) const;
  bool idempotent(Element e) const;
  std::vector<Element> idempotents() const;
  /// R-class number of each element (e R f iff they generate the same right ideal): components of the right
  /// Cayley graph.
  std::vector<int> r_classes() const;
  /// L-class number of each element (same left ideal): components of the left Cayley graph.
  std::vector<int> l_classes() const;

 private:
  std::size_t edge(Element e, Symbol a) const {
    return static_cast<std::size_t>(e) * static_cast<std::size_t>(letters_) + static_cast<std::size_t>(a);
  }
  std::size_t slot(const State* map) const;
  Element intern(const std::vector<State>& map, Element parent, Symbol letter, base::Budget& elements);
  void grow_table();

  int states_ = 0, letters_ = 0;
  std::vector<State> maps_;
  std::vector<Element> generators_, right_, left_;
  std::vector<std::pair<Element, Symbol>> parents_;  // (-1, a) for a generator found first
  std::vector<Element> table_;                       // open addressing over maps, -1 = free
};

// What the identities say of the syntactic SEMIGROUP (non-empty words); none of them looks at the automaton.
// Adjoining a neutral element changes neither R-triviality nor aperiodicity, so these two hold of the monoid
// as well; the other two do depend on leaving the empty word out.

/// x = y whenever x and y generate the same right ideal: LTL[P].
bool is_r_trivial(const Semigroup& s);
/// S e = {e} for every idempotent e: LTL[Y].
bool is_definite(const Semigroup& s);
/// e S e is R-trivial for every idempotent e: LTL[P,Y].
bool is_locally_r_trivial(const Semigroup& s);
/// x^(n+1) = x^n for some n, every x: star-free.
bool is_aperiodic(const Semigroup& s);

}  // namespace yore::algebra
