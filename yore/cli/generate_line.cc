#include "yore/cli/generate_line.h"

#include "yore/cli/model_argument.h"

namespace yore::cli {

void GenerateLine::declare(CLI::App& app) {
  declare_model(app, model_);
  app.add_option("--prompt", prompt_, "What comes before; at least one token")->required();
  app.add_option("-n,--count", count_, "Tokens to generate")->check(CLI::PositiveNumber);
  app.add_option("--temperature", sampling_.temperature,
                 "0: the likeliest token each time; 1: as the model says")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--top-k", sampling_.top_k, "Choose among the likeliest k; 0 = all")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", sampling_.seed, "Of the choices");
  app.add_flag("--json", json_, "Print one JSON object: prompt, text, tokens");
}

std::unique_ptr<Command> make_generate_line() {
  return std::make_unique<GenerateLine>();
}

}  // namespace yore::cli
