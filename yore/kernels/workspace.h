// Memory of one call: a row of aligned arrays cut from one block, given back together.
#pragma once
#include <hwy/aligned_allocator.h>

#include <cstddef>
#include <vector>

namespace yore::kernels {

/// Arrays live as long as the workspace. They are not initialised.
class Workspace {
 public:
  /// `count` numbers (negative is a mistake of the caller), aligned for every target's vectors.
  template <class T>
  T* Take(std::ptrdiff_t count) {
    constexpr std::size_t kAlign = HWY_ALIGNMENT;
    const std::size_t bytes = (static_cast<std::size_t>(count) * sizeof(T) + kAlign - 1) / kAlign * kAlign;
    if (bytes > left_) {
      const std::size_t size = bytes > kChunk ? bytes : kChunk;
      chunks_.push_back(hwy::AllocateAligned<unsigned char>(size));
      next_ = chunks_.back().get();
      left_ = size;
    }
    unsigned char* taken = next_;
    next_ += bytes;
    left_ -= bytes;
    return reinterpret_cast<T*>(taken);
  }

 private:
  static constexpr std::size_t kChunk = std::size_t{1} << 17;
  std::vector<hwy::AlignedFreeUniquePtr<unsigned char[]>> chunks_;
  unsigned char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace yore::kernels
