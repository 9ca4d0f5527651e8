// Small vector helpers: loading rows whose length is no multiple of a vector, narrow storage types, 2^x.
// Compiled once a target (Highway); included by kernel sources only.
#if defined(YORE_KERNELS_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_KERNELS_LANES_INL_H_
#undef YORE_KERNELS_LANES_INL_H_
#else
#define YORE_KERNELS_LANES_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace yore::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A whole vector of T, and its number of lanes: a constant, since targets with vectors of unknown length are
/// not compiled (kernels/targets.h).
template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
inline constexpr std::size_t kLanes = hn::MaxLanes(Tag<T>());

/// Half precision widened where the processor has no instruction for it. Highway takes infinity and NaN for
/// large numbers there.
template <class D>
HWY_INLINE hn::Vec<D> WidenHalves(D d, const hwy::float16_t* from) {
  const hn::Rebind<std::uint16_t, D> stored;
  const hn::RebindToUnsigned<D> word;
  const auto bits = hn::PromoteTo(word, hn::LoadU(stored, reinterpret_cast<const std::uint16_t*>(from)));
  const auto largest = hn::Set(word, 0x7C00);
  const auto special = hn::Eq(hn::And(bits, largest), largest);
  const auto sign = hn::ShiftLeft<16>(hn::And(bits, hn::Set(word, 0x8000)));
  const auto rest = hn::ShiftLeft<13>(hn::And(bits, hn::Set(word, 0x03FF)));
  const auto wide = hn::Or(sign, hn::Or(hn::Set(word, 0x7F800000), rest));
  return hn::IfThenElse(hn::RebindMask(d, special), hn::BitCast(d, wide),
                        hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::float16_t, D>(), from)));
}

/// L numbers from storage, as T. bfloat16 and float16 are widened.
template <class D, class Stored>
HWY_INLINE hn::Vec<D> LoadStored(D d, const Stored* from) {
  if constexpr (std::is_same_v<Stored, hn::TFromD<D>>) {
    return hn::LoadU(d, from);
  } else if constexpr (std::is_same_v<Stored, hwy::float16_t> &&
                       ((HWY_ARCH_X86 && HWY_TARGET >= HWY_SSE4) || HWY_TARGET == HWY_SCALAR)) {
    return WidenHalves(d, from);
  } else {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<Stored, D>(), from));
  }
}

/// The first `count` < L numbers; other lanes are zero. Reads nothing beyond them.
template <class D, class Stored>
HWY_INLINE hn::Vec<D> LoadStoredFirst(D d, const Stored* from, std::size_t count) {
  HWY_ALIGN Stored part[kLanes<hn::TFromD<D>>] = {};
  for (std::size_t i = 0; i < count; ++i) part[i] = from[i];
  return LoadStored(d, part);
}

/// Writes the first `count` lanes and nothing beyond them.
template <class D>
HWY_INLINE void StoreFirst(D d, hn::Vec<D> v, hn::TFromD<D>* to, std::size_t count) {
  HWY_ALIGN hn::TFromD<D> part[kLanes<hn::TFromD<D>>];
  hn::Store(v, d, part);
  for (std::size_t i = 0; i < count; ++i) to[i] = part[i];
}

/// Calls each(offset, count) for the vectors that cover [0, size): count is L but for the last.
template <class T, class Each>
HWY_INLINE void ForEachVector(std::size_t size, const Each& each) {
  constexpr std::size_t kL = kLanes<T>;
  std::size_t i = 0;
  for (; i + kL <= size; i += kL) each(i, kL);
  if (i < size) each(i, size - i);
}

template <class T>
HWY_INLINE T Sum(hn::Vec<Tag<T>> v) {
  return hn::GetLane(hn::SumOfLanes(Tag<T>(), v));
}
template <class T>
HWY_INLINE T Max(hn::Vec<Tag<T>> v) {
  return hn::GetLane(hn::MaxOfLanes(Tag<T>(), v));
}

