#include "bench/scan_problem.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "bench/check.h"
#include "yore/base/random.h"

namespace yore::bench {

using mixers::scan::Decay;
using mixers::scan::Rule;

const std::vector<ScanRule>& scan_rules() {
  static const std::vector<ScanRule> all = {{"retention", "gated", Decay::Head, Rule::Add},
                                            {"gla", "gated", Decay::Key, Rule::Add},
                                            {"delta_net", "delta", Decay::None, Rule::Delta},
                                            {"gated_delta_net", "gated_delta", Decay::Head, Rule::Delta},
                                            {"kda", "gated_delta", Decay::Key, Rule::Delta}};
  return all;
}

ScanProblem::ScanProblem(const ScanRule& chosen, int time, int heads, int dim)
    : rule(chosen), time_(time), starts_{0, time} {
  setting = {heads, heads, dim, dim, rule.decay, rule.rule, 1 / std::sqrt(static_cast<double>(dim))};
  base::Random random(3);
  const auto rows = static_cast<std::size_t>(time) * static_cast<std::size_t>(heads),
             width = static_cast<std::size_t>(dim);
  const auto draw = [&](std::size_t count, double low, double high) {
    std::vector<float> x(count);
    for (float& y : x) y = static_cast<float>(low + (high - low) * random.uniform());
    return x;
  };
  q = draw(rows * width, -1, 1);
  k = draw(rows * width, -1, 1);
  for (std::size_t r = 0; r < rows; ++r) {
    double squares = 0;
    for (std::size_t d = 0; d < width; ++d)
      squares += static_cast<double>(k[r * width + d]) * k[r * width + d];
    for (std::size_t d = 0; d < width; ++d) k[r * width + d] /= static_cast<float>(std::sqrt(squares));
  }
  v = draw(rows * width, -1, 1);
  grad = draw(rows * width, -1, 1);
  log_decay = draw(rows * static_cast<std::size_t>(setting.decays()), -0.1, 0);
  if (rule.rule == Rule::Delta) beta = draw(rows, 0, 1);
  for (std::vector<float>* x : {&out, &grad_q, &grad_k, &grad_v}) x->resize(rows * width);
  grad_decay.resize(log_decay.size());
  grad_beta.resize(beta.size());
  kept_.resize(static_cast<std::size_t>(mixers::scan::kept_size(setting, 1, starts_.data())));
  states_.resize(static_cast<std::size_t>(setting.heads * setting.state_size()));

  // The recurrence, one number after another, in double.
  right_.resize(out.size());
  for (std::size_t h = 0; h < static_cast<std::size_t>(heads); ++h) {
    std::vector<double> state(width * width, 0), error(width);
    for (std::size_t t = 0; t < static_cast<std::size_t>(time); ++t) {
      const std::size_t row = t * static_cast<std::size_t>(heads) + h;
      for (std::size_t i = 0; i < width; ++i) {
        const double a = rule.decay == Decay::None ? 1
                         : rule.decay == Decay::Head
                             ? std::exp(static_cast<double>(log_decay[row]))
                             : std::exp(static_cast<double>(log_decay[row * width + i]));
        for (std::size_t j = 0; j < width; ++j) state[i * width + j] *= a;
      }
      for (std::size_t j = 0; j < width; ++j) {
        error[j] = v[row * width + j];
        if (rule.rule == Rule::Delta) {
          for (std::size_t i = 0; i < width; ++i) error[j] -= state[i * width + j] * k[row * width + i];
          error[j] *= beta[row];
        }
      }
      for (std::size_t i = 0; i < width; ++i)
        for (std::size_t j = 0; j < width; ++j) {
          state[i * width + j] += k[row * width + i] * error[j];
          right_[row * width + j] += setting.scale * q[row * width + i] * state[i * width + j];
        }
    }
  }
}

mixers::scan::Problem<float> ScanProblem::problem(int threads) const {
  mixers::scan::Problem<float> p;
  p.setting = setting;
  p.batch = 1;
  p.starts = starts_.data();
  const std::int64_t dims = setting.key_dim, row = setting.heads * dims;
  p.q = {q.data(), row, dims};
  p.k = {k.data(), row, dims};
  p.v = {v.data(), row, dims};
  const std::int64_t each = setting.decays();
  if (each > 0) p.log_decay = {log_decay.data(), setting.heads * each, each};
  if (!beta.empty()) p.beta = {beta.data(), setting.heads, 1};
  p.threads = threads;
  return p;
}

void ScanProblem::forward(int threads) {
  const std::int64_t dims = setting.key_dim, row = setting.heads * dims;
  mixers::scan::forward<float>(problem(threads), {out.data(), row, dims}, nullptr, kept_.data());
}

void ScanProblem::infer(int threads) {
  const std::int64_t dims = setting.key_dim, row = setting.heads * dims;
  mixers::scan::forward<float>(problem(threads), {out.data(), row, dims}, states_.data(), nullptr);
}

void ScanProblem::backward(int threads) {
  const std::int64_t dims = setting.key_dim, row = setting.heads * dims;
  mixers::scan::Gradients<float> g;
  g.q = {grad_q.data(), row, dims};
  g.k = {grad_k.data(), row, dims};
  g.v = {grad_v.data(), row, dims};
  const std::int64_t each = setting.decays();
  if (each > 0) g.log_decay = {grad_decay.data(), setting.heads * each, each};
  if (!beta.empty()) g.beta = {grad_beta.data(), setting.heads, 1};
  mixers::scan::backward<float>(problem(threads), {out.data(), row, dims}, kept_.data(),
                                {grad.data(), row, dims}, nullptr, g);
}

void ScanProblem::token() {
  const std::int64_t dims = setting.key_dim, row = setting.heads * dims, starts[] = {next_, next_ + 1};
  mixers::scan::Problem<float> p = problem(1);
  p.starts = starts;
  mixers::scan::advance<float>(p, states_.data(), {out.data(), row, dims});
  next_ = (next_ + 1) % time_;
}

void ScanProblem::check_against(const std::vector<float>& outputs, const std::string& who) const {
  // Roundings of a float in sums over a state's rows and a decaying past: sqrt(2 K) of them, and as much
  // again.
  double size = 0;
  for (const double x : right_) size = std::max(size, std::abs(x));
  const double allowed = size * 6e-8 * 3 * std::sqrt(4.0 * setting.key_dim) * 4;
  if (outputs.size() != right_.size()) throw Mismatch(fmt::format("{}: {} outputs", who, outputs.size()));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!(std::abs(outputs[i] - right_[i]) <= allowed))
      throw Mismatch(
          fmt::format("{}, {}: output {} is {}, and should be {}", rule.name, who, i, outputs[i], right_[i]));
}

