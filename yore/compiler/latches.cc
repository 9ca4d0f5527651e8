#include "yore/compiler/latches.h"

#include <fmt/format.h>

#include <cmath>

namespace yore::compiler {
namespace {

/// SiLU of it is itself, exactly.
constexpr float kOpen = 64;

LinearMap scaled(LinearMap map, float by) {
  for (float& w : map.weight.values) w *= by;
  return map;
}

/// Copies `from` into rows first, first + 1 .. of `to`.
void put_rows(Matrix& to, std::int64_t first, const Matrix& from) {
  std::copy(from.values.begin(), from.values.end(),
            to.values.begin() + static_cast<std::ptrdiff_t>(first * to.columns));
}

LinearMap rows_of(const Matrix& weight, const Matrix& bias, std::int64_t first, std::int64_t count) {
  LinearMap map = linear_map(weight.columns, count);
  for (std::int64_t r = 0; r < count; ++r) {
    for (std::int64_t c = 0; c < weight.columns; ++c) map.weight.at(r, c) = weight.at(first + r, c);
    if (!bias.values.empty()) map.bias.at(0, r) = bias.at(0, first + r);
  }
  return map;
}

void put_vector(base::NamedArrays& arrays, const std::string& name, std::int64_t size, float value) {
  Matrix m = zeros(1, size);
  std::fill(m.values.begin(), m.values.end(), value);
  arrays.arrays[name] = to_array(m, {size});
}

/// A matrix whose every row reads 1.
Matrix ones(std::int64_t rows, std::int64_t width, int one) {
  Matrix m = zeros(rows, width);
  for (std::int64_t r = 0; r < rows; ++r) m.at(r, one) = 1;
  return m;
}

void put_mamba2(base::NamedArrays& arrays, const std::string& prefix, const LatchRows& rows,
                const Plan& plan) {
  // z, x, B, C, steps. The step of a token that overwrites is dt_most, and so is what it writes.
  const std::int64_t heads = plan.heads, width = plan.width;
  LinearMap in = linear_map(width, 3 * heads + 2);
  for (std::int64_t h = 0; h < heads; ++h) in.bias.at(0, h) = kOpen;
  put_rows(in.weight, heads, rows.target.weight);
  in.bias.at(0, 2 * heads) = in.bias.at(0, 2 * heads + 1) = 1;
  put_rows(in.weight, 2 * heads + 2, scaled(rows.keep, -2 * kSaturated).weight);  // past dt_most
  put(arrays, prefix + "in", in);
  put_vector(arrays, prefix + "dt.bias", heads, 0);
  put_vector(arrays, prefix + "a_log", heads, 0);
  put_vector(arrays, prefix + "skip", heads, 0);
  LinearMap out = linear_map(heads, width);
  out.weight = rows.out;
  put(arrays, prefix + "out", scaled(std::move(out), 1 / (kSaturated * kOpen)));
}

}  // namespace

void put_matrix(base::NamedArrays& arrays, const std::string& name, const Matrix& m) {
  arrays.arrays[name] = to_array(m, {m.rows, m.columns});
}

void put_no_decay(base::NamedArrays& arrays, const std::string& prefix, const std::string& mixer,
                  std::int64_t width, std::int64_t heads, std::int64_t key_dim) {
  if (mixer == "delta_net") return;
  put_vector(arrays, prefix + "log_rate", heads, 0);
  if (mixer == "gated_delta_net") {
    put_matrix(arrays, prefix + "decay.weight", zeros(heads, width));
    put_vector(arrays, prefix + "decay.bias", heads, -kSaturated);
    return;
  }
  put_matrix(arrays, prefix + "decay_in.weight", zeros(1, width));
  put_matrix(arrays, prefix + "decay_out.weight", zeros(heads * key_dim, 1));
  put_vector(arrays, prefix + "decay_out.bias", heads * key_dim, -kSaturated);
}

bool has_no_decay(const base::NamedArrays& arrays, const std::string& prefix, const arch::Mixer& mixer) {
  if (mixer.name == "delta_net") return true;
  if (mixer.name == "kda" && mixer.options.at("lower_bound").get<double>() != 0) return false;
  const std::string map = prefix + (mixer.name == "kda" ? "decay_out" : "decay");
  // Weights of 0 hand on 0, whatever the row.
  for (const float w : matrix_of(arrays, map + ".weight").values)
    if (w != 0) return false;
  float fastest = 0;
  for (const float rate : matrix_of(arrays, prefix + "log_rate").values) fastest = std::max(fastest, rate);
  for (const float bias : matrix_of(arrays, map + ".bias").values)
    if (!(bias + fastest <= -kEnough)) return false;
  return true;
}

void put_latches(base::NamedArrays& arrays, const std::string& prefix, const LatchRows& rows,
                 const Plan& plan) {
  const std::string& mixer = plan.options.mixer;
  if (mixer == "mamba2") return put_mamba2(arrays, prefix, rows, plan);
  const std::int64_t heads = plan.heads, width = plan.width;
  Matrix qkv = zeros(3 * heads, width);
  put_rows(qkv, 0, ones(2 * heads, width, plan.one));
  put_rows(qkv, 2 * heads, rows.target.weight);
  put_matrix(arrays, prefix + "qkv.weight", qkv);
  put_matrix(arrays, prefix + "out.weight", rows.out);
  if (mixer == "gla") {
    put_matrix(arrays, prefix + "decay_in.weight", scaled(rows.keep, kSaturated).weight);
    Matrix same = zeros(heads, heads);
    for (std::int64_t h = 0; h < heads; ++h) same.at(h, h) = 1;
    put_matrix(arrays, prefix + "decay_out.weight", same);
    put_vector(arrays, prefix + "decay_out.bias", heads, 0);
    return;
  }
  // The delta rule: an overwriting token has a write of strength 1, another one of strength 0.
  put_matrix(arrays, prefix + "beta.weight", scaled(rows.keep, -kSaturated).weight);
  put_no_decay(arrays, prefix, mixer, width, heads, 1);
}

LatchReader::LatchReader(const arch::ModelFile& file, int block) {
  const arch::Mixer& m = file.model.blocks[static_cast<std::size_t>(block)].mixer;
  mixer_ = m.name;
  const std::string prefix = fmt::format("layers.{}.{}.", block, m.name);
  const auto matrix = [&](const char* name) { return matrix_of(file.weights, prefix + name); };
  heads_ = m.options.at("heads").get<int>();
  const std::int64_t heads = heads_;
  const Matrix none;
  if (mixer_ == "mamba2") {
    const LinearMap in = linear_of(file.weights, prefix + "in");
    factor = rows_of(in.weight, in.bias, 0, heads);
    value = rows_of(in.weight, in.bias, heads, heads);
    key = query = linear_map(in.weight.columns, heads);
    for (std::int64_t h = 0; h < heads; ++h)  // one group
      for (LinearMap* map : {&key, &query}) {
        const LinearMap row = rows_of(in.weight, in.bias, 2 * heads + (map == &query ? 1 : 0), 1);
        put_rows(map->weight, h, row.weight);
        map->bias.at(0, h) = row.bias.at(0, 0);
      }
    gate = rows_of(in.weight, in.bias, 2 * heads + 2, heads);
    bias_ = matrix("dt.bias");
    rate_ = matrix("a_log");
    const auto skip = matrix("skip");
    for (const float s : skip.values)
      if (s != 0) scale_ = std::nan("");  // outputs depend on the token itself
    dt_least_ = m.options.at("dt_least").get<double>();
    dt_most_ = m.options.at("dt_most").get<double>();
    const LinearMap map = linear_of(file.weights, prefix + "out");
    out = map.weight;
    out_bias = map.bias;
    return;
  }
  const Matrix qkv = matrix("qkv.weight");
  query = rows_of(qkv, none, 0, heads);
  key = rows_of(qkv, none, heads, heads);
  value = rows_of(qkv, none, 2 * heads, heads);
  scale_ = m.options.at("scale").get<double>();
  out = matrix("out.weight");
  out_bias = zeros(1, out.rows);
  if (mixer_ == "gla") {
    // The product of the two maps of a decay: exact if each number of the second has one term.
    const Matrix in = matrix("decay_in.weight");
    const LinearMap second = linear_of(file.weights, prefix + "decay_out");
    gate = linear_map(in.columns, heads);
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < in.rows; ++r)
        for (std::int64_t c = 0; c < in.columns; ++c)
          gate.weight.at(h, c) += second.weight.at(h, r) * in.at(r, c);
      gate.bias.at(0, h) = second.bias.at(0, h);
    }
    divisor_ = m.options.at("gate_divisor").get<double>();
    return;
  }
  gate = rows_of(matrix("beta.weight"), none, 0, heads);
  strength_ = m.options.at("negative_eigenvalues").get<bool>() ? 2 : 1;
  no_decay_ = has_no_decay(file.weights, prefix, m);
}

