// The three kinds of numbers that circuits are evaluated in: exact rationals (GMP), double, float. One set of
// names for what generic code needs of them.
#pragma once
#include <gmpxx.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

namespace yore::circuits {

using Rational = mpq_class;

/// Which numbers to compute in.
enum class Numbers { Exact, Double, Float };
/// As the command line spells them.
inline std::array<const char*, 3> enum_names(Numbers) {
  return {"exact", "fp64", "fp32"};
}

/// An exact number with more bits than this, numerator and denominator together, is an overflow: repeated
/// squaring would fill any memory.
inline constexpr std::size_t kMostBits = 1'000'000;
/// Nor may all numbers that are held at a time have more bits than this: 32 MB, and 80 MB as text.
inline constexpr std::size_t kMostBitsInAll = std::size_t{1} << 28;

/// "-3", "0.25", "1e-3" or "2/3" as a rational in lowest terms. Throws InputError(`source`) for anything
/// else, a denominator of 0, and exponents beyond 10,000.
Rational parse_rational(const std::string& text, const std::string& source);
/// "2/3"; whole numbers without a denominator.
std::string to_text(const Rational& x);
/// The shortest decimal that reads back as the same number.
std::string to_text(double x);
std::string to_text(float x);

/// The nearest number of the type, ties to even; infinite where it is too large.
template <class T>
T nearest(const Rational& x);

/// Exactly the number, which is finite.
inline Rational exact(const Rational& x) {
  return x;
}
inline Rational exact(double x) {
  return Rational(x);
}

/// -1, 0 or 1.
inline int sign_of(const Rational& x) {
  return sgn(x);
}
inline int sign_of(double x) {
  return (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0);
}

/// Of numerator and denominator together; of a number of a processor's, whose size is known, 0.
inline std::size_t bits_of(const Rational& x) {
  return mpz_sizeinbase(x.get_num_mpz_t(), 2) + mpz_sizeinbase(x.get_den_mpz_t(), 2);
}
inline std::size_t bits_of(double) {
  return 0;
}

/// Neither infinite nor NaN; of a rational, within kMostBits.
inline bool fits(const Rational& x) {
  return bits_of(x) <= kMostBits;
}
inline bool fits(double x) {
  return std::isfinite(x);
}

}  // namespace yore::circuits
