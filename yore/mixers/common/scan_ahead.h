// Asking for the rows that a scan will need next, while it computes. The same for every target.
#pragma once
#include <hwy/base.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace yore::mixers::scan {

/// Rows of coming tokens, asked for before they are needed. One head's rows lie far apart, and no processor
/// guesses them: chunks that waited for their rows spent a quarter of their time on it. They are asked for
/// few at a time, as more lines than a core can wait for at once would hold up what it computes.
class Ahead {
 public:
  void Clear() { count_ = 0; }
  /// Rows of `dim` numbers at data + t * token; null data = none.
  template <class T>
  void Add(T* data, std::int64_t token, std::ptrdiff_t dim) {
    if (data == nullptr) return;
    streams_[count_++] = {reinterpret_cast<const char*>(data), token * std::ptrdiff_t{sizeof(T)},
                          dim * std::ptrdiff_t{sizeof(T)}};
  }
  /// Those of tokens first .. end - 1 are asked for in the next `steps` calls of Step(), and with them `size`
  /// numbers at `block` (null = none).
  template <class T>
  void Aim(std::int64_t first, std::int64_t end, std::ptrdiff_t steps, const T* block, std::ptrdiff_t size) {
    next_ = first;
    end_ = std::max(first, end);
    stream_ = 0;
    all_ = count_;
    if (block != nullptr && end > first) {
      const std::ptrdiff_t bytes = size * std::ptrdiff_t{sizeof(T)} / (end - first);
      streams_[all_++] = {reinterpret_cast<const char*>(block) - first * bytes, bytes, bytes};
    }
    rows_ = (end_ - next_) * all_;
    std::ptrdiff_t bytes = 0;
    for (int i = 0; i < all_; ++i) bytes += streams_[i].bytes;
    far_ = (end_ - next_) * bytes > kFar;
    steps_ = steps;
    due_ = 0;
  }
  HWY_INLINE void Step() {
    for (due_ += rows_; due_ > 0; due_ -= steps_) {
      if (next_ >= end_) {
        rows_ = due_ = 0;
        return;
      }
      const Stream& s = streams_[stream_];
      // From the line in which it begins: rows need not begin with one, and the last would be missed.
      const char* row = s.data + next_ * s.token;
      const char* const end = row + s.bytes;
      for (row -= reinterpret_cast<std::uintptr_t>(row) % 64; row < end; row += 64)
        far_ ? __builtin_prefetch(row, 0, 2) : __builtin_prefetch(row, 0, 3);
      if (++stream_ >= all_) {
        stream_ = 0;
        ++next_;
      }
    }
  }

 private:
  struct Stream {
    const char* data;
    std::ptrdiff_t token, bytes;
  };
  /// More bytes than these are asked for into the second cache: in the first they would take the place of
  /// what is computed with.
  static constexpr std::ptrdiff_t kFar = 32 << 10;
  Stream streams_[12];
  bool far_ = false;
  int count_ = 0, all_ = 0, stream_ = 0;
  std::int64_t next_ = 0, end_ = 0;
  std::ptrdiff_t rows_ = 0, steps_ = 1, due_ = 0;  ///< each step, rows_ / steps_ rows are due
};

}  // namespace yore::mixers::scan
