// For many queries and keys in the plane: which keys have the largest product with a query, all of them. The
// keys are sorted once into their convex hull, along which products rise and fall, so that a query costs the
// logarithm of their number: hard attention without a table of all scores.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

namespace yore::circuits {

/// C: an exact type, with W the type of sums of products of C that cannot overflow.
template <class C, class W>
class ArgMax {
 public:
  using Point = std::array<C, 2>;

  explicit ArgMax(std::vector<Point> keys) : keys_(std::move(keys)) {
    by_place_.resize(keys_.size());
    std::iota(by_place_.begin(), by_place_.end(), 0);
    std::stable_sort(by_place_.begin(), by_place_.end(), [&](int a, int b) { return key(a) < key(b); });
    for (std::size_t i = 0; i < by_place_.size(); ++i)
      if (i == 0 || key(by_place_[i]) != key(by_place_[i - 1])) group_.push_back(i);
    const int points = static_cast<int>(group_.size());
    group_.push_back(by_place_.size());
    // Of the points in one column the lowest comes first and the highest last.
    for (int p = 0; p < points; ++p) {
      const bool low = p == 0 || point(p)[0] != point(p - 1)[0];
      const bool high = p + 1 == points || point(p)[0] != point(p + 1)[0];
      if (low) extend(lower_, p, 1);
      if (high) extend(upper_, p, -1);
      if (point(p)[0] == point(0)[0]) left_.push_back(p);
    }
    for (int p = points; p-- > 0 && point(p)[0] == point(points - 1)[0];) right_.push_back(p);
    all_.resize(static_cast<std::size_t>(points));
    std::iota(all_.begin(), all_.end(), 0);
  }

  /// Calls each(number, visit) for the set of keys that are largest for `query`: sets of one number are
  /// equal, and numbers count from 0 in the order in which sets are met; visit(f) calls f(key) for each, in
  /// rising order. There must be a key.
  template <class Each>
  void find(const Point& query, const Each& each) {
    const auto [a, b] = query;
    const bool up = b > 0, level = b == 0;
    const std::vector<int>& chain = level ? (a == 0 ? all_ : a > 0 ? right_ : left_) : up ? upper_ : lower_;
    std::size_t first = 0, last = chain.size() - 1;
    if (!level) {
      // Along a hull's side the product rises, stays, and falls.
      const auto steps = [&](const auto& goes_on) {
        std::size_t low = 0, high = chain.size() - 1;
        while (low < high) {
          const std::size_t middle = low + (high - low) / 2;
          const W step = product(query, point(chain[middle + 1])) - product(query, point(chain[middle]));
          if (goes_on(step))
            low = middle + 1;
          else
            high = middle;
        }
        return low;
      };
      first = steps([](const W& step) { return step > 0; });
      last = steps([](const W& step) { return step >= 0; });
    }
    each(number(&chain, first, last), [&](const auto& f) { visit(chain, first, last, f); });
  }

 private:
  const Point& key(int token) const { return keys_[static_cast<std::size_t>(token)]; }
  const Point& point(int p) const { return key(by_place_[group_[static_cast<std::size_t>(p)]]); }
  static W product(const Point& a, const Point& b) { return W(a[0]) * W(b[0]) + W(a[1]) * W(b[1]); }

  /// Adds a point to a chain that turns left (turn 1) or right (-1), or goes straight on.
  void extend(std::vector<int>& chain, int p, int turn) const {
    while (chain.size() >= 2) {
      const Point &o = point(chain[chain.size() - 2]), &m = point(chain.back()), &n = point(p);
      const W left = (W(m[0]) - W(o[0])) * (W(n[1]) - W(o[1])),
              right = (W(m[1]) - W(o[1])) * (W(n[0]) - W(o[0]));
      if (turn > 0 ? left >= right : left <= right) break;
      chain.pop_back();
    }
    chain.push_back(p);
  }

  int number(const std::vector<int>* chain, std::size_t first, std::size_t last) {
    // A set of one point has one number, whatever chain it was found on.
    const Set set =
        first == last ? Set{nullptr, static_cast<std::size_t>((*chain)[first]), 0} : Set{chain, first, last};
    return sets_.emplace(set, static_cast<int>(sets_.size())).first->second;
  }

  template <class F>
  void visit(const std::vector<int>& chain, std::size_t first, std::size_t last, const F& f) const {
    std::vector<int> tokens;
    for (std::size_t i = first; i <= last; ++i) {
      const auto p = static_cast<std::size_t>(chain[i]);
      tokens.insert(tokens.end(), by_place_.begin() + static_cast<std::ptrdiff_t>(group_[p]),
                    by_place_.begin() + static_cast<std::ptrdiff_t>(group_[p + 1]));
    }
    std::sort(tokens.begin(), tokens.end());
    for (const int token : tokens) f(token);
  }

  struct Set {
    const std::vector<int>* chain;
    std::size_t first, last;
    auto operator<=>(const Set&) const = default;
  };

  std::vector<Point> keys_;
  std::vector<int> by_place_;       // keys by x, then y
  std::vector<std::size_t> group_;  // of each point: where its keys begin there; then their number
  std::vector<int> lower_, upper_;  // points of the hull's sides, from left to right
  std::vector<int> left_, right_, all_;
  std::map<Set, int> sets_;
};

}  // namespace yore::circuits
