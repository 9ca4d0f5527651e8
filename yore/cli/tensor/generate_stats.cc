#include "yore/cli/tensor/generate_stats.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "yore/base/budget.h"

namespace yore::cli {
namespace {

/// The most memory that this process has had at a time.
double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

double median_ms(std::vector<double> seconds) {
  const auto middle = seconds.begin() + std::ssize(seconds) / 2;
  std::nth_element(seconds.begin(), middle, seconds.end());
  return 1e3 * *middle;
}

double rate(double count, double of) {
  return of > 0 ? count / of : 0;
}

}  // namespace

base::Json GenerateStats::json() const {
  base::Json all = {{"prompt_tokens", prompt_tokens},
                    {"prefill_seconds", prefill_seconds},
                    {"prefill_tokens_per_second", rate(static_cast<double>(prompt_tokens), prefill_seconds)},
                    {"tokens", tokens},
                    {"decode_ms_median", nullptr},
                    {"state_tokens", state_tokens},
                    {"state_bytes", state_bytes},
                    {"state_bytes_described", described_bytes},
                    {"full_cache_bytes", full_cache_bytes},
                    {"peak_memory_bytes", peak_bytes()}};
  if (!decode_seconds.empty()) all["decode_ms_median"] = median_ms(decode_seconds);
  if (!layers.empty()) {
    base::Json shares = base::Json::array();
    for (const model::LayerSelection& layer : layers)
      shares.push_back(layer.tokens == 0 ? base::Json() : base::Json(layer.share()));
    all["select"] = {{"shares", shares}};
  }
  if (drafted)
    all["draft"] = {
        {"rounds", draft.rounds},
        {"proposed", draft.proposed},
        {"accepted", draft.accepted},
        {"acceptance", rate(static_cast<double>(draft.accepted), static_cast<double>(draft.proposed))}};
  return all;
}

std::string GenerateStats::text() const {
  std::string lines = fmt::format("prompt  {} tokens read in {:.3f} s, {:.0f} a second\n", prompt_tokens,
                                  prefill_seconds, rate(static_cast<double>(prompt_tokens), prefill_seconds));
  lines += fmt::format(
      "text    {} tokens{}\n", tokens,
      decode_seconds.empty() ? "" : fmt::format(", {:.2f} ms each (median)", median_ms(decode_seconds)));
  lines += fmt::format("state   {} bytes of {} tokens (described: {}; a full cache: {})\n", state_bytes,
                       state_tokens, described_bytes, full_cache_bytes);
  lines += fmt::format("memory  {} at most\n", base::format_bytes(peak_bytes()));
  if (!layers.empty()) {
    std::vector<double> shares;
    for (const model::LayerSelection& layer : layers)
      if (layer.tokens > 0) shares.push_back(100 * layer.share());
    const auto [low, high] = std::minmax_element(shares.begin(), shares.end());
    if (!shares.empty())
      lines += fmt::format("select  {:.1f} to {:.1f} % of the tokens of a layer stand for themselves\n", *low,
                           *high);
  }
  if (drafted)
    lines += fmt::format(
        "draft   {} of {} tokens taken ({:.1f} %) in {} rounds\n", draft.accepted, draft.proposed,
        100 * rate(static_cast<double>(draft.accepted), static_cast<double>(draft.proposed)), draft.rounds);
  return lines;
}

}  // namespace yore::cli
