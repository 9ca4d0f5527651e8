#include "yore/model/transformer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/mixers/positions.h"

namespace yore::model {
namespace {

constexpr double kNormEpsilon = 1e-5;

}  // namespace

Transformer::Transformer(const runs::ModelConfig& config, int vocabulary)
    : config_(config), vocabulary_(vocabulary) {
  runs::validate(config);
  const std::int64_t width = config.width;
  embedding_ = parameters_.add("embedding.weight", {vocabulary, width}, Start::Unit);
  if (config.positions == "learned")
    position_table_ = parameters_.add("positions.weight", {config.max_positions, width}, Start::Unit);
  const std::vector<runs::LayerAttention> kinds =
      runs::parse_attention(config.attention, config.layers, config.heads);
  for (int l = 0; l < config.layers; ++l) {
    const std::string name = fmt::format("layers.{}.", l);
    Layer layer;
    add_attention(layer, name + "attention.", kinds[static_cast<std::size_t>(l)].lookback);
    layer.attention_norm = add_norm(name + "attention.norm");
    layer.up = add_linear(name + "mlp.up", width, config.mlp_width);
    layer.down = add_linear(name + "mlp.down", config.mlp_width, width);
    layer.mlp_norm = add_norm(name + "mlp.norm");
    layers_.push_back(std::move(layer));
  }
  if (config.norm_place == "pre") final_norm_ = add_norm("final_norm");
}

void Transformer::add_attention(Layer& layer, const std::string& name, const std::vector<int>& lookback) {
  const bool in_heads = config_.positions == "rotary" || config_.positions == "alibi";
  layer.attention = mixers::make_mixer("attention", {config_.width,
                                                     config_.heads,
                                                     config_.width_of_head(),
                                                     {{"lookback", lookback},
                                                      {"strict", config_.strict},
                                                      {"positions", in_heads ? config_.positions : "none"}}});
  layer.first_parameter = parameters_.all().size();
  for (const mixers::ParameterSpec& p : layer.attention->parameters())
    parameters_.add(name + p.name, p.shape, p.start);
}

void Transformer::allocate(std::uint64_t seed, at::ScalarType type) {
  parameters_.allocate(seed, type);
  for (Layer& layer : layers_) {
    std::vector<at::Tensor> values;
    for (std::size_t i = 0; i < layer.attention->parameters().size(); ++i)
      values.push_back(parameters_.value(layer.first_parameter + i));
    layer.attention->bind(std::move(values));
  }
}

Transformer::Linear Transformer::add_linear(const std::string& name, std::int64_t in, std::int64_t out) {
  const std::size_t weight = parameters_.add(name + ".weight", {out, in}, Start::FanIn);
  return {weight, parameters_.add(name + ".bias", {out}, Start::Zero)};
}

Transformer::Norm Transformer::add_norm(const std::string& name) {
  if (config_.norm == "none") return {};
  const std::size_t weight = parameters_.add(name + ".weight", {config_.width}, Start::One);
  return {weight,
          config_.norm == "layer" ? parameters_.add(name + ".bias", {config_.width}, Start::Zero) : weight};
}

at::Tensor Transformer::apply(const Linear& linear, const at::Tensor& x) const {
  return at::addmm(parameters_.value(linear.bias), x, parameters_.value(linear.weight).t());
}

at::Tensor Transformer::apply(const Norm& norm, const at::Tensor& x) const {
  if (config_.norm == "none") return x;
  const at::Tensor& weight = parameters_.value(norm.weight);
  if (config_.norm == "layer")
    return at::layer_norm(x, {x.size(-1)}, weight, parameters_.value(norm.bias), kNormEpsilon);
  return x * at::rsqrt(x.square().mean(-1, true) + kNormEpsilon) * weight;
}

at::Tensor Transformer::embed(const Input& input) const {
  const auto* token = input.tokens.data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < input.tokens.size(0); ++n)
    if (token[n] < 0 || token[n] >= vocabulary_)
      throw std::invalid_argument(fmt::format("token {} outside 0..{}", token[n], vocabulary_ - 1));
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
      sinusoids_ = mixers::sinusoidal_table(input.longest, config_.width, x.options());
    x = x + sinusoids_.index_select(0, input.position);
  }
  return x;
}

at::Tensor Transformer::feed_forward(const Layer& layer, const at::Tensor& x) const {
  const at::Tensor hidden = apply(layer.up, x);
  return apply(layer.down, config_.activation == "relu" ? at::relu(hidden) : at::gelu(hidden));
}

/// One block; mix(x) gives the mixed rows. With `keep`, only these rows go on.
template <class Mix>
at::Tensor Transformer::block(const Layer& layer, at::Tensor x, const at::Tensor* keep, const Mix& mix,
                              std::vector<at::Tensor>* stages) const {
  const bool pre = config_.norm_place == "pre";
  const at::Tensor mixed = mix(pre ? apply(layer.attention_norm, x) : x);
  if (keep != nullptr) x = x.index_select(0, *keep);
  x = x + mixed;
  if (!pre) x = apply(layer.attention_norm, x);
  if (stages != nullptr) stages->push_back(x);
  x = x + feed_forward(layer, pre ? apply(layer.mlp_norm, x) : x);
  if (!pre) x = apply(layer.mlp_norm, x);
  if (stages != nullptr) stages->push_back(x);
  return x;
}

at::Tensor Transformer::blocks(const Input& input, bool last_only) const {
  at::Tensor x = embed(input);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const bool last = last_only && l + 1 == layers_.size();
    x = block(layers_[l], x, last ? &input.last : nullptr, [&](const at::Tensor& seen) {
      const mixers::Mixer& attention = *layers_[l].attention;
      return last ? attention.forward_last(seen, input) : attention.forward(seen, input);
    });
  }
  return config_.norm_place == "pre" ? apply(final_norm_, x) : x;
}

std::vector<at::Tensor> Transformer::stages(const Input& input) const {
  const at::NoGradGuard no_gradients;
  at::Tensor x = embed(input);
  std::vector<at::Tensor> all = {x};
  for (const Layer& layer : layers_)
    x = block(
        layer, x, nullptr, [&](const at::Tensor& seen) { return layer.attention->forward(seen, input); },
        &all);
  return all;
}

Transformer::State::State(const State& other) {
  for (const auto& layer : other.layers_) layers_.push_back(layer->clone());
}

std::size_t Transformer::State::bytes() const {
  std::size_t sum = 0;
  for (const auto& layer : layers_) sum += layer->bytes();
  return sum;
}

void Transformer::State::roll_back(std::int64_t b, std::int64_t tokens) {
  // Layers may differ in what they keep: all must be able before one is changed.
  for (const auto& layer : layers_) layer->check_roll_back(b, tokens);
  for (const auto& layer : layers_) layer->roll_back(b, tokens);
}

Transformer::State Transformer::start(std::int64_t batch, std::int64_t rollback,
                                      std::int64_t max_tokens) const {
  std::vector<std::unique_ptr<mixers::State>> layers;
  for (const Layer& layer : layers_) layers.push_back(layer.attention->start({batch, rollback, max_tokens}));
  return State(std::move(layers));
}

at::Tensor Transformer::advance(State& state, const Input& input) const {
  const at::NoGradGuard no_gradients;
  at::Tensor x = embed(input);
  for (std::size_t l = 0; l < layers_.size(); ++l)
    x = block(layers_[l], x, nullptr, [&](const at::Tensor& seen) {
      return layers_[l].attention->advance(*state.layers_[l], seen, input);
    });
  return config_.norm_place == "pre" ? apply(final_norm_, x) : x;
}

}  // namespace yore::model
