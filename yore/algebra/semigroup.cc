#include "yore/algebra/semigroup.h"

#include <algorithm>

namespace yore::algebra {
namespace {

constexpr std::size_t kFullTableStates = 256;

// Component number of each node of a graph in which every node has `degree` successors (Tarjan, without
// recursion).
std::vector<int> strong_components(int nodes, int degree, const std::vector<Element>& successors) {
  constexpr int kUnseen = -1;
  std::vector<int> index(static_cast<std::size_t>(nodes), kUnseen), low(index), component(index);
  struct Frame {
    int node, next_edge;
  };
  std::vector<Frame> frames;
  std::vector<int> open;
  int counter = 0, components = 0;
  auto enter = [&](int v) {
    index[static_cast<std::size_t>(v)] = low[static_cast<std::size_t>(v)] = counter++;
    open.push_back(v);
    frames.push_back({v, 0});
  };
  for (int root = 0; root < nodes; ++root) {
    if (index[static_cast<std::size_t>(root)] != kUnseen) continue;
    enter(root);
    while (!frames.empty()) {
      const int v = frames.back().node;
      const auto at = static_cast<std::size_t>(v);
      if (frames.back().next_edge < degree) {
        const int w = successors[at * static_cast<std::size_t>(degree) +
                                 static_cast<std::size_t>(frames.back().next_edge++)];
        const auto to = static_cast<std::size_t>(w);
        if (index[to] == kUnseen) {
          enter(w);
        } else if (component[to] < 0) {
          low[at] = std::min(low[at], index[to]);
        }
        continue;
      }
      frames.pop_back();
      if (!frames.empty()) {
        auto& parent_low = low[static_cast<std::size_t>(frames.back().node)];
        parent_low = std::min(parent_low, low[at]);
      }
      if (low[at] != index[at]) continue;
      for (int w = -1; w != v;) {
        w = open.back();
        open.pop_back();
        component[static_cast<std::size_t>(w)] = components;
      }
      ++components;
    }
  }
  return component;
}

}  // namespace

std::size_t affordable_elements(std::size_t max_elements, State states) {
  const auto n = static_cast<std::size_t>(states);
  if (n <= kFullTableStates) return max_elements;
  return std::max<std::size_t>(1,
                               max_elements / n * kFullTableStates + max_elements % n * kFullTableStates / n);
}

Semigroup::Semigroup(const Dfa& dfa, std::size_t max_elements)
    : states_(dfa.states), letters_(dfa.alphabet.size()) {
  base::Budget elements("enumerating the syntactic semigroup",
                        {.count = affordable_elements(max_elements, states_), .option = "max-monoid"});
  table_.assign(64, -1);
  std::vector<State> image(static_cast<std::size_t>(states_));
  for (Symbol a = 0; a < letters_; ++a) {
    for (State q = 0; q < states_; ++q) image[static_cast<std::size_t>(q)] = dfa.step(q, a);
    generators_.push_back(intern(image, -1, a, elements));
  }
  for (Element e = 0; e < size(); ++e) {
    elements.spend(0);
    for (Symbol a = 0; a < letters_; ++a) {
      const State* from = map(e);
      for (std::size_t q = 0; q < image.size(); ++q) image[q] = dfa.step(from[q], a);
      right_.push_back(intern(image, e, a, elements));
    }
  }
  // a (p b) = (a p) b, and p was found before p b.
  left_.resize(right_.size());
  for (Element e = 0; e < size(); ++e) {
    elements.spend(0);
    const auto [parent, b] = parents_[static_cast<std::size_t>(e)];
    for (Symbol a = 0; a < letters_; ++a)
      left_[edge(e, a)] = right(parent < 0 ? generator(a) : left(a, parent), b);
  }
}

std::size_t Semigroup::slot(const State* wanted) const {
  std::uint64_t hash = 0x9E3779B97F4A7C15u;
  for (int q = 0; q < states_; ++q) {
    hash = (hash ^ static_cast<std::uint64_t>(wanted[q])) * 0xFF51AFD7ED558CCDu;
    hash ^= hash >> 32;
  }
  std::size_t at = hash & (table_.size() - 1);
  while (table_[at] >= 0 && !std::equal(wanted, wanted + states_, map(table_[at])))
    at = (at + 1) & (table_.size() - 1);
  return at;
}

Element Semigroup::intern(const std::vector<State>& image, Element parent, Symbol letter,
                          base::Budget& elements) {
  const std::size_t at = slot(image.data());
  if (table_[at] >= 0) return table_[at];
  elements.spend();
  const auto e = static_cast<Element>(parents_.size());
  maps_.insert(maps_.end(), image.begin(), image.end());
  parents_.emplace_back(parent, letter);
  table_[at] = e;
  if (parents_.size() * 2 > table_.size()) grow_table();
  return e;
}

void Semigroup::grow_table() {
  table_.assign(table_.size() * 2, -1);
  for (Element e = 0; e < size(); ++e) table_[slot(map(e))] = e;
}

Element Semigroup::product(Element e, Element f) const {
  std::vector<State> image(map(e), map(e) + states_);
  for (State& q : image) q = map(f)[q];
  return table_[slot(image.data())];
}

Word Semigroup::word(Element e) const {
  Word reversed;
  for (; e >= 0; e = parents_[static_cast<std::size_t>(e)].first)
    reversed.push_back(parents_[static_cast<std::size_t>(e)].second);
  return {reversed.rbegin(), reversed.rend()};
}

bool Semigroup::idempotent(Element e) const {
  const State* m = map(e);
  return std::all_of(m, m + states_, [m](State q) { return m[q] == q; });
}

std::vector<Element> Semigroup::idempotents() const {
  std::vector<Element> found;
  for (Element e = 0; e < size(); ++e) {
    if (idempotent(e)) found.push_back(e);
  }
  return found;
}

std::vector<int> Semigroup::r_classes() const {
  return strong_components(size(), letters_, right_);
}
std::vector<int> Semigroup::l_classes() const {
  return strong_components(size(), letters_, left_);
}

}  // namespace yore::algebra
