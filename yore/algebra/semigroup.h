// The transition semigroup of a DFA: all state maps q -> q.w for non-empty words w. For a minimal DFA it is the syntactic
// semigroup. Enumeration is budgeted: a semigroup may have n^n elements.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "yore/automata/dfa.h"

namespace yore::algebra {

using automata::Dfa;
using automata::State;
using logic::Symbol;
using logic::Word;
using Element = std::int32_t;  ///< index into a semigroup, 0..size-1

/// All elements with their right Cayley graph. Elements are found in length-then-symbol order, so word(e) is a shortest one.
class Semigroup {
 public:
  /// Throws base::BudgetError("max-monoid") past `max_elements`; stops early when interrupted.
  Semigroup(const Dfa& dfa, std::size_t max_elements);

  int size() const { return static_cast<int>(parents_.size()); }
  int letters() const { return letters_; }
  /// The map of an element: image of each state.
  const State* map(Element e) const { return maps_.data() + static_cast<std::size_t>(e) * static_cast<std::size_t>(states_); }
  Element generator(Symbol a) const { return generators_[static_cast<std::size_t>(a)]; }
  /// e followed by the letter a.
  Element right(Element e, Symbol a) const;
  /// The letter a followed by e.
  Element left(Symbol a, Element e) const;
  Element product(Element e, Element f) const;
  /// A shortest word with that map.
  Word word(Element e) const;
  bool idempotent(Element e) const { return product(e, e) == e; }
  std::vector<Element> idempotents() const;
  /// R-class number of each element (e R f iff they generate the same right ideal): components of the right Cayley graph.
  std::vector<int> r_classes() const;
  std::vector<int> l_classes() const;

 private:
  int states_ = 0, letters_ = 0;
  std::vector<State> maps_;
  std::vector<Element> generators_, right_;
  mutable std::vector<Element> left_;
  std::vector<std::pair<Element, Symbol>> parents_;
  std::vector<std::vector<Element>> buckets_;
};

/// What the identities say; independent of every automaton test. All are about the SEMIGROUP (non-empty words) except where said.
bool is_r_trivial(const Semigroup& s);          ///< the monoid (= semigroup) is R-trivial: LTL[P]
bool is_definite(const Semigroup& s);           ///< S e = {e} for every idempotent e: LTL[Y]
bool is_locally_r_trivial(const Semigroup& s);  ///< e S e is R-trivial for every idempotent e: LTL[P,Y]
bool is_aperiodic(const Semigroup& s);          ///< x^(n+1) = x^n for some n, every x: star-free

}  // namespace yore::algebra
