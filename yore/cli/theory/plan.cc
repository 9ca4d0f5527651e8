// yore plan: what a run would train, and what it costs, before anything is trained.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "yore/arch/model_file.h"
#include "yore/base/text.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/run_options.h"
#include "yore/foreign/foreign.h"
#include "yore/mixers/attention/options.h"
#include "yore/study/estimate.h"
#include "yore/tasks/model_for.h"

namespace yore::cli {
namespace {

using base::Json;

constexpr std::int64_t kTokens[] = {1, 64, 1024, 32768, 65536};

// Weights, gradient, and the optimiser's two moments.
constexpr std::int64_t kTrainingCopies = 4;

struct Plan {
  arch::Model model;
  Json run;  ///< of a run: {"steps", "tokens", "operations", "hours"}; null for a model that is there
};

std::int64_t numbers(const mixers::ParameterSpec& p) {
  std::int64_t n = 1;
  for (const std::int64_t d : p.shape) n *= d;
  return n;
}

mixers::AttentionOptions attention_of(const arch::Model& model, const arch::Block& block) {
  return mixers::read_attention_options({model.embedding.width, block.mixer.options});
}

/// The same model if no head of attention had a window; none if none has.
std::optional<arch::Model> all_global(const arch::Model& model) {
  std::optional<arch::Model> global;
  for (std::size_t b = 0; b < model.blocks.size(); ++b) {
    if (model.blocks[b].mixer.name != "attention") continue;
    const mixers::AttentionOptions a = attention_of(model, model.blocks[b]);
    if (*std::max_element(a.params.lookback.begin(), a.params.lookback.end()) < 0) continue;
    if (!global) global = model;
    Json& options = global->blocks[b].mixer.options;
    options["lookback"] = std::vector<int>(a.params.lookback.size(), mixers::kGlobal);
    options["sinks"] = 0;
  }
  return global;
}

/// "window 512" or, where heads differ or do not see themselves, "lookback 1, 1, -1, -1".
std::string reach_text(const mixers::AttentionOptions& a) {
  const std::vector<int>& all = a.params.lookback;
  if (std::adjacent_find(all.begin(), all.end(), std::not_equal_to<>()) != all.end())
    return fmt::format("lookback {} (-1 = global)", fmt::join(all, ", "));
  if (all.front() < 0) return "global";
  return a.params.strict ? fmt::format("lookback {}", all.front())
                         : fmt::format("window {}", all.front() + 1);
}

std::string block_text(const arch::Model& model, const arch::Block& block) {
  std::string text = block.mixer.name;
  if (block.mixer.name == "attention") {
    const mixers::AttentionOptions a = attention_of(model, block);
    text += fmt::format(", {} of {}", base::counted(a.heads, "head"), a.head_width);
    if (a.kv_heads != a.heads) text += fmt::format(" ({} of keys and values)", a.kv_heads);
    text += ", " + reach_text(a);
    if (a.positions == mixers::AttentionPositions::Alibi) text += ", ALiBi";
    if (a.positions == mixers::AttentionPositions::Rotary)
      text += fmt::format(", rotary base {}", a.rotary.base);
    if (const std::string scaling = mixers::rotary_scaling_text(a.rotary.scaling); scaling != "none")
      text += fmt::format(" ({})", scaling);
    if (a.value_scale != mixers::ValueScale::Off)
      text += a.value_scale == mixers::ValueScale::On ? ", values scaled" : ", values scaled backward only";
  }
  if (block.feed_forward.activation == arch::Activation::None) return text;
  return text + fmt::format("; {} {}", base::fields::enum_name(block.feed_forward.activation),
                            block.feed_forward.width);
}

/// A line for blocks that are alike: "blocks 0-4, 6-10: ..".
void print_blocks(const arch::Model& model) {
  std::vector<std::pair<std::string, std::string>> lines;  // what, which
  for (std::size_t b = 0; b < model.blocks.size();) {
    std::size_t end = b + 1;
    while (end < model.blocks.size() && model.blocks[end] == model.blocks[b]) ++end;
    const std::string what = block_text(model, model.blocks[b]),
                      which = end == b + 1 ? fmt::format("{}", b) : fmt::format("{}-{}", b, end - 1);
    const auto same =
        std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.first == what; });
    if (same == lines.end())
      lines.emplace_back(what, which);
    else
      same->second += ", " + which;
    b = end;
  }
  for (const auto& [what, which] : lines)
    fmt::print("  {} {}: {}\n", which.find_first_of("-,") == std::string::npos ? "block" : "blocks", which,
               what);
}

Json as_json(const Plan& plan) {
  const std::optional<arch::Model> global = all_global(plan.model);
  Json parameters = Json::array(), state = Json::object(), operations = Json::object(), full = Json::object();
  for (const mixers::ParameterSpec& p : arch::parameters(plan.model))
    parameters.push_back({{"name", p.name}, {"shape", p.shape}, {"decays", p.decays}});
  for (const std::int64_t n : kTokens) {
    state[std::to_string(n)] = arch::state_bytes(plan.model, n);
    full[std::to_string(n)] = arch::state_bytes(global.value_or(plan.model), n);
    operations[std::to_string(n)] = arch::flops(plan.model, n);
  }
  return {{"model", arch::to_json(plan.model)},
          {"parameters", arch::parameter_count(plan.model)},
          {"arrays", parameters},
          {"state_bytes", state},
          {"state_bytes_if_global", full},
          {"flops_per_token", operations},
          {"run", plan.run}};
}

