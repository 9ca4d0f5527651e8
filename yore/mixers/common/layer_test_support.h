// For tests of layers: parameters by name, rows of packed sequences, and what a pass over them gives.
#pragma once
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {

using Named = std::map<std::string, at::Tensor>;

/// Uniform in -1 .. 1, in double.
inline at::Tensor random_numbers(at::IntArrayRef shape, std::uint64_t seed) {
  base::Random random(seed);
  at::Tensor x = at::empty(shape, at::kDouble);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] = 2 * random.uniform() - 1;
  return x;
}

/// Such parameters for a layer.
inline Named random_parameters(const Mixer& layer, std::uint64_t seed) {
  Named all;
  for (const ParameterSpec& p : layer.parameters()) all[p.name] = random_numbers(p.shape, seed++);
  return all;
}

/// Gives the layer those of its parameters, all of which must be there; gradients can be asked of `all` then.
inline void bind(Mixer& layer, Named& all) {
  std::vector<at::Tensor> values;
  for (const ParameterSpec& p : layer.parameters()) values.push_back(all.at(p.name).set_requires_grad(true));
  layer.bind(values);
}

/// Whole sequences of these lengths.
inline PackedRows packed_rows(const std::vector<std::int64_t>& lengths) {
  PackedRows rows;
  std::vector<std::int64_t> position, last, last_position;
  for (const std::int64_t n : lengths) {
    for (std::int64_t t = 0; t < n; ++t) position.push_back(t);
    rows.starts.push_back(rows.starts.back() + n);
    last.push_back(rows.starts.back() - 1);
    last_position.push_back(n - 1);
    rows.longest = std::max(rows.longest, n);
  }
  rows.position = at::tensor(position, at::kLong);
  rows.last = at::tensor(last, at::kLong);
  rows.last_position = at::tensor(last_position, at::kLong);
  return rows;
}

/// The rows of a forward pass, and the gradients of x and of the parameters under a cotangent that depends on
/// the place alone.
struct Pass {
  at::Tensor y, x;
  Named parameters;
};
inline Pass pass(const Mixer& layer, const Named& all, const at::Tensor& x, const PackedRows& rows) {
  const at::Tensor in = x.detach().clone().set_requires_grad(true);
  std::vector<at::Tensor> inputs{in};
  for (const ParameterSpec& p : layer.parameters()) inputs.push_back(all.at(p.name));
  Pass result;
  result.y = layer.forward(in, rows);
  const at::Tensor cotangent = at::sin(at::arange(x.numel(), x.options())).view(x.sizes());
  const auto grads = torch::autograd::grad({(result.y * cotangent).sum()}, inputs);
  result.x = grads[0];
  for (std::size_t i = 1; i < grads.size(); ++i) result.parameters[layer.parameters()[i - 1].name] = grads[i];
  return result;
}

inline bool finite(const Pass& p) {
  bool all = at::isfinite(p.y).all().item<bool>() && at::isfinite(p.x).all().item<bool>();
  for (const auto& [name, gradient] : p.parameters) all = all && at::isfinite(gradient).all().item<bool>();
  return all;
}

}  // namespace yore::mixers
