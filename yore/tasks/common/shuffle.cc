#include "yore/tasks/common/shuffle.h"

#include <bit>

#include "yore/base/random.h"

namespace yore::tasks {

std::uint64_t shuffled(std::uint64_t place, std::uint64_t n, std::initializer_list<std::uint64_t> keys) {
  constexpr int kRounds = 8;
  // Two halves of equal width that together hold n - 1.
  const int width = (std::bit_width(n - 1) + 1) / 2;
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::uint64_t round_keys[kRounds];
  base::Random random(keys);
  for (std::uint64_t& key : round_keys) key = random.bits();
  std::uint64_t x = place;
  do {
    std::uint64_t left = x >> width, right = x & mask;
    for (const std::uint64_t key : round_keys) {
      const std::uint64_t mixed = base::Random({key, right}).bits() & mask;
      const std::uint64_t next = left ^ mixed;
      left = right;
      right = next;
    }
    x = left << width | right;
  } while (x >= n);
  return x;
}

}  // namespace yore::tasks
