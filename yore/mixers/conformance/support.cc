#include "yore/mixers/conformance/support.h"

#include <cmath>
#include <cstring>

#include "yore/kernels/targets.h"

namespace yore::mixers::conformance {

bool Fenced::intact() const {
  for (std::size_t i = 0; i < kFence; ++i)
    if (!std::isnan(all_[i]) || !std::isnan(all_[all_.size() - 1 - i])) return false;
  return true;
}

bool Fenced::operator==(const Fenced& other) const {
  return size() == other.size() && std::memcmp(data(), other.data(), size() * sizeof(float)) == 0;
}

Packed packed(const std::vector<std::int64_t>& lengths) {
  Packed p;
  for (std::int64_t n : lengths) p.starts.push_back(p.starts.back() + n);
  return p;
}

std::size_t input_width(const InputSpec& spec) {
  return static_cast<std::size_t>(spec.heads) * static_cast<std::size_t>(spec.dim);
}
std::size_t output_width(const Mechanism& mechanism) {
  return static_cast<std::size_t>(mechanism.heads()) * static_cast<std::size_t>(mechanism.value_dim());
}

Inputs::Inputs(const Mechanism& mechanism, std::int64_t tokens, std::uint64_t seed) {
  base::Random random(seed);
  for (const InputSpec& spec : mechanism.inputs()) {
    Fenced x(input_width(spec) * (spec.per_token ? static_cast<std::size_t>(tokens) : 1));
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(spec.low + (spec.high - spec.low) * random.uniform());
    arrays.push_back(std::move(x));
  }
}

std::vector<const float*> Inputs::pointers() const {
  std::vector<const float*> out;
  for (const Fenced& x : arrays) out.push_back(x.data());
  return out;
}

Inputs Inputs::tokens(const Mechanism& mechanism, std::int64_t first, std::int64_t end) const {
  Inputs part(mechanism, end - first, 0);
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::size_t from = specs[i].per_token ? static_cast<std::size_t>(first) * input_width(specs[i]) : 0;
    if (part.arrays[i].size() > 0)
      std::memcpy(part.arrays[i].data(), arrays[i].data() + from, part.arrays[i].size() * sizeof(float));
  }
  return part;
}

Outputs run(const Mechanism& mechanism, const Packed& sequences, const Inputs& in, const Fenced& grad_out,
            int threads) {
  Outputs o;
  o.out = Fenced(output_width(mechanism) * static_cast<std::size_t>(sequences.tokens()));
  mechanism.forward(sequences, in.pointers(), o.out.data(), o.saved, threads);
  std::vector<float*> grads;
  for (const Fenced& x : in.arrays) o.grads.emplace_back(x.size());
  for (Fenced& g : o.grads) grads.push_back(g.data());
  mechanism.backward(sequences, in.pointers(), o.out.data(), o.saved, grad_out.data(), grads, threads);
  EXPECT_TRUE(o.out.intact()) << mechanism.name();
  for (const Fenced& g : o.grads) EXPECT_TRUE(g.intact()) << mechanism.name();
  return o;
}

Fenced random_cotangent(const Mechanism& mechanism, std::int64_t tokens, std::uint64_t seed) {
  base::Random random(seed);
  Fenced x(output_width(mechanism) * static_cast<std::size_t>(tokens));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(2 * random.uniform() - 1);
  return x;
}

void Worst::see(double error, double allowed, const std::string& place) {
  if (!(error <= ratio * allowed)) ratio = error / allowed, where = place;  // NaN counts
}

void Conformance::SetUp() {
  kernels::choose_target(GetParam());
}
void Conformance::TearDown() {
  EXPECT_EQ(kernels::last_target(), GetParam()) << "another target ran";
  kernels::choose_target("");
}

}  // namespace yore::mixers::conformance
