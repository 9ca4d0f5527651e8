// What the conformance tests share: a run of one mechanism on random sequences, with memory fenced and
// poisoned.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/contract.h"

namespace yore::mixers::conformance {

/// Numbers between two fences of NaN, full of NaN themselves until something writes them.
class Fenced {
 public:
  explicit Fenced(std::size_t size = 0) : all_(size + 2 * kFence, std::numeric_limits<float>::quiet_NaN()) {}
  float* data() { return all_.data() + kFence; }
  const float* data() const { return all_.data() + kFence; }
  std::size_t size() const { return all_.size() - 2 * kFence; }
  float& operator[](std::size_t i) { return all_[i + kFence]; }
  float operator[](std::size_t i) const { return all_[i + kFence]; }
  /// Whether nothing was written outside.
  bool intact() const;
  bool operator==(const Fenced& other) const;  ///< bit by bit

 private:
  static constexpr std::size_t kFence = 64;
  std::vector<float> all_;
};

/// Sequences of the given lengths.
Packed packed(const std::vector<std::int64_t>& lengths);

/// Random numbers for every input of a mechanism.
struct Inputs {
  std::vector<Fenced> arrays;
  Inputs(const Mechanism& mechanism, std::int64_t tokens, std::uint64_t seed);
  std::vector<const float*> pointers() const;
  /// The same with tokens first .. end - 1 alone.
  Inputs tokens(const Mechanism& mechanism, std::int64_t first, std::int64_t end) const;
};

/// Everything a forward and a backward pass write.
struct Outputs {
  Fenced out;
  std::vector<float> saved;
  std::vector<Fenced> grads;
};
Outputs run(const Mechanism& mechanism, const Packed& sequences, const Inputs& in, const Fenced& grad_out,
            int threads);
Fenced random_cotangent(const Mechanism& mechanism, std::int64_t tokens, std::uint64_t seed);

/// Numbers of the output for one token.
std::size_t output_width(const Mechanism& mechanism);
/// Numbers of input i for one token (or for all of them).
std::size_t input_width(const InputSpec& spec);

/// The largest error as a share of what is allowed.
struct Worst {
  double ratio = 0;
  std::string where;
  void see(double error, double allowed, const std::string& place);
};

/// Every test runs on every target of this machine, and proves that the target ran.
class Conformance : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;
  void TearDown() override;
};

}  // namespace yore::mixers::conformance
