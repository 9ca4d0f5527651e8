#include "bench/ceilings.h"

#include <cblas.h>

#include <cstring>
#include <thread>

namespace yore::bench {
namespace {

std::vector<float> numbers(std::size_t count) {
  std::vector<float> x(count);
  for (std::size_t i = 0; i < count; ++i) x[i] = static_cast<float>(i % 17) / 16.0F - 0.5F;
  return x;
}

std::size_t area(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace

void on_threads(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work, i);
  work(0);
  for (std::thread& other : others) other.join();
}

Sgemm::Sgemm(int m, int n, int k, bool transposed)
    : m_(m),
      n_(n),
      k_(k),
      transposed_(transposed),
      a_(numbers(area(m, k))),
      b_(numbers(area(n, k))),
      c_(numbers(area(m, n))) {}

void Sgemm::run() {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, transposed_ ? CblasTrans : CblasNoTrans, m_, n_, k_, 1.0F,
              a_.data(), k_, b_.data(), transposed_ ? k_ : n_, 0.0F, c_.data(), n_);
}

Stream::Stream(std::size_t count) : q_(numbers(count)), k_(q_), v_(q_), out_(count) {}

void Stream::run() {
  const float *q = q_.data(), *k = k_.data(), *v = v_.data();
  float* out = out_.data();
  const std::size_t n = out_.size();
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) out[i] = q[i] + k[i] + v[i];
}

Read::Read(std::size_t count) : from_(numbers(count)) {}

Copy::Copy(std::size_t count) : from_(numbers(count)), to_(count) {}

void Copy::run(int threads) {
  on_threads(threads, [&](int thread) {
    const std::size_t part = from_.size() / static_cast<std::size_t>(threads),
                      first = static_cast<std::size_t>(thread) * part;
    std::memcpy(to_.data() + first, from_.data() + first, sizeof(float) * part);
  });
}

}  // namespace yore::bench
