#include "yore/mixers/attention/encoder_torch.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <stdexcept>

#include "yore/mixers/attention/checks.h"

namespace yore::mixers {
namespace {

/// Queries whose scores are held at a time.
constexpr std::int64_t kEncoderQueries = 128;

/// [H, rows, D] of rows from .. to, a key head repeated for the heads that read it.
at::Tensor by_head(const at::Tensor& x, std::int64_t from, std::int64_t to, std::int64_t heads) {
  const at::Tensor y = x.narrow(0, from, to - from).transpose(0, 1);
  return y.size(0) == heads ? y : y.repeat_interleave(heads / y.size(0), 0);
}

}  // namespace

at::Tensor attention_encoder(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             const std::vector<std::int64_t>& starts, double scale, bool hard) {
  check_tensors(q, k, v, {}, {}, 3);
  if (k.scalar_type() != q.scalar_type())
    throw std::invalid_argument("encoder attention: q, k and v must be of one type");
  check_starts("starts", starts, q.size(0));
  check_starts("starts", starts, k.size(0));
  const std::int64_t heads = q.size(1);
  std::vector<at::Tensor> parts;
  for (std::size_t b = 1; b < starts.size(); ++b) {
    const std::int64_t first = starts[b - 1], end = starts[b];
    if (first == end) continue;
    const at::Tensor keys = by_head(k, first, end, heads).transpose(1, 2),
                     values = by_head(v, first, end, heads);
    for (std::int64_t row = first; row < end; row += kEncoderQueries) {
      const at::Tensor queries = by_head(q, row, std::min(end, row + kEncoderQueries), heads);
      at::Tensor weight = at::matmul(queries, keys);
      if (hard) {
        weight = (weight == weight.amax({-1}, true)).to(q.scalar_type());
        // The mean of a sum, not a sum of shares: 1/3 three times is not 1.
        const at::Tensor count = weight.sum({-1}, true);
        parts.push_back((at::matmul(weight, values) / count).transpose(0, 1));
      } else {
        parts.push_back(at::matmul(at::softmax(weight * scale, -1), values).transpose(0, 1));
      }
    }
  }
  return parts.empty() ? at::zeros({0, heads, v.size(2)}, q.options()) : at::cat(parts, 0);
}

}  // namespace yore::mixers
