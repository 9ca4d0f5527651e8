#include "yore/model/model.h"
#include "yore/mixers/common/linear_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "yore/base/error.h"

namespace yore::model {
namespace {

using arch::Activation;
using arch::NormKind;
using arch::NormPlace;

at::Tensor probed(const Context& context, Point point, int block, const at::Tensor& rows) {
  return context.probe ? context.probe(point, block, rows) : rows;
}

const arch::Model& checked(const arch::Model& description) {
  arch::validate(description);
  return description;
}

}  // namespace

Model::Model(arch::Model description, std::optional<std::uint64_t> seed, at::ScalarType type)
    : description_(std::move(description)), parameters_(arch::parameters(checked(description_)), seed, type) {
  assemble();
}

Model::Model(arch::Model description, Parameters parameters)
    : description_(std::move(description)), parameters_(std::move(parameters)) {
  checked(description_);
  assemble();
}

void Model::assemble() {
  const arch::Embedding& e = description_.embedding;
  if (!e.reads_numbers()) embedding_ = parameters_.index("embedding.weight");
  if (e.has_table()) position_table_ = parameters_.index("positions.weight");
  if (e.positions == arch::Positions::Sinusoidal)
    sinusoids_ = std::make_unique<mixers::PositionTable>(
        [width = e.width, options = parameters_.options()](std::int64_t length) {
          return std::vector<at::Tensor>{mixers::sinusoidal_table(length, width, options)};
        });
  for (std::size_t l = 0; l < description_.blocks.size(); ++l)
    layers_.push_back(make_layer(description_.blocks[l], l));
  final_norm_ = find_norm("final_norm", description_.final_norm);
  if (description_.read_out.tied) {
    read_out_.weight = embedding_;
    if (description_.read_out.bias) read_out_.bias = parameters_.index("read_out.bias");
  } else {
    read_out_ = find_linear("read_out");
  }
}

Model::Linear Model::find_linear(const std::string& name) const {
  Linear linear;
  linear.weight = parameters_.index(name + ".weight");
  // A bias, if there is one, stands right after its weight.
  if (const std::size_t next = linear.weight + 1;
      next < parameters_.all().size() && parameters_.all()[next].name == name + ".bias")
    linear.bias = next;
  return linear;
}

Model::Norm Model::find_norm(const std::string& name, const arch::Norm& norm) const {
  Norm found{norm};
  if (norm.kind != NormKind::None) found.weight = parameters_.index(name + ".weight");
  if (norm.kind == NormKind::Layer) found.bias = parameters_.index(name + ".bias");
  return found;
}

Model::Layer Model::make_layer(const arch::Block& block, std::size_t index) const {
  Layer layer;
  const std::string prefix = fmt::format("layers.{}.", index), name = prefix + block.mixer.name + ".";
  layer.mixer = mixers::make_mixer(block.mixer.name, {description_.embedding.width, block.mixer.options});
  std::vector<at::Tensor> values;
  for (const mixers::ParameterSpec& p : layer.mixer->parameters())
    values.push_back(parameters_.value(parameters_.index(name + p.name)));
  layer.mixer->bind(std::move(values));
  layer.activation = block.feed_forward.activation;
  layer.pre = block.norm_place != NormPlace::Post;
  layer.post = block.norm_place == NormPlace::Post;
  layer.both = block.norm_place == NormPlace::Both;
  layer.mixer_norm = find_norm(name + "norm", block.norm);
  if (layer.both) layer.mixer_norm_after = find_norm(name + "norm_after", block.norm);
  if (layer.activation == Activation::None) return layer;
  if (block.feed_forward.gated()) layer.gate = find_linear(prefix + "mlp.gate");
  layer.up = find_linear(prefix + "mlp.up");
  layer.down = find_linear(prefix + "mlp.down");
  layer.mlp_norm = find_norm(prefix + "mlp.norm", block.norm);
  if (layer.both) layer.mlp_norm_after = find_norm(prefix + "mlp.norm_after", block.norm);
  return layer;
}

at::Tensor Model::apply(const Linear& linear, const at::Tensor& x) const {
  return mixers::linear_map(x, parameters_.value(linear.weight),
                            linear.bias ? parameters_.value(*linear.bias) : at::Tensor());
}

at::Tensor Model::apply(const Norm& norm, const at::Tensor& x) const {
  if (norm.is.kind == NormKind::None) return x;
  const at::Tensor& weight = parameters_.value(norm.weight);
  if (norm.is.kind == NormKind::Layer)
    return at::layer_norm(x, {x.size(-1)}, weight, parameters_.value(norm.bias), norm.is.epsilon);
  const at::Tensor unit = x * at::rsqrt(x.square().mean(-1, true) + norm.is.epsilon);
  return norm.is.kind == NormKind::Rms ? unit * weight : unit * (weight + 1);
}

at::Tensor Model::embed(const Input& input) const {
  const arch::Embedding& e = description_.embedding;
  if (e.reads_numbers()) {
    if (!input.numbers.defined())
      throw base::InputError("model", "it reads rows of numbers, not tokens (of circuits: yore circuit run)");
    if (input.numbers.dim() != 2 || input.numbers.size(0) != input.tokens.size(0) ||
        input.numbers.size(1) != e.width)
      throw std::invalid_argument(fmt::format("numbers: expected a row of {} for each token", e.width));
    return input.numbers.to(parameters_.options());
  }
  const auto* token = input.tokens.data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < input.tokens.size(0); ++n)
    if (token[n] < 0 || token[n] >= e.vocabulary)
      throw std::invalid_argument(fmt::format("token {} outside 0..{}", token[n], e.vocabulary - 1));
  at::Tensor x = parameters_.value(embedding_).index_select(0, input.tokens).to(parameters_.options());
  if (e.scale != 1) x = x * e.scale;
  if (e.positions == arch::Positions::Learned) {
    if (input.longest > e.max_positions)
      throw base::InputError(
          "positions",
          fmt::format("a sequence of {} tokens needs as many learned positions, the model has {} "
                      "(max_positions)",
                      input.longest, e.max_positions));
    x = x + parameters_.value(position_table_).index_select(0, input.position);
  } else if (e.positions == arch::Positions::Periodic) {
    x = x + parameters_.value(position_table_).index_select(0, input.position.remainder(e.max_positions));
  } else if (sinusoids_) {
    x = x + sinusoids_->at_least(input.longest).front().index_select(0, input.position);
  }
  return x;
}

