#include "yore/mixers/common/layer_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "yore/mixers/common/scan.h"

namespace yore::mixers {

std::string graph_waves(GraphWriter& graph, const GraphSequences& sequences, const std::string& name,
                        const std::vector<double>& rates, const std::vector<double>& phases) {
  // TensorProto's numbers of types.
  constexpr std::int64_t kFloat = 1, kDouble = 11;
  const GraphWriter::Shape columns = {static_cast<std::int64_t>(rates.size())};
  const std::string place = graph.node(name + ".place", "Cast", {sequences.place}, {{"to", kDouble}});
  const std::string column =
      graph.node(name + ".column", "Unsqueeze", {place, graph.integers(name + ".axis", {1}, {1})});
  const std::string angle =
      graph.node(name + ".angle", "Mul", {column, graph.doubles(name + ".rates", columns, rates)});
  const std::string shifted =
      graph.node(name + ".shifted", "Add", {angle, graph.doubles(name + ".phases", columns, phases)});
  return graph.node(name, "Cast", {graph.node(name + ".sine", "Sin", {shifted})}, {{"to", kFloat}});
}

LayerGraph::LayerGraph(GraphWriter& graph, const Spec& spec, const MixerSetting& setting, std::string name,
                       const GraphSequences& sequences)
    : g_(graph), setting_(setting), name_(std::move(name)), sequences_(sequences) {
  for (const ParameterSpec& p : spec.parameters(setting)) parameters_.insert(p.name);
}

bool LayerGraph::has(const std::string& parameter) const {
  return parameters_.contains(parameter);
}

std::string LayerGraph::parameter(const std::string& name) const {
  if (!has(name)) throw std::logic_error(name_ + " has no parameter " + name);
  return named(name);
}

std::string LayerGraph::node(const std::string& what, const char* op, const std::vector<std::string>& inputs,
                             const std::vector<GraphWriter::Attribute>& attributes) {
  return g_.node(named(what), op, inputs, attributes);
}

std::string LayerGraph::op(const char* op, const std::vector<std::string>& inputs,
                           const std::vector<GraphWriter::Attribute>& attributes) {
  return node(fmt::format("{}.{}", op, made_++), op, inputs, attributes);
}

std::string LayerGraph::integers(const GraphWriter::Shape& values) {
  return g_.integers(named(fmt::format("integers.{}", made_++)), {static_cast<std::int64_t>(values.size())},
                     values);
}

std::string LayerGraph::rows(const std::string& x, std::vector<std::int64_t> dims) {
  dims.insert(dims.begin(), -1);
  return op("Reshape", {x, integers(dims)});
}

std::string LayerGraph::in_sequences(const std::string& x, std::vector<std::int64_t> dims) {
  return op("Reshape", {x, op("Concat", {integers({-1}), sequences_.length, integers(dims)}, {{"axis", 0}})});
}

std::string LayerGraph::part(const std::string& x, std::int64_t axis, std::int64_t from, std::int64_t count,
                             std::int64_t step) {
  return op("Slice",
            {x, integers({from}), integers({from + count * step}), integers({axis}), integers({step})});
}

std::string LayerGraph::heads_of(const std::string& x, std::int64_t from, std::int64_t heads,
                                 std::int64_t dim) {
  return rows(part(x, 1, from, heads * dim), {heads, dim});
}

std::string LayerGraph::reduced(const char* op, const std::string& x) {
  return g_.reduce(named(fmt::format("{}.{}", op, made_++)), op, x, -1, true);
}

std::string LayerGraph::linear(const std::string& name, const std::string& x) {
  std::vector<std::string> inputs = {x, parameter(name + ".weight")};
  if (has(name + ".bias")) inputs.push_back(parameter(name + ".bias"));
  return node(name, "Gemm", inputs, {{"transB", 1}});
}

std::string LayerGraph::silu(const std::string& x) {
  return op("Mul", {x, op("Sigmoid", {x})});
}

/// u log(1 + u) / ((1 + u) - 1): the rounding of 1 + u is the same above and below (Kahan).
std::string LayerGraph::log1p(const std::string& u) {
  const std::string one = real(1), sum = op("Add", {u, one}), back = op("Sub", {sum, one});
  const std::string nothing = op("Equal", {back, real(0)});
  const std::string share = op("Div", {op("Log", {sum}), op("Where", {nothing, one, back})});
  return op("Where", {nothing, u, op("Mul", {u, share})});
}

std::string LayerGraph::softplus(const std::string& x) {
  return op("Add", {op("Relu", {x}), log1p(op("Exp", {op("Neg", {op("Abs", {x})})}))});
}

std::string LayerGraph::log_sigmoid(const std::string& x) {
  return op("Neg", {softplus(op("Neg", {x}))});
}

/// (1 - u) x / log u with u = e^x, which is 1 - e^x with the rounding of u made good (Kahan).
std::string LayerGraph::one_minus_exp(const std::string& x) {
  // Below, the result is 1, and u must not be 0.
  const std::string above = op("Max", {x, real(-30)}), one = real(1), u = op("Exp", {above});
  const std::string log = op("Log", {u}), nothing = op("Equal", {log, real(0)});
  const std::string share = op("Div", {above, op("Where", {nothing, one, log})});
  return op("Where", {nothing, op("Neg", {above}), op("Mul", {op("Sub", {one, u}), share})});
}

// The constants are decay.cc's, which says why.
std::string LayerGraph::softplus_decay(const std::string& log_rate, const std::string& x) {
  const std::string below = op("Min", {op("Add", {x, real(40)}), real(0)});
  const std::string rate = op("Exp", {op("Min", {op("Add", {log_rate, below}), real(60)})});
  const std::string step = softplus(op("Max", {x, real(-40)}));
  return op("Max", {op("Neg", {op("Mul", {rate, step})}), real(scan::kForgotten)});
}

std::string LayerGraph::bounded_decay(const std::string& log_rate, const std::string& x, double lower_bound) {
  const std::string rate = op("Exp", {op("Min", {log_rate, real(60)})});
  return op("Mul", {op("Sigmoid", {op("Mul", {rate, x})}), real(lower_bound)});
}

std::string LayerGraph::rms_norm(const std::string& x, const std::string& weight, double epsilon) {
  const std::string mean = reduced("ReduceMean", op("Mul", {x, x}));
  return op("Mul", {op("Div", {x, op("Sqrt", {op("Add", {mean, real(epsilon)})})}), weight});
}

std::string LayerGraph::rotated(const std::string& x, const Rotary& rotary, std::int64_t heads,
                                std::int64_t dim) {
  const std::int64_t pairs = rotary.dims / 2;
  // One pair of tables for all layers that turn alike.
  const std::string turns = fmt::format("rotary.{}.{}.{}", rotary.dims, rotary.base,
                                        rotary_scaling_text(rotary.scaling)),
                    sine = turns + ".sine", cosine = turns + ".cosine";
  if (g_.first(turns)) {
    std::vector<double> rates = rotary_frequency_factors(rotary);
    for (std::size_t c = 0; c < rates.size(); ++c)  // spelt as in positions.cc
      rates[c] *= std::exp(static_cast<double>(c) *
                           (-2.0 * std::log(rotary.base) / static_cast<double>(rotary.dims)));
    const std::string axis = g_.integers(turns + ".axis", {1}, {1}),
                      length = g_.real(rotary_length_factor(rotary));
    for (const auto& [name, phase] : {std::pair{sine, 0.0}, std::pair{cosine, std::numbers::pi / 2}}) {
      const std::string wave =
          graph_waves(g_, sequences_, name + ".wave", rates, std::vector<double>(rates.size(), phase));
      // [n, 1, pairs]: the same for every head.
      g_.node(name, "Unsqueeze", {g_.node(name + ".long", "Mul", {wave, length}), axis});
    }
  }
  const std::string all = in_sequences(x, {heads, dim});
  const auto half = [&](std::int64_t i) {
    return rotary.adjacent ? part(all, 3, i, pairs, 2) : part(all, 3, i * pairs, pairs);
  };
  const std::string front = half(0), back = half(1);
  std::vector<std::string> turned = {op("Sub", {op("Mul", {front, cosine}), op("Mul", {back, sine})}),
                                     op("Add", {op("Mul", {front, sine}), op("Mul", {back, cosine})})};
  if (rotary.adjacent) {
    const std::string axis = integers({4});
    for (std::string& t : turned) t = op("Unsqueeze", {t, axis});
    turned = {in_sequences(op("Concat", turned, {{"axis", 4}}), {heads, 2 * pairs})};
  }
  if (dim > 2 * pairs) turned.push_back(part(all, 3, 2 * pairs, dim - 2 * pairs));
  return rows(turned.size() == 1 ? turned[0] : op("Concat", turned, {{"axis", 3}}), {heads, dim});
}

std::string LayerGraph::conv(const std::string& x, std::int64_t channels, std::int64_t width, bool silu) {
  const GraphWriter::Attribute across = {"perm", GraphWriter::Shape{0, 2, 1}};
  std::vector<std::string> inputs = {
      op("Transpose", {in_sequences(x, {channels})}, {across}),
      op("Reshape", {parameter("conv.weight"), integers({channels, 1, width})})};
  if (has("conv.bias")) inputs.push_back(parameter("conv.bias"));
  const std::string y = g_.stateful(named("conv"), "CausalConvWithState", inputs,
                                    {{"activation", std::string(silu ? "silu" : "none")}});
  return rows(op("Transpose", {y}, {across}), {channels});
}

std::string LayerGraph::projected(const std::string& x, std::int64_t channels, std::int64_t conv_width) {
  const std::string qkv = linear("qkv", x);
  return conv_width > 0 ? conv(qkv, channels, conv_width, true) : qkv;
}

std::string LayerGraph::alone_in_steps(const std::string& x, std::vector<std::int64_t> dims,
                                       std::int64_t steps, bool first) {
  dims.insert(dims.begin(), 1);
  const std::string row = rows(x, dims);
  GraphWriter::Shape times(dims.size() + 1, 1);
  times[1] = steps - 1;
  const std::string none = op("Expand", {op("Mul", {row, real(0)}), integers(times)});
  dims.erase(dims.begin());
  return rows(
      op("Concat", first ? std::vector{row, none} : std::vector{none, row}, {{"axis", std::int64_t{1}}}),
      dims);
}

std::string LayerGraph::scan(const std::string& what, const GraphScanInput& input, const scan::Setting& given,
                             const ScanAccess& access) {
  const std::int64_t steps = access.steps;
  if (!access.published()) {
    GraphScanInput in = input;
    if (access.strict_read) {
      in.k = a_token_later(in.k, steps * given.key_heads, given.key_dim);
      in.v = a_token_later(in.v, steps * given.heads, given.value_dim);
      if (!in.log_decay.empty()) in.log_decay = a_token_later(in.log_decay, given.heads, given.decays());
      if (!in.beta.empty()) in.beta = a_token_later(in.beta, steps * given.heads, 1);
    }
    if (steps == 1) return scan(what, in, given);
    in.q = alone_in_steps(in.q, {given.key_heads, given.key_dim}, steps, false);
    if (!in.log_decay.empty())
      in.log_decay = alone_in_steps(in.log_decay, {given.heads, given.decays()}, steps, true);
    in.k = rows(in.k, {given.key_heads, given.key_dim});
    in.v = rows(in.v, {given.heads, given.value_dim});
    if (!in.beta.empty()) in.beta = rows(in.beta, {given.heads, 1});
    const std::string length = sequences_.length;
    sequences_.length = op("Mul", {length, integers({steps})});
    const std::string y = scan(what, in, given);
    sequences_.length = length;
    return rows(part(rows(y, {steps, given.heads, given.value_dim}), 1, steps - 1, 1),
                {given.heads, given.value_dim});
  }
  const GraphScanInput& in = input;
  scan::Setting s = given;
  const std::int64_t columns = std::int64_t{s.heads} * s.value_dim;
  // The operator has no decay of a state's columns; but these know nothing of each other, so that each can be
  // a head.
  if (s.decay == scan::Decay::Value) {
    s.heads *= s.value_dim;
    s.value_dim = 1;
    s.decay = scan::Decay::Head;
  }
  const std::int64_t group = g_.groups_values() ? 1 : s.heads / s.key_heads, key_heads = group * s.key_heads;
  const auto spread = [&](std::string x) {
    if (group > 1) x = op("Expand", {rows(x, {s.key_heads, 1, s.key_dim}), integers({1, 1, group, 1})});
    return in_sequences(x, {key_heads * s.key_dim});
  };
  const bool delta = s.rule == scan::Rule::Delta, decays = s.decay != scan::Decay::None;
  std::string v = in.v, beta = in.beta;
  if (!delta && !beta.empty()) {
    v = op("Mul", {rows(v, {s.heads, s.value_dim}), rows(beta, {s.heads, 1})});
    beta.clear();
  }
  if (delta && beta.empty())  // all 1, in the shape of v's first column
    beta =
        op("Expand",
           {real(1), op("Shape", {in_sequences(part(rows(v, {s.heads, s.value_dim}), 2, 0, 1), {s.heads})})});
  std::vector<std::string> inputs = {spread(in.q), spread(in.k), in_sequences(v, {columns})};
  if (decays || delta) inputs.insert(inputs.end(), {"", ""});
  if (decays) inputs[4] = in_sequences(in.log_decay, {std::int64_t{s.heads} * s.decays()});
  if (delta) inputs.push_back(in_sequences(beta, {s.heads}));
  const std::string y = g_.stateful(named(what), "LinearAttention", inputs,
                                    {{"update_rule", std::string(delta    ? decays ? "gated_delta" : "delta"
                                                                 : decays ? "gated"
                                                                          : "linear")},
                                     {"q_num_heads", key_heads},
                                     {"kv_num_heads", std::int64_t{s.heads}},
                                     {"scale", static_cast<float>(s.scale)}});
  return rows(y, {given.heads, given.value_dim});
}

std::string LayerGraph::a_token_later(const std::string& x, std::int64_t heads, std::int64_t dim) {
  const std::string all = in_sequences(x, {heads, dim});
  const std::string none = op("Mul", {part(all, 1, 0, 1), real(0)});
  const std::string but_last = op("Slice", {all, integers({0}), integers({-1}), integers({1})});
  return rows(op("Concat", {none, but_last}, {{"axis", 1}}), {heads, dim});
}

std::string LayerGraph::slots(const GraphSlotInput& in, const slots::Setting& s) {
  std::string k = in.k;
  if (s.erase == slots::Erase::Delta) {  // as in slots_erase.cc
    const std::string erased = scan(
        "slots.erased",
        {in.write, a_token_later(in.write, s.heads, s.slots), a_token_later(k, s.heads, s.key_dim), "", ""},
        s.erased());
    k = op("Sub", {rows(k, {s.heads, s.key_dim}), erased});
  }
  const std::string logits = scan("slots.keys", {in.q, k, in.write, in.log_decay, ""}, s.keys());
  const auto biased = [&](const std::string& x) { return in.bias.empty() ? x : op("Add", {x, in.bias}); };
  std::string weights;
  if (in.filled.empty()) {
    weights = op("Softmax", {biased(logits)}, {{"axis", -1}});
  } else {
    // slots.cc's softmax: p / z of logits / z + log z.
    const std::string zero = real(0), one = real(1), seen = op("Greater", {in.filled, zero});
    const std::string z = op("Where", {seen, in.filled, one});
    const std::string x =
        op("Where", {seen, biased(op("Div", {logits, z})), real(std::numeric_limits<float>::lowest())});
    const std::string e = op("Where", {seen, op("Exp", {op("Sub", {x, reduced("ReduceMax", x)})}), zero});
    const std::string all = sum(op("Mul", {e, z}));
    // A token that sees no slot gives 0.
    weights = op("Div", {e, op("Where", {op("Greater", {all, zero}), all, one})});
  }
  return scan("slots.values", {weights, in.write, in.v, in.log_decay, ""}, s.values());
}

}  // namespace yore::mixers
