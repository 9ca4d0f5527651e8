// Shortest words with a purpose, by breadth-first search: what witnesses are made of.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "yore/automata/dfa.h"

namespace yore::expressivity {

using automata::Dfa;
using automata::State;
using logic::Symbol;
using logic::Word;

/// A shortest word leading from one state to another; nothing if there is none.
std::optional<Word> path_word(const Dfa& dfa, State from, State to);

/// A shortest word that exactly one of p and q accepts; nothing if they are equivalent.
/// Throws base::BudgetError("max-pairs") past `max_pairs` visited pairs.
std::optional<Word> separating_word(const Dfa& dfa, State p, State q, std::size_t max_pairs);

/// A shortest non-empty u with p.u = p and q.u = q; nothing if there is none. BudgetError as above.
std::optional<Word> common_loop(const Dfa& dfa, State p, State q, std::size_t max_pairs);

/// One state map q -> q.u met by search_maps, with a shortest u.
struct StateMap {
  Word word;
  std::vector<State> image;
};

/// How a search through the state maps ended.
enum class MapSearch { Found, Exhausted, OutOfBudget };

/// Visits the distinct maps of non-empty words, shortest word first, until `wanted` says true (Found, with
/// the map in `found`), there are no more (Exhausted), or they are more than `max_maps` (OutOfBudget).
/// Of a `period` above 1 only words whose length is a multiple of it are offered (and maps count once for
/// each length modulo the period). Shares nothing with algebra::Semigroup, which is its judge.
MapSearch search_maps(const Dfa& dfa, std::size_t max_maps,
                      const std::function<bool(const std::vector<State>&)>& wanted, StateMap& found,
                      int period = 1);

}  // namespace yore::expressivity
