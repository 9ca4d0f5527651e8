// The vector functions against long double, on every target that this program and processor have: 2^x and
// tanh over their whole range, within the errors that lanes-inl.h derives.
#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/kernels/lanes_test.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::kernels::HWY_NAMESPACE {

/// y[i] = f(x[i]) for a whole number of vectors.
template <class T, class F>
void Map(const T* x, std::size_t size, T* y, const F& f) {
  const Tag<T> d;
  for (std::size_t i = 0; i < size; i += kLanes<T>) hn::StoreU(f(d, hn::LoadU(d, x + i)), d, y + i);
}
template <class T>
void Both(const T* x, std::size_t size, T* exp2, T* tanh) {
  note_target(HWY_TARGET);
  Map(x, size, exp2, [](auto d, auto v) HWY_ATTR { return Exp2(d, v); });
  Map(x, size, tanh, [](auto d, auto v) HWY_ATTR { return Tanh(d, v); });
}
void BothF32(const float* x, std::size_t size, float* exp2, float* tanh) {
  Both(x, size, exp2, tanh);
}
void BothF64(const double* x, std::size_t size, double* exp2, double* tanh) {
  Both(x, size, exp2, tanh);
}

}  // namespace yore::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <vector>

namespace yore::kernels {
namespace {

HWY_EXPORT(BothF32);
HWY_EXPORT(BothF64);

class Lanes : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_target(GetParam()); }
  void TearDown() override {
    EXPECT_EQ(last_target(), GetParam()) << "another target ran";
    choose_target("");
  }
};
INSTANTIATE_TEST_SUITE_P(Kernels, Lanes, testing::ValuesIn(available_targets()),
                         [](const auto& target) { return target.param; });

template <class T>
struct Results {
  std::vector<T> x, exp2, tanh;
  explicit Results(std::vector<T> inputs) : x(std::move(inputs)) {
    x.resize((x.size() + 63) / 64 * 64, T(0));  // whole vectors of every target
    exp2.resize(x.size());
    tanh.resize(x.size());
    if constexpr (sizeof(T) == 4)
      HWY_DYNAMIC_DISPATCH(BothF32)(x.data(), x.size(), exp2.data(), tanh.data());
    else
      HWY_DYNAMIC_DISPATCH(BothF64)(x.data(), x.size(), exp2.data(), tanh.data());
  }
};

/// Numbers of both signs: evenly from 0 to 200, and evenly in their exponents from the smallest normal number
/// on.
template <class T>
std::vector<T> range() {
  std::vector<T> x;
  for (int i = 0; i < 400000; ++i) x.push_back(static_cast<T>(i * 0.0005));
  const int lowest = std::numeric_limits<T>::min_exponent;
  for (int e = lowest; e < 10; ++e)
    for (int i = 0; i < 1000; ++i) x.push_back(std::ldexp(static_cast<T>(1 + i / 1000.0), e));
  const std::size_t half = x.size();
  for (std::size_t i = 0; i < half; ++i) x.push_back(-x[i]);
  return x;
}

template <class T>
void check() {
  const Results<T> r(range<T>());
  long double worst_tanh = 0, worst_exp2 = 0;
  for (std::size_t i = 0; i < r.x.size(); ++i) {
    const auto x = static_cast<long double>(r.x[i]);
    const long double tanh = std::tanh(x);
    const long double error = std::abs(r.tanh[i] - tanh);  // 0 at 0
    worst_tanh = std::max(worst_tanh, x == 0 ? error : error / std::abs(tanh));
    ASSERT_LE(std::abs(r.tanh[i]), 1) << r.x[i];
    if (x > 1) continue;  // Exp2 is for differences from a maximum
    const long double exp2 = std::exp2(x);
    ASSERT_FALSE(std::isnan(r.exp2[i])) << r.x[i];
    if (x >= std::numeric_limits<T>::min_exponent - 1)
      worst_exp2 = std::max(worst_exp2, std::abs((r.exp2[i] - exp2) / exp2));
    if (x < std::numeric_limits<T>::min_exponent - 1) {
      ASSERT_EQ(r.exp2[i], 0) << r.x[i];
    }
  }
  const long double epsilon = std::numeric_limits<T>::epsilon();
  std::cout << "  relative errors in epsilon: 2^x " << worst_exp2 / epsilon << ", tanh "
            << worst_tanh / epsilon << "\n";
  EXPECT_LT(worst_tanh, 6 * epsilon);
  EXPECT_LT(worst_exp2, 2 * epsilon);
}

TEST_P(Lanes, FloatsAreWithinTheDerivedErrors) {
  check<float>();
}
TEST_P(Lanes, DoublesAreWithinTheDerivedErrors) {
  check<double>();
}

template <class T>
void check_special() {
  constexpr T kInfinity = std::numeric_limits<T>::infinity(), kNaN = std::numeric_limits<T>::quiet_NaN();
  const Results<T> r({kInfinity, -kInfinity, kNaN, std::numeric_limits<T>::max(),
                      -std::numeric_limits<T>::max(), std::numeric_limits<T>::denorm_min(), T(-0.0)});
  EXPECT_EQ(r.tanh[0], 1);
  EXPECT_EQ(r.tanh[1], -1);
  EXPECT_TRUE(std::isnan(r.tanh[2]));
  EXPECT_EQ(r.tanh[3], 1);
  EXPECT_EQ(r.tanh[4], -1);
  EXPECT_LE(std::abs(r.tanh[5]), std::numeric_limits<T>::min());
  EXPECT_EQ(r.tanh[6], 0);
  EXPECT_TRUE(std::signbit(r.tanh[6]));
  EXPECT_EQ(r.exp2[1], 0);
  EXPECT_TRUE(std::isnan(r.exp2[2]));
  EXPECT_EQ(r.exp2[6], 1);
}

TEST_P(Lanes, InfinitiesAndNaN) {
  check_special<float>();
  check_special<double>();
}

}  // namespace
}  // namespace yore::kernels
#endif
