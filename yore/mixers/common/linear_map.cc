#include "yore/mixers/common/linear_map.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <stdexcept>

#include "yore/mixers/common/narrow_product.h"

namespace yore::mixers {
namespace {

/// Numbers of a matrix that are widened at a time: they stay in a second cache.
constexpr std::int64_t kWidened = 1 << 18;

at::Tensor narrow_linear(const at::Tensor& given, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor x = given.contiguous();
  const std::int64_t rows = x.size(0), in = weight.size(1), out = weight.size(0);
  if (x.scalar_type() != at::kFloat || !weight.is_contiguous() || x.size(1) != in)
    throw std::invalid_argument(
        "linear_map: a matrix in bfloat16 takes rows in float, as many numbers as it is wide");
  at::Tensor y = at::empty({rows, out}, x.options());
  const auto* narrow = reinterpret_cast<const std::uint16_t*>(weight.data_ptr<at::BFloat16>());
  if (rows <= kMostNarrowRows) {
    narrow_product({rows, in, out, x.data_ptr<float>(), in, narrow,
                    bias.defined() ? bias.data_ptr<float>() : nullptr, y.data_ptr<float>(), out,
                    at::get_num_threads()});
    return y;
  }
  const std::int64_t piece = std::max<std::int64_t>(1, kWidened / in);
  at::Tensor wide = at::empty({std::min(piece, out), in}, x.options());
  for (std::int64_t o = 0; o < out; o += piece) {
    const std::int64_t count = std::min(piece, out - o);
    widen(narrow + o * in, count * in, wide.data_ptr<float>());
    at::Tensor columns = y.narrow(1, o, count);
    at::mm_out(columns, x, wide.narrow(0, 0, count).t());
  }
  return bias.defined() ? y.add_(bias) : y;
}

}  // namespace

at::Tensor linear_map(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (x.dim() != 2) {
    std::vector<std::int64_t> sizes = x.sizes().vec();
    sizes.back() = weight.size(0);
    return linear_map(x.reshape({-1, x.size(-1)}), weight, bias).view(sizes);
  }
  if (weight.scalar_type() == at::kBFloat16) return narrow_linear(x, weight, bias);
  return bias.defined() ? at::addmm(bias, x, weight.t()) : at::mm(x, weight.t());
}

}  // namespace yore::mixers
