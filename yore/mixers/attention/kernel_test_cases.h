// The shapes that the kernel's passes are tested with, and what arithmetic in T may do to their values.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "yore/mixers/attention/kernel_test_support.h"

namespace yore::mixers::kernel::testing {

inline std::vector<Case> cases() {
  const std::vector<int> mixed = {-1, 0, 1, 3, 7, 8, 20, 64, 100};
  std::vector<Case> list;
  for (bool strict : {false, true}) {
    const std::string s = strict ? " strict" : "";
    list.push_back(
        {"short" + s, mixed, strict, 0, 5, 3, {{1, 1}, {2, 2}, {9, 9}, {17, 17}}, 0, false, false, true});
    list.push_back({"long" + s, mixed, strict, 0, 16, 16, {{200, 200}}});
    list.push_back({"odd dims" + s, {-1, 2, 70}, strict, 0, 33, 70, {{131, 131}}});
    list.push_back({"alibi" + s, {-1, 2, 30, 90}, strict, 0, 8, 4, {{150, 150}}, 0, false, true});
    list.push_back({"grouped" + s,
                    {-1, 2, 30, 70, 5, 40},
                    strict,
                    2,
                    12,
                    12,
                    {{140, 140}, {65, 65}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"one key head" + s, {100, 33, 64}, strict, 1, 16, 16, {{129, 129}}});
    list.push_back({"fewer queries" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{1, 90}, {3, 90}, {40, 180}, {64, 65}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"more queries" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{90, 20}, {70, 1}, {10, 2}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"no keys" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{5, 0}, {0, 3}, {80, 0}, {4, 4}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"sinks" + s, {-1, 1, 5, 20, 66}, strict, 0, 8, 8, {{190, 190}}, 4});
    list.push_back(
        {"many sinks" + s, {2, 20, 66}, strict, 0, 8, 8, {{230, 230}, {100, 170}}, 70, true, false, true});
    list.push_back({"sink logits" + s, mixed, strict, 3, 8, 8, {{90, 90}, {3, 3}}, 0, true, false, true});
    list.push_back({"batch" + s, {-1, 2, 40}, strict, 0, 8, 8, {{75, 75}, {75, 75}, {75, 75}}});
    // Scores are up to 3 here: one cap bends them, one saturates them, one is far away.
    for (const double cap : {2.0, 0.1, 1e6}) {
      const std::string t = fmt::format(" {}{}", cap, s);
      list.push_back({"soft cap" + t, mixed, strict, 0, 16, 16, {{150, 150}}, 0, false, false, false, cap});
      list.push_back({"soft cap and all else" + t,
                      {-1, 2, 30, 70, 5, 40},
                      strict,
                      2,
                      9,
                      12,
                      {{140, 140}, {3, 90}, {2, 2}},
                      4,
                      true,
                      true,
                      true,
                      cap});
    }
    list.push_back({"batch of few queries" + s, {-1, 30, 1}, strict, 0, 64, 64, {{2, 75}, {2, 75}}});
  }
  list.push_back({"widest", {-1, 70}, false, 0, 256, 256, {{70, 70}}});
  list.push_back({"narrowest", {-1, 70, 1}, false, 0, 1, 1, {{90, 90}}});
  return list;
}

/// Rows first .. first + rows - 1 of head h of x [rows, heads, dim].
template <class Number, class T>
std::vector<Number> head_rows(const std::vector<T>& x, std::int64_t first, std::int64_t rows, int heads,
                              int h, int dim) {
  std::vector<Number> out;
  for (std::int64_t r = first; r < first + rows; ++r)
    for (int d = 0; d < dim; ++d)
      out.push_back(Number(x[static_cast<std::size_t>((r * heads + h) * dim + d)]));
  return out;
}

/// Relative error that arithmetic in T may bring into weights and sums of this case. A score sums D products
/// of numbers below 1 and the bias; exp turns its error into a relative one; sums have at most T terms; the
/// kernel's exp and divisions add a few ulp.
template <class T>
double relative_error(const Case& c) {
  double longest = 1;
  for (auto [nq, nk] : c.lengths) longest = std::max({longest, double(nq), double(nk)});
  const double score = 0.4 * c.dim + (c.alibi ? 0.03 * c.heads() * longest : 0.0) + 1;
  // A cap adds 10 units of the score: Tanh, its argument, the product (lanes-inl.h).
  const double units = 2 * (c.dim + 4) + (c.soft_cap > 0 ? 10 : 0);
  return std::numeric_limits<T>::epsilon() * (units * score + longest + c.value_dim + 16);
}

/// The largest error, as a share of what is allowed, and where.
struct Worst {
  double ratio = 0;
  std::string where;
  void see(double error, double allowed, const std::string& place) {
    if (std::isnan(ratio)) return;  // which no later error takes back
    if (!(error <= ratio * allowed)) ratio = error / allowed, where = place;  // NaN counts
  }
};

}  // namespace yore::mixers::kernel::testing
