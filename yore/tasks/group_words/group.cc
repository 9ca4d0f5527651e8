#include "yore/tasks/group_words/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "yore/base/error.h"

namespace yore::tasks {
namespace {

using base::InputError;
using Permutation = std::vector<int>;  // images of 0..n-1

bool even(const Permutation& p) {
  int inversions = 0;
  for (std::size_t i = 0; i < p.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) inversions += p[j] > p[i];
  return inversions % 2 == 0;
}

// 0..n-1, in which first -> first+1 -> .. -> last -> first.
Permutation turn(int n, int first, int last) {
  Permutation p(static_cast<std::size_t>(n));
  std::iota(p.begin(), p.end(), 0);
  std::rotate(p.begin() + first, p.begin() + first + 1, p.begin() + last + 1);
  return p;
}

Group permutations(int n, bool only_even) {
  std::vector<Permutation> all;
  Permutation p = turn(n, 0, 0);
  do
    if (!only_even || even(p)) all.push_back(p);
  while (std::next_permutation(p.begin(), p.end()));
  const auto number = [&](const Permutation& q) {
    return static_cast<std::int32_t>(std::lower_bound(all.begin(), all.end(), q) - all.begin());
  };

  Group group;
  for (const Permutation& a : all) {
    std::string name;
    for (const int image : a) name += static_cast<char>('1' + image);
    group.names.push_back(name);
    for (const Permutation& b : all) {
      for (std::size_t i = 0; i < p.size(); ++i) p[i] = b[static_cast<std::size_t>(a[i])];
      group.table.push_back(number(p));
    }
  }
  if (only_even)
    group.generators = {number(turn(n, 0, 2)), number(turn(n, n % 2 == 0 ? 1 : 0, n - 1))};
  else
    group.generators = {number(turn(n, 0, 1)), number(turn(n, 0, n - 1))};
  return group;
}

Group cyclic(int n) {
  Group group;
  for (int a = 0; a < n; ++a) {
    group.names.push_back(std::to_string(a));
    for (int b = 0; b < n; ++b) group.table.push_back((a + b) % n);
  }
  group.generators = {0, 1};
  return group;
}

Group times(const Group& g, const Group& h) {
  Group group;
  const int n = h.order();
  for (int a = 0; a < g.order() * n; ++a) {
    group.names.push_back(fmt::format("({},{})", g.names[static_cast<std::size_t>(a / n)],
                                      h.names[static_cast<std::size_t>(a % n)]));
    for (int b = 0; b < g.order() * n; ++b)
      group.table.push_back(g.product(a / n, b / n) * n + h.product(a % n, b % n));
  }
  for (const std::int32_t a : g.generators) group.generators.push_back(a * n);
  for (const std::int32_t b : h.generators)
    if (std::find(group.generators.begin(), group.generators.end(), b) == group.generators.end())
      group.generators.push_back(b);
  return group;
}

// A group without "x".
Group parse_factor(const std::string& factor, const std::string& text, const std::string& source) {
  if (factor == "parity") return cyclic(2);
  int n = 0;
  const char* const end = factor.data() + factor.size();
  const char kind = factor.empty() ? ' ' : factor[0];
  const auto [last, error] = std::from_chars(factor.data() + !factor.empty(), end, n);
  const bool number = error == std::errc() && last == end;
  if (number && kind == 's' && 3 <= n && n <= 6) return permutations(n, false);
  if (number && kind == 'a' && 4 <= n && n <= 6) return permutations(n, true);
  if (number && kind == 'z' && 2 <= n && n <= kLargestGroup) return cyclic(n);
  throw InputError(source,
                   fmt::format("\"{}\" is no group; expected s3 to s6, a4 to a6, z2 to z{}, parity, or "
                               "a product of such, as a4xz5",
                               text, kLargestGroup));
}

}  // namespace

Group parse_group(const std::string& text, const std::string& source) {
  std::size_t at = text.find('x');
  Group group = parse_factor(text.substr(0, at), text, source);
  while (at != std::string::npos) {
    const std::size_t next = text.find('x', at + 1);
    const Group factor = parse_factor(text.substr(at + 1, next - at - 1), text, source);
    if (group.order() * factor.order() > kLargestGroup)
      throw InputError(source, fmt::format("{} has more than {} elements", text, kLargestGroup));
    group = times(group, factor);
    at = next;
  }
  return group;
}

}  // namespace yore::tasks
