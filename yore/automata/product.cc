// What is built over pairs of states of two automata.
#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "yore/automata/dfa.h"
#include "yore/base/budget.h"

namespace yore::automata {
namespace {

void require_same_alphabet(const Dfa& a, const Dfa& b, const char* who) {
  if (a.alphabet != b.alphabet) throw std::invalid_argument(std::string(who) + ": the alphabets differ");
}

bool combine(Combine op, bool in_a, bool in_b) {
  switch (op) {
    case Combine::And:
      return in_a && in_b;
    case Combine::Or:
      return in_a || in_b;
    case Combine::Xor:
      return in_a != in_b;
    case Combine::Minus:
      return in_a && !in_b;
  }
  throw std::invalid_argument("product: no such combination");
}

// Classes of states known or assumed to accept the same words; by path halving and size.
class UnionFind {
 public:
  explicit UnionFind(std::size_t n) : parent_(n), size_(n, 1) {
    for (std::size_t i = 0; i < n; ++i) parent_[i] = i;
  }
  // Merges the classes of x and y; false if they were one already.
  bool merge(std::size_t x, std::size_t y) {
    x = find(x);
    y = find(y);
    if (x == y) return false;
    if (size_[x] < size_[y]) std::swap(x, y);
    parent_[y] = x;
    size_[x] += size_[y];
    return true;
  }

 private:
  std::size_t find(std::size_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  std::vector<std::size_t> parent_, size_;
};

}  // namespace

Dfa product(const Dfa& a, const Dfa& b, Combine op, std::size_t max_states) {
  require_same_alphabet(a, b, "product");
  struct Pair {
    State p, q;
  };
  base::Budget budget("the product of two automata", {.count = max_states, .option = "max-states"});
  std::vector<Pair> pairs;
  std::unordered_map<std::uint64_t, State> number;
  const auto number_of = [&](State p, State q) {
    const std::uint64_t key = static_cast<std::uint64_t>(p) << 32 | static_cast<std::uint32_t>(q);
    const auto [it, fresh] = number.try_emplace(key, static_cast<State>(pairs.size()));
    if (fresh) {
      budget.spend();
      pairs.push_back({p, q});
    }
    return it->second;
  };
  Dfa result{a.alphabet, 0, number_of(a.start, b.start), {}, {}};
  for (std::size_t head = 0; head < pairs.size(); ++head) {
    budget.spend(0);
    const auto [p, q] = pairs[head];
    result.accepting.push_back(combine(op, a.accepting[p] != 0, b.accepting[q] != 0));
    for (Symbol s = 0; s < a.alphabet.size(); ++s)
      result.next.push_back(number_of(a.step(p, s), b.step(q, s)));
  }
  result.states = static_cast<State>(pairs.size());
  return result;
}

std::optional<Word> difference(const Dfa& a, const Dfa& b) {
  require_same_alphabet(a, b, "difference");
  // Breadth-first over pairs, but a pair that earlier pairs already make equal (by transitivity) is not
  // followed (Hopcroft & Karp 1971). Still shortest: a word w that tells the ends of a chain of pairs apart
  // tells the ends of one of its links apart, and every link was queued no later than the pair left out, so
  // at no greater depth.
  struct Visit {
    State p, q;
    std::int64_t parent;
    Symbol by;
  };
  UnionFind classes(static_cast<std::size_t>(a.states) + static_cast<std::size_t>(b.states));
  const auto merge = [&](State p, State q) {
    return classes.merge(static_cast<std::size_t>(p),
                         static_cast<std::size_t>(a.states) + static_cast<std::size_t>(q));
  };
  base::Budget budget("comparing two automata");
  std::vector<Visit> queue{{a.start, b.start, -1, -1}};
  merge(a.start, b.start);
  for (std::size_t head = 0; head < queue.size(); ++head) {
    budget.spend();
    const Visit visit = queue[head];
    if ((a.accepting[visit.p] != 0) != (b.accepting[visit.q] != 0)) {
      Word word;
      for (const Visit* v = &visit; v->parent >= 0; v = &queue[v->parent]) word.push_back(v->by);
      std::reverse(word.begin(), word.end());
      return word;
    }
    for (Symbol s = 0; s < a.alphabet.size(); ++s) {
      const State p = a.step(visit.p, s), q = b.step(visit.q, s);
      if (merge(p, q)) queue.push_back({p, q, static_cast<std::int64_t>(head), s});
    }
  }
  return std::nullopt;
}

}  // namespace yore::automata
