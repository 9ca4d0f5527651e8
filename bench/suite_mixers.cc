// Every mechanism of the registry as a layer, and the scan that most of them run on beside what others have:
// ONNX Runtime's LinearAttention, the recurrence step by step in torch, its chunk form in torch, and
// attention over a window whose state has the same size.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "bench/ceilings.h"
#include "bench/check.h"
#include "bench/scan_problem.h"
#include "bench/suite.h"
#include "yore/mixers/mixer.h"

namespace yore::bench {
namespace {

/// One sequence of `tokens` rows.
mixers::PackedRows rows_of(std::int64_t tokens, std::int64_t before = 0) {
  mixers::PackedRows rows;
  rows.starts = {0, tokens};
  rows.position = at::arange(before, before + tokens, at::kLong);
  rows.last = at::tensor({tokens - 1}, at::kLong);
  rows.last_position = at::tensor({before + tokens - 1}, at::kLong);
  rows.longest = before + tokens;
  return rows;
}

}  // namespace

/// What a layer of width 256 costs, its options the published defaults: forward, with backward, and one
/// token.
void Suite::layers() {
  if (!wanted("layers")) return;
  const std::int64_t width = 256, time = options_.quick ? 64 : 1024;
  for (const mixers::Spec* spec : mixers::specs()) {
    const auto layer = mixers::make_mixer(spec->name(), {width, base::Json::object()});
    std::vector<at::Tensor> parameters;
    at::manual_seed(1);
    for (const mixers::ParameterSpec& p : layer->parameters())
      parameters.push_back(
          (at::randn(p.shape) / std::sqrt(static_cast<double>(p.shape.back()))).set_requires_grad(true));
    layer->bind(parameters);
    const at::Tensor x = at::randn({time, width}), cotangent = at::randn({time, width});
    const mixers::PackedRows rows = rows_of(time), one = rows_of(1, time);
    double flops = 0;
    for (std::int64_t t = 0; t < time; ++t) flops += spec->flops(layer->setting(), t);
    const auto state = layer->start({1, 0, 0});
    layer->advance(*state, x, rows);
    const at::Tensor token = x.narrow(0, 0, 1);
    const auto forward = [&] {
      const at::NoGradGuard no_gradients;
      layer->forward(x, rows);
    };
    const auto step = [&] {
      torch::autograd::grad({(layer->forward(x, rows) * cotangent).sum()}, parameters);
    };
    const auto decode = [&] {
      const std::int64_t at = state->length(0);
      layer->advance(*state, token, rows_of(1, at));
    };
    const auto fma = [] { fma_chains(kFmaRounds); };
    const std::string name = fmt::format("layer {} of width {}, T {}", spec->name(), width, time);
    add(name + ", forward", measure({contender("yore", forward), contender("fma", fma)}), flops);
    add(name + ", forward + backward", measure({contender("yore", step), contender("fma", fma)}), 3 * flops);
    add(fmt::format("layer {} of width {}, a token after {}", spec->name(), width, time),
        measure({contender("yore", decode), contender("fma", fma)}), spec->flops(layer->setting(), time))
        .note = fmt::format("state {} bytes", spec->state_bytes(layer->setting(), time));
  }
}

void Suite::scans() {
  for (const ScanRule& rule : scan_rules()) {
    if (!wanted("scan_" + rule.name)) continue;
    const auto fma = [] { fma_chains(kFmaRounds); };
    for (const int dim : {64, 128}) {
      ScanProblem p(rule, options_.quick ? 96 : 1024, 8, dim);
      p.infer(1);
      p.check("the chunk scan");
      std::vector<Contender> contenders = {contender("yore", [&] { p.infer(1); }), contender("fma", fma)};
      if (onnx_) {
        onnx_->load(p);
        onnx_->run();
        p.check_against(onnx_->answer(p), "ONNX Runtime");
        Contender c = contender(
            "onnxruntime", [] {}, 7);
        c.work = [this] { return onnx_->run(); };
        c.clock = Clock::Own;
        contenders.push_back(c);
      }
      // Softmax attention whose window holds as many numbers as the state: dim / 2 keys and values.
      Problem window([&] {
        Shape s;
        s.time = p.time();
        s.dim = dim;
        s.lookback = dim / 2 - 1;
        return s;
      }());
      contenders.push_back(contender("window", [&] { window.forward(1); }));
      Row& row =
          add(fmt::format("scan, {}, d {}, forward", rule.name, dim), measure(contenders), p.forward_flops());
      if (const auto other = row.ratio("window"))
        row.note = fmt::format("{:.2f} x attention over {} keys", *other, dim / 2);
      target(fmt::format("scan, {}, d {}, forward, x ONNX Runtime", rule.name, dim), 3,
             row.ratio("onnxruntime"));

      std::vector<Contender> one = {contender("yore", [&] { p.token(); })};
      if (onnx_) {
        onnx_->load(p, 1);
        onnx_->run();
        Contender c = contender(
            "onnxruntime", [] {}, 15);
        c.work = [this] { return onnx_->run(); };
        c.clock = Clock::Own;
        one.push_back(c);
      }
      Row& step = add(fmt::format("scan, {}, d {}, one token", rule.name, dim), measure(one), 0);
      target(fmt::format("scan, {}, d {}, one token, x ONNX Runtime", rule.name, dim), 1,
             step.ratio("onnxruntime"));
    }
    const int time = options_.quick ? 96 : 2048;
    ScanProblem p(rule, time, 4, 64);
    p.forward(1);
    p.check("the chunk scan");
    TorchScan torch(p);
    torch.steps();
    p.check_against(torch.answer(), "torch, step by step");
    torch.chunks();
    p.check_against(torch.answer(), "torch, in chunks");
    p.backward(1);
    p.check_gradients(torch);
    Row& row = add(fmt::format("scan, {}, d 64, T {}, forward + backward", rule.name, time),
                   measure({contender("yore",
                                      [&] {
                                        p.forward(1);
                                        p.backward(1);
                                      }),
                            contender("fma", fma),
                            contender(
                                "torch_steps", [&] { torch.train(false); }, 3),
                            contender(
                                "torch_chunks", [&] { torch.train(true); }, 5)}),
                   p.forward_flops() + p.backward_flops());
    target(fmt::format("scan, {}, forward + backward, of the floor", rule.name), 0.35, row.of_peak);
    target(fmt::format("scan, {}, forward + backward, x torch step by step", rule.name), 20,
           row.ratio("torch_steps"));
    target(fmt::format("scan, {}, forward + backward, x torch in chunks", rule.name), 4,
           row.ratio("torch_chunks"));
    if (options_.quick) continue;
    ScanProblem wide(rule, 32768, 4, 64);
    const auto both = [](ScanProblem& q, int threads) {
      return [&q, threads] {
        q.forward(threads);
        q.backward(threads);
      };
    };
    const auto by_clock = [&](const std::string& name, std::function<void()> work) {
      Contender c = contender(name, std::move(work), 9);
      c.clock = Clock::Wall;
      return c;
    };
    Row& grown = add(fmt::format("scan, {}, d 64, T 32768 and 2048", rule.name),
                     measure({contender("yore", both(wide, 1), 5), contender("short", both(p, 1))}), 0);
    const double factor = grown.seconds("yore") / (16 * grown.seconds("short"));
    grown.note = fmt::format("{:.2f} x 16 times T 2048", factor);
    target(fmt::format("scan, {}, time at T 32768 over 16 times that at T 2048", rule.name), 1.15, factor,
           true);
    Row& two = add(fmt::format("scan, {}, d 64, T 2048, forward + backward, two threads", rule.name),
                   measure({by_clock("yore", both(p, 2)), by_clock("one_thread", both(p, 1))}), 0);
    two.by_best = true;
    target(fmt::format("scan, {}, two threads, x one", rule.name), 1.8, two.ratio("one_thread"));
  }
}

}  // namespace yore::bench
