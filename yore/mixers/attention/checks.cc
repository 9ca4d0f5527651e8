#include "yore/mixers/attention/checks.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace yore::mixers {
namespace {

std::string shape_of(const at::Tensor& x) {
  return fmt::format("[{}]", fmt::join(x.sizes(), ", "));
}

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw std::invalid_argument("attention: " + fmt::format(text, std::forward<Args>(args)...));
}

const char* name_of(const at::Tensor& x) {
  return c10::toString(x.scalar_type());
}

}  // namespace

void check_tensors(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                   const AttentionParams& params, const at::Tensor& sink_logits, std::int64_t rank) {
  const char* layout = rank == 4 ? "[B, T, H, D]" : "[N, H, D]";
  const struct {
    const char* name;
    const at::Tensor& x;
  } all[] = {{"q", q}, {"k", k}, {"v", v}};
  for (const auto& [name, x] : all) {
    if (!x.defined()) refuse("{} is not defined", name);
    if (x.dim() != rank) refuse("{} must be {}, got {}", name, layout, shape_of(x));
    if (x.device() != q.device()) refuse("{} is on {}, q on {}", name, x.device().str(), q.device().str());
    if (x.size(-1) < 1 || x.size(-1) > kMaxDim)
      refuse("the head dimension of {} must be 1 to {}, got {}", name, kMaxDim, shape_of(x));
  }
  if (q.scalar_type() != at::kFloat && q.scalar_type() != at::kDouble)
    refuse("q must be Float or Double, got {}", name_of(q));
  const bool narrow =
      q.scalar_type() == at::kFloat && (k.scalar_type() == at::kBFloat16 || k.scalar_type() == at::kHalf);
  if (k.scalar_type() != v.scalar_type() || (k.scalar_type() != q.scalar_type() && !narrow))
    refuse("k and v must both be of q's type {}{}, got {} and {}", name_of(q),
           q.scalar_type() == at::kFloat ? ", BFloat16 or Half" : "", name_of(k), name_of(v));
  if (k.sizes().slice(0, static_cast<std::size_t>(rank - 1)) !=
      v.sizes().slice(0, static_cast<std::size_t>(rank - 1)))
    refuse("k and v differ before their last dimension: {} and {}", shape_of(k), shape_of(v));
  if (k.size(-1) != q.size(-1))
    refuse("q and k must have one head dimension: {} and {}", shape_of(q), shape_of(k));
  if (rank == 4 && k.size(0) != q.size(0))
    refuse("q and k must have one batch: {} and {}", shape_of(q), shape_of(k));
  if (q.size(-2) < 1) refuse("q must have at least one head, got {}", shape_of(q));
  if (k.size(-2) < 1 || q.size(-2) % k.size(-2) != 0)
    refuse("the heads of k must divide those of q: {} and {}", k.size(-2), q.size(-2));
  check_params(params, q.size(-2), k.size(-2));
  if (!sink_logits.defined()) return;
  if (sink_logits.dim() != 1 || sink_logits.size(0) != q.size(-2))
    refuse("sink_logits must be [{}], got {}", q.size(-2), shape_of(sink_logits));
  if (sink_logits.scalar_type() != q.scalar_type() || sink_logits.device() != q.device())
    refuse("sink_logits must be of q's type and device, {} on {}, got {} on {}", name_of(q), q.device().str(),
           name_of(sink_logits), sink_logits.device().str());
}

void check_starts(const char* name, const std::vector<std::int64_t>& starts, std::int64_t rows) {
  if (starts.empty() || starts.front() != 0) refuse("{} must begin with 0", name);
  for (std::size_t b = 1; b < starts.size(); ++b)
    if (starts[b] < starts[b - 1])
      refuse("{} must not fall, got {} after {} at place {}", name, starts[b], starts[b - 1], b);
  if (starts.back() != rows)
    refuse("{} must end at the number of rows, {}, got {}", name, rows, starts.back());
}

}  // namespace yore::mixers