void ScanProblem::check_gradients(TorchScan& torch) const {
  torch.train(true);
  const std::vector<float>* ours[] = {&grad_q, &grad_k, &grad_v, &grad_decay, &grad_beta};
  for (std::size_t n = 0; n < 5; ++n) {
    const std::vector<float> theirs = torch.gradient(n);
    double size = 0;
    for (const float x : theirs) size = std::max(size, std::abs(static_cast<double>(x)));
    for (std::size_t i = 0; i < theirs.size(); ++i)
      if (!(std::abs(static_cast<double>((*ours[n])[i]) - theirs[i]) <= 2e-4 * size))
        throw Mismatch(fmt::format("{}: gradient {} of input {} is {}, torch's {}", rule.name, i, n,
                                   (*ours[n])[i], theirs[i]));
  }
}

double ScanProblem::forward_flops() const {
  const double state = static_cast<double>(setting.state_size()) * setting.heads * time_;
  return state * (rule.rule == Rule::Delta ? 6 : 4);
}
double ScanProblem::backward_flops() const {
  return 2 * forward_flops();
}

TorchScan::TorchScan(const ScanProblem& p) : p_(p) {
  const std::int64_t time = p.time(), heads = p.heads(), dim = p.dim();
  const auto tensor = [&](const std::vector<float>& x, std::int64_t last) {
    return at::from_blob(const_cast<float*>(x.data()), {time, heads, last}, at::kFloat)
        .transpose(0, 1)
        .contiguous();
  };
  inputs_ = {tensor(p.q, dim), tensor(p.k, dim), tensor(p.v, dim)};
  const std::int64_t each = p.setting.decays();
  inputs_.push_back(each > 0 ? tensor(p.log_decay, each) : at::zeros({heads, time, 1}));
  inputs_.push_back(p.beta.empty() ? at::ones({heads, time, 1}) : tensor(p.beta, 1));
  for (at::Tensor& x : inputs_) x.set_requires_grad(true);
  cotangent_ = tensor(p.grad, dim);
}

