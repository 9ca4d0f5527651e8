#include "yore/model/recogniser.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "yore/base/error.h"

namespace yore::model {
namespace {

constexpr double kNormEpsilon = 1e-5;

void check(const runs::ModelConfig& c) {
  const auto refuse = [](const std::string& why) { throw base::InputError("model", why); };
  const auto one_of = [&](const char* key, const std::string& value,
                          std::initializer_list<const char*> words) {
    for (const char* word : words)
      if (value == word) return;
    std::string list;
    for (const char* word : words) list += (list.empty() ? "" : ", ") + std::string(word);
    refuse(fmt::format("{} is \"{}\", expected one of {}", key, value, list));
  };
  if (c.layers < 1 || c.heads < 1 || c.width < 1 || c.mlp_width < 1)
    refuse("layers, heads, width and mlp_width must be at least 1");
  if (c.width % c.heads != 0) refuse(fmt::format("width {} is not a multiple of {} heads", c.width, c.heads));
  one_of("activation", c.activation, {"relu", "gelu"});
  one_of("norm", c.norm, {"layer", "rms"});
  one_of("norm_place", c.norm_place, {"pre", "post"});
  one_of("positions", c.positions, {"none", "sinusoidal", "rotary", "alibi", "learned"});
  if (c.positions == "rotary" && c.width / c.heads % 2 != 0)
    refuse(fmt::format("rotary positions turn pairs: width / heads = {} must be even", c.width / c.heads));
  if (c.positions == "learned" && c.max_positions < 1) refuse("max_positions must be at least 1");
}

}  // namespace

Recogniser::Recogniser(const runs::ModelConfig& config, int letters, std::uint64_t seed, at::ScalarType type)
    : config_(config), letters_(letters) {
  check(config);
  if (letters < 1) throw base::InputError("model", "the alphabet has no letters");
  const std::int64_t width = config.width;
  embedding_ = parameters_.add("embedding.weight", {letters + 1, width}, Start::Unit);
  if (config.positions == "learned")
    position_table_ = parameters_.add("positions.weight", {config.max_positions, width}, Start::Unit);
  const std::vector<runs::LayerAttention> kinds =
      runs::parse_attention(config.attention, config.layers, config.heads);
  for (int l = 0; l < config.layers; ++l) {
    const std::string name = fmt::format("layers.{}.", l);
    Layer layer;
    layer.qkv = add_linear(name + "attention.qkv", width, 3 * width);
    layer.out = add_linear(name + "attention.out", width, width);
    layer.attention_norm = add_norm(name + "attention.norm");
    layer.up = add_linear(name + "mlp.up", width, config.mlp_width);
    layer.down = add_linear(name + "mlp.down", config.mlp_width, width);
    layer.mlp_norm = add_norm(name + "mlp.norm");
    layer.attention.lookback = kinds[static_cast<std::size_t>(l)].lookback;
    layer.attention.strict = config.strict;
    const auto head_width = width / config.heads;
    layer.attention.scale = 1.0 / std::sqrt(static_cast<double>(head_width));
    if (config.positions == "alibi") layer.attention.alibi_slopes = alibi_slopes(config.heads);
    layers_.push_back(std::move(layer));
  }
  if (config.norm_place == "pre") final_norm_ = add_norm("final_norm");
  read_out_ = add_linear("read_out", width, 1);
  parameters_.allocate(seed, type);
}

Recogniser::Linear Recogniser::add_linear(const std::string& name, std::int64_t in, std::int64_t out) {
  const std::size_t weight = parameters_.add(name + ".weight", {out, in}, Start::FanIn);
  return {weight, parameters_.add(name + ".bias", {out}, Start::Zero)};
}

Recogniser::Norm Recogniser::add_norm(const std::string& name) {
  const std::size_t weight = parameters_.add(name + ".weight", {config_.width}, Start::One);
  return {weight,
          config_.norm == "layer" ? parameters_.add(name + ".bias", {config_.width}, Start::Zero) : weight};
}

at::Tensor Recogniser::apply(const Linear& linear, const at::Tensor& x) const {
  return at::addmm(parameters_.value(linear.bias), x, parameters_.value(linear.weight).t());
}

at::Tensor Recogniser::apply(const Norm& norm, const at::Tensor& x) const {
  const at::Tensor& weight = parameters_.value(norm.weight);
  if (config_.norm == "layer")
    return at::layer_norm(x, {x.size(-1)}, weight, parameters_.value(norm.bias), kNormEpsilon);
  return x * at::rsqrt(x.square().mean(-1, true) + kNormEpsilon) * weight;
}

at::Tensor Recogniser::embed(const Input& input) const {
  const auto* token = input.tokens.data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < input.tokens.size(0); ++n)
    if (token[n] < 0 || token[n] > letters_)
      throw std::invalid_argument(fmt::format("Recogniser: token {} outside 0..{}", token[n], letters_));
  at::Tensor x = parameters_.value(embedding_).index_select(0, input.tokens);
  if (config_.positions == "learned") {
    if (input.longest > config_.max_positions)
      throw base::InputError(
          "positions",
          fmt::format("a word of {} letters needs {} learned positions, the model has {} (max_positions)",
                      input.longest - 1, input.longest, config_.max_positions));
    x = x + parameters_.value(position_table_).index_select(0, input.position);
  } else if (config_.positions == "sinusoidal") {
    if (!sinusoids_.defined() || sinusoids_.size(0) < input.longest)
      sinusoids_ = sinusoidal_table(input.longest, config_.width, x.options());
    x = x + sinusoids_.index_select(0, input.position);
  } else if (config_.positions == "rotary" &&
             (!rotary_.cos.defined() || rotary_.cos.size(0) < input.longest)) {
    rotary_ = rotary_table(input.longest, config_.width / config_.heads, x.options());
  }
  return x;
}

