#include "yore/mixers/attention/step.h"

#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/attention/step.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/mixers/attention/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

template <class Stored, class T>
void StepOf(const Step<T>& row, const T* q, const KeyPiece* pieces, int count, T* scratch, T* out) {
  std::array<Segment<Stored>, kMostPieces> segments;
  for (int i = 0; i < count; ++i)
    segments[static_cast<std::size_t>(i)] = {static_cast<const Stored*>(pieces[i].k),
                                             static_cast<const Stored*>(pieces[i].v),
                                             pieces[i].k_time,
                                             pieces[i].v_time,
                                             pieces[i].first,
                                             pieces[i].count};
  const T log2e = static_cast<T>(kLog2e);
  const RowScalars<T> scalars{row.dim,           row.value_dim,          row.scale * log2e,
                              row.slope * log2e, row.sink_logit * log2e, Cap<T>(row.soft_cap),
                              row.position};
  WithLanesFor<T>(row.dim, row.value_dim, [&](auto d) HWY_ATTR {
    if (scalars.cap.On())
      AttendRow<true>(d, scalars, q, segments.data(), count, scratch, out);
    else
      AttendRow<false>(d, scalars, q, segments.data(), count, scratch, out);
  });
}

void StepF32(const Step<float>& row, const float* q, const KeyPiece* pieces, int count, float* scratch,
             float* out) {
  yore::kernels::note_target(HWY_TARGET);
  if (row.storage == Storage::BFloat16) return StepOf<hwy::bfloat16_t>(row, q, pieces, count, scratch, out);
  if (row.storage == Storage::Float16) return StepOf<hwy::float16_t>(row, q, pieces, count, scratch, out);
  StepOf<float>(row, q, pieces, count, scratch, out);
}
void StepF64(const Step<double>& row, const double* q, const KeyPiece* pieces, int count, double* scratch,
             double* out) {
  yore::kernels::note_target(HWY_TARGET);
  StepOf<double>(row, q, pieces, count, scratch, out);
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::kernel {

HWY_EXPORT(StepF32);
HWY_EXPORT(StepF64);

template <>
void step_unchecked(const Step<float>& row, const float* q, const KeyPiece* pieces, int count, float* scratch,
                    float* out) {
  HWY_DYNAMIC_DISPATCH(StepF32)(row, q, pieces, count, scratch, out);
}
template <>
void step_unchecked(const Step<double>& row, const double* q, const KeyPiece* pieces, int count,
                    double* scratch, double* out) {
  HWY_DYNAMIC_DISPATCH(StepF64)(row, q, pieces, count, scratch, out);
}

}  // namespace yore::mixers::kernel
#endif
