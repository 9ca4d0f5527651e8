// A random order of 0 .. n-1 of which any place can be asked for alone.
#pragma once
#include <cstdint>
#include <initializer_list>

namespace yore::tasks {

/// The number at `place` in the order that `keys` name: over place = 0 .. n-1 each of 0 .. n-1 comes once. n
/// from 1 to 2^62. Needs no memory: a Feistel network over the next even power of two, walked until it is
/// back below n (Black & Rogaway 2002).
std::uint64_t shuffled(std::uint64_t place, std::uint64_t n, std::initializer_list<std::uint64_t> keys);

}  // namespace yore::tasks
