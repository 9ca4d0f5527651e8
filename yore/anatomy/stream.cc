#include "yore/anatomy/stream.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>

namespace yore::anatomy {
namespace {

using model::Point;

std::vector<float> numbers(const at::Tensor& x) {
  const at::Tensor flat = x.to(at::kFloat).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// The lower of the two in the middle.
double middle_of(std::vector<float> x) {
  const auto middle = x.begin() + (std::ssize(x) - 1) / 2;
  std::nth_element(x.begin(), middle, x.end());
  return static_cast<double>(*middle);
}

}  // namespace

std::string place_text(Point point, int block) {
  switch (point) {
    case Point::Embedded:
      return "embedded";
    case Point::MixerIn:
      return fmt::format("into mixer {}", block);
    case Point::MixerOut:
      return fmt::format("mixer {} adds", block);
    case Point::AfterMixer:
      return fmt::format("after mixer {}", block);
    case Point::FeedForwardIn:
      return fmt::format("into feed-forward {}", block);
    case Point::FeedForward:
      return fmt::format("feed-forward {} adds", block);
    case Point::AfterBlock:
      return fmt::format("after block {}", block);
    default:
      return "final";
  }
}

bool is_stream(Point point) {
  return point == Point::Embedded || point == Point::AfterMixer || point == Point::AfterBlock ||
         point == Point::Final;
}

StreamStatistics stream_statistics(const at::Tensor& given, Point point, int block) {
  const at::NoGradGuard no_gradients;
  const at::Tensor rows = given.detach();
  StreamStatistics s;
  s.point = point;
  s.block = block;
  s.norms = numbers(rows.square().sum(-1).sqrt());
  s.norm_first = static_cast<double>(s.norms.front());
  s.norm_median = middle_of(s.norms);
  if (s.norms.size() > 1) {
    const std::size_t end = std::min<std::size_t>(16, s.norms.size());
    double sum = 0;
    for (std::size_t t = 1; t < end; ++t) sum += static_cast<double>(s.norms[t]);
    if (sum > 0) s.first_over_early = s.norm_first / (sum / static_cast<double>(end - 1));
  }
  const at::Tensor size = rows.abs();
  const auto [largest, tokens] = size.max(0);
  s.by_coordinate = numbers(largest);
  const auto found = std::max_element(s.by_coordinate.begin(), s.by_coordinate.end());
  s.largest = static_cast<double>(*found);
  s.largest_coordinate = found - s.by_coordinate.begin();
  s.largest_token = tokens.data_ptr<std::int64_t>()[s.largest_coordinate];
  if (is_stream(point)) s.median = middle_of(numbers(size));
  return s;
}

JacobianBound jacobian_bound(const at::Tensor& given, const at::Tensor& gamma, const arch::Norm& norm) {
  const at::NoGradGuard no_gradients;
  const at::Tensor rows = given.detach();
  // A layer norm divides by the deviation from the mean instead.
  const at::Tensor square = norm.kind == arch::NormKind::Layer
                                ? (rows - rows.mean(-1, true)).square().mean(-1)
                                : rows.square().mean(-1);
  const at::Tensor bound = gamma.detach().abs().max() * at::rsqrt(square + norm.epsilon);
  const std::vector<float> all = numbers(bound);
  return {static_cast<double>(all.front()), middle_of(all),
          static_cast<double>(*std::max_element(all.begin(), all.end()))};
}

std::optional<NextNorm> next_norm(const model::Model& model, Point point, int block) {
  const auto& blocks = model.description().blocks;
  const bool into_net =
      point == Point::AfterMixer &&
      blocks[static_cast<std::size_t>(block)].feed_forward.activation != arch::Activation::None;
  if (!into_net && point != Point::Embedded && point != Point::AfterBlock && point != Point::AfterMixer)
    return std::nullopt;
  const auto reader = static_cast<std::size_t>(into_net ? block : block + 1);
  std::string name = "final_norm";
  arch::Norm norm = model.description().final_norm;
  if (reader < blocks.size()) {
    const arch::Block& b = blocks[reader];
    if (b.norm_place == arch::NormPlace::Post) return std::nullopt;
    norm = b.norm;
    name = fmt::format("layers.{}.{}.norm", reader, into_net ? "mlp" : b.mixer.name);
  }
  if (norm.kind == arch::NormKind::None) return std::nullopt;
  const at::Tensor weight = model.parameters().value(model.parameters().index(name + ".weight"));
  return NextNorm{norm, norm.kind == arch::NormKind::RmsPlusOne ? weight.detach() + 1 : weight.detach()};
}

}  // namespace yore::anatomy
