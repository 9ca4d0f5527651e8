#include "yore/mixers/conformance/layer_support.h"

#include <ATen/TensorOperators.h>

#include <cmath>
#include <ostream>

#include "yore/mixers/conformance/names.h"

namespace yore::mixers::conformance {
namespace {

/// f(x + ih) has imaginary part h f'(x), with no cancellation.
constexpr double kComplexStep = 1e-40;

Numbers numbers_of(const at::Tensor& x) {
  const at::Tensor flat = x.detach().to(at::kDouble).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

Numbers imaginary(const std::vector<Complex>& z) {
  Numbers x;
  for (const Complex& y : z) x.push_back(y.imag() / kComplexStep);
  return x;
}

}  // namespace

void PrintTo(const LayerCase& c, std::ostream* out) {
  *out << c.mechanism << ", " << c.name << ": width " << c.setting.width << ", " << c.setting.options.dump();
}

std::string name_of(const testing::TestParamInfo<LayerCase>& info) {
  return test_name(info.param.mechanism, info.param.name);
}

at::Tensor random_tensor(at::IntArrayRef shape, base::Random& random) {
  at::Tensor x = at::empty(shape, at::kDouble);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<double>()[i] = static_cast<float>(2 * random.uniform() - 1);
  return x;
}

PackedRows rows_of(const std::vector<std::int64_t>& lengths, std::vector<std::int64_t> before) {
  before.resize(lengths.size());
  PackedRows rows;
  std::vector<std::int64_t> position, last, last_position;
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    for (std::int64_t t = 0; t < lengths[b]; ++t) position.push_back(before[b] + t);
    rows.starts.push_back(rows.starts.back() + lengths[b]);
    last.push_back(lengths[b] == 0 ? -1 : rows.starts.back() - 1);
    last_position.push_back(before[b] + lengths[b] - 1);
    rows.longest = std::max(rows.longest, before[b] + lengths[b]);
  }
  rows.position = at::tensor(position, at::kLong);
  rows.last = at::tensor(last, at::kLong);
  rows.last_position = at::tensor(last_position, at::kLong);
  return rows;
}

Worst compare(const at::Tensor& got, const std::vector<Judged>& right, double unit) {
  Worst worst;
  const Numbers numbers = numbers_of(got);
  EXPECT_EQ(numbers.size(), right.size());
  for (std::size_t i = 0; i < std::min(numbers.size(), right.size()); ++i)
    worst.see(right[i].value, numbers[i], right[i].allowed(unit), i);
  EXPECT_LE(worst.ratio, 1) << "number " << worst.index << ": " << worst.found << " for " << worst.expected;
  return worst;
}

void Layers::SetUp() {
  layer_ = make_mixer(GetParam().mechanism, setting());
  base::Random random(1);
  for (const ParameterSpec& spec : layer_->parameters())
    parameters_.push_back(random_tensor(spec.shape, random).set_requires_grad(true));
  layer_->bind(parameters_);
}

std::unique_ptr<Mixer> Layers::layer_in(at::ScalarType type) const {
  auto other = make_mixer(GetParam().mechanism, setting());
  std::vector<at::Tensor> values;
  for (const at::Tensor& p : parameters_) values.push_back(p.detach().to(type));
  other->bind(values);
  return other;
}

at::Tensor Layers::random_gates(base::Random& random) const {
  return heads() ? random_tensor({setting().options["heads"].get<std::int64_t>()}, random) : at::Tensor();
}

std::vector<Numbers> Layers::arrays(const at::Tensor& x, const at::Tensor& gates) const {
  std::vector<Numbers> all;
  for (const at::Tensor& p : parameters_) all.push_back(numbers_of(p));
  all.push_back(numbers_of(x));
  all.push_back(gates.defined() ? numbers_of(gates) : Numbers());
  return all;
}

/// The definition's rows of all sequences, input i moved by the complex step along `direction`.
std::vector<Complex> Layers::evaluate(const PackedRows& rows, const std::vector<Numbers>& in, std::size_t i,
                                      const Numbers& direction) const {
  std::vector<std::vector<Complex>> z;
  for (std::size_t j = 0; j < parameters_.size() + 2; ++j) {
    z.emplace_back(in[j].begin(), in[j].end());
    if (j == i)
      for (std::size_t n = 0; n < direction.size(); ++n) z[j][n] += Complex(0, kComplexStep * direction[n]);
  }
  LayerInput input;
  for (std::size_t p = 0; p < parameters_.size(); ++p) input.parameters[layer_->parameters()[p].name] = z[p];
  input.head_gates = z[parameters_.size() + 1];
  std::vector<Complex> all;
  const std::vector<Complex>& x = z[parameters_.size()];
  for (std::size_t b = 0; b + 1 < rows.starts.size(); ++b) {
    input.tokens = rows.starts[b + 1] - rows.starts[b];
    input.x.assign(x.begin() + static_cast<std::ptrdiff_t>(rows.starts[b] * width()),
                   x.begin() + static_cast<std::ptrdiff_t>(rows.starts[b + 1] * width()));
    const std::vector<Complex> its = GetParam().reference(setting(), input);
    all.insert(all.end(), its.begin(), its.end());
  }
  return all;
}

double Layers::operations(const PackedRows& rows) const {
  double sum = 32 + static_cast<double>(rows.starts.back() + width());  // 32: functions such as exp
  for (const ParameterSpec& p : layer_->parameters()) sum += static_cast<double>(p.shape.back());
  return sum;
}

std::vector<Judged> Layers::definition(const PackedRows& rows, const at::Tensor& x,
                                       const at::Tensor& gates) const {
  const Function values = [&](const std::vector<Numbers>& in) {
    Numbers real;
    for (const Complex& y : evaluate(rows, in, 0, {})) real.push_back(y.real());
    return real;
  };
  return judge(values, arrays(x, gates), operations(rows));
}

Judged Layers::slope(const PackedRows& rows, const at::Tensor& x, const at::Tensor& gates,
                     const at::Tensor& cotangent, bool last, std::size_t i,
                     const at::Tensor& direction) const {
  std::vector<Numbers> in = arrays(x, gates);
  // On the last rows alone it is a cotangent that is 0 elsewhere.
  at::Tensor all = cotangent;
  if (last) all = at::zeros({rows.starts.back(), width()}, at::kDouble).index_copy(0, rows.last, cotangent);
  in.push_back(numbers_of(all));
  const auto terms_along = [&](const Numbers& along) -> Function {
    return [this, &rows, i, along](const std::vector<Numbers>& at) {
      Numbers terms = imaginary(evaluate(rows, at, i, along));
      for (std::size_t n = 0; n < terms.size(); ++n) terms[n] *= at.back()[n];
      return terms;
    };
  };
  const Numbers along = numbers_of(direction);
  double squares = 0;
  for (const double d : along) squares += d * d;
  // Sums that cancel on the way to a term have numbers of the size of a row.
  double floor = 0;
  for (const Complex& y : evaluate(rows, in, 0, {})) floor = std::max(floor, std::abs(y.real()));
  return judge_sum(terms_along(along), in, operations(rows), floor * std::sqrt(squares));
}

}  // namespace yore::mixers::conformance
