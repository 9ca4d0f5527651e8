#include "yore/mixers/conformance/support.h"

#include <ostream>

#include "yore/kernels/targets.h"
#include "yore/mixers/conformance/names.h"

namespace yore::mixers::conformance {
namespace {

/// Runs `call`, and fails unless exactly the chosen target ran in it. A call over no tokens may run nothing.
template <class Call>
void proven(const std::string& target, const char* what, std::int64_t tokens, const Call& call) {
  kernels::forget_targets();
  call();
  const std::vector<std::string> ran = kernels::noted_targets();
  if (ran.empty() && tokens == 0) return;
  EXPECT_EQ(ran, std::vector<std::string>{target}) << what << " of " << tokens << " tokens";
}

template <class T>
class WatchedPasses final : public Passes<T> {
 public:
  WatchedPasses(const Passes<T>& passes, std::string target) : passes_(passes), target_(std::move(target)) {}
  void forward(const Packed& sequences, const std::vector<const T*>& in, T* out, std::vector<T>& saved,
               int threads) const override {
    proven(target_, "forward", sequences.tokens(),
           [&] { passes_.forward(sequences, in, out, saved, threads); });
  }
  void backward(const Packed& sequences, const std::vector<const T*>& in, const T* out,
                const std::vector<T>& saved, const T* grad_out, const std::vector<T*>& grads,
                int threads) const override {
    proven(target_, "backward", sequences.tokens(),
           [&] { passes_.backward(sequences, in, out, saved, grad_out, grads, threads); });
  }

 private:
  const Passes<T>& passes_;
  std::string target_;
};

class Watched final : public Mechanism {
 public:
  Watched(std::shared_ptr<const Mechanism> mechanism, const std::string& target)
      : m_(std::move(mechanism)), target_(target), float_(m_->in_float(), target) {
    if (m_->in_double() != nullptr)
      double_ = std::make_unique<WatchedPasses<double>>(*m_->in_double(), target);
  }
  std::string name() const override { return m_->name(); }
  std::vector<InputSpec> inputs() const override { return m_->inputs(); }
  int heads() const override { return m_->heads(); }
  int value_dim() const override { return m_->value_dim(); }
  std::size_t final_width() const override { return m_->final_width(); }
  bool extreme() const override { return m_->extreme(); }
  std::vector<Complex> reference(std::int64_t tokens,
                                 const std::vector<std::vector<Complex>>& in) const override {
    return m_->reference(tokens, in);
  }
  const Passes<float>& in_float() const override { return float_; }
  const Passes<double>* in_double() const override { return double_.get(); }
  std::unique_ptr<State> start(std::int64_t batch, std::int64_t rollback) const override {
    return m_->start(batch, rollback);
  }
  void advance(State& state, const Packed& tokens, const std::vector<const float*>& in, float* out,
               int threads) const override {
    proven(target_, "advance", tokens.tokens(), [&] { m_->advance(state, tokens, in, out, threads); });
  }

 private:
  std::shared_ptr<const Mechanism> m_;
  std::string target_;
  WatchedPasses<float> float_;
  std::unique_ptr<WatchedPasses<double>> double_;
};

}  // namespace

Packed packed(const std::vector<std::int64_t>& lengths) {
  Packed p;
  for (std::int64_t n : lengths) p.starts.push_back(p.starts.back() + n);
  return p;
}

template <class T>
Inputs<T>::Inputs(const Mechanism& mechanism, const Packed& sequences, std::uint64_t seed) {
  base::Random random(seed);
  for (const InputSpec& spec : mechanism.inputs()) {
    Fenced<T> x(spec.width() * sequences.count(spec.each));
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(spec.low + (spec.high - spec.low) * random.uniform());
    arrays.push_back(std::move(x));
  }
}

template <class T>
std::vector<const T*> Inputs<T>::pointers() const {
  std::vector<const T*> out;
  for (const Fenced<T>& x : arrays) out.push_back(x.data());
  return out;
}

template <class T>
static Fenced<T> part_of(const Fenced<T>& array, Part part) {
  Fenced<T> x(part.count);
  if (part.count > 0) std::memcpy(x.data(), array.data() + part.first, part.count * sizeof(T));
  return x;
}

template <class T>
Inputs<T> Inputs<T>::sequence(const Mechanism& mechanism, const Packed& sequences, std::int64_t b) const {
  Inputs one = *this;
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::size_t i = 0; i < specs.size(); ++i)
    one.arrays[i] = conformance::part_of(arrays[i], conformance::part_of(specs[i], sequences, b));
  return one;
}

