#include "tests/onnx_models.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <map>
#include <string>

namespace yore::onnx {
namespace {

model::Input packed(const model::Model& model, const std::vector<Word>& words) {
  const auto eos = static_cast<std::int32_t>(model.description().embedding.vocabulary - 1);
  std::vector<std::int64_t> starts = {0};
  std::vector<std::int32_t> tokens;
  for (const Word& w : words) {
    tokens.insert(tokens.end(), w.begin(), w.end());
    tokens.push_back(eos);
    starts.push_back(static_cast<std::int64_t>(tokens.size()));
  }
  return model::pack(starts, tokens);
}

/// Roundings of a logit's sums: the rows of all matrices of a block, the longest block's, and some for the
/// rest.
double roundings(const arch::Model& m, const Word& word) {
  std::map<std::string, double> of_block;
  for (const mixers::ParameterSpec& p : arch::parameters(m))
    if (p.shape.size() > 1 && p.name.starts_with("layers."))
      of_block[p.name.substr(0, p.name.find('.', 7))] += static_cast<double>(p.shape.back());
  double most = 0;
  for (const auto& [block, sum] : of_block) most = std::max(most, sum);
  return most + static_cast<double>(m.embedding.width) + static_cast<double>(word.size()) + 50;
}

}  // namespace

std::vector<double> forward(const model::Model& model, const std::vector<Word>& words) {
  const at::NoGradGuard no_gradients;
  const at::Tensor logits = model.forward(packed(model, words)).to(at::kDouble).contiguous();
  return {logits.data_ptr<double>(), logits.data_ptr<double>() + logits.numel()};
}

model::Model exactly(const model::Model& model) {
  model::Model exact(model.description(), 0, at::kDouble);
  exact.parameters().flat().copy_(model.parameters().flat());
  return exact;
}

std::vector<double> tolerances(const model::Model& exact, const Word& word) {
  std::vector<at::Tensor> values;
  for (const model::Parameter& p : exact.parameters().all()) values.push_back(p.value);
  const at::Tensor logits = exact.forward(packed(exact, {word})).reshape({-1});
  std::vector<double> list;
  for (std::int64_t n = 0; n < logits.numel(); ++n) {
    double sum = std::abs(logits[n].item<double>());
    const auto gradients = torch::autograd::grad({logits[n]}, values, {}, true, false, true);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (gradients[i].defined()) sum += (values[i] * gradients[i]).abs().sum().item<double>();
    list.push_back(std::ldexp(roundings(exact.description(), word) * sum, -24));
  }
  return list;
}
}  // namespace yore::onnx
