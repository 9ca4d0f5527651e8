// Finite groups by name, as multiplication tables.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace yore::tasks {

/// Elements are numbers from 0; 0 is the identity.
struct Group {
  std::vector<std::string> names;        ///< of the elements
  std::vector<std::int32_t> table;       ///< a b = table[a * order() + b]
  std::vector<std::int32_t> generators;  ///< two or more elements from which products reach all others

  int order() const { return static_cast<int>(names.size()); }
  std::int32_t product(std::int32_t a, std::int32_t b) const {
    return table[static_cast<std::size_t>(a) * names.size() + static_cast<std::size_t>(b)];
  }
};

/// The most elements that a group may have here.
inline constexpr int kLargestGroup = 1024;

/// "sN" (N 3..6): the permutations of 1..N in lexicographic order, named by their images ("21345"); a b is
/// "first a, then b". Generators: exchanging 1 and 2, and 1 -> 2 .. -> N -> 1.
/// "aN" (N 4..6): the even ones among them. Generators: 1 -> 2 -> 3 -> 1, and the turn of 1..N (of 2..N, if N
/// is even).
/// "zN" (N 2..1024): 0..N-1, added modulo N. Generators: 0 and 1. "parity" is z2.
/// "GxH", such as a4xz5: pairs, named "(1234,0)"; (a, b) is number a |H| + b. Generators: those of G and of
/// H, paired with the identity of the other. Throws InputError(`source`).
Group parse_group(const std::string& text, const std::string& source);

}  // namespace yore::tasks
