// Both units multiply pairs of neighbouring inputs. A matrix in bfloat16 has them side by side as it lies in
// memory, where it is read from; rows of x are packed into panels, [pairs of inputs, rows], rounded on the
// way.
#include "yore/mixers/common/bfloat16_product.h"

#include <stdexcept>

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "yore/kernels/parallel.h"

namespace yore::mixers {
namespace {

#define YORE_VECTORS __attribute__((target("avx512f,avx512bw,avx512bf16")))
#define YORE_TILES __attribute__((target("avx512f,amx-tile,amx-bf16")))

/// Lanes of a vector; rows of a panel; inputs of a step, one row of a tile; outputs of a block.
constexpr std::int64_t kLanes16 = 16, kPanelRows = 32, kStep = 32, kBlock = 32;
/// Rows that are packed at once, and outputs of a task.
constexpr std::int64_t kRowsAtOnce = 256, kTaskOutputs = 64;

/// sums [kBlock, kPanelRows] += weights [kBlock, steps * kStep], rows `stride` bytes apart, times a panel's
/// [steps * kStep / 2, kPanelRows] pairs.
using Add = void (*)(const std::uint32_t* panel, const std::uint16_t* weights, std::int64_t stride,
                     std::int64_t steps, float* sums);

YORE_VECTORS void add_vectors(const std::uint32_t* panel, const std::uint16_t* weights, std::int64_t stride,
                              std::int64_t steps, float* sums) {
  constexpr std::int64_t kSide = 8;  // outputs side by side: 16 sums, and what they are made of, in registers
  const auto* bytes = reinterpret_cast<const char*>(weights);
  for (std::int64_t o = 0; o < kBlock; o += kSide) {
    __m512 low[kSide], high[kSide];
    for (std::int64_t k = 0; k < kSide; ++k) {
      low[k] = _mm512_loadu_ps(sums + (o + k) * kPanelRows);
      high[k] = _mm512_loadu_ps(sums + (o + k) * kPanelRows + kLanes16);
    }
    for (std::int64_t pair = 0; pair < steps * kStep / 2; ++pair) {
      const auto x_low = reinterpret_cast<__m512bh>(_mm512_loadu_si512(panel + pair * kPanelRows));
      const auto x_high =
          reinterpret_cast<__m512bh>(_mm512_loadu_si512(panel + pair * kPanelRows + kLanes16));
      for (std::int64_t k = 0; k < kSide; ++k) {
        int two = 0;
        std::memcpy(&two, bytes + (o + k) * stride + pair * 4, sizeof two);
        const auto w = reinterpret_cast<__m512bh>(_mm512_set1_epi32(two));
        low[k] = _mm512_dpbf16_ps(low[k], w, x_low);
        high[k] = _mm512_dpbf16_ps(high[k], w, x_high);
      }
    }
    for (std::int64_t k = 0; k < kSide; ++k) {
      _mm512_storeu_ps(sums + (o + k) * kPanelRows, low[k]);
      _mm512_storeu_ps(sums + (o + k) * kPanelRows + kLanes16, high[k]);
    }
  }
}

/// Four tiles of 16 x 16 sums, two of weights, two of the panel.
YORE_TILES void add_tiles(const std::uint32_t* panel, const std::uint16_t* weights, std::int64_t stride,
                          std::int64_t steps, float* sums) {
  constexpr int kSumRow = kPanelRows * sizeof(float);
  const auto* bytes = reinterpret_cast<const char*>(weights);
  asm volatile("" ::: "memory");  // GCC does not know that the instructions below read and write memory
  _tile_loadd(0, sums, kSumRow);
  _tile_loadd(1, sums + kLanes16, kSumRow);
  _tile_loadd(2, sums + kLanes16 * kPanelRows, kSumRow);
  _tile_loadd(3, sums + kLanes16 * kPanelRows + kLanes16, kSumRow);
  for (std::int64_t step = 0; step < steps; ++step) {
    const char* w = bytes + step * kStep * 2;
    const std::uint32_t* x = panel + step * (kStep / 2) * kPanelRows;
    _tile_loadd(4, w, stride);
    _tile_loadd(6, x, kSumRow);
    _tile_loadd(7, x + kLanes16, kSumRow);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(5, w + kLanes16 * stride, stride);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, kSumRow);
  _tile_stored(1, sums + kLanes16, kSumRow);
  _tile_stored(2, sums + kLanes16 * kPanelRows, kSumRow);
  _tile_stored(3, sums + kLanes16 * kPanelRows + kLanes16, kSumRow);
  asm volatile("" ::: "memory");
}

/// All eight tiles: 16 rows of 64 bytes (the layout of LDTILECFG's operand).
struct TileShapes {
  std::uint8_t palette = 1, start = 0, reserved[14] = {};
  std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileShapes) == 64);
constexpr TileShapes kShapes;

YORE_TILES void begin_tiles() {
  _tile_loadconfig(&kShapes);
}
YORE_TILES void end_tiles() {
  _tile_release();
}

/// The 16 x 16 matrix of 32-bit numbers whose rows these are, turned.
YORE_VECTORS inline void transpose(__m512i (&rows)[kLanes16]) {
  __m512i two[kLanes16], four[kLanes16];
  for (int i = 0; i < 16; i += 2) {
    two[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    two[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  // Then four[i + j] has, in its part l of four numbers, column 4 l + j of rows i .. i + 3.
  for (int i = 0; i < 16; i += 4) {
    four[i] = _mm512_unpacklo_epi64(two[i], two[i + 2]);
    four[i + 1] = _mm512_unpackhi_epi64(two[i], two[i + 2]);
    four[i + 2] = _mm512_unpacklo_epi64(two[i + 1], two[i + 3]);
    four[i + 3] = _mm512_unpackhi_epi64(two[i + 1], two[i + 3]);
  }
  for (int j = 0; j < 4; ++j) {
    const __m512i even = _mm512_shuffle_i32x4(four[j], four[4 + j], 0x88),
                  odd = _mm512_shuffle_i32x4(four[j], four[4 + j], 0xDD),
                  even_more = _mm512_shuffle_i32x4(four[8 + j], four[12 + j], 0x88),
                  odd_more = _mm512_shuffle_i32x4(four[8 + j], four[12 + j], 0xDD);
    rows[j] = _mm512_shuffle_i32x4(even, even_more, 0x88);
    rows[4 + j] = _mm512_shuffle_i32x4(odd, odd_more, 0x88);
    rows[8 + j] = _mm512_shuffle_i32x4(even, even_more, 0xDD);
    rows[12 + j] = _mm512_shuffle_i32x4(odd, odd_more, 0xDD);
  }
}

/// The first min(count, 16) lanes.
inline __mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>((1U << std::clamp<std::int64_t>(count, 0, kLanes16)) - 1U);
}

/// Rows first .. first + kPanelRows - 1 of p.x, rounded; rows and inputs that do not exist are zero.
YORE_VECTORS void pack_panel(const NarrowProduct& p, std::int64_t first, std::int64_t steps,
                             std::uint32_t* to) {
  for (std::int64_t step = 0; step < steps; ++step)
    for (std::int64_t half = 0; half < kPanelRows; half += kLanes16) {
      __m512i rows[kLanes16];
      const std::int64_t i = step * kStep, left = p.in - i;
      for (std::int64_t r = 0; r < kLanes16; ++r) {
        const std::int64_t row = first + half + r;
        rows[r] = _mm512_setzero_si512();
        if (row >= p.rows) continue;
        const float* x = p.x + row * p.x_row + i;
        rows[r] = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(
            left > kLanes16 ? _mm512_maskz_loadu_ps(first_lanes(left - kLanes16), x + kLanes16)
                            : _mm512_setzero_ps(),
            _mm512_maskz_loadu_ps(first_lanes(left), x)));
      }
      transpose(rows);
      for (std::int64_t pair = 0; pair < kLanes16; ++pair)
        _mm512_storeu_si512(to + (step * kLanes16 + pair) * kPanelRows + half, rows[pair]);
    }
}

/// sums [kBlock, kPanelRows] turned into y's rows from `row`, outputs from `o`, which exist; biases added.
YORE_VECTORS void write_block(const NarrowProduct& p, const float* sums, std::int64_t row, std::int64_t o) {
  for (std::int64_t side = 0; side < kBlock && o + side < p.out; side += kLanes16)
    for (std::int64_t half = 0; half < kPanelRows && row + half < p.rows; half += kLanes16) {
      __m512i block[kLanes16];
      for (std::int64_t k = 0; k < kLanes16; ++k)
        block[k] = _mm512_loadu_si512(sums + (side + k) * kPanelRows + half);
      transpose(block);
      const __mmask16 some = first_lanes(p.out - o - side);
      const __m512 bias =
          p.bias == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(some, p.bias + o + side);
      for (std::int64_t r = 0; r < std::min(kLanes16, p.rows - row - half); ++r)
        _mm512_mask_storeu_ps(p.y + (row + half + r) * p.y_row + o + side, some,
                              _mm512_add_ps(reinterpret_cast<__m512>(block[r]), bias));
    }
}

/// What a thread needs of its own; with `tiles`, the processor's tiles are set up while it lives.
class BlockScratch {
 public:
  explicit BlockScratch(bool tiles) : tiles_(tiles) {
    if (tiles_) begin_tiles();
  }
  ~BlockScratch() {
    if (tiles_) end_tiles();
  }
  BlockScratch(const BlockScratch&) = delete;
  BlockScratch& operator=(const BlockScratch&) = delete;

  alignas(64) float sums[kBlock * kPanelRows] = {};
  alignas(64) std::uint16_t ends[kBlock * kStep] = {};

 private:
  bool tiles_;
};

/// Weights of kBlock outputs from o and `count` inputs from i; what does not exist is zero.
void copy_weights(const NarrowProduct& p, std::int64_t o, std::int64_t i, std::int64_t count,
                  std::uint16_t* to) {
  std::fill_n(to, kBlock * kStep, std::uint16_t{0});
  for (std::int64_t k = 0; k < std::min(kBlock, p.out - o); ++k)
    std::copy_n(p.weight + (o + k) * p.in + i, count, to + k * kStep);
}

void block(const NarrowProduct& p, const std::uint32_t* panel, std::int64_t row, std::int64_t o, Add add,
           BlockScratch& scratch) {
  std::fill_n(scratch.sums, kBlock * kPanelRows, 0.0f);
  const std::int64_t whole = o + kBlock <= p.out ? p.in / kStep : 0;  // steps that nothing is missing of
  if (whole > 0)
    add(panel, p.weight + o * p.in, p.in * static_cast<std::int64_t>(sizeof(std::uint16_t)), whole,
        scratch.sums);
  for (std::int64_t i = whole * kStep; i < p.in; i += kStep) {
    copy_weights(p, o, i, std::min(kStep, p.in - i), scratch.ends);
    add(panel + i / 2 * kPanelRows, scratch.ends, kStep * sizeof(std::uint16_t), 1, scratch.sums);
  }
  write_block(p, scratch.sums, row, o);
}

void product(const NarrowProduct& p, Add add, bool tiles) {
  const std::int64_t steps = (p.in + kStep - 1) / kStep, panel_size = steps * kStep / 2 * kPanelRows;
  const std::int64_t tasks = (p.out + kTaskOutputs - 1) / kTaskOutputs;
  const auto panels_of = [](std::int64_t rows) { return (rows + kPanelRows - 1) / kPanelRows; };
  const std::unique_ptr<std::uint32_t[]> packed(
      new std::uint32_t[static_cast<std::size_t>(panels_of(std::min(p.rows, kRowsAtOnce)) * panel_size)]);
  for (std::int64_t first = 0; first < p.rows; first += kRowsAtOnce) {
    const std::int64_t panels = panels_of(std::min(kRowsAtOnce, p.rows - first));
    kernels::parallel_tasks(
        kernels::threads_for(p.threads, panels), panels, [] { return 0; },
        [&](int, std::int64_t n) {
          pack_panel(p, first + n * kPanelRows, steps, packed.get() + n * panel_size);
        });
    kernels::parallel_tasks(
        kernels::threads_for(p.threads, tasks), tasks, [&] { return BlockScratch(tiles); },
        [&](BlockScratch& scratch, std::int64_t task) {
          const std::int64_t from = task * kTaskOutputs, to = std::min(p.out, from + kTaskOutputs);
          for (std::int64_t o = from; o < to; o += kBlock)
            for (std::int64_t n = 0; n < panels; ++n)
              block(p, packed.get() + n * panel_size, first + n * kPanelRows, o, add, scratch);
        });
  }
}

bool has_vectors() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> 5 & 1U) != 0;
}

