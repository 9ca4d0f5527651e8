#include "yore/mixers/common/delta_layer.h"
#include "yore/mixers/common/linear_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <stdexcept>

namespace yore::mixers {
namespace {

at::Tensor apply(KeyActivation activation, const at::Tensor& x) {
  switch (activation) {
    case KeyActivation::Silu:
      return at::silu(x);
    case KeyActivation::Relu:
      return at::relu(x);
    case KeyActivation::EluPlusOne:
      return at::elu(x) + 1;
    case KeyActivation::None:
      break;
  }
  return x;
}

at::Tensor normed(KeyNorm norm, const at::Tensor& x) {
  if (norm == KeyNorm::None) return x;
  if (norm == KeyNorm::L2) return l2_norm(x, kKeyNormEpsilon);
  return x / (x.sum({-1}, true) + kKeyNormEpsilon);
}

}  // namespace

DeltaLayer::DeltaLayer(const Spec& spec, const MixerSetting& setting, const DeltaOptions& options)
    : ScanLayer(spec, setting, options.scan, {options.channels(), options.conv, false}, options.access),
      options_(options) {}

const at::Tensor& DeltaLayer::named(const char* name) const {
  for (std::size_t i = 0; i < parameters().size(); ++i)
    if (parameters()[i].name == name) return value(i);
  throw std::logic_error(std::string("no parameter ") + name);
}

at::Tensor DeltaLayer::project(const at::Tensor& x) const {
  return linear_map(x, named("qkv.weight"));
}
at::Tensor DeltaLayer::conv_weight() const {
  return named("conv.weight");
}
at::Tensor DeltaLayer::conv_bias() const {
  return options_.conv_bias ? named("conv.bias") : at::Tensor();
}

at::Tensor DeltaLayer::beta(const at::Tensor& x) const {
  const double most = options_.negative_eigenvalues ? 2 : 1;
  if (options_.beta) {
    const at::Tensor beta = at::sigmoid(linear_map(x, named("beta.weight")));
    return most == 1 ? beta : beta * most;
  }
  return most == 1 ? at::Tensor() : at::full({x.size(0), options_.access.steps * heads()}, most, x.options());
}

ScanInput DeltaLayer::input(const at::Tensor& x, const at::Tensor& projected) const {
  const scan::Setting& s = scan();
  const std::int64_t steps = options_.access.steps, values = steps * options_.values(),
                     keys = (1 + steps) * options_.keys();  // queries too
  at::Tensor qk, v;
  if (options_.key_activation == KeyActivation::Silu && options_.value_silu) {
    const at::Tensor all = at::silu(projected);
    qk = all.narrow(1, 0, keys);
    v = all.narrow(1, keys, values);
  } else {
    qk = apply(options_.key_activation, projected.narrow(1, 0, keys));
    v = projected.narrow(1, keys, values);
    if (options_.value_silu) v = at::silu(v);
  }
  qk = normed(options_.key_norm, heads_of(qk, 0, (1 + steps) * s.key_heads, s.key_dim));
  return {qk.narrow(1, 0, s.key_heads), qk.narrow(1, s.key_heads, steps * s.key_heads),
          heads_of(v, 0, steps * s.heads, s.value_dim),
          s.decay == scan::Decay::None ? at::Tensor() : log_decay(x), beta(x)};
}

at::Tensor DeltaLayer::output(const at::Tensor& x, const at::Tensor&, const at::Tensor& mixed,
                              const MixContext& context) const {
  at::Tensor y = options_.out_norm ? rms_norm(mixed, named("out_norm.weight"), options_.norm_epsilon) : mixed;
  if (options_.gate != OutputGate::None) {
    const at::Tensor gate = options_.gate_rank == 0
                                ? linear_map(x, named("gate.weight"))
                                : linear_map(linear_map(x, named("gate_in.weight")), named("gate_out.weight"),
                                             named("gate_out.bias"));
    y = y * heads_of(options_.gate == OutputGate::Silu ? at::silu(gate) : at::sigmoid(gate), 0, heads(),
                     scan().value_dim);
  }
  return linear_map(gated(y, context).reshape({-1, options_.values()}), named("out.weight"));
}

}  // namespace yore::mixers
