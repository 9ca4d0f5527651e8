#include "yore/compiler/delta_steps.h"

#include <fmt/format.h>

#include <cmath>

#include "yore/compiler/latches.h"

namespace yore::compiler {

void put_steps(base::NamedArrays& arrays, const std::string& prefix, const Matrix& qkv, const Matrix& out,
               const Plan& plan, std::int64_t steps) {
  const std::string& mixer = plan.options.mixer;
  const std::int64_t width = plan.width, dim = plan.head_width;
  put_matrix(arrays, prefix + "qkv.weight", qkv);
  put_matrix(arrays, prefix + "out.weight", out);
  if (mixer == "delta_net") return;
  Matrix beta = zeros(steps, width);
  for (std::int64_t s = 0; s < steps; ++s) beta.at(s, plan.one) = kSaturated;
  put_matrix(arrays, prefix + "beta.weight", beta);
  put_no_decay(arrays, prefix, mixer, width, 1, dim);
}

StepReader::StepReader(const arch::ModelFile& file) {
  const arch::Mixer& mixer = file.model.blocks[0].mixer;
  const base::Json& options = mixer.options;
  const std::string prefix = "layers.0." + mixer.name + ".";
  qkv = matrix_of(file.weights, prefix + "qkv.weight");
  out = matrix_of(file.weights, prefix + "out.weight");
  steps = options.value("steps", 1);
  if (options.at("heads") != 1 || out.columns != 1) {
    why = "it has several heads or values, expected one";
    return;
  }
  dim = static_cast<int>((qkv.rows - steps) / (1 + steps));
  if (options.at("scale") != 1.0)
    why = fmt::format("its scale is {}, expected 1", options.at("scale").dump());
  most_ = options.at("negative_eigenvalues").get<bool>() ? 2 : 1;
  if (mixer.name != "delta_net" || options.at("beta").get<bool>())
    beta_ = matrix_of(file.weights, prefix + "beta.weight");
  if (!has_no_decay(file.weights, prefix, mixer)) why = "its state decays";
}

double StepReader::strength(int step, const std::vector<double>& row) const {
  if (beta_.values.empty()) return most_;
  double raw = 0;
  for (std::size_t c = 0; c < row.size(); ++c)
    raw += static_cast<double>(beta_.at(step, static_cast<std::int64_t>(c))) * row[c];
  if (!(std::abs(raw) >= kEnough)) return std::nan("");
  return raw > 0 ? most_ : 0;
}

int StepReader::strength_weights(std::int64_t coordinate) const {
  int count = 0;
  for (std::int64_t s = 0; s < beta_.rows; ++s) count += beta_.at(s, coordinate) != 0;
  return count;
}

}  // namespace yore::compiler
