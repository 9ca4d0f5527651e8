#include "bench/suite.h"

#include <fmt/format.h>
#include <torch/version.h>

#include "bench/ceilings.h"
#include "bench/check.h"
#include "bench/memory.h"
#include "bench/training_step.h"
#include "yore/mixers/attention/bfloat16.h"

namespace yore::bench {
namespace {

/// The product that a tile of scores is: what OpenBLAS makes of the machine, which depends on the kernels it
/// has for it.
Sgemm tile() {
  return {128, 128, 64, true};
}

Shape shape_of(int time, int lookback, bool strict = false) {
  Shape s;
  s.time = time;
  s.lookback = lookback;
  s.strict = strict;
  return s;
}

/// The kernel's answer and the composition's.
void check_forward(Problem& p, TorchAttention& torch) {
  p.forward(1);
  check_output(p, p.out.data(), "kernel");
  torch.forward(true);
  check_output(p, torch.output(), "torch composition");
}

/// Gradients of a step through attention() and through the composition.
void check_steps(const Problem& p, TorchAttention& ours, TorchAttention& torch) {
  for (bool composition : {false, true}) {
    TorchAttention& who = composition ? torch : ours;
    who.step(composition);
    check_gradients(p, who.gradient(0), who.gradient(1), who.gradient(2),
                    composition ? "torch composition" : "attention()");
  }
}

}  // namespace

Suite::Suite(const Options& options) : options_(options), time_(options.quick ? 512 : 4096) {
  std::string why_not;
  onnx_ = OnnxRuntime::find(options.modules, why_not);
  report_.peers.emplace_back(
      "ONNX Runtime", onnx_ ? "onnxruntime-node " + onnx_->version() + ", GroupQueryAttention" : why_not);
  report_.peers.emplace_back("torch", "libtorch " TORCH_VERSION ", composition with a mask");
}

bool Suite::wanted(const std::string& group) const {
  if (group.find(options_.only) == std::string::npos) return false;
  fmt::print(stderr, "bench: {}\n", group);
  return true;
}

Contender Suite::contender(const std::string& name, std::function<void()> work, int repetitions) const {
  Contender c;
  c.name = name;
  c.work = [work = std::move(work)] {
    work();
    return 0.0;
  };
  c.repetitions = options_.quick ? 2 : repetitions > 0 ? repetitions : c.repetitions;
  c.seconds = options_.quick ? 0.001 : repetitions > 0 ? 0 : c.seconds;
  return c;
}

Row& Suite::add(const std::string& name, std::map<std::string, Times> times, double flops) {
  Row row;
  row.name = name;
  row.times = std::move(times);
  row.flops = flops;
  const auto share = [&](const char* ceiling, double of) -> std::optional<double> {
    if (row.times.count(ceiling) == 0) return std::nullopt;
    return flops / row.times.at("yore").median / (of / row.times.at(ceiling).median);
  };
  row.of_peak = share("fma", fma_chains(kFmaRounds));
  row.of_sgemm = share("sgemm", tile().flops());
  return report_.rows.emplace_back(std::move(row));
}

void Suite::target(const std::string& what, double wanted, std::optional<double> found, bool at_most) {
  if (!options_.quick) report_.targets.push_back({what, wanted, found, at_most});
}

void Suite::ceilings() {
  if (!wanted("ceilings")) return;
  Sgemm scores = tile(), values(128, 64, 128, false), small(64, 64, 64, true), large(1024, 1024, 1024, true);
  const auto count = shape_of(time_, -1).elements();
  Copy copy(count);
  Stream stream(count);
  const auto times =
      measure({contender("fma", [] { fma_chains(kFmaRounds); }), contender("scores", [&] { scores.run(); }),
               contender("values", [&] { values.run(); }), contender("small", [&] { small.run(); }),
               contender("large", [&] { large.run(); }), contender("copy", [&] { copy.run(); }),
               contender("stream", [&] { stream.run(); })});
  const auto rate = [&](const std::string& name, const char* who, double amount) {
    report_.ceilings.emplace_back(name, 1e-9 * amount / times.at(who).median);
  };
  rate("fused multiply-add, one thread, GFLOP/s", "fma", fma_chains(kFmaRounds));
  rate("sgemm 128x128x64 NT, GFLOP/s", "scores", scores.flops());
  rate("sgemm 128x64x128 NN, GFLOP/s", "values", values.flops());
  rate("sgemm 64x64x64 NT, GFLOP/s", "small", small.flops());
  rate("sgemm 1024x1024x1024 NT, GFLOP/s", "large", large.flops());
  rate(fmt::format("memcpy of {} MB, read and written, GB/s", count * 4 >> 20), "copy", copy.bytes());
  rate(fmt::format("read q, k, v, write o of {} MB each, GB/s", count * 4 >> 20), "stream", 16.0 * count);
}

void Suite::forward(const std::string& group, const std::string& name, int lookback, double of_peak,
                    double of_onnx) {
  if (!wanted(group)) return;
  Problem p(shape_of(time_, lookback), false);
  TorchAttention torch(p);
  check_forward(p, torch);
  Sgemm sgemm = tile();
  std::vector<Contender> contenders = {contender("yore", [&] { p.forward(1); }),
                                       contender("fma", [] { fma_chains(kFmaRounds); }),
                                       contender("sgemm", [&] { sgemm.run(); }),
                                       contender(
                                           "torch", [&] { torch.forward(true); }, 3)};
  if (onnx_) {
    onnx_->load(p);
    onnx_->run();
    check_output(p, onnx_->answer(p).data(), "ONNX Runtime");
    Contender c = contender(
        "onnxruntime", [] {}, 7);
    c.work = [this] { return onnx_->run(); };
    c.clock = Clock::Own;
    contenders.push_back(c);
  }
  Row& row = add(name, measure(contenders), p.shape.forward_flops());
  row.memory = peak_over_data(p.shape, Way::Kernel, false, 1);
  target(name + ", of FMA peak", of_peak, row.of_peak);
  if (of_onnx > 0) target(name + ", x ONNX Runtime", of_onnx, row.ratio("onnxruntime"));
}

/// Beside the same numbers in float, in the same turns.
void Suite::forward_bfloat16(const std::string& group, const std::string& name, int lookback) {
  if (!wanted(group)) return;
  if (!mixers::kernel::has_bfloat16_products()) {
    report_.peers.emplace_back("AVX-512-BF16", "not on this processor: " + name + " was not measured");
    return;
  }
  Problem p(shape_of(time_, lookback), false);
  p.round_inputs();
  p.forward_bfloat16(1);
  p.widen_output();
  check_output(p, p.out.data(), "kernel, bfloat16", 2.0 / 256);  // weights and outputs, of 8 bits each
  p.forward(1);
  check_output(p, p.out.data(), "kernel");
  Row& row = add(
      name,
      measure({contender("yore", [&] { p.forward_bfloat16(1); }), contender("float", [&] { p.forward(1); }),
               contender("fma", [] { fma_chains(kFmaRounds); })}),
      p.shape.forward_flops());
  row.note = fmt::format("{:.2f} x float", *row.ratio("float"));
  target(name + ", x float", 1.8, row.ratio("float"));
}

void Suite::local() {
  if (!wanted("local")) return;
  Problem p(shape_of(time_, 1, true), false);
  TorchAttention torch(p);
  check_forward(p, torch);
  Stream stream(p.shape.elements());
  Row& row =
      add("1-local, forward",
          measure({contender("yore", [&] { p.forward(1); }), contender("stream", [&] { stream.run(); }),
                   contender(
                       "torch", [&] { torch.forward(true); }, 3)}),
          0);
  const double times = 1 / *row.ratio("stream");
  row.note = fmt::format("{:.2f} x reading q, k, v and writing o", times);
  row.memory = peak_over_data(p.shape, Way::Kernel, false, 1);
  target("1-local, forward, x time to read q, k, v and write o", 2, times, true);
}

void Suite::backward(const std::string& group, const std::string& name, int lookback, double wanted_share) {
  if (!wanted(group)) return;
  Problem p(shape_of(time_, lookback));
  p.forward(1);
  p.backward(1);
  check_gradients(p, p.dq.data(), p.dk.data(), p.dv.data(), "kernel");
  Sgemm sgemm = tile();
  Row& row = add(
      name,
      measure({contender("yore", [&] { p.backward(1); }), contender("fma", [] { fma_chains(kFmaRounds); }),
               contender("sgemm", [&] { sgemm.run(); })}),
      p.shape.backward_flops());
  row.memory = peak_over_data(p.shape, Way::Kernel, true, 1);
  target(name + ", of FMA peak", wanted_share, row.of_peak);
}

void Suite::step() {
  if (!wanted("step")) return;
  Problem p(shape_of(time_, 255));
  TorchAttention ours(p), torch(p);
  check_steps(p, ours, torch);
  Row& row =
      add("window 256, forward + backward, torch operator",
          measure({contender("yore", [&] { ours.step(false); }), contender(
                                                                     "torch", [&] { torch.step(true); }, 3)}),
          p.shape.forward_flops() + p.shape.backward_flops());
  target("window 256, forward + backward, x torch", 35, row.ratio("torch"));
}

void Suite::tiny() {
  if (!wanted("tiny")) return;
  Shape s = shape_of(32, 1, true);
  s.heads = 4;
  s.dim = 16;
  s.batch = 64;
  Problem p(s);
  TorchAttention ours(p), torch(p);
  check_steps(p, ours, torch);
  Row& row = add(
      "tiny (T 32, H 4, D 16, B 64, 1-local), forward + backward",
      measure({contender("yore", [&] { ours.step(false); }), contender("torch", [&] { torch.step(true); })}),
      0);
  target("tiny, forward + backward, x torch", 5, row.ratio("torch"));
}

void Suite::training() {
  if (!wanted("training")) return;
  const Training recogniser = recogniser_training();
  TrainingStep ours(recogniser);
  std::string why_not;
  const auto eager = EagerStep::find(recogniser, Eager::Masked, "/usr/bin/python3", 10, why_not);
  report_.peers.emplace_back("eager PyTorch", eager ? "python3-torch, checked: same losses" : why_not);
  std::vector<Contender> contenders = {contender("yore", [&] { ours.run(); })};
  if (eager) {
    eager->run();
    Contender c = contender(
        "torch", [] {}, 11);
    c.work = [&] { return eager->run(); };
    c.clock = Clock::Own;
    contenders.push_back(c);
  }
  Row& row = add("training step of the hybrid recogniser; torch = eager PyTorch", measure(contenders), 0);
  target("training step, x eager PyTorch", 1.5, row.ratio("torch"));
}

void Suite::two_threads() {
  if (!wanted("two_threads")) return;
  for (int lookback : {255, -1}) {
    Problem p(shape_of(time_, lookback));
    p.forward(2);
    check_output(p, p.out.data(), "kernel, two threads");
    p.backward(2);
    check_gradients(p, p.dq.data(), p.dk.data(), p.dv.data(), "kernel, two threads");
    for (bool backward : {false, true}) {
      const auto run = [&](int threads) {
        Contender c = contender(
            threads == 1 ? "one_thread" : "yore",
            [&p, threads, backward] { backward ? p.backward(threads) : p.forward(threads); }, 41);
        c.clock = Clock::Wall;
        return c;
      };
      const std::string what = fmt::format("{}, {}, two threads", lookback < 0 ? "full causal" : "window 256",
                                           backward ? "backward" : "forward");
      Row& row =
          add(what, measure({run(1), run(2)}), backward ? p.shape.backward_flops() : p.shape.forward_flops());
      // By the clock, so a median would measure what else the machine does.
      row.by_best = true;
      row.note = fmt::format("best, by the clock; {:.2f} x one", *row.ratio("one_thread"));
      target(what + ", x one", 1.85, row.ratio("one_thread"));
    }
  }
}

void Suite::memory() {
  if (!wanted("memory")) return;
  const int time = options_.quick ? 4096 : 65536;
  for (bool with_backward : {false, true}) {
    const std::string what = with_backward ? "forward + backward" : "forward";
    Row& row = add(fmt::format("window 256, T {}, {}, two threads", time, what), {}, 0);
    row.memory = peak_over_data(shape_of(time, 255), Way::Kernel, with_backward, 2);
    target(fmt::format("window 256, T 65,536, {}, peak memory over inputs + outputs", what), 1.2, row.memory,
           true);
  }
  for (bool with_backward : {false, true})
    add(fmt::format("torch composition, window 256, T {}, {}", time_,
                    with_backward ? "forward + backward" : "forward"),
        {}, 0)
        .memory = peak_over_data(shape_of(time_, 255), Way::Composition, with_backward, 1);
  std::string why_not;
  if (const auto fresh = options_.quick ? nullptr : OnnxRuntime::find(options_.modules, why_not)) {
    Problem small(shape_of(32, 255), false), p(shape_of(time_, 255), false);
    fresh->load(small);
    fresh->run();
    const std::size_t before = fresh->peak();
    fresh->load(p);
    fresh->run();
    add(fmt::format("ONNX Runtime, window 256, T {}, forward", time_), {}, 0).memory =
        static_cast<double>(fresh->peak() - before) / static_cast<double>(p.bytes(false));
  }
}

Report Suite::run() {
  ceilings();
  // Shares of the peak that processors with two fused multiply-adds of 512 bits a cycle are to reach; with
  // half as many (Zen 4) memory counts for less.
  forward("forward_full", "full causal, forward", -1, 0.75, 1.1);
  forward("forward_256", "window 256, forward", 255, 0.55, 7);
  forward("forward_64", "window 64, forward", 63, 0.35, 0);
  forward_bfloat16("bfloat16_full", "full causal, forward, bfloat16", -1);
  forward_bfloat16("bfloat16_256", "window 256, forward, bfloat16", 255);
  local();
  backward("backward_256", "window 256, backward", 255, 0.55);
  backward("backward_full", "full causal, backward", -1, 0.75);
  step();
  tiny();
  training();
  decode();
  two_threads();
  memory();
  layers();
  scans();
  language_models();
  flat_decode();
  for (const int heads : {4, 8})
    for (const int window : {64, 0}) byte_model(heads, window);
  return report_;
}

}  // namespace yore::bench
