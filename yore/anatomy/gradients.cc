#include "yore/anatomy/gradients.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "yore/anatomy/text_loss.h"
#include "yore/mixers/attention/options.h"
#include "yore/mixers/heads_seen.h"
#include "yore/model/input.h"

namespace yore::anatomy {
namespace {

using model::Point;

at::Tensor norms(const at::Tensor& g) {
  return g.detach().to(at::kDouble).square().sum(-1).sqrt();
}

/// The norm at token 0 over the mean of tokens 1 .. 31.
std::optional<double> ratio(const at::Tensor& norm) {
  const std::int64_t end = std::min(kRatioTokens, norm.size(0));
  if (end < 2) return std::nullopt;
  const double others = norm.narrow(0, 1, end - 1).mean().item<double>();
  if (others == 0) return std::nullopt;
  return norm[0].item<double>() / others;
}

/// What the gradients of one branch were, in the order in which they come: g1, g2, then g1 + g3.
struct Seen {
  at::Tensor g1;  // kept until g1 + g3 has come
  at::Tensor norm1, norm2, norm3, norm_sum;

  BranchGradient mean(std::int64_t from, std::int64_t count) const {
    const auto part = [&](const at::Tensor& a, const at::Tensor& b) {
      // A token that no gradient reaches has no ratio.
      const at::Tensor one = a.narrow(0, from, count), other = b.narrow(0, from, count), there = other > 0;
      return there.any().item<bool>()
                 ? (one.masked_select(there) / other.masked_select(there)).mean().item<double>()
                 : 0.0;
    };
    return {part(norm2, norm1), part(norm_sum, norm1), part(norm3, norm2)};
  }
  Branch branch() const {
    const std::int64_t tokens = norm1.size(0);
    return {mean(0, 1), tokens > 1 ? mean(1, tokens - 1) : BranchGradient{}};
  }
};

/// Listens in on one pass forward and backward.
class Listener {
 public:
  explicit Listener(const model::Model& model) : model_(model) {
    const std::size_t blocks = model.description().blocks.size();
    mixers_.resize(blocks);
    nets_.resize(blocks);
    uniform_.resize(blocks);
  }

  model::Context context() {
    model::Context c;
    c.probe = [this](Point point, int block, const at::Tensor& rows) { return probe(point, block, rows); };
    c.observe = [this](int block, const mixers::HeadsSeen& seen) { observe(block, seen); };
    return c;
  }
  /// What the gradient is asked of.
  const at::Tensor& beginning() const { return beginning_; }

  std::vector<BlockGradients> found() const {
    std::vector<BlockGradients> all;
    for (std::size_t b = 0; b < mixers_.size(); ++b) {
      BlockGradients g;
      g.block = static_cast<int>(b);
      g.ratio = ratio(mixers_[b]->norm2);
      if (uniform_[b].defined()) g.uniform_ratio = ratio(uniform_[b]);
      g.mixer = mixers_[b]->branch();
      if (nets_[b]) g.feed_forward = nets_[b]->branch();
      all.push_back(g);
    }
    return all;
  }

 private:
  at::Tensor probe(Point point, int block, const at::Tensor& rows) {
    const auto at = [&](std::vector<std::shared_ptr<Seen>>& all) -> std::shared_ptr<Seen>& {
      return all[static_cast<std::size_t>(block)];
    };
    switch (point) {
      case Point::Embedded:
        // Gradients are asked of the rows alone, not of the embedding; hooks want what was computed.
        beginning_ = rows.detach().set_requires_grad(true);
        return stream_ = beginning_.view(rows.sizes());
      case Point::MixerIn:
        return enter(*(at(mixers_) = std::make_shared<Seen>()), rows);
      case Point::FeedForwardIn:
        return enter(*(at(nets_) = std::make_shared<Seen>()), rows);
      case Point::MixerOut:
        return leave(*at(mixers_), rows);
      case Point::FeedForward:
        return leave(*at(nets_), rows);
      case Point::AfterMixer:
      case Point::AfterBlock:
        return stream_ = rows;
      default:
        return rows;
    }
  }

  at::Tensor enter(Seen& seen, const at::Tensor& rows) {
    // Without a norm before the part its rows are the stream's: a view has the branch's gradient alone.
    at::Tensor own = rows.view(rows.sizes());
    own.register_hook([&seen](const at::Tensor& g) { seen.norm2 = norms(g); });
    stream_.register_hook([&seen](const at::Tensor& g) {
      seen.norm_sum = norms(g);
      seen.norm3 = norms(g - seen.g1);
      seen.g1.reset();
    });
    return own;
  }
  static at::Tensor leave(Seen& seen, const at::Tensor& rows) {
    rows.register_hook([&seen](const at::Tensor& g) {
      seen.g1 = g;
      seen.norm1 = norms(g);
    });
    return rows;
  }

