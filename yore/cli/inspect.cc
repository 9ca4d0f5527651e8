// yore verify, yore run, yore extract: asking a model, with or without a language to hold it against.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/tensor.h"

namespace yore::cli {
namespace {

class Verify : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", request_.model, "A model's or run's folder, or a model.safetensors")->required();
    language_.declare(app);
    app.add_option("--exhaustive", request_.max_length, "Ask all words up to this length ...")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--max-words", request_.max_words, "... as long as they are no more than this")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--random", request_.random_words, "Ask this many words drawn as `yore sample` does")
        ->check(CLI::NonNegativeNumber);
    app.add_option("-N,--length", request_.length, "Longest drawn word and witness string")
        ->check(CLI::PositiveNumber);
    app.add_option("--prove", request_.prove_length,
                   "Prove a compiled model for all words up to this length; 0: what it was compiled for")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--seed", request_.seed, "Of the drawn words");
    app.add_flag("--json", request_.json, "Print one JSON object");
  }

  int run() override {
    if (!std::filesystem::exists(request_.model))
      throw base::InputError(request_.model.string(), "does not exist; expected a model's folder");
    if (language_.given()) request_.language = language_.read();
    return verify(request_);
  }

 private:
  VerifyRequest request_;
  LanguageOptions language_;
};

class Run : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", request_.model, "A model's or run's folder, or a model.safetensors")->required();
    app.add_option("--words", request_.words, "Answer these words instead of lines from standard input");
    app.add_flag("--trace", request_.trace,
                 "Show the truth of every subformula at every position, as the compiled model computed it");
    app.add_flag("--json", request_.json, "Print one JSON object a word");
  }
  int run() override {
    if (!std::filesystem::exists(request_.model))
      throw base::InputError(request_.model.string(), "does not exist; expected a model's folder");
    return cli::run(request_);
  }

 private:
  RunRequest request_;
};

class Extract : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", request_.model, "A model's or run's folder, or a model.safetensors")->required();
    language_.declare(app);
    app.add_option("-o,--output", request_.output,
                   "Write the automaton to this file (.json, else AT&T text)");
    app.add_flag("--force", request_.force, "Replace that file");
    app.add_option("--max-automaton", request_.max_states, "Budget: states of the automaton")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-queries", request_.max_queries, "Budget: words the learner asks")
        ->check(CLI::PositiveNumber);
    app.add_option("-N,--length", request_.length, "Longest word with which differences are looked for")
        ->check(CLI::PositiveNumber);
    app.add_option("--exhaustive-words", request_.exhaustive_words,
                   "Compare the first so many words with every hypothesis")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--random", request_.random_words, "Compare this many drawn words with every hypothesis")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--seed", request_.seed, "Of the drawn words");
    app.add_flag("--json", request_.json, "Print one JSON object");
  }
  int run() override {
    if (!std::filesystem::exists(request_.model))
      throw base::InputError(request_.model.string(), "does not exist; expected a model's folder");
    if (!request_.output.empty() && !request_.force && std::filesystem::exists(request_.output))
      throw base::InputError("--output", fmt::format("{} exists; --force replaces it", request_.output));
    if (language_.given()) request_.language = language_.read();
    return extract(request_);
  }

 private:
  ExtractRequest request_;
  LanguageOptions language_;
};

}  // namespace

std::unique_ptr<Command> make_verify() {
  return std::make_unique<Verify>();
}
std::unique_ptr<Command> make_run() {
  return std::make_unique<Run>();
}
std::unique_ptr<Command> make_extract() {
  return std::make_unique<Extract>();
}

}  // namespace yore::cli
