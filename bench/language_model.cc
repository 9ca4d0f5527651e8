#include "bench/language_model.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "bench/check.h"
#include "bench/line_process.h"
#include "bench/peers.h"
#include "yore/base/error.h"
#include "yore/base/process.h"
#include "yore/model/generate.h"
#include "yore/text/tokenizer.h"

namespace yore::bench {
namespace {

/// How far apart two logits of ours may be of which llama.cpp finds the other one the larger: it rounds what
/// it multiplies with quantised weights to 8 bits. tests/judges/llama_cpp_test.py measures what that does to
/// differences of logits (a root mean square of 0.13 and 0.15) and holds the models to it; here it is four
/// times the larger.
constexpr double kRounding = 0.6;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

LanguageModel::LanguageModel(const std::filesystem::path& gguf)
    : folder_(std::filesystem::temp_directory_path() /
              fmt::format("yore-bench-{}-{}", getpid(), gguf.stem().string())) {
  const base::ProcessResult result = base::run_process(
      {YORE_BENCH_PROGRAM, "import", gguf.string(), "-o", folder_.string(), "--dtype", "bf16", "--force"});
  if (result.exit_code != 0) throw base::InputError(gguf.string(), result.err);
  arch::MappedModel mapped = arch::map_model(folder_);
  for (const auto& [name, array] : mapped.weights.arrays) bytes_ += static_cast<double>(array.bytes.size());
  saved_ = std::make_unique<model::SavedModel>(model::open_model(std::move(mapped)));
}

LanguageModel::~LanguageModel() {
  saved_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

LanguageModel::Tokens LanguageModel::tokens(const std::string& text) const {
  const auto tokenizer = text::Tokenizer::from_json(saved_->tokenizer, folder_.string());
  Tokens all(tokenizer.front().begin(), tokenizer.front().end());
  for (const text::Token token : tokenizer.encode(text)) all.push_back(token);
  return all;
}

double LanguageModel::read(const Tokens& tokens) const {
  const auto start = std::chrono::steady_clock::now();
  model::Reading reading = model::start_reading(saved_->model);
  model::read(saved_->model, reading, tokens);
  return seconds_since(start);
}

LanguageModel::Tokens LanguageModel::generate(const Tokens& tokens, int count,
                                              std::vector<double>* seconds) const {
  model::Reading reading = model::start_reading(saved_->model);
  model::read(saved_->model, reading, tokens);
  model::Generated made = model::generate(saved_->model, reading, {count, {}, 0, nullptr});
  if (seconds != nullptr) *seconds = std::move(made.seconds);
  return made.tokens;
}

double LanguageModel::read_flops(std::int64_t tokens) const {
  const arch::Model& m = description();
  double sum = 0;
  for (std::int64_t t = 0; t < tokens; ++t) sum += arch::flops(m, t);
  const std::int64_t chunks = (tokens + model::kPrefill - 1) / model::kPrefill;
  return sum - static_cast<double>(tokens - chunks) * 2.0 * static_cast<double>(m.embedding.width) *
                   static_cast<double>(m.read_out.outputs);
}

double LanguageModel::first_token(const std::string& prompt, int threads) const {
  const auto start = std::chrono::steady_clock::now();
  LineProcess process({YORE_BENCH_PROGRAM, "generate", folder_.string(), "--prompt", prompt, "--count", "1",
                       "--threads", std::to_string(threads)});
  process.wait_for_output();
  return seconds_since(start);
}

void LanguageModel::check_against(LlamaCpp& llama, const Tokens& tokens, int count) const {
  const Tokens ours = generate(tokens, count), theirs = llama.generate(tokens, count);
  const auto [here, there] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
  if (here == ours.end()) return;
  Tokens before = tokens;
  before.insert(before.end(), ours.begin(), here);
  model::Reading reading = model::start_reading(saved_->model);
  model::read(saved_->model, reading, before);
  const auto logit = [&](std::int64_t token) { return reading.logits.at(static_cast<std::size_t>(token)); };
  if (const double apart = logit(*here) - logit(*there); apart > kRounding)
    throw Mismatch(
        fmt::format("language model: after {} tokens we go on with {}, llama.cpp with {}, whose "
                    "logit is {:.3g} lower here",
                    before.size(), *here, *there, apart));
}

}  // namespace yore::bench
