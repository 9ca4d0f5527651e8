#include "yore/mixers/common/linear_map.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <atomic>
#include <stdexcept>

#include "yore/mixers/common/bfloat16_product.h"
#include "yore/mixers/common/wide_product.h"

namespace yore::mixers {
namespace {

std::atomic<int> rounded{0};  // how many Bfloat16Rows live

thread_local const LinearInputs::Change* changed_inputs = nullptr;

at::Tensor narrow_linear(const at::Tensor& given, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor x = given.contiguous();
  const std::int64_t rows = x.size(0), in = weight.size(1), out = weight.size(0);
  if (x.scalar_type() != at::kFloat || !weight.is_contiguous() || x.size(1) != in)
    throw std::invalid_argument(
        "linear_map: a matrix in bfloat16 takes rows in float, as many numbers as it is wide");
  at::Tensor y = at::empty({rows, out}, x.options());
  const auto* narrow = reinterpret_cast<const std::uint16_t*>(weight.data_ptr<at::BFloat16>());
  const NarrowProduct product{rows,
                              in,
                              out,
                              x.data_ptr<float>(),
                              in,
                              narrow,
                              bias.defined() ? bias.data_ptr<float>() : nullptr,
                              y.data_ptr<float>(),
                              out,
                              at::get_num_threads()};
  if (rows <= kMostNarrowRows)
    narrow_product(product);
  else if (rounded > 0)
    bfloat16_product(product, bfloat16_units().front());
  else
    wide_product(product);
  return y;
}

}  // namespace

Bfloat16Rows::Bfloat16Rows() {
  if (bfloat16_units().empty())
    throw std::invalid_argument("Bfloat16Rows: this processor has no unit that multiplies bfloat16");
  ++rounded;
}

Bfloat16Rows::~Bfloat16Rows() {
  --rounded;
}

LinearInputs::LinearInputs(Change change) : change_(std::move(change)), outer_(changed_inputs) {
  changed_inputs = &change_;
}
LinearInputs::~LinearInputs() {
  changed_inputs = outer_;
}

at::Tensor linear_map(const at::Tensor& given, const at::Tensor& weight, const at::Tensor& bias) {
  if (given.dim() != 2) {
    std::vector<std::int64_t> sizes = given.sizes().vec();
    sizes.back() = weight.size(0);
    return linear_map(given.reshape({-1, given.size(-1)}), weight, bias).view(sizes);
  }
  const at::Tensor x = changed_inputs == nullptr ? given : (*changed_inputs)(given, weight);
  if (weight.scalar_type() == at::kBFloat16) return narrow_linear(x, weight, bias);
  return bias.defined() ? at::addmm(bias, x, weight.t()) : at::mm(x, weight.t());
}

}  // namespace yore::mixers
