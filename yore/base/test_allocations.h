// Counts what a test program allocates: replaces its operator new, so exactly one file of the program may
// include this.
#pragma once
#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace yore::base {

/// Of this thread, since it began.
struct Allocations {
  long count = 0;
  std::ptrdiff_t live = 0, peak = 0;  ///< bytes
};
inline thread_local Allocations allocations;

}  // namespace yore::base

// Not inlined, or GCC sees malloc's memory meet delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  auto& all = yore::base::allocations;
  ++all.count;
  all.live += static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
  all.peak = std::max(all.peak, all.live);
  return memory;
}
/// What std::stable_sort asks; under AddressSanitizer its own would not go with the delete below.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  yore::base::allocations.live -= static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
