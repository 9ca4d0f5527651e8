// What the conformance tests of kernels share: their parameter (a case on a target), runs on random sequences
// with memory fenced and poisoned, and the proof that the target ran.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/conformance/definition.h"
#include "yore/mixers/conformance/mechanism.h"

namespace yore::mixers::conformance {

/// Numbers between two fences of NaN, full of NaN themselves until something writes them.
template <class T>
class Fenced {
 public:
  explicit Fenced(std::size_t size = 0) : all_(size + 2 * kFence, std::numeric_limits<T>::quiet_NaN()) {}
  T* data() { return all_.data() + kFence; }
  const T* data() const { return all_.data() + kFence; }
  std::size_t size() const { return all_.size() - 2 * kFence; }
  T& operator[](std::size_t i) { return all_[i + kFence]; }
  T operator[](std::size_t i) const { return all_[i + kFence]; }
  /// Whether nothing was written outside.
  bool intact() const {
    for (std::size_t i = 0; i < kFence; ++i)
      if (!std::isnan(all_[i]) || !std::isnan(all_[all_.size() - 1 - i])) return false;
    return true;
  }
  /// Bit by bit.
  bool operator==(const Fenced& other) const {
    return size() == other.size() && std::memcmp(data(), other.data(), size() * sizeof(T)) == 0;
  }

 private:
  static constexpr std::size_t kFence = 64;
  std::vector<T> all_;
};

/// Sequences of the given lengths.
Packed packed(const std::vector<std::int64_t>& lengths);

/// Random numbers for every input of a mechanism, each of them a float whatever the type.
template <class T>
struct Inputs {
  std::vector<Fenced<T>> arrays;
  Inputs(const Mechanism& mechanism, const Packed& sequences, std::uint64_t seed);
  std::vector<const T*> pointers() const;
  /// Sequence b alone.
  Inputs sequence(const Mechanism& mechanism, const Packed& sequences, std::int64_t b) const;
  /// Tokens first .. end - 1 alone, of whatever sequence; inputs of sequences are empty, as advance() reads
  /// none.
  Inputs tokens(const Mechanism& mechanism, std::int64_t first, std::int64_t end) const;
  /// The same with 0 in every input of sequences: what start() begins with.
  Inputs fresh(const Mechanism& mechanism) const;
  /// As the definition takes them.
  std::vector<Numbers> numbers() const;
};

/// Random numbers like an output.
template <class T>
Fenced<T> random_cotangent(const Mechanism& mechanism, const Packed& sequences, std::uint64_t seed);

/// Everything a forward and a backward pass write.
template <class T>
struct Outputs {
  Fenced<T> out;
  std::vector<T> saved;
  std::vector<Fenced<T>> grads;
};
template <class T>
Outputs<T> run(const Mechanism& mechanism, const Passes<T>& passes, const Packed& sequences,
               const Inputs<T>& in, const Fenced<T>& grad_out, int threads);

/// A case and the SIMD target it runs on.
struct OnTarget {
  KernelCase subject;
  std::string target;
};
/// All cases, or those with extreme inputs, or the others, each on every target of this machine.
enum class Which { All, Ordinary, Extreme };
std::vector<OnTarget> on_all_targets(Which which);
/// "attention__global_strict__AVX2"
std::string name_of(const testing::TestParamInfo<OnTarget>& info);
/// How a failure names the parameter.
void PrintTo(const OnTarget& at, std::ostream* out);

/// One test of one case on one target. `mechanism()` passes every call on to the case and proves that the
/// call ran the target and no other.
class Conformance : public testing::TestWithParam<OnTarget> {
 protected:
  void SetUp() override;
  void TearDown() override;
  const Mechanism& mechanism() const { return *watched_; }
  /// A run of the kernel in float.
  Outputs<float> run_float(const Packed& sequences, const Inputs<float>& in, const Fenced<float>& grad_out,
                           int threads = 1) const {
    return run<float>(mechanism(), mechanism().in_float(), sequences, in, grad_out, threads);
  }

 private:
  std::unique_ptr<Mechanism> watched_;
};

}  // namespace yore::mixers::conformance
