// Seeded random numbers that are the same with every compiler and standard library: the generator AND the
// distributions are defined here (the standard leaves its distributions to each implementation).
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>

namespace yore::base {

/// xoshiro256** (Blackman & Vigna 2018), seeded through splitmix64. Copyable; the state is four words.
class Random {
 public:
  /// A stream named by a list of keys, e.g. {seed, purpose, step}: streams with different keys are
  /// independent, so step 1000's numbers can be had without drawing those of steps 0..999.
  Random(std::initializer_list<std::uint64_t> keys);
  explicit Random(std::uint64_t seed) : Random({seed}) {}

  /// 64 uniform bits.
  std::uint64_t bits();
  /// Uniform in 0..n-1, without modulo bias; n >= 1.
  std::uint64_t below(std::uint64_t n);
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform();
  /// Standard normal (Marsaglia's polar method). Goes through std::log, so its last bit may differ between C
  /// libraries: for weights, never for which words are drawn.
  double normal();

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace yore::base