at::Tensor Recogniser::turn(const at::Tensor& x, const at::Tensor& position) const {
  return config_.positions == "rotary" ? rotate(x, rotary_, position) : x;
}

at::Tensor Recogniser::attend(const Layer& layer, const at::Tensor& x, const Input& input) const {
  const std::int64_t heads = config_.heads, dim = config_.width / heads;
  at::Tensor qkv = apply(layer.qkv, x).view({-1, 3, heads, dim});
  if (config_.positions == "rotary")
    qkv = at::stack(
        {turn(qkv.select(1, 0), input.position), turn(qkv.select(1, 1), input.position), qkv.select(1, 2)},
        1);
  return apply(layer.out,
               mixers::attention_packed(qkv, input.starts, layer.attention).view({-1, config_.width}));
}

at::Tensor Recogniser::attend_last(const Layer& layer, const at::Tensor& x, const Input& input) const {
  const std::int64_t width = config_.width, heads = config_.heads, dim = width / heads;
  const at::Tensor& weight = parameters_.value(layer.qkv.weight);
  const at::Tensor& bias = parameters_.value(layer.qkv.bias);
  const auto part = [&](const at::Tensor& rows, std::int64_t from, std::int64_t count) {
    return at::addmm(bias.narrow(0, from, count), rows, weight.narrow(0, from, count).t());
  };
  const at::Tensor q =
      turn(part(x.index_select(0, input.last), 0, width).view({-1, heads, dim}), input.last_position);
  at::Tensor kv = part(x, width, 2 * width).view({-1, 2, heads, dim});
  if (config_.positions == "rotary")
    kv = at::stack({turn(kv.select(1, 0), input.position), kv.select(1, 1)}, 1);
  return apply(layer.out, mixers::attention_last(q, kv, input.starts, layer.attention).reshape({-1, width}));
}

at::Tensor Recogniser::feed_forward(const Layer& layer, const at::Tensor& x) const {
  const at::Tensor hidden = apply(layer.up, x);
  return apply(layer.down, config_.activation == "relu" ? at::relu(hidden) : at::gelu(hidden));
}

at::Tensor Recogniser::forward(const Input& input) const {
  at::Tensor x = embed(input);
  const bool pre = config_.norm_place == "pre";
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const bool last = l + 1 == layers_.size();
    const at::Tensor seen = pre ? apply(layer.attention_norm, x) : x;
    const at::Tensor mixed = last ? attend_last(layer, seen, input) : attend(layer, seen, input);
    if (last) x = x.index_select(0, input.last);
    x = x + mixed;
    if (!pre) x = apply(layer.attention_norm, x);
    x = x + feed_forward(layer, pre ? apply(layer.mlp_norm, x) : x);
    if (!pre) x = apply(layer.mlp_norm, x);
  }
  if (pre) x = apply(final_norm_, x);
  return apply(read_out_, x).squeeze(1);
}

}  // namespace yore::model
