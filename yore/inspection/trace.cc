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
  const auto number = [&](int stage, int coordinate, std::size_t position) {
    const at::Tensor& rows = stages[static_cast<std::size_t>(stage)];
    return rows.data_ptr<float>()[static_cast<std::int64_t>(position) * rows.size(1) + coordinate];
  };
  return compiler::read_trace(manifest, word, number, model.forward(input).item<float>());
}

}  // namespace yore::inspection
