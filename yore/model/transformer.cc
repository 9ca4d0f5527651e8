#include "yore/model/transformer.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "yore/base/error.h"

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
    layer.qkv = add_linear(name + "attention.qkv", width, 3 * mixed_width());
    layer.out = add_linear(name + "attention.out", mixed_width(), width);
    layer.attention_norm = add_norm(name + "attention.norm");
    layer.up = add_linear(name + "mlp.up", width, config.mlp_width);
    layer.down = add_linear(name + "mlp.down", config.mlp_width, width);
    layer.mlp_norm = add_norm(name + "mlp.norm");
    layer.attention.lookback = kinds[static_cast<std::size_t>(l)].lookback;
    layer.attention.strict = config.strict;
    layer.attention.scale = 1.0 / std::sqrt(static_cast<double>(config.width_of_head()));
    if (config.positions == "alibi") layer.attention.alibi_slopes = alibi_slopes(config.heads);
    layers_.push_back(std::move(layer));
  }
  if (config.norm_place == "pre") final_norm_ = add_norm("final_norm");
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
      sinusoids_ = sinusoidal_table(input.longest, config_.width, x.options());
    x = x + sinusoids_.index_select(0, input.position);
  } else if (config_.positions == "rotary" &&
             (!rotary_.cos.defined() || rotary_.cos.size(0) < input.longest)) {
    rotary_ = rotary_table(input.longest, config_.width_of_head(), x.options());
  }
  return x;
}

at::Tensor Transformer::turn(const at::Tensor& x, const at::Tensor& position) const {
  return config_.positions == "rotary" ? rotate(x, rotary_, position) : x;
}

/// Queries, keys and values [N, 3, H, D], turned where positions are rotary.
at::Tensor Transformer::heads_of(const Layer& layer, const at::Tensor& x, const Input& input) const {
  const std::int64_t heads = config_.heads, dim = config_.width_of_head();
  at::Tensor qkv = apply(layer.qkv, x).view({-1, 3, heads, dim});
  if (config_.positions == "rotary")
    qkv = at::stack(
        {turn(qkv.select(1, 0), input.position), turn(qkv.select(1, 1), input.position), qkv.select(1, 2)},
        1);
  return qkv;
}

at::Tensor Transformer::attend(const Layer& layer, const at::Tensor& x, const Input& input) const {
  return apply(layer.out, mixers::attention_packed(heads_of(layer, x, input), input.starts, layer.attention)
                              .view({-1, mixed_width()}));
}

at::Tensor Transformer::attend_last(const Layer& layer, const at::Tensor& x, const Input& input) const {
  const std::int64_t heads = config_.heads, dim = config_.width_of_head(), width = mixed_width();
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

at::Tensor Transformer::feed_forward(const Layer& layer, const at::Tensor& x) const {
  const at::Tensor hidden = apply(layer.up, x);
  return apply(layer.down, config_.activation == "relu" ? at::relu(hidden) : at::gelu(hidden));
}

at::Tensor Transformer::attend_on(const Layer& layer, const at::Tensor& x, const Input& input,
                                  mixers::AttentionState& state) const {
  const at::Tensor qkv = heads_of(layer, x, input).contiguous();
  at::Tensor out = at::empty({qkv.size(0), mixed_width()}, qkv.options());
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    const std::int64_t dim = qkv.size(3), width = mixed_width(), token = 3 * width;
    const T* first = qkv.data_ptr<T>();
    state.advance<T>(input.starts.data(), {first, 0, token, dim}, {first + width, 0, token, dim},
                     {first + 2 * width, 0, token, dim}, {out.data_ptr<T>(), 0, width, dim}, nullptr,
                     at::get_num_threads());
  };
  if (qkv.scalar_type() == at::kDouble)
    run(double());
  else
    run(float());
  return apply(layer.out, out);
}

/// One block; attention(x) gives the mixed rows. With `keep`, only these rows go on.
template <class Attend>
at::Tensor Transformer::block(const Layer& layer, at::Tensor x, const at::Tensor* keep,
                              const Attend& attention, std::vector<at::Tensor>* stages) const {
  const bool pre = config_.norm_place == "pre";
  const at::Tensor mixed = attention(pre ? apply(layer.attention_norm, x) : x);
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
      return last ? attend_last(layers_[l], seen, input) : attend(layers_[l], seen, input);
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
        layer, x, nullptr, [&](const at::Tensor& seen) { return attend(layer, seen, input); }, &all);
  return all;
}

std::size_t Transformer::State::bytes() const {
  std::size_t sum = 0;
  for (const mixers::AttentionState& layer : layers) sum += layer.bytes();
  return sum;
}

void Transformer::State::roll_back(std::int64_t b, std::int64_t tokens) {
  // Layers may differ in what they keep: all must be able before one is changed.
  for (const mixers::AttentionState& layer : layers) layer.check_roll_back(b, tokens);
  for (mixers::AttentionState& layer : layers) layer.roll_back(b, tokens);
}

Transformer::State Transformer::start(std::int64_t batch, std::int64_t rollback,
                                      std::int64_t max_tokens) const {
  State state;
  for (const Layer& layer : layers_) {
    mixers::DecodeSetting s;
    s.batch = batch;
    s.heads = s.kv_heads = config_.heads;
    s.dim = s.value_dim = config_.width_of_head();
    s.params = layer.attention;
    s.storage = parameters_.flat().scalar_type() == at::kDouble ? mixers::kernel::Storage::Float64
                                                                : mixers::kernel::Storage::Float32;
    s.rollback = rollback;
    s.max_tokens = max_tokens;
    state.layers.emplace_back(s);
  }
  return state;
}

at::Tensor Transformer::advance(State& state, const Input& input) const {
  const at::NoGradGuard no_gradients;
  at::Tensor x = embed(input);
  for (std::size_t l = 0; l < layers_.size(); ++l)
    x = block(layers_[l], x, nullptr,
              [&](const at::Tensor& seen) { return attend_on(layers_[l], seen, input, state.layers[l]); });
  return config_.norm_place == "pre" ? apply(final_norm_, x) : x;
}

}  // namespace yore::model