/// (2^r - 1) / r for |r| <= 1/2: a polynomial such that 1 + r times it interpolates 2^r at Chebyshev nodes,
/// with relative error 2.6e-9 (float, degree 6) or 4.3e-18 (double, degree 11) in 2^r.
template <class D>
HWY_INLINE hn::Vec<D> Exp2Slope(D d, hn::Vec<D> r) {
  using T = hn::TFromD<D>;
  hn::Vec<D> p;
  const auto step = [&](double c) HWY_ATTR { p = hn::MulAdd(p, r, hn::Set(d, static_cast<T>(c))); };
  if constexpr (sizeof(T) == 4) {
    p = hn::Set(d, static_cast<T>(0.00015461444698569129));
    step(0.0013400428177615838);
    step(0.0096180566785246373);
    step(0.05550327226670302);
    step(0.24022650922288757);
    step(0.69314720670283259);
  } else {
    p = hn::Set(d, static_cast<T>(4.4558179083360645e-10));
    step(7.0741942972885211e-09);
    step(1.0178057087733941e-07);
    step(1.3215432535912375e-06);
    step(1.5252733841556773e-05);
    step(0.00015403530463724353);
    step(0.0013333558146406471);
    step(0.0096181291075872564);
    step(0.055504108664821625);
    step(0.24022650695910158);
    step(0.69314718055994529);
  }
  return p;
}

/// x = n + r with n an integer and |r| <= 1/2, for x up to a little above 0; what lies below the exponents of
/// normal numbers is raised to their lowest. NaN stays NaN in r.
template <class D>
struct Exp2Parts {
  using T = hn::TFromD<D>;
  static constexpr bool kFloat = sizeof(T) == 4;
  static constexpr T kLowest = kFloat ? T(-126) : T(-1022);
  hn::Vec<D> shifted;  ///< n in its low bits
  hn::Vec<D> r;

  /// Of an x that is at least kLowest or NaN.
  HWY_INLINE Exp2Parts(D d, hn::Vec<D> x) {
    // 1.5 * 2^mantissa: adding it leaves the nearest integer in the low bits.
    const auto round = hn::Set(d, kFloat ? T(12582912.0) : T(6755399441055744.0));
    shifted = hn::Add(x, round);
    r = hn::Sub(x, hn::Sub(shifted, round));
  }
  /// p * 2^n for p near 1.
  HWY_INLINE hn::Vec<D> Scale(D d, hn::Vec<D> p) const {
    const hn::Rebind<hwy::MakeUnsigned<T>, D> du;
    return hn::BitCast(
        d, hn::Add(hn::BitCast(du, p), hn::ShiftLeft < kFloat ? 23 : 52 > (hn::BitCast(du, shifted))));
  }
};

/// 2^x for x <= 0 (and a little above), 0 below the smallest normal number, NaN for NaN: 2^r is 1 + r
/// Exp2Slope(r), and 2^n is added to its exponent.
template <class D>
HWY_INLINE hn::Vec<D> Exp2(D d, hn::Vec<D> x) {
  using T = hn::TFromD<D>;
  const auto lowest = hn::Set(d, Exp2Parts<D>::kLowest);
  const auto below = hn::Lt(x, lowest);  // false for NaN
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  const auto raised = hn::Max(lowest, x);  // MAXPS returns its second operand where one is NaN
#else
  const auto raised = hn::IfThenElse(below, lowest, x);
#endif
  const Exp2Parts<D> parts(d, raised);
  const auto p = hn::MulAdd(Exp2Slope(d, parts.r), parts.r, hn::Set(d, T(1)));
  return hn::IfThenZeroElse(below, parts.Scale(d, p));  // the comparison is not waited for before
}

/// tanh(x), NaN for NaN. With y = e^(-2|x|) - 1 it is -y / (2 + y), and y = 2^n (r Exp2Slope(r)) + (2^n - 1)
/// keeps its relative precision where |x| is small (n = 0). The relative error is below 6 epsilon, epsilon
/// being that of T, that is 12 roundings of epsilon/2: 2 in the product with -2 log2(e), which tanh at most
/// passes on; 3.5 in y (polynomial, the product with r, the sum), 0.4 more in float for the polynomial
/// itself, at most doubled by -y / (2 + y); one each for the sum 2 + y and the division; and 0.2 for products
/// and sums rounded apart on targets without fused ones.
template <class D>
HWY_INLINE hn::Vec<D> Tanh(D d, hn::Vec<D> x) {
  using T = hn::TFromD<D>;
  const auto lowest = hn::Set(d, Exp2Parts<D>::kLowest);
  const auto one = hn::Set(d, T(1));
  const auto z = hn::Mul(hn::Abs(x), hn::Set(d, T(-2.8853900817779268)));
  const Exp2Parts<D> parts(d, hn::IfThenElse(hn::Lt(z, lowest), lowest, z));
  const auto power = parts.Scale(d, one);
  const auto y = hn::MulAdd(hn::Mul(Exp2Slope(d, parts.r), parts.r), power, hn::Sub(power, one));
  return hn::CopySign(hn::Div(y, hn::Add(y, hn::Set(d, T(2)))), x);
}

}  // namespace yore::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
