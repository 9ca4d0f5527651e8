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

/// L numbers from storage, as T. bfloat16 and float16 are widened.
template <class D, class Stored>
HWY_INLINE hn::Vec<D> LoadStored(D d, const Stored* from) {
  if constexpr (std::is_same_v<Stored, hn::TFromD<D>>) {
    return hn::LoadU(d, from);
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

/// 2^x for x <= 0 (and a little above), 0 below the smallest normal number, NaN for NaN. x = n + r with n an
/// integer and |r| <= 1/2; 2^r is a polynomial that interpolates at Chebyshev nodes, of relative error 2.6e-9
/// (float, degree 6) or 4.3e-18 (double, degree 11), and 2^n is added to its exponent.
template <class D>
HWY_INLINE hn::Vec<D> Exp2(D d, hn::Vec<D> x) {
  using T = hn::TFromD<D>;
  using Bits = hwy::MakeUnsigned<T>;
  const hn::Rebind<Bits, D> du;
  constexpr bool kFloat = sizeof(T) == 4;
  constexpr int kMantissa = kFloat ? 23 : 52;
  constexpr T kLowest = kFloat ? T(-126) : T(-1022);
  // 1.5 * 2^mantissa: adding it leaves the nearest integer in the low bits.
  constexpr T kRound = kFloat ? T(12582912.0) : T(6755399441055744.0);
  const auto lowest = hn::Set(d, kLowest), round = hn::Set(d, kRound);
  const auto keep = hn::Not(hn::Lt(x, lowest));  // true for NaN
  const auto clamped = hn::IfThenElse(keep, x, lowest);
  const auto shifted = hn::Add(clamped, round);
  const auto r = hn::Sub(clamped, hn::Sub(shifted, round));
  hn::Vec<D> p;
  const auto step = [&](double c) HWY_ATTR { p = hn::MulAdd(p, r, hn::Set(d, static_cast<T>(c))); };
  if constexpr (kFloat) {
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
  step(1.0);
  const auto scaled = hn::Add(hn::BitCast(du, p), hn::ShiftLeft<kMantissa>(hn::BitCast(du, shifted)));
  return hn::IfThenElseZero(keep, hn::BitCast(d, scaled));
}

}  // namespace yore::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