at::Tensor Model::feed_forward(const Layer& layer, const at::Tensor& x) const {
  const at::Tensor hidden = apply(layer.up, x);
  switch (layer.activation) {
    case Activation::Gelu:
      return apply(layer.down, at::gelu(hidden));
    case Activation::GeluTanh:
      return apply(layer.down, at::gelu(hidden, "tanh"));
    case Activation::Swiglu:
      return apply(layer.down, at::silu(apply(layer.gate, x)) * hidden);
    case Activation::Geglu:
      return apply(layer.down, at::gelu(apply(layer.gate, x), "tanh") * hidden);
    case Activation::Arithmetic: {
      const at::Tensor gate = apply(layer.gate, x);
      const std::int64_t half = gate.size(-1) / 2;
      const at::Tensor factor = at::cat({gate.narrow(-1, 0, half), gate.narrow(-1, half, half).sign()}, -1);
      return apply(layer.down, factor * hidden);
    }
    default:
      return apply(layer.down, at::relu(hidden));
  }
}

/// One block; mix(x) gives the mixed rows. With `keep`, only these rows go on.
template <class Mix>
at::Tensor Model::block(std::size_t index, at::Tensor x, const at::Tensor* keep, const Mix& mix,
                        const Context& context) const {
  const Layer& layer = layers_[index];
  const int b = static_cast<int>(index);
  at::Tensor mixed = mix(probed(context, Point::MixerIn, b, layer.pre ? apply(layer.mixer_norm, x) : x));
  if (layer.both) mixed = apply(layer.mixer_norm_after, mixed);
  if (keep != nullptr) x = x.index_select(0, *keep);
  x = x + probed(context, Point::MixerOut, b, mixed);
  if (layer.post) x = apply(layer.mixer_norm, x);
  x = probed(context, Point::AfterMixer, b, x);
  if (layer.activation == Activation::None) return x;
  at::Tensor more =
      feed_forward(layer, probed(context, Point::FeedForwardIn, b, layer.pre ? apply(layer.mlp_norm, x) : x));
  if (layer.both) more = apply(layer.mlp_norm_after, more);
  x = x + probed(context, Point::FeedForward, b, more);
  if (layer.post) x = apply(layer.mlp_norm, x);
  return probed(context, Point::AfterBlock, b, x);
}

