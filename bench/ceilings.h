// What the machine can do, measured in the same run as what is compared with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace yore::bench {

/// Runs work(0) .. work(threads - 1) at once, a thread each, and waits for all.
void on_threads(int threads, const std::function<void(int)>& work);

/// Runs `rounds` rounds of independent fused multiply-adds on registers alone and returns the number of
/// floating point operations that was (2 each).
double fma_chains(std::int64_t rounds);
/// Rounds for the machine's peak that everything is held against: a tenth of a millisecond.
inline constexpr std::int64_t kFmaRounds = 1 << 16;

/// One product of OpenBLAS on one thread, its operands in the cache: C [m, n] = A [m, k] B, B [n, k] if
/// transposed ("NT", scores of a tile) else [k, n] ("NN", weighted values).
class Sgemm {
 public:
  Sgemm(int m, int n, int k, bool transposed);
  void run();
  double flops() const { return 2.0 * m_ * n_ * k_; }

 private:
  int m_, n_, k_;
  bool transposed_;
  std::vector<float> a_, b_, c_;
};

/// Reads three arrays of `count` floats and writes a fourth, as the cheapest attention must.
class Stream {
 public:
  explicit Stream(std::size_t count);
  void run();

 private:
  std::vector<float> q_, k_, v_, out_;
};

/// Reads `count` floats once and adds them up.
class Read {
 public:
  explicit Read(std::size_t count);
  void run(int threads);

 private:
  std::vector<float> from_;
};

/// `count` floats by memcpy, a part a thread.
class Copy {
 public:
  explicit Copy(std::size_t count);
  void run(int threads = 1);
  /// Read and written.
  double bytes() const { return 2.0 * sizeof(float) * static_cast<double>(from_.size()); }

 private:
  std::vector<float> from_, to_;
};

}  // namespace yore::bench
