#include "yore/selection/gram.h"

#include <algorithm>

#include "yore/kernels/targets.h"
#include "yore/kernels/workspace.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/selection/gram.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::selection::HWY_NAMESPACE {
namespace simd = yore::kernels::HWY_NAMESPACE;
namespace hn = hwy::HWY_NAMESPACE;

using simd::kTileRows;

/// Up to kBlock rows in strips of kTileRows: element k of row r of a strip at strip[k * kTileRows + r], the
/// rows that are missing zero.
struct Strips {
  std::int64_t dim;
  float* data;

  Strips(const float* const* rows, std::int64_t count, std::int64_t width, kernels::Workspace& workspace)
      : dim(width), data(workspace.Take<float>(StripsOf(count) * width * kTileRows)) {
    for (std::int64_t r = 0; r < StripsOf(count) * kTileRows; ++r) {
      float* to = data + r / kTileRows * dim * kTileRows + r % kTileRows;
      for (std::int64_t k = 0; k < dim; ++k) to[k * kTileRows] = r < count ? rows[r][k] : 0.0f;
    }
  }
  static std::int64_t StripsOf(std::int64_t count) { return (count + kTileRows - 1) / kTileRows; }

  /// c [kTileRows][kPanel], aligned: strip s with a panel.
  HWY_INLINE void Times(const float* panel, std::int64_t s, float* c) const {
    constexpr std::ptrdiff_t kL = simd::kLanes<float>;
    simd::StripProduct<kTileRows, false>(static_cast<std::ptrdiff_t>(dim), data + s * dim * kTileRows,
                                         simd::Left<1>{kTileRows}, panel, simd::Right{kPanel, kL},
                                         kPanel / kL, c, kPanel);
  }
};

/// Lets `found` know of the first `columns` products of a row with a panel that begins with member `first`.
HWY_INLINE void Improve(const float* HWY_RESTRICT c, std::int64_t columns, std::int64_t first,
                        Nearest& found) {
  const simd::Tag<float> d;
  constexpr auto kL = static_cast<std::int64_t>(simd::kLanes<float>);
  if (columns == kPanel && found.member >= 0) {
    auto most = hn::Load(d, c);
    for (std::int64_t i = kL; i < kPanel; i += kL) most = hn::Max(most, hn::Load(d, c + i));
    if (simd::Max<float>(most) <= found.product) return;
  }
  for (std::int64_t i = 0; i < columns; ++i)
    if (found.member < 0 || c[i] > found.product) found = {c[i], first + i};
}

void NearestOf(const float* const* rows, std::int64_t count, const RowSet& set, const std::int64_t* limits,
               Nearest* found) {
  kernels::note_target(HWY_TARGET);
  kernels::Workspace workspace;
  const Strips strips(rows, count, set.dim(), workspace);
  auto* c = workspace.Take<float>(kTileRows * kPanel);
  std::fill_n(found, count, Nearest{});
  for (std::int64_t p = 0; p < set.panels(); ++p)
    for (std::int64_t s = 0; s < Strips::StripsOf(count); ++s) {
      const std::int64_t row0 = s * kTileRows, end = std::min<std::int64_t>(count, row0 + kTileRows);
      if (*std::max_element(limits + row0, limits + end) <= p * kPanel) continue;
      strips.Times(set.panel(p), s, c);
      for (std::int64_t r = row0; r < end; ++r)
        Improve(c + (r - row0) * kPanel, std::clamp<std::int64_t>(limits[r] - p * kPanel, 0, kPanel),
                p * kPanel, found[r]);
    }
}

void ProductsOf(const float* const* rows, std::int64_t count, const RowSet& set, float* out) {
  kernels::note_target(HWY_TARGET);
  kernels::Workspace workspace;
  const Strips strips(rows, count, set.dim(), workspace);
  auto* c = workspace.Take<float>(kTileRows * kPanel);
  for (std::int64_t p = 0; p < set.panels(); ++p)
    for (std::int64_t s = 0; s < Strips::StripsOf(count); ++s) {
      const std::int64_t row0 = s * kTileRows, end = std::min<std::int64_t>(count, row0 + kTileRows);
      strips.Times(set.panel(p), s, c);
      for (std::int64_t r = row0; r < end; ++r)
        std::copy_n(c + (r - row0) * kPanel, kPanel, out + r * kBlock + p * kPanel);
    }
}

}  // namespace yore::selection::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::selection {

HWY_EXPORT(NearestOf);
HWY_EXPORT(ProductsOf);

RowSet::RowSet(const RowSet& other) : dim_(other.dim_), tokens_(other.tokens_) {
  for (const auto& panel : other.panels_) std::copy_n(panel.get(), dim_ * kPanel, add_panel());
}

float* RowSet::add_panel() {
  const auto numbers = static_cast<std::size_t>(dim_ * kPanel);
  panels_.push_back(kernels::allocate_aligned<float>(numbers));
  std::fill_n(panels_.back().get(), numbers, 0.0f);
  return panels_.back().get();
}

void RowSet::append(const float* row, std::int64_t token) {
  const std::int64_t column = size() % kPanel;
  if (column == 0) add_panel();
  float* to = panels_.back().get() + column;
  for (std::int64_t k = 0; k < dim_; ++k) to[k * kPanel] = row[k];
  tokens_.push_back(token);
}

void RowSet::clear() {
  tokens_.clear();
  panels_.clear();
}

std::int64_t RowSet::before(std::int64_t token) const {
  return std::lower_bound(tokens_.begin(), tokens_.end(), token) - tokens_.begin();
}

void nearest(const float* const* rows, std::int64_t count, const RowSet& set, const std::int64_t* limits,
             Nearest* found) {
  HWY_DYNAMIC_DISPATCH(NearestOf)(rows, count, set, limits, found);
}

void products(const float* const* rows, std::int64_t count, const RowSet& set, float* out) {
  HWY_DYNAMIC_DISPATCH(ProductsOf)(rows, count, set, out);
}

}  // namespace yore::selection
#endif
