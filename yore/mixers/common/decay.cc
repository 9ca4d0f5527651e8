#include "yore/mixers/common/decay.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/scan.h"

namespace yore::mixers {
namespace {

/// Rates are kept below e^this: they multiply numbers of which a rate so high leaves nothing in between.
constexpr double kMost = 60;

}  // namespace

at::Tensor softplus_decay(const at::Tensor& log_rate, const at::Tensor& x) {
  // Below -40 softplus(x) is e^(x + 40) softplus(-40) to all digits of a double; that factor goes to the
  // rate, whose logarithm it may bring back into range.
  constexpr double kExponential = -40;
  // What is capped has decayed to 0 long before: e^60 softplus(-40) is 5e8.
  const at::Tensor rate = at::exp(at::clamp_max(log_rate + at::clamp_max(x - kExponential, 0), kMost));
  // torch's softplus drops what is below 2e-9 of its result; this keeps a double's precision.
  // What lies below has no gradient: the scan's is then rounding alone, which a high rate would blow up.
  return at::clamp_min(rate * at::log_sigmoid(-at::clamp_min(x, kExponential)), scan::kForgotten);
}

at::Tensor bounded_decay(const at::Tensor& log_rate, const at::Tensor& x, double lower_bound) {
  return lower_bound * at::sigmoid(at::exp(at::clamp_max(log_rate, kMost)) * x);
}

}  // namespace yore::mixers