template <class Mix>
at::Tensor Model::run(const Input& input, const at::Tensor* keep, const Mix& mix, const Context& context,
                      State* state) const {
  at::Tensor x = probed(context, Point::Embedded, -1, embed(input));
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const bool last = l + 1 == layers_.size();
    mixers::MixContext asked;
    if (l < context.head_gates.size()) asked.head_gates = context.head_gates[l];
    if (context.observe)
      asked.observe = [&context, l](const mixers::HeadsSeen& seen) {
        context.observe(static_cast<int>(l), seen);
      };
    const auto mixed = [&](const at::Tensor& seen) {
      if (!context.mix) return mix(l, seen, asked, last);
      mixers::State* memory = state != nullptr ? state->layers_[l].get() : nullptr;
      const at::Tensor all =
          context.mix({static_cast<int>(l), *layers_[l].mixer, memory, seen, input, asked});
      return last && keep != nullptr ? all.index_select(0, *keep) : all;
    };
    x = block(l, x, last ? keep : nullptr, mixed, context);
  }
  return probed(context, Point::Final, -1, apply(final_norm_, x));
}

at::Tensor Model::hidden(const Input& input, const Context& context) const {
  return run(
      input, nullptr,
      [&](std::size_t l, const at::Tensor& x, const mixers::MixContext& asked, bool) {
        return layers_[l].mixer->forward(x, input, asked);
      },
      context);
}

at::Tensor Model::hidden_last(const Input& input, const Context& context) const {
  return run(
      input, &input.last,
      [&](std::size_t l, const at::Tensor& x, const mixers::MixContext& asked, bool last) {
        const mixers::Mixer& mixer = *layers_[l].mixer;
        return last ? mixer.forward_last(x, input, asked) : mixer.forward(x, input, asked);
      },
      context);
}

at::Tensor Model::hidden_at(const Input& input, const at::Tensor& rows, const Context& context) const {
  return run(
      input, &rows,
      [&](std::size_t l, const at::Tensor& x, const mixers::MixContext& asked, bool last) {
        const at::Tensor all = layers_[l].mixer->forward(x, input, asked);
        return last ? all.index_select(0, rows) : all;
      },
      context);
}

at::Tensor Model::read(const at::Tensor& hidden) const {
  const at::Tensor logits = apply(read_out_, hidden);
  const double cap = description_.read_out.soft_cap;
  return cap > 0 ? at::tanh(logits / cap) * cap : logits;
}

at::Tensor Model::forward(const Input& input, const Context& context) const {
  if (description_.read_out.kind == arch::ReadOutKind::Accept)
    return read(hidden_last(input, context)).squeeze(1);
  return read(hidden(input, context));
}

std::vector<at::Tensor> Model::stages(const Input& input) const {
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> all;
  Context context;
  context.probe = [&](Point point, int, const at::Tensor& rows) {
    if (point == Point::Embedded || point == Point::AfterMixer || point == Point::AfterBlock)
      all.push_back(rows);
    return rows;
  };
  hidden(input, context);
  return all;
}

Model::State::State(const State& other) {
  for (const auto& layer : other.layers_) layers_.push_back(layer->clone());
}

std::size_t Model::State::bytes() const {
  std::size_t sum = 0;
  for (const auto& layer : layers_) sum += layer->bytes();
  return sum;
}

void Model::State::roll_back(std::int64_t b, std::int64_t tokens) {
  // Layers may differ in what they keep: all must be able before one is changed.
  for (const auto& layer : layers_) layer->check_roll_back(b, tokens);
  for (const auto& layer : layers_) layer->roll_back(b, tokens);
}

std::vector<std::vector<std::byte>> Model::State::save() const {
  std::vector<std::vector<std::byte>> all;
  for (const auto& layer : layers_) all.push_back(layer->save());
  return all;
}

void Model::State::restore(const std::vector<std::span<const std::byte>>& saved) {
  if (saved.size() != layers_.size())
    throw std::invalid_argument(
        fmt::format("the saved state is of {} blocks, the model has {}", saved.size(), layers_.size()));
  State fresh = *this;
  for (std::size_t l = 0; l < saved.size(); ++l) fresh.layers_[l]->restore(saved[l]);
  *this = std::move(fresh);
}

bool Model::State::all_have_length(std::int64_t tokens) const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [&](const auto& layer) { return layer->length(0) == tokens; });
}

Model::State Model::start(std::int64_t batch, std::int64_t rollback, std::int64_t max_tokens) const {
  std::vector<std::unique_ptr<mixers::State>> layers;
  for (const Layer& layer : layers_) layers.push_back(layer.mixer->start({batch, rollback, max_tokens}));
  return State(std::move(layers));
}