at::Tensor TorchScan::by_steps() const {
  const at::Tensor &q = inputs_[0], &k = inputs_[1], &v = inputs_[2], a = at::exp(inputs_[3]),
                   &beta = inputs_[4];
  at::Tensor state = at::zeros({p_.heads(), p_.dim(), p_.dim()});
  std::vector<at::Tensor> outs;
  for (std::int64_t t = 0; t < p_.time(); ++t) {
    state = state * a.select(1, t).unsqueeze(-1);
    at::Tensor written = v.select(1, t);
    if (p_.rule.rule == Rule::Delta)
      written = (written - at::matmul(k.select(1, t).unsqueeze(1), state).squeeze(1)) * beta.select(1, t);
    state = state + k.select(1, t).unsqueeze(-1) * written.unsqueeze(1);
    outs.push_back(at::matmul(q.select(1, t).unsqueeze(1), state).squeeze(1));
  }
  return at::stack(outs, 1) * p_.setting.scale;
}

/// Sums of logarithms within a chunk, products of pairs by their differences, the delta rule by a triangular
/// solve.
at::Tensor TorchScan::by_chunks() const {
  const std::int64_t size = 32;
  at::Tensor state = at::zeros({p_.heads(), p_.dim(), p_.dim()});
  std::vector<at::Tensor> outs;
  for (std::int64_t first = 0; first < p_.time(); first += size) {
    const std::int64_t n = std::min(size, p_.time() - first);
    const auto part = [&](std::size_t i) { return inputs_[i].narrow(1, first, n); };
    const at::Tensor q = part(0), k = part(1), v = part(2), until = part(3).cumsum(1), beta = part(4);
    const at::Tensor grown = at::exp(until), left = at::exp(until.narrow(1, n - 1, 1) - until);
    // [heads, n, n]; keys grow by e^-until, which is at most e^3.2 here.
    const at::Tensor keys = k * at::exp(-until);
    at::Tensor written = v;
    if (p_.rule.rule == Rule::Delta) {
      const at::Tensor seen = at::matmul(k * grown, keys.transpose(1, 2)).tril(-1) * beta;
      const at::Tensor right = (v - at::matmul(k * grown, state)) * beta;
      written = at::linalg_solve_triangular(seen + at::eye(n), right, false, true, true);
    }
    const at::Tensor pairs = at::matmul(q * grown, keys.transpose(1, 2)).tril();
    outs.push_back(at::matmul(q * grown, state) + at::matmul(pairs, written));
    state = state * grown.select(1, n - 1).unsqueeze(-1) + at::matmul((k * left).transpose(1, 2), written);
  }
  return at::cat(outs, 1) * p_.setting.scale;
}

void TorchScan::steps() {
  const at::NoGradGuard no_gradients;
  out_ = by_steps();
}
void TorchScan::chunks() {
  const at::NoGradGuard no_gradients;
  out_ = by_chunks();
}
void TorchScan::train(bool in_chunks) {
  const at::Tensor y = in_chunks ? by_chunks() : by_steps();
  gradients_ = torch::autograd::grad({(y * cotangent_).sum()}, inputs_, {}, {}, false, true);
}

namespace {
std::vector<float> numbers(const at::Tensor& x) {
  const at::Tensor flat = x.detach().transpose(0, 1).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}
}  // namespace

std::vector<float> TorchScan::answer() const {
  return numbers(out_);
}
std::vector<float> TorchScan::gradient(std::size_t input) const {
  const bool there = input < 3 || (input == 3 ? p_.rule.decay != Decay::None : p_.rule.rule == Rule::Delta);
  return there && gradients_.at(input).defined() ? numbers(gradients_[input]) : std::vector<float>();
}

}  // namespace yore::bench
