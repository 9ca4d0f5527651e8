// The four identities, from the Cayley graphs alone.
#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "yore/algebra/semigroup.h"

namespace yore::algebra {

bool is_r_trivial(const Semigroup& s) {
  const std::vector<int> classes = s.r_classes();
  return std::unordered_set<int>(classes.begin(), classes.end()).size() == classes.size();
}

bool is_definite(const Semigroup& s) {
  // x e = e for all x follows from a e = e for the letters, by induction on the length of x.
  for (const Element e : s.idempotents()) {
    for (Symbol a = 0; a < s.letters(); ++a) {
      if (s.left(a, e) != e) return false;
    }
  }
  return true;
}

bool is_locally_r_trivial(const Semigroup& s) {
  // Two elements x, y of S e with x R y in S, say y = x u and x = y v, satisfy y = x (e u e) and x = y (e v
  // e). So if x != y then e S e is not R-trivial: with f = (e u e e v e)^omega, f and f (e u e) are R-related
  // in e S e and differ at x. Conversely, R-related elements of e S e are such a pair. S e is what the left
  // Cayley graph reaches from e; and S f lies inside S e when f does, so idempotents that were reached need
  // no search of their own.
  const std::vector<int> r_class = s.r_classes();
  const auto size = static_cast<std::size_t>(s.size());
  std::vector<char> covered(size, 0);
  std::vector<Element> last_search(size, -1), holder(size, -1);
  base::Budget steps("comparing the elements of the syntactic semigroup");
  for (const Element e : s.idempotents()) {
    if (covered[static_cast<std::size_t>(e)]) continue;
    std::vector<Element> ideal{e};
    last_search[static_cast<std::size_t>(e)] = e;
    for (std::size_t i = 0; i < ideal.size(); ++i) {
      steps.spend();
      const auto x = static_cast<std::size_t>(ideal[i]);
      covered[x] = 1;
      // holder[c] is the last search that met R-class c; meeting it twice in one search is the violation.
      Element& met = holder[static_cast<std::size_t>(r_class[x])];
      if (met == e) return false;
      met = e;
      for (Symbol a = 0; a < s.letters(); ++a) {
        const Element y = s.left(a, ideal[i]);
        if (last_search[static_cast<std::size_t>(y)] == e) continue;
        last_search[static_cast<std::size_t>(y)] = e;
        ideal.push_back(y);
      }
    }
  }
  return true;
}

bool is_aperiodic(const Semigroup& s) {
  // A finite semigroup has only trivial subgroups exactly if no two elements are both R- and L-related.
  const std::vector<int> r = s.r_classes(), l = s.l_classes();
  std::unordered_set<std::uint64_t> h;
  for (std::size_t e = 0; e < r.size(); ++e) {
    if (!h.insert(static_cast<std::uint64_t>(r[e]) << 32 | static_cast<std::uint32_t>(l[e])).second)
      return false;
  }
  return true;
}

}  // namespace yore::algebra