  void observe(int block, const mixers::HeadsSeen& seen) {
    const std::int64_t kv_heads = seen.k.size(1), kv_width = kv_heads * seen.k.size(2);
    const model::Parameters& all = model_.parameters();
    const at::Tensor qkv =
        all.value(all.index(fmt::format("layers.{}.attention.qkv.weight", block))).detach();
    const at::Tensor to_values = qkv.narrow(0, qkv.size(0) - kv_width, kv_width);
    at::Tensor& norm = uniform_[static_cast<std::size_t>(block)];
    seen.mixed.register_hook([params = seen.params, kv_heads, to_values, &norm](const at::Tensor& g) {
      norm = norms(at::mm(uniform_value_gradient(params, kv_heads, g).flatten(1), to_values));
    });
  }

  const model::Model& model_;
  at::Tensor beginning_, stream_;
  std::vector<std::shared_ptr<Seen>> mixers_, nets_;
  std::vector<at::Tensor> uniform_;
};

}  // namespace

at::Tensor uniform_value_gradient(const mixers::AttentionParams& params, std::int64_t kv_heads,
                                  const at::Tensor& g) {
  const at::NoGradGuard no_gradients;
  const std::int64_t tokens = g.size(0), heads = g.size(1), nearest = params.strict ? 1 : 0;
  at::Tensor all = at::zeros({tokens, kv_heads, g.size(2)}, g.options());
  const at::Tensor t = at::arange(tokens, at::kLong);
  for (std::int64_t h = 0; h < heads; ++h) {
    const std::int64_t lookback =
        params.lookback.empty() || params.lookback[static_cast<std::size_t>(h)] == mixers::kGlobal
            ? tokens
            : params.lookback[static_cast<std::size_t>(h)];
    const at::Tensor oldest = (t - lookback).clamp_min(0);
    const at::Tensor keys = (t - nearest - oldest + 1).clamp_min(0) + oldest.clamp_max(params.sinks);
    const at::Tensor share = g.select(1, h).to(at::kDouble) / keys.clamp_min(1).unsqueeze(1);
    // Row i: the sum of the rows before query i.
    const at::Tensor before = at::cat({at::zeros({1, g.size(2)}, share.options()), share.cumsum(0)});
    const at::Tensor end = (t + lookback + 1).clamp_max(tokens);
    at::Tensor sum = before.index_select(0, end) - before.index_select(0, (t + nearest).minimum(end));
    const std::int64_t kept = std::min<std::int64_t>(params.sinks, tokens);
    sum.narrow(0, 0, kept).add_(before.narrow(0, tokens, 1) - before.index_select(0, end.narrow(0, 0, kept)));
    all.select(1, h / (heads / kv_heads)).add_(sum);
  }
  return all;
}

Gradients gradients(const model::Model& model, std::span<const std::int64_t> tokens) {
  if (tokens.size() < 2) throw std::invalid_argument("gradients: a text of less than 2 tokens has no loss");
  Listener listener(model);
  const at::Tensor hidden = model.hidden(one_text(tokens), listener.context());
  const TextLoss loss = text_loss(model, hidden, tokens, true);
  torch::autograd::grad({hidden}, {listener.beginning()}, {loss.gradient});
  return {loss.mean, listener.found()};
}

double gradient_bytes(const arch::Model& model, std::int64_t tokens) {
  // What autograd keeps of a token: norms and their pieces, queries, keys and values before and after
  // rotation, the net's hidden numbers and what was made of them.
  double numbers = 0;
  const auto width = static_cast<double>(model.embedding.width);
  for (const arch::Block& block : model.blocks) {
    const auto hidden = static_cast<double>(block.feed_forward.width);
    numbers += 14 * width + (block.feed_forward.activation == arch::Activation::None ? 0 : 4 * hidden);
    if (block.mixer.name != "attention") continue;
    const mixers::AttentionOptions o =
        mixers::read_attention_options({model.embedding.width, block.mixer.options});
    numbers += 4 * static_cast<double>(o.mixed_width() + 2 * o.kv_width());
  }
  return static_cast<double>(sizeof(float)) * numbers * static_cast<double>(tokens);
}

}  // namespace yore::anatomy
