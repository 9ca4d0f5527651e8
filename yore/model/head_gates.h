// A gate for every head of attention, for any share of heads that is asked for (a budget b, 0 < b <= 1):
//
//   gate(b) = sigmoid(intercept + softplus(sensitivity) logit(b))      multiplies what the head hands on
//
// which never falls as b grows, and is 1 at b = 1. Intercept and sensitivity are a number each a head. They
// begin as 0 and ln(e - 1), for which gate(b) = b. Published: Budgeted Attention Allocation, arXiv
// 2605.05697; where they begin is chosen here (yore/budget/math.md).
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "yore/arch/heads.h"
#include "yore/base/safetensors.h"
#include "yore/model/parameters.h"

namespace yore::model {

/// In the folder of a model that was trained with gates, beside the model, which is that of b = 1.
inline constexpr const char* kGatesFile = "gates.safetensors";

/// Of every block with attention "gates.L.intercept" and "gates.L.sensitivity", [heads] each. They may stand
/// behind the model's own in one list, which Model finds its parameters in by their names.
std::vector<mixers::ParameterSpec> gate_specs(const arch::Model& model);
/// Whether an array of this name is one of them.
bool is_gate(const std::string& name);

/// Parameters of a model, fresh from `seed`, with gates behind them; what the model has of them is what it
/// would have without.
Parameters gated_parameters(const arch::Model& model, std::uint64_t seed);

/// The gates in parameters that have some, each [heads]; undefined for blocks without attention.
/// Differentiable. At budget 1, where they are open, none is defined.
std::vector<at::Tensor> gates_at(const arch::Model& model, const Parameters& parameters, double budget);
/// The mean over all heads.
at::Tensor mean_gate(const std::vector<at::Tensor>& gates);
/// As numbers; at budget 1 all are 1.
arch::PerHead gate_values(const arch::Model& model, const Parameters& parameters, double budget);

/// The gates among the parameters, written to and read from the folder of a model (kGatesFile). Reading
/// throws InputError naming the file if it is missing, broken, or of another model.
void save_gates(const Parameters& parameters, const std::filesystem::path& folder);
base::NamedArrays read_gates(const arch::Model& model, const std::filesystem::path& folder);

}  // namespace yore::model
