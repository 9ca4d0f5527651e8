#include "yore/mixers/common/scan_layer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "yore/mixers/common/recurrent_state.h"

namespace yore::mixers {

ScanLayer::ScanLayer(const Spec& spec, MixerSetting setting, const scan::Setting& scan,
                     const Convolution& convolution, const ScanAccess& access)
    : Mixer(spec, std::move(setting)), scan_(scan), convolution_(convolution), access_(access) {
  scan::check(scan_);
  kind_ = spec.name() + " " + this->setting().options.dump();
}

at::Tensor ScanLayer::forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const {
  at::Tensor projected = project(x);
  if (convolution_.width > 0)
    projected = activated(conv_packed(projected, conv_weight(), conv_bias(), rows.starts));
  ScanInput in = placed(input(x, projected), rows);
  if (access_.strict_read) {
    const at::Tensor all = written(in);
    in = with_written(std::move(in), conv_packed(all, delay(all), {}, rows.starts));
  }
  const at::Tensor mixed = scan_packed(in_steps(std::move(in)), in_steps(rows.starts), scan_);
  return output(x, projected, last_steps(mixed), context);
}

std::unique_ptr<State> ScanLayer::start(const StateSetting& setting) const {
  std::vector<std::unique_ptr<State>> parts;
  if (access_.steps == 1) {
    parts.push_back(start_scan(scan_, kind_, type(), setting));
  } else {
    StateSetting stepped = setting;
    stepped.rollback *= access_.steps;
    stepped.max_tokens *= access_.steps;
    parts.push_back(std::make_unique<SteppedState>(start_scan(scan_, kind_, type(), stepped), access_.steps,
                                                   setting.rollback, setting.max_tokens));
  }
  if (convolution_.width > 0)
    parts.push_back(start_conv(convolution_.channels, convolution_.width, kind_, type(), setting));
  if (access_.strict_read)
    parts.push_back(start_conv(written_numbers(scan_, access_), 2, kind_, type(), setting));
  return std::make_unique<StateList>(std::move(parts));
}

at::Tensor ScanLayer::advance(State& state, const at::Tensor& x, const PackedRows& rows,
                              const MixContext& context) const {
  const at::NoGradGuard no_gradients;
  auto& parts = dynamic_cast<StateList&>(state);
  at::Tensor projected = project(x);
  if (convolution_.width > 0)
    projected = activated(advance_conv(parts.part(1), projected, conv_weight(), conv_bias(), rows.starts));
  ScanInput in = placed(input(x, projected), rows);
  if (access_.strict_read) {
    const at::Tensor all = written(in);
    in = with_written(std::move(in),
                      advance_conv(parts.part(parts.parts() - 1), all, delay(all), {}, rows.starts));
  }
  State& scan_state =
      access_.steps == 1 ? parts.part(0) : dynamic_cast<SteppedState&>(parts.part(0)).inner_for(rows.starts);
  const at::Tensor mixed = advance_scan(scan_state, in_steps(std::move(in)), in_steps(rows.starts), scan_);
  return output(x, projected, last_steps(mixed), context);
}

at::Tensor ScanLayer::delay(const at::Tensor& like) const {
  at::Tensor taps = at::zeros({like.size(1), 2}, like.options().requires_grad(false));
  taps.select(1, 0).fill_(1);
  return taps;
}

at::Tensor ScanLayer::written(const ScanInput& in) const {
  std::vector<at::Tensor> parts = {in.k.flatten(1), in.v.flatten(1)};
  // 0 times an infinite logarithm would be no number.
  if (in.log_decay.defined()) parts.push_back(at::clamp_min(in.log_decay, scan::kForgotten).flatten(1));
  if (access_.strengths) parts.push_back(in.beta.flatten(1));
  return at::cat(parts, 1);
}

ScanInput ScanLayer::with_written(ScanInput in, const at::Tensor& columns) const {
  std::int64_t from = 0;
  const auto take = [&](at::Tensor& part) {
    const std::int64_t count = part.numel() / std::max<std::int64_t>(1, part.size(0));
    part = columns.narrow(1, from, count).reshape(part.sizes());
    from += count;
  };
  if (columns.size(0) == 0) return in;
  take(in.k);
  take(in.v);
  if (in.log_decay.defined()) take(in.log_decay);
  if (access_.strengths) take(in.beta);
  return in;
}

ScanInput ScanLayer::in_steps(ScanInput in) const {
  const std::int64_t steps = access_.steps;
  if (steps == 1) return in;
  // What is read before the last step, and decays after the first, is nothing.
  const auto alone = [&](const at::Tensor& part, bool first) {
    const at::Tensor row = part.unsqueeze(1);
    std::vector<std::int64_t> others = row.sizes().vec();
    others[1] = steps - 1;
    const at::Tensor none = at::zeros(others, part.options().requires_grad(false));
    return at::cat(first ? std::vector<at::Tensor>{row, none} : std::vector<at::Tensor>{none, row}, 1)
        .flatten(0, 1);
  };
  in.q = alone(in.q, false);
  in.k = in.k.reshape({-1, scan_.key_heads, scan_.key_dim});
  in.v = in.v.reshape({-1, scan_.heads, scan_.value_dim});
  if (in.log_decay.defined()) in.log_decay = alone(in.log_decay, true);
  if (in.beta.defined()) in.beta = in.beta.reshape({-1, scan_.heads});
  return in;
}

at::Tensor ScanLayer::last_steps(const at::Tensor& mixed) const {
  if (access_.steps == 1) return mixed;
  return mixed.view({-1, access_.steps, scan_.heads, scan_.value_dim}).select(1, access_.steps - 1);
}

std::vector<std::int64_t> ScanLayer::in_steps(std::vector<std::int64_t> starts) const {
  for (std::int64_t& start : starts) start *= access_.steps;
  return starts;
}

ScanInput ScanLayer::placed(ScanInput input, const PackedRows&) const {
  return input;
}

at::Tensor ScanLayer::activated(const at::Tensor& x) const {
  return convolution_.silu ? at::silu(x) : x;
}

at::Tensor ScanLayer::gated(const at::Tensor& y, const MixContext& context) const {
  return context.head_gates.defined() ? y * context.head_gates.view({1, heads(), 1}) : y;
}

at::Tensor ScanLayer::heads_of(const at::Tensor& x, std::int64_t from, std::int64_t heads, std::int64_t dim) {
  return x.narrow(1, from, heads * dim).view({-1, heads, dim});
}

}  // namespace yore::mixers