template <class T>
Inputs<T> Inputs<T>::tokens(const Mechanism& mechanism, std::int64_t first, std::int64_t end) const {
  Inputs some = *this;
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].each == Each::Call) continue;
    const std::size_t width = specs[i].each == Each::Token ? specs[i].width() : 0;
    some.arrays[i] = conformance::part_of(
        arrays[i], {static_cast<std::size_t>(first) * width, static_cast<std::size_t>(end - first) * width});
  }
  return some;
}

template <class T>
Inputs<T> Inputs<T>::fresh(const Mechanism& mechanism) const {
  Inputs zeroed = *this;
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (specs[i].each == Each::Sequence)
      for (std::size_t n = 0; n < arrays[i].size(); ++n) zeroed.arrays[i][n] = 0;
  return zeroed;
}

template <class T>
std::vector<Numbers> Inputs<T>::numbers() const {
  std::vector<Numbers> all;
  for (const Fenced<T>& x : arrays) all.emplace_back(x.data(), x.data() + x.size());
  return all;
}

template <class T>
Fenced<T> random_cotangent(const Mechanism& mechanism, const Packed& sequences, std::uint64_t seed) {
  base::Random random(seed);
  Fenced<T> x(mechanism.out_size(sequences));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(2 * random.uniform() - 1);
  return x;
}

template <class T>
Outputs<T> run(const Mechanism& mechanism, const Passes<T>& passes, const Packed& sequences,
               const Inputs<T>& in, const Fenced<T>& grad_out, int threads) {
  Outputs<T> o;
  o.out = Fenced<T>(mechanism.out_size(sequences));
  passes.forward(sequences, in.pointers(), o.out.data(), o.saved, threads);
  std::vector<T*> grads;
  for (const Fenced<T>& x : in.arrays) o.grads.emplace_back(x.size());
  for (Fenced<T>& g : o.grads) grads.push_back(g.data());
  passes.backward(sequences, in.pointers(), o.out.data(), o.saved, grad_out.data(), grads, threads);
  EXPECT_TRUE(o.out.intact());
  for (const Fenced<T>& g : o.grads) EXPECT_TRUE(g.intact());
  return o;
}

template struct Inputs<float>;
template struct Inputs<double>;
template Fenced<float> random_cotangent<float>(const Mechanism&, const Packed&, std::uint64_t);
template Fenced<double> random_cotangent<double>(const Mechanism&, const Packed&, std::uint64_t);
template Outputs<float> run<float>(const Mechanism&, const Passes<float>&, const Packed&,
                                   const Inputs<float>&, const Fenced<float>&, int);
template Outputs<double> run<double>(const Mechanism&, const Passes<double>&, const Packed&,
                                     const Inputs<double>&, const Fenced<double>&, int);

std::vector<OnTarget> on_all_targets(Which which) {
  std::vector<OnTarget> all;
  for (const KernelCase& subject : all_kernel_cases())
    if (which == Which::All || subject.kernel->extreme() == (which == Which::Extreme))
      for (const std::string& target : kernels::available_targets()) all.push_back({subject, target});
  return all;
}

std::string name_of(const testing::TestParamInfo<OnTarget>& info) {
  return test_name(info.param.subject.mechanism, info.param.subject.kernel->name()) + "__" +
         info.param.target;
}

void PrintTo(const OnTarget& at, std::ostream* out) {
  *out << at.subject.name() << ", on " << at.target;
}

void Conformance::SetUp() {
  kernels::choose_target(GetParam().target);
  watched_ = std::make_unique<Watched>(GetParam().subject.kernel, GetParam().target);
}
void Conformance::TearDown() {
  kernels::choose_target("");
}

}  // namespace yore::mixers::conformance
