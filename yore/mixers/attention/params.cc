#include "yore/mixers/attention/params.h"

#include <cmath>
#include <stdexcept>
#include <string>

#include "yore/mixers/attention/arguments-inl.h"

namespace yore::mixers {
namespace {

/// Scores stay finite in float, in powers of two as well, unless queries and keys are large themselves.
bool is_factor(double x) {
  return std::abs(x) <= 1e30;
}

}  // namespace

void check_params(const AttentionParams& params, std::int64_t heads, std::int64_t kv_heads, const char* op) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument(std::string(op) + ": " + why);
  };
  if (heads < 1) refuse("heads is " + std::to_string(heads) + ", expected at least 1");
  if (kv_heads < 1 || heads % kv_heads != 0)
    refuse("kv_heads is " + std::to_string(kv_heads) + ", expected a divisor of heads, " +
           std::to_string(heads));
  const auto count = static_cast<std::int64_t>(params.lookback.size());
  if (count != 0 && count != heads)
    refuse("expected one lookback a head, " + std::to_string(heads) + ", got " + std::to_string(count));
  for (std::size_t h = 0; h < params.lookback.size(); ++h)
    if (params.lookback[h] < kGlobal)
      refuse("lookback of head " + std::to_string(h) + " is " + std::to_string(params.lookback[h]) +
             ", expected -1 (global) or at least 0");
  if (!params.alibi_slopes.empty() && static_cast<std::int64_t>(params.alibi_slopes.size()) != heads)
    refuse("expected one ALiBi slope a head, " + std::to_string(heads) + ", got " +
           std::to_string(params.alibi_slopes.size()));
  for (double slope : params.alibi_slopes)
    if (!is_factor(slope))
      refuse("an ALiBi slope is " + arguments::text(slope) + ", expected a number from -1e30 to 1e30");
  if (params.scale && !is_factor(*params.scale))
    refuse("scale is " + arguments::text(*params.scale) + ", expected a number from -1e30 to 1e30");
  if (params.sinks < 0) refuse("sinks is " + std::to_string(params.sinks) + ", expected at least 0");
  if (params.soft_cap != 0 && !(params.soft_cap >= 1e-30 && params.soft_cap <= 1e30))
    refuse("soft_cap is " + arguments::text(params.soft_cap) + ", expected 0 (none) or 1e-30 to 1e30");
}

AttentionParams complete_params(AttentionParams params, int heads, int dim) {
  if (params.lookback.empty()) params.lookback.assign(static_cast<std::size_t>(heads), kGlobal);
  if (!params.scale) params.scale = 1 / std::sqrt(static_cast<double>(dim));
  return params;
}

}  // namespace yore::mixers
