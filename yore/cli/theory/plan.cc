// yore plan: what a run would train, and what it costs, before anything is trained.
#include <fmt/format.h>

#include "yore/arch/model_file.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/run_options.h"
#include "yore/study/estimate.h"
#include "yore/tasks/model_for.h"

namespace yore::cli {
namespace {

using base::Json;

constexpr std::int64_t kTokens[] = {1, 64, 1024, 65536};

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

Json as_json(const Plan& plan) {
  Json parameters = Json::array(), state = Json::object(), operations = Json::object();
  for (const mixers::ParameterSpec& p : arch::parameters(plan.model))
    parameters.push_back({{"name", p.name}, {"shape", p.shape}, {"decays", p.decays}});
  for (const std::int64_t n : kTokens) {
    state[std::to_string(n)] = arch::state_bytes(plan.model, n);
    operations[std::to_string(n)] = arch::flops(plan.model, n - 1);
  }
  return {{"model", arch::to_json(plan.model)},
          {"parameters", arch::parameter_count(plan.model)},
          {"arrays", parameters},
          {"state_bytes", state},
          {"flops_per_token", operations},
          {"run", plan.run}};
}

void print(const Plan& plan, bool arrays) {
  const std::int64_t count = arch::parameter_count(plan.model);
  fmt::print("{} blocks ({}), width {}, vocabulary {}, {} output{}\n", plan.model.blocks.size(),
             arch::mixer_text(plan.model), plan.model.embedding.width, plan.model.embedding.vocabulary,
             plan.model.read_out.outputs, plan.model.read_out.outputs == 1 ? "" : "s");
  fmt::print("{} parameters: {} bytes of weights, {} with gradient and moments while training\n", count,
             4 * count, 4 * kTrainingCopies * count);
  if (arrays)
    for (const mixers::ParameterSpec& p : arch::parameters(plan.model))
      fmt::print("  {:<36}{:>12}  [{}]{}\n", p.name, numbers(p), fmt::join(p.shape, ", "),
                 p.decays ? "  weight decay" : "");
  fmt::print("\n  after tokens    state of a sequence    operations for the next token\n");
  for (const std::int64_t n : kTokens)
    fmt::print("  {:>12}    {:>13} bytes    {:>28.4g}\n", n, arch::state_bytes(plan.model, n),
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
    app.add_option("--model", model_, "A model that is there: its folder; no other options go with it");
    app.add_flag("--arrays", arrays_, "List every array of weights");
    app.add_flag("--json", json_, "Print one JSON object");
    options_.declare(app);
  }

  int run() override {
    const Plan plan = model_.empty() ? of_run() : of_model();
    if (json_)
      fmt::print("{}\n", as_json(plan).dump());
    else
      print(plan, arrays_);
    return kOk;
  }

 private:
  Plan of_model() const {
    if (language_.given() || !options_.given().empty())
      throw base::InputError("--model",
                             "is described already; no language and no options of a run go with it");
    arch::require_model(model_);
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
