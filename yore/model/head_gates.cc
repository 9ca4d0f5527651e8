#include "yore/model/head_gates.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/model/checkpoint.h"

namespace yore::model {
namespace {

const std::string kPrefix = "gates.";

std::string gate_name(std::size_t block, const char* part) {
  return fmt::format("{}{}.{}", kPrefix, block, part);
}

}  // namespace

bool is_gate(const std::string& name) {
  return name.starts_with(kPrefix);
}

std::vector<mixers::ParameterSpec> gate_specs(const arch::Model& model) {
  using mixers::Start;
  std::vector<mixers::ParameterSpec> specs;
  const std::vector<int> heads = arch::attention_heads(model);
  for (std::size_t l = 0; l < heads.size(); ++l) {
    if (heads[l] == 0) continue;
    specs.push_back({gate_name(l, "intercept"), {heads[l]}, Start::Zero});
    // Between 1 and 1: the number whose softplus is 1.
    specs.push_back({gate_name(l, "sensitivity"), {heads[l]}, Start::SoftplusLogUniform, false, 1, 1});
  }
  return specs;
}

Parameters gated_parameters(const arch::Model& model, std::uint64_t seed) {
  std::vector<mixers::ParameterSpec> specs = arch::parameters(model);
  for (mixers::ParameterSpec& spec : gate_specs(model)) specs.push_back(std::move(spec));
  return {specs, seed};
}

std::vector<at::Tensor> gates_at(const arch::Model& model, const Parameters& parameters, double budget) {
  const std::vector<int> heads = arch::attention_heads(model);
  std::vector<at::Tensor> gates(heads.size());
  if (budget >= 1) return gates;
  const double logit = std::log(budget) - std::log1p(-budget);
  for (std::size_t l = 0; l < heads.size(); ++l)
    if (heads[l] > 0)
      gates[l] =
          at::sigmoid(parameters.value(parameters.index(gate_name(l, "intercept"))) +
                      at::softplus(parameters.value(parameters.index(gate_name(l, "sensitivity")))) * logit);
  return gates;
}

at::Tensor mean_gate(const std::vector<at::Tensor>& gates) {
  std::vector<at::Tensor> all;
  for (const at::Tensor& layer : gates)
    if (layer.defined()) all.push_back(layer);
  return at::cat(all).mean();
}

arch::PerHead gate_values(const arch::Model& model, const Parameters& parameters, double budget) {
  const at::NoGradGuard no_gradients;
  const std::vector<int> heads = arch::attention_heads(model);
  const std::vector<at::Tensor> gates = gates_at(model, parameters, budget);
  arch::PerHead values;
  for (std::size_t l = 0; l < heads.size(); ++l) {
    values.emplace_back(static_cast<std::size_t>(heads[l]), 1.0);
    if (!gates[l].defined()) continue;
    const at::Tensor layer = gates[l].to(at::kDouble).contiguous();
    std::copy_n(layer.data_ptr<double>(), heads[l], values.back().begin());
  }
  return values;
}

void save_gates(const Parameters& parameters, const std::filesystem::path& folder) {
  base::NamedArrays arrays = to_arrays(parameters);
  std::erase_if(arrays.arrays, [](const auto& array) { return !is_gate(array.first); });
  base::write_safetensors(folder / kGatesFile, arrays);
}

base::NamedArrays read_gates(const arch::Model& model, const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kGatesFile;
  if (!std::filesystem::exists(path))
    throw base::InputError(folder.string(),
                           fmt::format("has no {}: its heads have no gates; expected a run that was trained "
                                       "with yore train --head-budget",
                                       kGatesFile));
  base::NamedArrays arrays = base::read_safetensors(path);
  // Their names, types and shapes are held against the model's.
  from_arrays(arrays, Parameters(gate_specs(model), 0), path.string());
  return arrays;
}

}  // namespace yore::model
