// Attention as a composition of torch operations: any device, float or double, the form that kernels are held
// against. See math.md for the two reductions: strict = shifted inclusive (so no row is empty and no softmax
// sees an empty set), and a narrow window = a stack of a few shifted copies.
#include <ATen/Functions.h>
#include <ATen/TensorIndexing.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <stdexcept>
#include <tuple>

#include "yore/mixers/attention/attention.h"

namespace yore::mixers {
namespace {

/// Windows up to this many keys go through shifted copies; wider ones through the masked T x T product.
/// Measured on widths of 8 to 64: the copies cost T * W * D element operations against two small matrix
/// products and a T * T softmax.
constexpr std::int64_t kNarrow = 8;
/// Stands for minus infinity in masks: exp(kHidden - max) is exactly 0, yet no infinity meets another.
constexpr double kHidden = -1e30;

void check(const at::Tensor& k, const at::Tensor& v, const AttentionParams& params) {
  if (k.dim() != 4 || v.sizes() != k.sizes())
    throw std::invalid_argument("attention: k and v must have one shape [B, T, H, D]");
  check_params(params, k.size(2));
}

/// Additive mask [T, T] of inclusive attention over the last `window` keys (0 = all). Masks are few and asked
/// for at every step.
at::Tensor dense_mask(std::int64_t length, std::int64_t window, const at::TensorOptions& options) {
  using Key = std::tuple<std::int64_t, std::int64_t, at::ScalarType, at::DeviceType, int>;
  static std::mutex mutex;
  static std::map<Key, at::Tensor> cache;
  constexpr std::size_t kMaxCached = 64;
  const Key key{length, window, at::typeMetaToScalarType(options.dtype()), options.device().type(),
                options.device().index()};
  const std::lock_guard lock(mutex);
  if (const auto it = cache.find(key); it != cache.end()) return it->second;
  at::Tensor hidden = at::full({length, length}, kHidden, options).triu(1);
  if (window > 0) hidden = hidden + at::full({length, length}, kHidden, options).tril(-window);
  if (cache.size() >= kMaxCached) cache.clear();
  cache.emplace(key, hidden);
  return hidden;
}

/// slope_h * (j - i) as [H, T, T]; a constant added to a row would change nothing, so shifted rows need no
/// correction.
at::Tensor alibi_bias(const std::vector<double>& slopes, std::int64_t length,
                      const at::TensorOptions& options) {
  const at::Tensor place = at::arange(length, options);
  const at::Tensor slope = at::tensor(slopes, options.dtype(at::kDouble)).to(options.dtype());
  return slope.view({-1, 1, 1}) * (place.view({1, 1, -1}) - place.view({1, -1, 1}));
}

/// Inclusive attention over a narrow window: keys i, i-1, .., i-window+1 as `window` shifted copies. All
/// arguments [B, T, H, D].
at::Tensor narrow_window(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t window,
                         double scale, const std::vector<double>& slopes) {
  if (window == 1) return v;  // a softmax over one key is 1
  const std::int64_t length = k.size(1);
  // unfold: [B, T, H, D, W]; index w = window - 1 is the row itself.
  const at::Tensor keys = at::constant_pad_nd(k, {0, 0, 0, 0, window - 1, 0}).unfold(1, window, 1);
  const at::Tensor values = at::constant_pad_nd(v, {0, 0, 0, 0, window - 1, 0}).unfold(1, window, 1);
  at::Tensor score = (q.unsqueeze(-1) * keys).sum(3) * scale;  // [B, T, H, W]
  const at::Tensor place = at::arange(length, k.options()).view({-1, 1});
  const at::Tensor back = at::arange(window - 1, -1, -1, k.options()).view({1, -1});
  at::Tensor bias = (place < back).to(k.scalar_type()).mul_(kHidden).unsqueeze(1);  // [T, 1, W]
  if (!slopes.empty())
    bias = bias - at::tensor(slopes, k.options().dtype(at::kDouble)).to(k.scalar_type()).view({1, -1, 1}) *
                      back.unsqueeze(1);
  return (values * at::softmax(score + bias, -1).unsqueeze(3)).sum(-1);
}

/// Inclusive attention by the full product; window 0 = all keys up to the row itself.
at::Tensor dense_window(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t window,
                        double scale, const std::vector<double>& slopes) {
  const std::int64_t batch = k.size(0), length = k.size(1), heads = k.size(2), dim = k.size(3);
  const auto fold = [&](const at::Tensor& x) {
    return x.transpose(1, 2).reshape({batch * heads, length, dim});
  };
  at::Tensor mask = dense_mask(length, window, k.options());
  if (!slopes.empty()) mask = (mask + alibi_bias(slopes, length, k.options())).repeat({batch, 1, 1});
  const at::Tensor score =
      at::baddbmm(mask.dim() == 2 ? mask.unsqueeze(0) : mask, fold(q), fold(k).transpose(1, 2), 1, scale);
  return at::bmm(at::softmax(score, -1), fold(v)).view({batch, heads, length, dim}).transpose(1, 2);
}

/// Keys a head sees in inclusive form after the shift of strict rows; 0 = all.
std::int64_t inclusive_window(int lookback, bool strict, std::int64_t length) {
  if (lookback < 0) return 0;
  const std::int64_t window = lookback + (strict ? 0 : 1);
  return window >= length ? 0 : window;
}

std::vector<double> pick(const std::vector<double>& from, const std::vector<std::int64_t>& which) {
  std::vector<double> out;
  if (!from.empty())
    for (std::int64_t i : which) out.push_back(from[static_cast<std::size_t>(i)]);
  return out;
}

/// The heads `which` of x [B, T, H, D]: a view where they stand side by side.
at::Tensor heads_of(const at::Tensor& x, const std::vector<std::int64_t>& which) {
  const auto n = static_cast<std::int64_t>(which.size());
  if (n == x.size(2)) return x;
  if (which.back() - which.front() + 1 == n) return x.narrow(2, which.front(), n);
  return x.index_select(2, at::tensor(which, x.options().dtype(at::kLong)));
}

}  // namespace

void check_params(const AttentionParams& params, std::int64_t heads) {
  if (static_cast<std::int64_t>(params.lookback.size()) != heads)
    throw std::invalid_argument(
        fmt::format("attention: {} lookbacks for {} heads", params.lookback.size(), heads));
  if (!params.alibi_slopes.empty() && params.alibi_slopes.size() != params.lookback.size())
    throw std::invalid_argument(fmt::format("attention: {} ALiBi slopes for {} heads",
                                            params.alibi_slopes.size(), params.lookback.size()));
  for (int lookback : params.lookback)
    if (lookback != -1 && lookback < 1)
      throw std::invalid_argument(
          fmt::format("attention: a lookback is -1 (global) or at least 1, not {}", lookback));
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const AttentionParams& params) {
  check(k, v, params);
  if (q.sizes() != k.sizes())
    throw std::invalid_argument("attention: q and k must have one shape [B, T, H, D]");
  const std::int64_t rows = k.size(1) - (params.strict ? 1 : 0);
  if (rows <= 0 || k.numel() == 0) return at::zeros_like(q);
  // Strict row i is inclusive row i - 1 of the keys, asked by query i; row 0 sees nothing and is padded back
  // as zeros.
  const at::Tensor asks = params.strict ? q.narrow(1, 1, rows) : q;
  const at::Tensor keys = params.strict ? k.narrow(1, 0, rows) : k;
  const at::Tensor values = params.strict ? v.narrow(1, 0, rows) : v;

  std::map<std::int64_t, std::vector<std::int64_t>> groups;  // window -> heads
  for (std::size_t h = 0; h < params.lookback.size(); ++h)
    groups[inclusive_window(params.lookback[h], params.strict, rows)].push_back(static_cast<std::int64_t>(h));
  std::vector<at::Tensor> parts;
  std::vector<std::int64_t> place(params.lookback.size());
  std::int64_t next = 0;
  for (const auto& [window, heads] : groups) {
    const auto run = window > 0 && window <= kNarrow ? narrow_window : dense_window;
    parts.push_back(run(heads_of(asks, heads), heads_of(keys, heads), heads_of(values, heads), window,
                        params.scale, pick(params.alibi_slopes, heads)));
    for (std::int64_t h : heads) place[static_cast<std::size_t>(h)] = next++;
  }
  at::Tensor out = parts.size() == 1 ? parts[0] : at::cat(parts, 2);
  if (!std::is_sorted(place.begin(), place.end()))
    out = out.index_select(2, at::tensor(place, q.options().dtype(at::kLong)));
  return params.strict ? at::constant_pad_nd(out, {0, 0, 0, 0, 1, 0}) : out;
}

at::Tensor attention_at(const at::Tensor& q, const at::Tensor& position, const at::Tensor& k,
                        const at::Tensor& v, const AttentionParams& params) {
  check(k, v, params);
  if (q.dim() != 3 || q.size(0) != k.size(0) || q.size(1) != k.size(2) || q.size(2) != k.size(3))
    throw std::invalid_argument("attention_at: q must be [B, H, D] for k [B, T, H, D]");
  const auto heads = static_cast<std::int64_t>(params.lookback.size());
  const auto integers = position.options();
  const at::Tensor distance =
      position.view({-1, 1}) - at::arange(k.size(1), integers).view({1, -1});  // [B, T]
  std::vector<std::int64_t> reach;
  for (int lookback : params.lookback) reach.push_back(lookback < 0 ? k.size(1) : lookback);
  const at::Tensor seen =
      (distance >= (params.strict ? 1 : 0)).unsqueeze(2) &
      (distance.unsqueeze(2) <= at::tensor(reach, integers).view({1, 1, heads}));  // [B, T, H]
  at::Tensor score = (q.unsqueeze(1) * k).sum(3) * params.scale;
  if (!params.alibi_slopes.empty())
    score = score - at::tensor(params.alibi_slopes, k.options().dtype(at::kDouble)).to(k.scalar_type()) *
                        distance.unsqueeze(2).to(k.scalar_type());
  // An empty set gives a uniform row here, which the product with `seen` turns to zeros, with zero gradients.
  const at::Tensor weight = at::softmax(score.masked_fill(seen.logical_not(), kHidden), 1) * seen;
  return (weight.unsqueeze(3) * v).sum(1);
}

}  // namespace yore::mixers