void print(const Plan& plan, bool arrays) {
  const std::int64_t count = arch::parameter_count(plan.model);
  fmt::print("{} ({}), width {}, vocabulary {}, {}\n", base::counted(std::ssize(plan.model.blocks), "block"),
             arch::mixer_text(plan.model), plan.model.embedding.width, plan.model.embedding.vocabulary,
             base::counted(plan.model.read_out.outputs, "output"));
  fmt::print("{} parameters: {} bytes of weights, {} with gradient and moments while training\n", count,
             4 * count, 4 * kTrainingCopies * count);
  print_blocks(plan.model);
  if (arrays)
    for (const mixers::ParameterSpec& p : arch::parameters(plan.model))
      fmt::print("  {:<36}{:>12}  [{}]{}\n", p.name, numbers(p), fmt::join(p.shape, ", "),
                 p.decays ? "  weight decay" : "");
  const std::optional<arch::Model> global = all_global(plan.model);
  fmt::print("\n  after tokens    state of a sequence{}    operations for the next token\n",
             global ? "       without windows" : "");
  for (const std::int64_t n : kTokens)
    fmt::print("  {:>12}    {:>13} bytes{}    {:>28.4g}\n", n, arch::state_bytes(plan.model, n),
               global ? fmt::format("{:>16} bytes", arch::state_bytes(*global, n)) : "",
               arch::flops(plan.model, n));
  if (plan.run.is_null()) return;
  fmt::print(
      "\n{} steps of {:.4g} tokens: about {:.3g} operations; with its data and "
      "evaluations {} at 5e9 a second\n",
      plan.run["steps"].get<std::int64_t>(), plan.run["tokens_a_step"].get<double>(),
      plan.run["operations"].get<double>(), study::time_text(3600 * plan.run["hours"].get<double>()));
}

class PlanCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_option(
        "--model", model_,
        "A model that is there: its folder, a Hugging Face folder or a .gguf file (which may also stand "
        "in LANGUAGE's place); no other options go with it");
    app.add_flag("--arrays", arrays_, "List every array of weights");
    app.add_flag("--json", json_, "Print one JSON object");
    options_.declare(app);
  }

  int run() override {
    const bool named = !model_.empty();
    if (!named && is_model(language_.spec())) model_ = language_.spec();
    if (!model_.empty() && ((named && language_.given()) || !language_.given_settings().empty()))
      refuse_more();
    const Plan plan = model_.empty() ? of_run() : of_model();
    if (json_)
      fmt::print("{}\n", as_json(plan).dump());
    else
      print(plan, arrays_);
    return kOk;
  }

 private:
  /// Whether the text is the path of a model rather than a language.
  static bool is_model(const std::string& text) {
    if (text.empty()) return false;
    std::error_code ignored;
    return foreign::is_foreign(text)
               ? std::filesystem::exists(text, ignored)
               : std::filesystem::exists(std::filesystem::path(text) / arch::files::kModelConfig, ignored);
  }

  [[noreturn]] static void refuse_more() {
    throw base::InputError("--model", "is described already; no language and no options of a run go with it");
  }

  Plan of_model() const {
    if (!options_.given().empty()) refuse_more();
    arch::require_model(model_);
    if (foreign::is_foreign(model_)) return {foreign::read_foreign(model_).model, nullptr};
    return {arch::read_model(model_).model, nullptr};
  }

  Plan of_run() const {
    const runs::RunConfig config = options_.config(language_);
    const auto task = tasks::make_task_for(config.task, config.model);
    Plan plan{tasks::model_for(config.model, *task), nullptr};
    study::PlannedRun run{"", "", config.training.seed, config, {}};
    // Of a large batch a part stands for all of it.
    constexpr int kDrawn = 1024;
    const int drawn = std::min(config.training.batch, kDrawn);
    const double scale = static_cast<double>(config.training.batch) / drawn;
    const tasks::Batch batch = task->training_batch(config.training.seed, 0, drawn);
    const double tokens = scale * static_cast<double>(batch.tokens.size());
    double operations = 0;
    for (std::int64_t b = 0; b < batch.sequences(); ++b)
      operations +=
          scale * 3 * static_cast<double>(batch.length(b)) * arch::flops(plan.model, batch.length(b) / 2);
    plan.run = {{"steps", config.training.steps},
                {"tokens_a_step", tokens},
                {"operations", operations * static_cast<double>(config.training.steps)},
                {"hours", study::estimated_seconds({run}) / 3600}};
    return plan;
  }

  LanguageOptions language_;
  RunOptions options_;
  std::filesystem::path model_;
  bool arrays_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_plan() {
  return std::make_unique<PlanCommand>();
}

}  // namespace yore::cli
