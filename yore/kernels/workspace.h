// Memory of one call: a row of aligned arrays cut from a few blocks, given back together. A thread keeps the
// blocks of its last calls for its next ones: pages fresh from the system cost a short call more than its
// work.
#pragma once
#include <hwy/aligned_allocator.h>

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace yore::kernels {

/// `count` numbers, aligned for every target's vectors and not initialised. Throws std::bad_alloc where
/// memory is refused: Highway's function answers with null.
template <class T>
hwy::AlignedFreeUniquePtr<T[]> allocate_aligned(std::size_t count) {
  auto memory = hwy::AllocateAligned<T>(count);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

/// Arrays live as long as the workspace. They are not initialised.
class Workspace {
 public:
  /// Bytes that a thread keeps for later at most.
  static constexpr std::size_t kMostKept = std::size_t{8} << 20;

  Workspace() = default;
  Workspace(Workspace&&) = default;
  Workspace& operator=(Workspace&&) = delete;
  ~Workspace() {
    for (Block& block : blocks_) spare().Put(std::move(block));
  }

  /// `count` numbers (negative is a mistake of the caller), aligned for every target's vectors.
  template <class T>
  T* Take(std::ptrdiff_t count) {
    constexpr std::size_t kAlign = HWY_ALIGNMENT;
    const std::size_t bytes = (static_cast<std::size_t>(count) * sizeof(T) + kAlign - 1) / kAlign * kAlign;
    if (bytes > left_) {
      blocks_.push_back(spare().Get(bytes > kBlock ? bytes : kBlock));
      next_ = blocks_.back().memory.get();
      left_ = blocks_.back().size;
    }
    unsigned char* taken = next_;
    next_ += bytes;
    left_ -= bytes;
    return reinterpret_cast<T*>(taken);
  }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 17;

  struct Block {
    hwy::AlignedFreeUniquePtr<unsigned char[]> memory;
    std::size_t size;
  };
  /// What a thread has kept.
  class Spare {
   public:
    /// At least `size` bytes, and not much more: what is large stays for who needs it.
    Block Get(std::size_t size) {
      for (std::size_t i = blocks_.size(); i-- > 0;)
        if (blocks_[i].size >= size && blocks_[i].size / 2 <= size) {
          Block found = std::move(blocks_[i]);
          blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
          kept_ -= found.size;
          return found;
        }
      return {allocate_aligned<unsigned char>(size), size};
    }
    void Put(Block block) {
      if (kept_ + block.size > kMostKept) return;
      kept_ += block.size;
      blocks_.push_back(std::move(block));
    }

   private:
    std::vector<Block> blocks_;
    std::size_t kept_ = 0;
  };
  static Spare& spare() {
    static thread_local Spare kept;
    return kept;
  }

  std::vector<Block> blocks_;
  unsigned char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace yore::kernels
