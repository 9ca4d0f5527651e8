// Language models: two that people have, beside llama.cpp on the same files; and training steps of a model of
// bytes beside PyTorch 2.
#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/ceilings.h"
#include "bench/check.h"
#include "bench/language_model.h"
#include "bench/suite.h"
#include "bench/training_step.h"
#include "yore/model/generate.h"
#include "yore/model/threads.h"

namespace yore::bench {
namespace {

struct Known {
  const char *name, *file;
};
/// Of scripts/models.
constexpr Known kModels[] = {{"SmolLM2 135M", "SmolLM2-135M-Instruct.gguf"},
                             {"Gemma 3 270M", "gemma-3-270m.gguf"}};
constexpr const char* kPrompt = "The history of the lighthouse begins in the year";

double median(std::vector<double> x) {
  const auto middle = x.begin() + std::ssize(x) / 2;
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

const char* threads_text(int threads) {
  return threads == 1 ? "one thread" : "two threads";
}

/// What returns its own seconds.
Contender timed(Contender c, std::function<double()> work) {
  c.work = std::move(work);
  c.clock = Clock::Own;
  return c;
}

}  // namespace

void Suite::language_models() {
  std::unique_ptr<LlamaCpp> llama;
  std::string why_not = "not asked";
  for (const Known& known : kModels) {
    const std::filesystem::path file = options_.models / known.file;
    if (!std::filesystem::exists(file)) {
      report_.peers.emplace_back(known.name, "not there (scripts/models fetches it)");
      continue;
    }
    for (const int threads : {1, 2}) {
      if (!wanted(fmt::format("language {}, {}", known.name, threads_text(threads)))) continue;
      if (!llama) llama = LlamaCpp::find(options_.llama, why_not);
      language_model(known.name, file, threads, llama.get());
    }
  }
  model::use_threads(1);
  report_.peers.emplace_back("llama.cpp", llama ? llama->version() + ", on the file as it is" : why_not);
}

void Suite::language_model(const std::string& name, const std::filesystem::path& file, int threads,
                           LlamaCpp* llama) {
  const LanguageModel ours(file);
  const LanguageModel::Tokens prompt = ours.tokens(kPrompt);
  const int count = options_.quick ? 4 : 33;
  LanguageModel::Tokens text;
  for (int t = 0; t < (options_.quick ? 64 : 2048); ++t)
    text.push_back(prompt[static_cast<std::size_t>(t) % prompt.size()]);
  const std::size_t numbers = static_cast<std::size_t>(ours.bytes()) / sizeof(float);
  Read reading(numbers);
  Copy copy(numbers);

  model::use_threads(threads);
  if (llama != nullptr) {
    llama->load(file, threads, std::ssize(text) + 256);
    ours.check_against(*llama, prompt, count);
    ours.check_against(*llama, text, 1);
  }
  const auto by_clock = [&](const char* who, std::function<void()> work, int repetitions) {
    Contender c = contender(who, std::move(work), repetitions);
    c.clock = Clock::Wall;
    return c;
  };
  const auto token = [&](auto&& generate) {
    std::vector<double> seconds;
    generate(prompt, count, &seconds);
    return median(std::move(seconds));
  };
  const auto peer = [&](std::vector<Contender>& all, int repetitions, std::function<double()> work) {
    if (llama != nullptr)
      all.push_back(timed(contender(
                              "llama", [] {}, repetitions),
                          std::move(work)));
  };

  std::vector<Contender> decoding = {timed(contender(
                                               "yore", [] {}, 5),
                                           [&] { return token([&](auto&&... x) { ours.generate(x...); }); }),
                                     by_clock(
                                         "read", [&] { reading.run(threads); }, 7),
                                     by_clock(
                                         "copy", [&] { copy.run(threads); }, 7)};
  peer(decoding, 5, [&] { return token([&](auto&&... x) { llama->generate(x...); }); });
  Row& decode = add(fmt::format("{}, bf16, a token, {}", name, threads_text(threads)), measure(decoding), 0);
  const auto times = [&](const char* other) { return 1 / *decode.ratio(other); };
  const auto rate = [&](const char* who) { return 1e-9 * ours.bytes() / decode.seconds(who); };
  const double a_token = decode.seconds("yore");
  // A copy moves each byte twice: once in, once out.
  decode.note = fmt::format("{:.0f} MB at {:.1f} GB/s; reading {:.1f}, copying {:.1f} read and written",
                            1e-6 * ours.bytes(), rate("yore"), rate("read"), 2 * rate("copy"));
  target(fmt::format("{}, a token, {}, x time to read the weights once", name, threads_text(threads)), 1.25,
         times("read"), true);
  target(fmt::format("{}, a token, {}, x weights over bytes read and written by a copy a second", name,
                     threads_text(threads)),
         1.25, 2 * times("copy"), true);

  constexpr int kLonger = 64;  // a thread takes longer to start than kFmaRounds rounds
  std::vector<Contender> prefilling = {
      timed(contender(
                "yore", [] {}, 3),
            [&] { return ours.read(text); }),
      by_clock(
          "peak", [&] { on_threads(threads, [](int) { fma_chains(kFmaRounds * kLonger); }); }, 11)};
  peer(prefilling, 3, [&] { return llama->read(text); });
  Row& prefill =
      add(fmt::format("{}, bf16, a prompt of {} tokens, {}", name, text.size(), threads_text(threads)),
          measure(prefilling), ours.read_flops(std::ssize(text)));
  prefill.of_peak = prefill.flops / prefill.seconds("yore") /
                    (threads * fma_chains(kFmaRounds * kLonger) / prefill.seconds("peak"));
  target(fmt::format("{}, prompt, {}, of FMA peak", name, threads_text(threads)), 0.6, prefill.of_peak);

  const Row& first = add(fmt::format("{}, first token of a process, {}", name, threads_text(threads)),
                         measure({timed(contender(
                                            "yore", [] {}, 5),
                                        [&] { return ours.first_token("The", threads); })}),
                         0);
  target(fmt::format("{}, {}, seconds to the first token after a token's prompt, less a token's own", name,
                     threads_text(threads)),
         0.3, first.seconds("yore") - a_token, true);
}

void Suite::flat_decode() {
  if (!wanted("flat")) return;
  Training bytes = byte_training(4, 64, 1024, 1);
  bytes.config.model.positions = "rotary";  // which no table ends
  const model::Model small(
      arch::expand(bytes.config.model, bytes.vocabulary, bytes.read_out, bytes.vocabulary), 1);
  std::vector<std::int64_t> text;
  for (const int turn : {0, 1, 2, 3, 4})
    for (const std::int32_t token : bytes.batches.at(static_cast<std::size_t>(turn) % 4).tokens)
      text.push_back(token);
  const at::NoGradGuard no_gradients;
  const auto after = [&](std::ptrdiff_t tokens) {
    model::Reading reading = model::start_reading(small);
    model::read(small, reading, {text.data(), static_cast<std::size_t>(tokens)});
    return reading;
  };
  const model::Reading early = after(64), late = after(4096);
  const std::vector<std::int64_t> starts = {0, 4096};
  const std::vector<std::int32_t> whole(text.begin(), text.begin() + 4096);
  const std::vector<double> wanted_logits = model::row_of(small.forward(model::pack(starts, whole)), 4095);
  for (std::size_t i = 0; i < wanted_logits.size(); ++i)
    if (std::abs(late.logits[i] - wanted_logits[i]) > 1e-3)
      throw Mismatch(
          fmt::format("decoding: logit {} is {}, of the whole text {}", i, late.logits[i], wanted_logits[i]));
  const auto a_token = [&](const char* name, const model::Reading& from) {
    return timed(contender(
                     name, [] {}, 15),
                 [&] {
                   model::Reading reading = from;
                   return median(model::generate(small, reading, {65, {}, 0, nullptr}).seconds);
                 });
  };
  Row& row = add("byte model, window 64 in all 6 layers, a token after 4,096",
                 measure({a_token("yore", late), a_token("at_64", early)}), 0);
  const double grown = row.seconds("yore") / row.seconds("at_64");
  row.note = fmt::format("{:.2f} x after 64", grown);
  target("byte model, window 64, time a token after 4,096 over after 64", 1.1, grown, true);
}

void Suite::byte_model(int heads, int window) {
  const std::string seen = window > 0 ? fmt::format("window {}", window) : "full attention";
  if (!wanted(fmt::format("byte model, {} heads, {}", heads, seen))) return;
  const int time = options_.quick ? 128 : 1024;
  const Training training = byte_training(heads, window, time, options_.quick ? 2 : 4);
  TrainingStep ours(training);
  std::string why_not;
  std::vector<Contender> contenders = {contender(
      "yore", [&] { ours.run(); }, 7)};
  const auto masked = EagerStep::find(training, Eager::Masked, options_.judges_python, 1, why_not);
  const auto sdpa =
      masked ? EagerStep::find(training, Eager::Sdpa, options_.judges_python, 1, why_not) : nullptr;
  const auto peer = [&](const char* who, EagerStep& step) {
    contenders.push_back(timed(contender(
                                   who, [] {}, 5),
                               [&step] { return step.run(); }));
  };
  if (sdpa) {
    peer("torch", *masked);
    peer("sdpa", *sdpa);
  }
  const std::string what = fmt::format("training step of a byte model, {} heads, {}", heads, seen);
  report_.peers.emplace_back(
      "torch, " + what,
      sdpa ? fmt::format("PyTorch {}, eager with a masked composition; checked: same losses", sdpa->version())
           : why_not);
  Row& row = add(what, measure(contenders), 0);
  if (const auto other = row.ratio("sdpa")) row.note = fmt::format("x its SDPA {:.2f}", *other);
  if (window > 0) target(what + ", x eager PyTorch with a mask", 3, row.ratio("torch"));
  target(what + ", x its SDPA", window > 0 ? 1.5 : 1.1, row.ratio("sdpa"));
}

}  // namespace yore::bench