/// Logits at every new token, or at each sequence's last one.
at::Tensor Model::go_on(State& state, const std::vector<std::vector<std::int64_t>>& tokens, bool last_alone,
                        const Context& context) const {
  const at::NoGradGuard no_gradients;
  std::vector<std::int64_t> before;
  for (std::size_t b = 0; b < tokens.size(); ++b)
    before.push_back(state.length(static_cast<std::int64_t>(b)));
  const Input input = continuation(tokens, before);
  return read(run(
      input, last_alone ? &input.last : nullptr,
      [&](std::size_t l, const at::Tensor& x, const mixers::MixContext& asked, bool last) {
        const at::Tensor mixed = layers_[l].mixer->advance(*state.layers_[l], x, input, asked);
        return last && last_alone ? mixed.index_select(0, input.last) : mixed;
      },
      context, &state));
}

at::Tensor Model::advance(State& state, const std::vector<std::vector<std::int64_t>>& tokens,
                          const Context& context) const {
  return go_on(state, tokens, false, context);
}

at::Tensor Model::advance_last(State& state, const std::vector<std::vector<std::int64_t>>& tokens,
                               const Context& context) const {
  for (std::size_t b = 0; b < tokens.size(); ++b)
    if (tokens[b].empty())
      throw std::invalid_argument(fmt::format("advance_last: sequence {} has no new token", b));
  return go_on(state, tokens, true, context);
}

Input pack(std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens,
           std::span<const std::int64_t> which) {
  if (starts.empty() || starts.front() != 0 || starts.back() != static_cast<std::int64_t>(tokens.size()))
    throw std::invalid_argument("pack: starts must rise from 0 to the number of tokens");
  const auto length = [&](std::int64_t b) {
    return starts[static_cast<std::size_t>(b) + 1] - starts[static_cast<std::size_t>(b)];
  };
  const auto batch = static_cast<std::int64_t>(which.size());
  std::int64_t total = 0;
  Input in;
  for (const std::int64_t b : which) {
    if (b < 0 || b + 1 >= static_cast<std::int64_t>(starts.size()) ||
        starts[static_cast<std::size_t>(b)] < 0 || starts[static_cast<std::size_t>(b) + 1] > starts.back())
      throw std::invalid_argument("pack: a sequence lies outside the tokens");
    if (length(b) < 1) throw std::invalid_argument("pack: a sequence has no token");
    total += length(b);
    in.longest = std::max(in.longest, length(b));
  }
  in.tokens = at::empty({total}, at::kLong);
  in.position = at::empty({total}, at::kLong);
  in.last = at::empty({batch}, at::kLong);
  in.last_position = at::empty({batch}, at::kLong);
  auto* token = in.tokens.data_ptr<std::int64_t>();
  auto* position = in.position.data_ptr<std::int64_t>();
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < batch; ++i) {
    const std::int64_t b = which[static_cast<std::size_t>(i)], first = starts[static_cast<std::size_t>(b)];
    for (std::int64_t t = 0; t < length(b); ++t, ++n) {
      token[n] = tokens[static_cast<std::size_t>(first + t)];
      position[n] = t;
    }
    in.starts.push_back(n);
    in.last.data_ptr<std::int64_t>()[i] = n - 1;
    in.last_position.data_ptr<std::int64_t>()[i] = length(b) - 1;
  }
  return in;
}

Input pack(std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens) {
  std::vector<std::int64_t> all(starts.empty() ? 0 : starts.size() - 1);
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return pack(starts, tokens, all);
}

Input continuation(const std::vector<std::vector<std::int64_t>>& tokens,
                   const std::vector<std::int64_t>& before) {
  if (tokens.size() != before.size())
    throw std::invalid_argument("continuation: there must be one length for each sequence");
  std::vector<std::int64_t> all, position, last, last_position;
  Input in;
  for (std::size_t b = 0; b < tokens.size(); ++b) {
    std::int64_t place = before[b];
    for (std::int64_t token : tokens[b]) {
      all.push_back(token);
      position.push_back(place++);
    }
    in.starts.push_back(static_cast<std::int64_t>(all.size()));
    last.push_back(tokens[b].empty() ? -1 : in.starts.back() - 1);
    last_position.push_back(place - 1);
    in.longest = std::max(in.longest, place);
  }
  in.tokens = at::tensor(all, at::kLong);
  in.position = at::tensor(position, at::kLong);
  in.last = at::tensor(last, at::kLong);
  in.last_position = at::tensor(last_position, at::kLong);
  return in;
}

}  // namespace yore::model
