#include "yore/anatomy/inspect.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "yore/anatomy/attention_rows.h"
#include "yore/anatomy/text_loss.h"
#include "yore/arch/options.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/mixers/attention/options.h"

namespace yore::anatomy {
namespace {

using model::Point;

constexpr const char* kAttention = "attention";

/// What the text's loss becomes where tokens stand for others.
model::SelectionComparison compared(const model::Model& model, std::span<const std::int64_t> tokens,
                                    const selection::Sweep& sweep, base::Budget& budget) {
  const at::NoGradGuard no_gradients;
  return model::compare_selections(model, sweep, [&](const model::Context& context) {
    budget.spend();
    const at::Tensor hidden = model.hidden(one_text(tokens), context);
    base::Metric loss;
    loss.name = "loss";
    loss.value = text_loss(model, hidden, tokens).mean;
    loss.count = std::ssize(tokens) - 1;
    return std::vector{loss};
  });
}

}  // namespace

std::size_t Inspection::head_count() const {
  std::size_t sum = 0;
  for (const LayerInspection& layer : layers) sum += layer.heads.size();
  return sum;
}

Inspection inspect(const model::Model& model, std::span<const std::int64_t> tokens,
                   const InspectOptions& options) {
  const auto begun = std::chrono::steady_clock::now();
  Inspection found;
  found.tokens.assign(tokens.begin(), tokens.end());
  const std::vector<arch::Block>& blocks = model.description().blocks;
  for (std::size_t b = 0; b < blocks.size(); ++b)
    found.layers.push_back({static_cast<int>(b), blocks[b].mixer.name, {}});
  base::Budget budget("inspecting");
  {
    const at::NoGradGuard no_gradients;
    model::Context context;
    context.probe = [&](Point point, int block, const at::Tensor& rows) {
      budget.spend();
      if (point == Point::MixerIn || point == Point::FeedForwardIn) return rows;
      StreamStatistics s = stream_statistics(rows, point, block);
      if (const auto next = next_norm(model, point, block))
        s.bound = jacobian_bound(rows, next->gamma, next->norm);
      found.stream.push_back(std::move(s));
      if (options.progress && point == Point::AfterMixer)
        options.progress(static_cast<std::size_t>(block) + 1, blocks.size());
      return rows;
    };
    context.observe = [&](int block, const mixers::HeadsSeen& seen) {
      found.layers[static_cast<std::size_t>(block)].heads = head_statistics(seen);
      for (const MapWanted& map : options.maps)
        if (map.block == block) found.maps.push_back(attention_map(seen, map));
    };
    const at::Tensor hidden = model.hidden(one_text(tokens), context);
    if (model.description().read_out.kind == arch::ReadOutKind::Vocabulary && tokens.size() > 1)
      found.loss = text_loss(model, hidden, tokens).mean;
  }
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  budget.spend();
  if (options.gradients) found.gradients = gradients(model, tokens);
  budget.spend();
  if (options.select) found.selection = compared(model, tokens, *options.select, budget);
  return found;
}

double inspection_bytes(const arch::Model& model, std::int64_t tokens, bool with_gradients) {
  if (with_gradients) return gradient_bytes(model, tokens) + strip_bytes(tokens);
  const auto width = static_cast<double>(model.embedding.width);
  double widest = 0, places = 2;
  for (const arch::Block& block : model.blocks) {
    double mixed = 0;
    if (block.mixer.name == kAttention) {
      const auto o = mixers::read_attention_options({model.embedding.width, block.mixer.options});
      mixed = 3 * static_cast<double>(o.mixed_width() + 2 * o.kv_width());
    }
    const double hidden = block.feed_forward.activation == arch::Activation::None
                              ? 0
                              : 3 * static_cast<double>(block.feed_forward.width);
    widest = std::max({widest, mixed, hidden});
    places += 4;
  }
  // The stream, what is added to it and their squares; a layer's own; and the norms that are kept.
  return static_cast<double>(sizeof(float)) * static_cast<double>(tokens) * (6 * width + widest + places) +
         strip_bytes(tokens);
}

void require_attention(const arch::Model& model, const std::string& source) {
  const bool any = std::any_of(model.blocks.begin(), model.blocks.end(),
                               [](const arch::Block& block) { return block.mixer.name == kAttention; });
  if (!any)
    throw base::InputError(source, fmt::format("has no attention to look at, its mixers are {}; expected a "
                                               "model with at least one layer of attention",
                                               arch::mixer_text(model)));
}

}  // namespace yore::anatomy
