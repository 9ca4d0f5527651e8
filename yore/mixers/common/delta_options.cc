#include "yore/mixers/common/delta_options.h"

#include <cmath>

#include "yore/mixers/common/scan_cost.h"

namespace yore::mixers {

std::vector<base::OptionSpec> delta_option_specs(std::vector<base::OptionSpec> own) {
  const std::vector<base::OptionSpec> shared = {
      {"negative_eigenvalues", false,
       "Writes are twice as strong, up to 2: a write may then turn what it meets into its negative"},
      {"conv", 4, "Width of a causal convolution over queries, keys and values; 0 = none"},
      {"conv_bias", false, "The convolution adds a learnt number a channel"},
      {"norm_epsilon", 1e-5, "Added to the mean square of each head's output as it is normed"},
      {"scale", 0.0, "Factor on the queries; 0 = 1 / sqrt(key width of a head)"},
      {"v_activation", "silu", "What values pass: silu or none"},
      {"out_norm", true, "Each head's output is normed"},
      strict_read_spec(),
      {"steps", 1,
       "Writes a token makes to the state, each with a key, a value and a strength of its own, one after the "
       "other (DeltaProduct, arXiv 2502.10297)"},
  };
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

std::vector<base::OptionSpec> key_option_specs() {
  return {
      {"qk_activation", "silu", "What queries and keys pass: silu, relu, elu (plus 1) or none"},
      {"qk_norm", "l2", "What queries and keys are divided by: l2, their length, sum, their sum, or none"},
  };
}

std::vector<base::OptionSpec> head_option_specs(int heads, int head_dim, double expand_v) {
  return {
      {"heads", heads, "Heads; each has values and a state of its own"},
      {"key_heads", 0,
       "Heads of queries and keys, each read by heads / key_heads heads; 0 = as many as heads"},
      {"head_dim", head_dim, "Width of a head's queries and keys"},
      {"expand_v", expand_v, "Width of a head's values, as a multiple of head_dim"},
  };
}

std::vector<base::OptionSpec> decay_option_specs(const DecayStart& fallback) {
  return {
      {"least_rate", fallback.least_rate, "The decays' rates start between this .."},
      {"most_rate", fallback.most_rate, ".. and this, uniform"},
      {"least_step", fallback.least_step,
       "What the rates are multiplied by starts, for a row of zeros, between this .."},
      {"most_step", fallback.most_step, ".. and this, uniform in the logarithm"},
  };
}

void complete_delta_options(LayerOptions& o, std::int64_t key_dim) {
  o.whole("conv", 0, 64);
  o.require(o.json["conv"] != 1, "conv", "0 (none) or at least 2 tokens");
  o.require(!o.flag("conv_bias") || o.json["conv"] != 0, "conv_bias", "false where there is no convolution");
  o.number("norm_epsilon", "more than 0", [](double x) { return x > 0; });
  o.key_scale(key_dim);
  o.word("v_activation", {"silu", "none"});
  o.whole("steps", 1, kMostSteps);
  o.require(o.flag("out_norm") || o.json["norm_epsilon"] == 1e-5, "norm_epsilon",
            "1e-5 with out_norm=false, which has no use for it");
  o.leave_out({{"v_activation", "silu"}, {"out_norm", true}, {"strict_read", false}, {"steps", 1}});
}

void complete_key_options(LayerOptions& o) {
  const std::string activation = o.word("qk_activation", {"silu", "relu", "elu", "none"});
  const bool sum = o.word("qk_norm", {"l2", "sum", "none"}) == "sum";
  o.require(!sum || activation == "relu" || activation == "elu", "qk_norm",
            "l2 or none, or qk_activation=relu or elu: a sum with both signs may be 0");
}

void complete_head_options(LayerOptions& o) {
  const std::int64_t heads = o.whole("heads", 1, 4096);
  if (o.whole("key_heads", 0, 4096) == 0) o.json["key_heads"] = heads;
  o.require(heads % o.json["key_heads"].get<std::int64_t>() == 0, "key_heads",
            "a divisor of the " + std::to_string(heads) + " heads");
  const std::int64_t key_dim = o.whole("head_dim", 1, scan::kMaxDim);
  const double value_dim = o.number("expand_v", "more than 0 and at most 64", [](double x) {
    return x > 0 && x <= 64;
  }) * static_cast<double>(key_dim);
  o.require(value_dim >= 1 && std::abs(value_dim - std::round(value_dim)) < 1e-9, "expand_v",
            "a multiple of head_dim " + std::to_string(key_dim) + " that is a whole number");
  o.require(value_dim <= scan::kMaxDim, "expand_v", "heads of at most 1024 values");
}

void complete_decay_options(LayerOptions& o) {
  const auto range = [&](const std::string& least, const std::string& most, bool zero) {
    const double low =
        o.number(least, zero ? "at least 0" : "more than 0", [&](double x) { return zero ? x >= 0 : x > 0; });
    o.number(most, "more than 0 and at least " + least, [&](double x) { return x > 0 && x >= low; });
  };
  range("least_rate", "most_rate", true);
  range("least_step", "most_step", false);
}

void read_delta_options(const LayerOptions& o, DeltaOptions& read) {
  read.scan.rule = scan::Rule::Delta;
  read.scan.scale = o.json["scale"].get<double>();
  read.negative_eigenvalues = o.flag("negative_eigenvalues");
  read.conv = o.json["conv"].get<std::int64_t>();
  read.conv_bias = o.flag("conv_bias");
  read.value_silu = o.json["v_activation"] == "silu";
  read.out_norm = o.flag("out_norm");
  read.norm_epsilon = o.json["norm_epsilon"].get<double>();
  read.access = {o.flag("strict_read"), o.json["steps"].get<int>(), read.beta || read.negative_eigenvalues};
}

void read_key_options(const LayerOptions& o, DeltaOptions& read) {
  const auto activation = o.json["qk_activation"].get<std::string>(),
             norm = o.json["qk_norm"].get<std::string>();
  read.key_activation = activation == "silu"   ? KeyActivation::Silu
                        : activation == "relu" ? KeyActivation::Relu
                        : activation == "elu"  ? KeyActivation::EluPlusOne
                                               : KeyActivation::None;
  read.key_norm = norm == "sum" ? KeyNorm::Sum : norm == "none" ? KeyNorm::None : KeyNorm::L2;
}

void read_head_options(const LayerOptions& o, DeltaOptions& read) {
  read.scan.heads = o.json["heads"].get<int>();
  read.scan.key_heads = o.json["key_heads"].get<int>();
  read.scan.key_dim = o.json["head_dim"].get<int>();
  read.scan.value_dim = static_cast<int>(
      std::lround(o.json["expand_v"].get<double>() * static_cast<double>(read.scan.key_dim)));
}

DecayStart read_decay_options(const LayerOptions& o) {
  const auto number = [&](const char* name) { return o.json[name].get<double>(); };
  return {number("least_rate"), number("most_rate"), number("least_step"), number("most_step")};
}

ParameterSpec decay_bias(const std::string& name, std::vector<std::int64_t> shape, const DecayStart& start) {
  return {name, std::move(shape), Start::SoftplusLogUniform, false, start.least_step, start.most_step};
}

ParameterSpec decay_log_rate(std::int64_t heads, const DecayStart& start) {
  return {"log_rate", {heads}, Start::LogUniform, false, start.least_rate, start.most_rate};
}

std::vector<ParameterSpec> DeltaSpec::parameters(const MixerSetting& setting) const {
  const DeltaOptions o = read(setting);
  const std::int64_t width = setting.width;
  std::vector<ParameterSpec> list = {{"qkv.weight", {o.channels(), width}, Start::FanIn, true}};
  if (o.conv > 0) list.push_back({"conv.weight", {o.channels(), o.conv}, Start::FanIn});
  if (o.conv_bias) list.push_back({"conv.bias", {o.channels()}, Start::Zero});
  if (o.beta)
    list.push_back({"beta.weight", {o.access.steps * std::int64_t{o.scan.heads}, width}, Start::FanIn, true});
  for (ParameterSpec& p : decay_parameters(setting)) list.push_back(std::move(p));
  if (o.gate != OutputGate::None && o.gate_rank == 0)
    list.push_back({"gate.weight", {o.values(), width}, Start::FanIn, true});
  if (o.gate != OutputGate::None && o.gate_rank > 0) {
    list.push_back({"gate_in.weight", {o.gate_rank, width}, Start::FanIn, true});
    list.push_back({"gate_out.weight", {o.values(), o.gate_rank}, Start::FanIn, true});
    list.push_back({"gate_out.bias", {o.values()}, Start::Zero});
  }
  if (o.out_norm) list.push_back({"out_norm.weight", {o.scan.value_dim}, Start::One});
  list.push_back({"out.weight", {width, o.values()}, Start::FanIn, true});
  return list;
}

std::int64_t DeltaSpec::state_bytes(const MixerSetting& setting, std::int64_t) const {
  const DeltaOptions o = read(setting);
  return scan_state_bytes(o.scan) + access_state_bytes(o.scan, o.access) +
         conv_state_bytes(o.channels(), o.conv);
}

double DeltaSpec::flops(const MixerSetting& setting, std::int64_t) const {
  const DeltaOptions o = read(setting);
  return matrix_flops(parameters(setting)) + o.access.steps * scan_flops(o.scan);
}

}  // namespace yore::mixers
