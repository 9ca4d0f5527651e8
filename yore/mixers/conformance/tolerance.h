// How far a computed number may lie from its definition. The suite derives it from the definition alone, so
// that no mechanism sets the bar it is measured by:
//
//   allowed = u * c * sqrt(operations) * (size + sensitivity),   at most kMostError * size
//
//   u            unit roundoff of the arithmetic that is judged: 2^-24 in float, 2^-53 in double
//   operations   roundings that one number goes through: terms of the longest sums, and some for functions
//   size         of the numbers that are added up: rounding errors of sums are relative to these
//   sensitivity  how far the number moves if every input number moves by a relative 1, in linear order and in
//                random directions. A stable computation is exact for inputs moved by some u; this says what
//                that does to the result.
//   c sqrt(n)    how n independent roundings add up (Higham and Mary 2019, "A new approach to probabilistic
//                rounding error analysis"). One is spread over [-u, u] with variance u^2 / 3, so c = 3 is 5.2
//                standard deviations of their sum, passed once in five million.
//
// kMostError: one token of kMostTokens left out or counted twice moves a mean by 1 / kMostTokens of its size.
// A hundredth of that is the most that is ever allowed, however sensitive a number may be: past it the
// suite would no longer see the mistakes it is there for, and the case must be chosen better.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace yore::mixers::conformance {

/// Longest sequence of the tests in which numbers are compared with definitions.
inline constexpr std::int64_t kMostTokens = 300;
inline constexpr double kMostError = 0.01 / static_cast<double>(kMostTokens);

template <class T>
inline constexpr double kUnit = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;

using Numbers = std::vector<double>;
/// Numbers as a function of some arrays.
using Function = std::function<Numbers(const std::vector<Numbers>& in)>;

/// A number by its definition, and what a computation of it may be off by.
struct Judged {
  double value = 0;
  double scale = 0;  ///< allowed error in units of u
  double cap = 0;    ///< most error in any arithmetic
  /// In arithmetic of unit roundoff `unit`; the definition was itself evaluated in double.
  double allowed(double unit) const;
};

/// Step of the differences that sensitivities are taken by, for functions evaluated in double.
inline constexpr double kStep = 0x1p-20;

/// The numbers of f at `in`, all of one size: that of the largest. Evaluates f 4 times.
std::vector<Judged> judge(const Function& f, const std::vector<Numbers>& in, double operations,
                          double step = kStep);

/// The sum of the terms f(in). Their size is their Euclidean norm, plus `floor`: the size of what cancels
/// before it comes to be a term. Evaluates f 3 times.
Judged judge_sum(const Function& f, const std::vector<Numbers>& in, double operations, double floor);

/// The largest error as a share of what is allowed; an error of 0 is always allowed, NaN never.
struct Worst {
  double ratio = 0;
  std::size_t index = 0;
  double found = 0, expected = 0;
  void see(double right, double got, double allowed, std::size_t at);
};

}  // namespace yore::mixers::conformance