/// A process has to ask Linux for tiles before it uses them.
bool has_tiles() {
  constexpr long kAskForState = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  unsigned a = 0, b = 0, c = 0, d = 0;
  return has_vectors() && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d >> 22 & 1U) != 0 &&
         (d >> 24 & 1U) != 0 && ::syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
}

}  // namespace

std::vector<Bfloat16Unit> bfloat16_units() {
  static const std::vector<Bfloat16Unit> units = [] {
    std::vector<Bfloat16Unit> found;
    if (has_tiles()) found.push_back(Bfloat16Unit::Tiles);
    if (has_vectors()) found.push_back(Bfloat16Unit::Vectors);
    return found;
  }();
  return units;
}

void bfloat16_product(const NarrowProduct& p, Bfloat16Unit unit) {
  const std::vector<Bfloat16Unit> units = bfloat16_units();
  if (std::find(units.begin(), units.end(), unit) == units.end())
    throw std::invalid_argument("bfloat16_product: this processor has no such unit");
  const bool tiles = unit == Bfloat16Unit::Tiles;
  product(p, tiles ? add_tiles : add_vectors, tiles);
}

}  // namespace yore::mixers

#else

namespace yore::mixers {

std::vector<Bfloat16Unit> bfloat16_units() {
  return {};
}

void bfloat16_product(const NarrowProduct&, Bfloat16Unit) {
  throw std::invalid_argument("bfloat16_product: this processor has no such unit");
}

}  // namespace yore::mixers

#endif
