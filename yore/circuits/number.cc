#include "yore/circuits/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "yore/base/error.h"
#include "yore/base/text.h"

namespace yore::circuits {
namespace {

constexpr long kLargestExponent = 10'000;
constexpr std::size_t kLongestNumber = 100'000;

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return '0' <= c && c <= '9'; });
}

mpz_class power_of_ten(long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(exponent));
  return power;
}

[[noreturn]] void refuse_number(const std::string& text, const std::string& source, const std::string& why) {
  throw base::InputError(source, fmt::format("{} {}", base::shortened(text, 40), why));
}

/// sign digits [. digits] [e exponent]
Rational decimal(std::string text, const std::string& source) {
  const std::string whole = text;
  const auto refuse = [&] {
    refuse_number(whole, source, "is no number; expected one such as -3, 0.25, 1e-3 or 2/3");
  };
  long exponent = 0;
  if (const std::size_t e = text.find_first_of("eE"); e != std::string::npos) {
    std::string digits = text.substr(e + 1);
    const bool below = !digits.empty() && digits[0] == '-';
    if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.erase(0, 1);
    if (!all_digits(digits)) refuse();
    exponent = digits.size() > 6 ? kLargestExponent + 1 : std::stol(digits);
    if (exponent > kLargestExponent)
      refuse_number(whole, source, fmt::format("has an exponent beyond {}", kLargestExponent));
    if (below) exponent = -exponent;
    text.resize(e);
  }
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.erase(0, 1);
  if (const std::size_t point = text.find('.'); point != std::string::npos) {
    const std::string fraction = text.substr(point + 1);
    if (!all_digits(fraction)) refuse();
    text = text.substr(0, point) + fraction;
    exponent -= static_cast<long>(fraction.size());
  }
  if (!all_digits(text)) refuse();
  Rational x{mpz_class(text, 10)};
  if (exponent >= 0)
    x *= power_of_ten(exponent);
  else
    x /= power_of_ten(-exponent);
  return negative ? Rational(-x) : x;
}

}  // namespace

Rational parse_rational(const std::string& text, const std::string& source) {
  if (text.size() > kLongestNumber)
    refuse_number(text, source, fmt::format("is a number of more than {} characters", kLongestNumber));
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return decimal(text, source);
  std::string numerator = text.substr(0, slash);
  const std::string denominator = text.substr(slash + 1);
  const bool negative = !numerator.empty() && numerator[0] == '-';
  if (negative || numerator.starts_with('+')) numerator.erase(0, 1);
  if (!all_digits(numerator) || !all_digits(denominator))
    refuse_number(text, source, "is no number; expected one such as -3, 0.25, 1e-3 or 2/3");
  Rational x{mpz_class(numerator, 10), mpz_class(denominator, 10)};
  if (x.get_den() == 0) refuse_number(text, source, "divides by zero");
  x.canonicalize();
  return negative ? Rational(-x) : x;
}

std::string to_text(const Rational& x) {
  return x.get_str();
}
std::string to_text(double x) {
  return fmt::format("{}", x);
}
std::string to_text(float x) {
  return fmt::format("{}", x);
}

template <>
Rational nearest<Rational>(const Rational& x) {
  return x;
}

/// GMP cuts digits off; the nearest is what it gives or that number's neighbour away from zero.
template <class T>
T nearest(const Rational& x) {
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  constexpr T kLargest = std::numeric_limits<T>::max();
  const int sign = sgn(x);
  const Rational size = abs(x);
  if (size >= Rational(kLargest)) {
    // Half a step beyond the largest number, rounding goes to infinity.
    const Rational step = Rational(kLargest) - Rational(std::nextafter(kLargest, T(0)));
    return static_cast<T>(sign) * (size >= Rational(kLargest) + step / 2 ? kInfinity : kLargest);
  }
  T low = static_cast<T>(size.get_d());  // rounds a double to float: may lie above
  if (Rational(low) > size) low = std::nextafter(low, T(0));
  const T high = std::nextafter(low, kInfinity);
  if (low == kLargest) return static_cast<T>(sign) * low;
  const Rational below = size - Rational(low), above = Rational(high) - size;
  const int nearer = cmp(below, above);
  // Of two neighbours the even one is a multiple of twice their distance.
  const bool low_is_even = std::fmod(low, 2 * (high - low)) == 0;
  return static_cast<T>(sign) * (nearer < 0 || (nearer == 0 && low_is_even) ? low : high);
}

template double nearest<double>(const Rational&);
template float nearest<float>(const Rational&);

}  // namespace yore::circuits