std::optional<LatchReader::Effect> LatchReader::effect(int head, double key_number, double value_number,
                                                       double gate_number) const {
  if (!(std::abs(gate_number) >= kEnough)) return std::nullopt;
  const bool high = gate_number > 0;
  if (mixer_ == "gla") {
    if (!high && !(gate_number / divisor_ <= -kEnough)) return std::nullopt;
    return Effect{high, key_number * value_number};
  }
  if (mixer_ == "mamba2") {
    const double raw = gate_number + static_cast<double>(bias_.at(0, head));
    const double rate = rate_.at(0, head);
    if (raw <= -kEnough)
      return dt_least_ == 0 && raw + rate <= -kEnough ? std::optional(Effect{true, 0}) : std::nullopt;
    if (raw < kEnough) return std::nullopt;
    const double step = dt_most_ > 0 ? std::min(raw, dt_most_) : raw;
    if (!(std::exp(rate) * step >= kEnough)) return std::nullopt;
    return Effect{false, step * key_number * value_number};
  }
  if (!no_decay_) return std::nullopt;
  const double strength = high ? strength_ : 0, share = strength * key_number * key_number;
  if (share != 0 && share != 1) return std::nullopt;
  return Effect{share == 0, strength * key_number * value_number};
}

double LatchReader::gate_scale() const {
  const double scale = 1 / static_cast<double>(kSaturated);
  return mixer_ == "gla" ? scale : mixer_ == "mamba2" ? -scale / 2 : -scale;
}

double LatchReader::asked(double query_number, double factor_number) const {
  double times = scale_ * query_number;
  if (mixer_ == "mamba2") times *= factor_number >= kOpen ? factor_number : std::nan("");
  return times;
}

}  // namespace yore::compiler
