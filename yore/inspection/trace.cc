#include "yore/inspection/trace.h"

#include <ATen/core/grad_mode.h>

namespace yore::inspection {

compiler::Trace trace(const model::Model& model, const compiler::Manifest& manifest,
                      const logic::Word& word) {
  const at::NoGradGuard no_gradients;
  std::vector<std::int32_t> tokens(word.begin(), word.end());
  tokens.push_back(model.letters());
  const std::vector<std::int64_t> starts = {0, static_cast<std::int64_t>(tokens.size())};
  const model::Input input = model::pack(starts, tokens);
  std::vector<at::Tensor> stages = model.stages(input);
  for (at::Tensor& stage : stages) stage = stage.contiguous();
  // A block without a feed-forward net ends where its mixer does.
  std::vector<std::size_t> place;  // of each stage of the manifest
  for (std::size_t s = 0, next = 0; s < manifest.stages.size(); ++s) {
    const bool nothing =
        s > 0 && s % 2 == 0 &&
        model.description().blocks[s / 2 - 1].feed_forward.activation == arch::Activation::None;
    place.push_back(nothing ? next - 1 : next++);
  }
  const auto number = [&](int stage, int coordinate, std::size_t position) {
    const at::Tensor& rows = stages[place[static_cast<std::size_t>(stage)]];
    return rows.data_ptr<float>()[static_cast<std::int64_t>(position) * rows.size(1) + coordinate];
  };
  return compiler::read_trace(manifest, word, number, model.forward(input).item<float>());
}

}  // namespace yore::inspection
