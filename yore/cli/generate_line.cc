#include "yore/cli/generate_line.h"

#include <fmt/format.h>

#include <cstdlib>

#include "yore/cli/model_argument.h"
#include "yore/cli/option_values.h"
#include "yore/cli/select_option.h"

namespace yore::cli {
namespace {

/// Refuses numbers outside (or, without `open`, below) `low` and above `high`. That they are numbers
/// check_values() has seen to.
void hold_to(CLI::Option& option, double low, bool open, double high) {
  option.check([=](const std::string& text) {
    const double x = std::strtod(text.c_str(), nullptr);
    if ((open ? x > low : x >= low) && x <= high) return std::string();
    return fmt::format("expected a number {} {} and at most {}, found \"{}\"", open ? "above" : "of at least",
                       low, high, text);
  });
}

}  // namespace

void GenerateLine::declare(CLI::App& app) {
  declare_model(app, model_);
  app.add_option("--threads", threads_, "Threads; 0 = one a core. Another number may round sums otherwise")
      ->check(CLI::Range(0, 1024));
  app.add_flag("--fp32", fp32_,
               "Widen weights in bfloat16 to float32 first, instead of computing with them as they are");
  prompt_option_ = app.add_option("--prompt", prompt_, "What comes before; at least one token");
  prompt_file_option_ = app.add_option("--prompt-file", prompt_file_,
                                       "The same from a file, as it stands (a line break at its end too), "
                                       "and not printed; - = standard input")
                            ->check(a_path());
  auto* count = app.add_option("-n,--count", count_, "Most tokens to generate; 0 = none (with --save-state)");
  set_range(*count, 0, 1'000'000'000);
  declare_choosing(app);
  app.add_option("--stop", stops_, "End before this text; may be given several times");
  set_range(*app.add_option("--samples", samples_,
                            "Texts that go on from the prompt, each with draws of its own; it is read once"),
            1, 1000000);
  set_range(*app.add_option("--prefill", prefill_,
                            "Tokens of the prompt that are read at once: memory beside the state is theirs"),
            1, 1000000);
  app.add_option(
         "--prefill-products", prefill_products_,
         "What the prompt's products with weights in bfloat16 multiply: fp32 = the numbers as they are; "
         "bf16 = numbers rounded to bfloat16 (by up to 2^-9 of each, sums in float32) on the "
         "processor's AMX or AVX-512-BF16, which AMX does 2 to 5 times as fast")
      ->check(CLI::IsMember({"fp32", "bf16"}));
  windows_.declare(app);
  declare_select(app, select_,
                 "Attention among representatives of alike tokens, of prompt and text: tau=NUMBER (least "
                 "cosine), cascade=on|off (each layer validates the layer before's), from=LAYER (first that "
                 "selects). A token that is alike "
                 "an earlier one takes its output and is not remembered; yore evaluate --select says what "
                 "it costs");
  declare_model_option(
      app, "--draft", draft_,
      "A smaller model of the same tokens that proposes some, of which the model takes those "
      "it would have chosen: the same texts, sooner");
  draft_tokens_option_ = app.add_option("--draft-tokens", draft_tokens_, "Tokens that it proposes at once");
  set_range(*draft_tokens_option_, 1, 64);
  app.add_option("--state", state_,
                 "Go on from what --save-state wrote; the prompt, if any, comes behind it, encoded as a text "
                 "of its own")
      ->check(a_path());
  app.add_option("--save-state", save_state_,
                 "Write what was read, prompt and text, to this file, to go on from later")
      ->check(a_path());
  app.add_flag("--force", force_, "Replace the file of --save-state");
  app.add_flag("--stats", stats_,
               "Say what it took, in time and memory: on standard error, or in the JSON object");
  app.add_flag("--json", json_,
               "Print one JSON object: prompt, text, tokens; with --samples one a line, with its number");
}

void GenerateLine::declare_choosing(CLI::App& app) {
  app.add_option("--temperature", sampling_.temperature,
                 "0: the likeliest token each time; 1: as the model says. Comes after penalty, top-k, top-p "
                 "and min-p, in this order")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--top-k", sampling_.top_k, "Choose among the likeliest k; 0 = all")
      ->check(CLI::NonNegativeNumber);
  hold_to(*app.add_option("--top-p", sampling_.top_p,
                          "Choose among the fewest likeliest that have this probability together; 1 = all"),
          0, true, 1);
  hold_to(*app.add_option("--min-p", sampling_.min_p,
                          "Choose among those of at least this share of the likeliest one's probability"),
          0, false, 1);
  hold_to(*app.add_option("--repeat-penalty", sampling_.repeat_penalty,
                          "Logits of tokens that stand in the text are divided by it, or multiplied where "
                          "they are negative; 1 = they stay"),
          0.01, false, 100);
  repeat_last_option_ = app.add_option("--repeat-last", sampling_.repeat_last,
                                       "With --repeat-penalty: the last tokens of the text that count");
  set_range(*repeat_last_option_, 1, 1000000000);
  seed_option_ = app.add_option("--seed", sampling_.seed, "Of the choices");
}

std::unique_ptr<Command> make_generate_line() {
  return std::make_unique<GenerateLine>();
}

}  // namespace yore::cli
