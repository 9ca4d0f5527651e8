// yore generate: a model of next tokens goes on from a prompt.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "yore/arch/global_windows.h"
#include "yore/base/bounded_file.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/cli/generate_line.h"
#include "yore/cli/output.h"
#include "yore/cli/select_option.h"
#include "yore/cli/tensor/generate_stats.h"
#include "yore/cli/tensor/token_text.h"
#include "yore/mixers/common/bfloat16_product.h"
#include "yore/mixers/common/linear_map.h"
#include "yore/model/checkpoint.h"
#include "yore/model/snapshot.h"
#include "yore/model/speculative.h"
#include "yore/model/stop_text.h"
#include "yore/model/threads.h"
#include "yore/model/token_selection.h"

namespace yore::cli {
namespace {

/// Tokens behind the prompt that a state has room for from the start.
constexpr std::int64_t kRoomAhead = 1024;
constexpr std::size_t kLongestPrompt = std::size_t{1} << 30;

class Generate : public GenerateLine {
 public:
  int run() override {
    refuse_what_does_not_go_together();
    check_output(save_state_, force_);
    if (std::error_code error; std::filesystem::is_character_file(save_state_, error) ||
                               std::filesystem::is_block_file(save_state_, error))
      throw base::InputError(save_state_, "is a device, which keeps no state; expected a file to write");
    text_before_ = prompt_text();
    model::use_threads(threads_ > 0 ? threads_
                                    : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    const model::SavedModel saved = load(model_, windows_);
    const TokenText codec(saved, model_.string());
    const std::vector<std::int64_t> prompt = codec.tokens(text_before_, prompt_place(), state_.empty());
    const std::optional<model::SavedModel> draft_model = load_draft(saved);
    if (fp32_ && !any_narrow_)
      throw base::InputError(
          "--fp32", fmt::format("does nothing: the weights of {} are float32 already", model_.string()));
    if (!select_.empty()) selection_.emplace(saved.model.description(), select_setting());
    model::Reading reading =
        selection_ ? selection_->start_reading(saved.model, std::ssize(prompt) + count_) : begin(saved.model);
    check_positions(saved.model, prompt_place(), reading.tokens.size() + prompt.size());
    // A count may be meant as "until it stops": beyond some, room grows as it is needed.
    reading.state.reserve(std::ssize(reading.tokens) + std::ssize(prompt) + std::min(count_, kRoomAhead) +
                          (draft_model ? draft_tokens_ : 0));
    if (draft_model) check_positions(draft_model->model, "--draft", reading.tokens.size() + prompt.size());

    const auto begun = std::chrono::steady_clock::now();
    {
      std::optional<mixers::Bfloat16Rows> rounded;
      if (prefill_products_ == "bf16") rounded.emplace();
      model::read(saved.model, reading, prompt, prefill_);
    }
    stats_of_.prefill_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    stats_of_.prompt_tokens = std::ssize(prompt);
    std::optional<model::Draft> draft;
    if (draft_model) {
      draft.emplace(model::Draft{
          draft_model->model, model::start_reading(draft_model->model, draft_tokens_), draft_tokens_, {}});
      model::read(draft->model, draft->reading, reading.tokens, prefill_);
    }
    // Until here nothing was done that a signal could leave behind.
    base::catch_interrupts();
    std::int64_t made = 0;
    for (std::int64_t s = 0; s < samples_ && !base::interrupted(); ++s) {
      // Moved from in the last round only. NOLINTNEXTLINE(bugprone-use-after-move)
      model::Reading own = s + 1 < samples_ ? reading : std::move(reading);
      std::optional<model::Draft> own_draft = draft;
      made += sample(saved, codec, own, own_draft, s);
    }
    if (stats_ && (!json_ || samples_ > 1)) report_stats();
    if (!base::interrupted()) return kOk;
    complain(fmt::format("generate: stopped by a signal after {} of {} tokens, which stand", made,
                         count_ * samples_));
    return base::interrupt_exit_code();
  }

 private:
  void refuse_what_does_not_go_together() const {
    const auto refuse = [](const char* option, const char* why) { throw base::InputError(option, why); };
    const bool prompt = prompt_option_->count() > 0, file = prompt_file_option_->count() > 0;
    if (prompt && file) refuse("--prompt-file", "does not go with --prompt: there is one prompt");
    if (!prompt && !file && state_.empty())
      refuse("--prompt", "is missing, expected --prompt TEXT, --prompt-file FILE or --state FILE");
    if (sampling_.temperature == 0) {
      for (const auto& [given, option] : {std::pair{seed_option_->count() > 0, "--seed"},
                                          {sampling_.top_k > 0, "--top-k"},
                                          {sampling_.top_p < 1, "--top-p"},
                                          {sampling_.min_p > 0, "--min-p"},
                                          {samples_ > 1, "--samples"}})
        if (given) refuse(option, "does nothing at temperature 0, at which the likeliest token is chosen");
    }
    if (repeat_last_option_->count() > 0 && sampling_.repeat_penalty == 1)
      refuse("--repeat-last", "does nothing without --repeat-penalty");
    if (draft_tokens_option_->count() > 0 && draft_.empty())
      refuse("--draft-tokens", "does nothing without --draft");
    if (samples_ > 1 && !save_state_.empty())
      refuse("--save-state", "does not go with --samples, which have a state each");
    if (force_ && save_state_.empty())
      refuse("--force", "replaces the file that --save-state names, and none is named");
    if (count_ == 0 && save_state_.empty())
      refuse("--count", "0 tokens are nothing to generate; with --save-state FILE they save the prompt");
    if (count_ == 0 && !draft_.empty()) refuse("--draft", "does nothing where --count is 0");
    if (prefill_products_ == "bf16") {
      if (fp32_) refuse("--prefill-products", "bf16 does not go with --fp32, which widens the weights");
      if (mixers::bfloat16_units().empty())
        refuse("--prefill-products",
               "bf16 needs a processor with AMX or AVX-512-BF16, and a system that lets it be used");
    }
    if (!select_.empty()) {
      if (!draft_.empty())
        refuse("--select", "does not go with --draft: what was chosen cannot be taken back");
      if (!state_.empty() || !save_state_.empty())
        refuse("--select", "does not go with --state and --save-state: its state has no form to be saved in");
      select_setting();
    }
    for (const std::string& stop : stops_)
      if (stop.empty()) refuse("--stop", "is empty, expected some text");
  }

  model::SelectionSetting select_setting() const {
    const selection::Sweep sweep = parse_select(select_);
    if (sweep.taus.size() != 1 || sweep.controls > 0)
      throw base::InputError(
          "--select",
          "generates with one threshold and no control, expected tau=NUMBER[,cascade=on|off][,from=LAYER]");
    return {sweep.taus.front(), sweep.cascade, sweep.from};
  }

  std::string prompt_place() const { return prompt_file_option_->count() > 0 ? "--prompt-file" : "--prompt"; }
  std::string prompt_text() const {
    std::string text = prompt_;
    if (prompt_file_option_->count() > 0)
      text = base::read_bounded_file(prompt_file_ == "-" ? "/dev/stdin" : prompt_file_, kLongestPrompt);
    if (text.empty() && (state_.empty() || prompt_option_->count() + prompt_file_option_->count() > 0))
      throw base::InputError(prompt_place(), "is empty, expected at least one token");
    return text;
  }

  model::SavedModel load(const std::filesystem::path& path, const WindowOptions& windows) {
    arch::MappedModel mapped = arch::map_model(path);
    for (const auto& [name, array] : mapped.weights.arrays) any_narrow_ = any_narrow_ || array.dtype != "F32";
    mapped.file.model = windows.applied(mapped.file.model);
    if (mapped.file.model.read_out.kind != arch::ReadOutKind::Vocabulary)
      throw base::InputError(path.string(), fmt::format("is of the task {}, which predicts no next tokens",
                                                        arch::task_name(mapped.file)));
    if (prefill_products_ == "bf16" && path == model_ &&
        std::none_of(mapped.weights.arrays.begin(), mapped.weights.arrays.end(),
                     [](const auto& a) { return a.second.dtype == "BF16"; }))
      throw base::InputError(
          "--prefill-products",
          fmt::format("bf16 does nothing for the weights of {}, which are float32", path.string()));
    return model::open_model(std::move(mapped), fp32_ ? model::Weights::Float : model::Weights::AsTheyAre);
  }
  std::optional<model::SavedModel> load_draft(const model::SavedModel& saved) {
    if (draft_.empty()) return std::nullopt;
    model::SavedModel draft = load(draft_, {});
    if (draft.model.vocabulary() != saved.model.vocabulary() || draft.names != saved.names ||
        draft.tokenizer != saved.tokenizer)
      throw base::InputError(
          "--draft",
          fmt::format("{} has other tokens ({}) than {} ({}): it can propose none", draft_.string(),
                      draft.model.vocabulary(), model_.string(), saved.model.vocabulary()));
    return draft;
  }

  /// What there is before the prompt.
  model::Reading begin(const model::Model& model) const {
    const std::int64_t needed = draft_.empty() ? 0 : draft_tokens_;
    if (state_.empty()) return model::start_reading(model, needed);
    model::Reading reading = model::read_snapshot(state_, model);
    if (reading.rollback < needed)
      throw base::InputError("--state", fmt::format("{} was saved without --draft or with fewer "
                                                    "--draft-tokens ({}): {} tokens cannot be taken back",
                                                    state_, reading.rollback, needed));
    return reading;
  }

  /// That learned positions reach to the end. The last token is read only to be saved.
  void check_positions(const model::Model& model, const std::string& place, std::size_t read) const {
    const arch::Embedding& embedding = model.description().embedding;
    if (embedding.positions != arch::Positions::Learned) return;
    const std::int64_t most = embedding.max_positions, have = static_cast<std::int64_t>(read),
                       unread = save_state_.empty() ? 1 : 0;
    if (have > most)
      throw base::InputError(place, fmt::format("{} tokens{} are more than the {} learned positions reach",
                                                have, state_.empty() ? "" : " with those of --state", most));
    if (count_ > most - have + unread)
      throw base::InputError(
          "--count",
          fmt::format("after {} tokens the {} learned positions{} reach for {} more, found {}", have, most,
                      place == "--draft" ? " of --draft" : "", most - have + unread, count_));
  }

  /// One text; how many tokens it has.
  std::int64_t sample(const model::SavedModel& saved, const TokenText& codec, model::Reading& reading,
                      std::optional<model::Draft>& draft, std::int64_t number) {
    if (!json_ && samples_ > 1) fmt::print("--- sample {}\n", number + 1);
    if (!json_) fmt::print("{}", prompt_);
    model::StopText stream(stops_);
    std::string text;
    const auto show = [&](const std::string& more) {
      text += more;
      if (json_ || more.empty()) return;
      fmt::print("{}", more);
      flush_output();
    };
    const auto chosen = [&](std::int64_t token) {
      show(stream.push(codec.text(token)));
      return !stream.stopped() && !base::interrupted();
    };
    const model::Generation generation{count_, sampling_, static_cast<std::uint64_t>(number), chosen};
    const model::Generated made = draft ? model::speculate(saved.model, reading, *draft, generation)
                                        : model::generate(saved.model, reading, generation);
    if (!stream.stopped()) show(stream.finish());
    if (!save_state_.empty()) {
      if (!made.tokens.empty()) model::read(saved.model, reading, {&made.tokens.back(), 1});
      model::write_snapshot(save_state_, saved.model, reading);
    }
    note(saved.model, reading, draft, made);
    if (!json_) {
      fmt::print("\n");
      return std::ssize(made.tokens);
    }
    base::Json line;
    if (samples_ > 1)
      line["sample"] = number;
    else
      line["prompt"] = text_before_;
    line["text"] = text;
    line["tokens"] = made.tokens;
    line["end"] = stream.stopped() ? "stop" : std::ssize(made.tokens) == count_ ? "count" : "signal";
    if (stats_ && samples_ == 1) line["stats"] = stats_of_.json();
    fmt::print("{}\n", line.dump(-1, ' ', false, base::Json::error_handler_t::replace));
    flush_output();
    return std::ssize(made.tokens);
  }

  /// What --stats says.
  void note(const model::Model& model, const model::Reading& reading,
            const std::optional<model::Draft>& draft, const model::Generated& made) {
    GenerateStats& s = stats_of_;
    s.tokens += std::ssize(made.tokens);
    s.decode_seconds.insert(s.decode_seconds.end(), made.seconds.begin(), made.seconds.end());
    s.state_tokens = std::ssize(reading.tokens);
    s.state_bytes = reading.state.bytes();
    s.described_bytes = arch::state_bytes(model.description(), s.state_tokens);
    s.full_cache_bytes = arch::state_bytes(arch::with_full_caches(model.description()), s.state_tokens);
    if (selection_) s.layers = selection_->layers();
    if (!draft) return;
    s.drafted = true;
    s.draft.rounds += draft->counts.rounds;
    s.draft.proposed += draft->counts.proposed;
    s.draft.accepted += draft->counts.accepted;
  }
  void report_stats() const {
    if (json_)
      fmt::print("{}\n", base::Json{{"stats", stats_of_.json()}}.dump());
    else
      fmt::print(stderr, "{}", stats_of_.text());
  }

  std::string text_before_;  ///< the prompt
  bool any_narrow_ = false;  ///< weights that are not float32, of the model or the draft
  GenerateStats stats_of_;
  std::optional<model::TokenSelection> selection_;  ///< of --select
};

}  // namespace

std::unique_ptr<Command> make_generate() {
  return std::make_unique<Generate>();
}

}  // namespace yore::cli
