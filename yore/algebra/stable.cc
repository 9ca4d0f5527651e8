#include "yore/algebra/stable.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>
#include <vector>

#include "yore/algebra/groups.h"

namespace yore::algebra {
namespace {

// Pairs (element, length modulo m): node e * m + length, with an edge a letter.
class PairGraph {
 public:
  PairGraph(const Semigroup& s, int period)
      : s_(s), m_(static_cast<std::size_t>(period)), nodes_(static_cast<std::size_t>(s.size()) * m_) {}

  std::size_t size() const { return nodes_; }
  std::size_t right(std::size_t node, Symbol a) const {
    return static_cast<std::size_t>(s_.right(static_cast<Element>(node / m_), a)) * m_ + (node % m_ + 1) % m_;
  }

  // Numbers of strongly connected components that are reached from the letters; -1 for other nodes (Tarjan,
  // without recursion).
  std::vector<int> components() const {
    std::vector<int> index(nodes_, -1), low(nodes_, 0), component(nodes_, -1);
    std::vector<std::pair<std::size_t, Symbol>> frames;
    std::vector<std::size_t> open;
    int counter = 0, count = 0;
    base::Budget steps("walking the words of each length through the syntactic semigroup");
    const auto enter = [&](std::size_t v) {
      steps.spend();
      index[v] = low[v] = counter++;
      open.push_back(v);
      frames.emplace_back(v, 0);
    };
    for (Symbol first = 0; first < s_.letters(); ++first) {
      const std::size_t root = static_cast<std::size_t>(s_.generator(first)) * m_ + 1 % m_;
      if (index[root] >= 0) continue;
      enter(root);
      while (!frames.empty()) {
        const std::size_t v = frames.back().first;
        if (frames.back().second < s_.letters()) {
          const std::size_t w = right(v, frames.back().second++);
          if (index[w] < 0)
            enter(w);
          else if (component[w] < 0)
            low[v] = std::min(low[v], index[w]);
          continue;
        }
        frames.pop_back();
        if (!frames.empty()) low[frames.back().first] = std::min(low[frames.back().first], low[v]);
        if (low[v] != index[v]) continue;
        for (std::size_t w = nodes_; w != v;) {
          w = open.back();
          open.pop_back();
          component[w] = count;
        }
        ++count;
      }
    }
    return component;
  }

  // T e: the elements that a word of a multiple's length, put before e, leads to; calls visit(x), until it
  // says false.
  template <class Visit>
  bool left_ideal(Element e, std::vector<int>& last, int search, Visit&& visit) const {
    std::vector<std::size_t> queue{static_cast<std::size_t>(e) * m_};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      for (Symbol a = 0; a < s_.letters(); ++a) {
        const std::size_t to =
            static_cast<std::size_t>(s_.left(a, static_cast<Element>(queue[i] / m_))) * m_ +
            (queue[i] % m_ + 1) % m_;
        if (last[to] == search) continue;
        last[to] = search;
        queue.push_back(to);
        if (to % m_ == 0 && !visit(static_cast<Element>(to / m_))) return false;
      }
    }
    return true;
  }

 private:
  const Semigroup& s_;
  std::size_t m_, nodes_;
};

}  // namespace

bool is_r_trivial(const Semigroup& s, int period) {
  const std::vector<int> component = PairGraph(s, period).components();
  std::unordered_set<int> met;
  for (std::size_t node = 0; node < component.size(); node += static_cast<std::size_t>(period))
    if (component[node] >= 0 && !met.insert(component[node]).second) return false;
  return true;
}

bool is_definite(const Semigroup& s, int period) {
  const PairGraph graph(s, period);
  std::vector<int> last(graph.size(), -1);
  int search = 0;
  base::Budget steps("comparing the elements of the syntactic semigroup");
  for (const Element e : s.idempotents()) {
    steps.spend();
    if (!graph.left_ideal(e, last, search++, [e](Element x) { return x == e; })) return false;
  }
  return true;
}

bool is_locally_r_trivial(const Semigroup& s, int period) {
  // As for period 1 (identities.cc): no two R-related elements in one left ideal T e.
  const PairGraph graph(s, period);
  const std::vector<int> component = graph.components();
  std::vector<int> last(graph.size(), -1), holder(graph.size(), -1);
  std::vector<char> covered(static_cast<std::size_t>(s.size()), 0);
  int search = 0;
  base::Budget steps("comparing the elements of the syntactic semigroup");
  for (const Element e : s.idempotents()) {
    steps.spend();
    if (covered[static_cast<std::size_t>(e)] != 0) continue;  // T f lies in T e if f does
    const int here = search++;
    const auto fine = [&](Element x) {
      covered[static_cast<std::size_t>(x)] = 1;
      int& met = holder[static_cast<std::size_t>(
          component[static_cast<std::size_t>(x) * static_cast<std::size_t>(period)])];
      if (met == here) return false;
      met = here;
      return true;
    };
    if (!graph.left_ideal(e, last, here, fine)) return false;
  }
  return true;
}

bool is_aperiodic(const Semigroup& s, int period) {
  // x of T lies in a group that is not trivial if its powers do not come to rest.
  const std::vector<char> member = elements_of_length_multiples(s, period);
  base::Budget steps("multiplying elements of the syntactic semigroup");
  for (Element x = 0; x < s.size(); ++x) {
    if (member[static_cast<std::size_t>(x)] == 0) continue;
    steps.spend();
    // Brent's way to see a cycle: compare with the power at the last power of two.
    Element power = x, seen = x;
    for (int i = 1, mark = 1;; ++i) {
      const Element next = s.product(power, x);
      if (next == power) break;
      power = next;
      if (power == seen) return false;
      if (i == mark) {
        mark *= 2;
        seen = power;
      }
    }
  }
  return true;
}

std::optional<int> length_period(const Semigroup& s, int limit) {
  // Lengths of words round a component of the Cayley graph have a greatest common divisor; the period is the
  // least common multiple of these.
  const PairGraph graph(s, 1);
  const std::vector<int> component = graph.components();
  std::vector<long long> distance(graph.size(), -1);
  std::vector<long long> divisor(graph.size(), 0);
  for (std::size_t root = 0; root < graph.size(); ++root) {
    if (component[root] < 0 || distance[root] >= 0) continue;
    distance[root] = 0;
    std::vector<std::size_t> queue{root};
    for (std::size_t i = 0; i < queue.size(); ++i)
      for (Symbol a = 0; a < s.letters(); ++a) {
        const std::size_t v = queue[i], w = graph.right(v, a);
        if (component[w] != component[v]) continue;
        if (distance[w] < 0) {
          distance[w] = distance[v] + 1;
          queue.push_back(w);
        } else {
          long long& d = divisor[static_cast<std::size_t>(component[v])];
          d = std::gcd(d, distance[v] + 1 - distance[w]);
        }
      }
  }
  long long period = 1;
  for (const long long d : divisor) {
    if (d == 0) continue;
    period = std::lcm(period, d);
    if (period > limit) return std::nullopt;
  }
  return static_cast<int>(period);
}

}  // namespace yore::algebra
