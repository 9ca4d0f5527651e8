// yore localise: heads of a trained model that can do with a window get one.
#include "yore/anatomy/localise.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "yore/anatomy/heal.h"
#include "yore/anatomy/inspect.h"
#include "yore/anatomy/text_loss.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/progress.h"
#include "yore/cli/localise_line.h"
#include "yore/cli/output.h"
#include "yore/cli/tensor/model_text.h"
#include "yore/cli/tensor/token_text.h"
#include "yore/foreign/hugging_face.h"

namespace yore::cli {
namespace {

using anatomy::HeadPlace;
using anatomy::Texts;
using base::Json;

/// What is measured of one choice of heads.
struct Choice {
  std::vector<HeadPlace> order;
  std::size_t local = 0;
  double loss = 0;
};

class Localise : public LocaliseLine {
 public:
  int run() override {
    refuse_what_does_not_go_together();
    check_folder(out_, force_, kWhat);
    use_wanted_threads(threads_);
    const arch::MappedModel mapped = arch::map_model(model_);
    check_model(mapped.file);
    const model::SavedModel saved =
        model::open_model(mapped, heal_ > 0 ? model::Weights::Float : model::Weights::AsTheyAre);
    const model::Model& original = saved.model;
    read_texts(saved);
    check_memory(original.description());
    prompt_ = decode_prompt(original.description());
    base::catch_interrupts();
    before_ = finite_loss(original, model_.string(), "its weights are broken, or too large");
    const std::vector<anatomy::RankedHead> ranked = anatomy::rank_by_share(original, texts_, locality());
    Choice chosen = choose(
        original, rank_ == "mass" ? places(ranked) : anatomy::random_order(original.description(), seed_));
    const std::vector<Choice> random = compare(original, chosen.local);
    const arch::Model description = changed(original.description(), chosen);
    const double milliseconds_before = decode(original),
                 milliseconds_after = decode(anatomy::rewired(original, description));
    std::optional<double> healed;
    arch::ModelFile file = mapped.file;
    file.model = description;
    // What the compiler says of its weights holds for the heads that it made.
    file.compiled = nullptr;
    if (heal_ > 0) {
      const model::Model copy = anatomy::trainable_copy(original, description);
      heal(original, copy);
      healed = finite_loss(copy, "--heal-rate", "expected a smaller rate");
      file.weights = model::to_arrays(copy.parameters());
    }
    const Json record = to_json(ranked, chosen, random, healed, milliseconds_before, milliseconds_after);
    write_folder(out_, force_, kWhat, [&](const std::filesystem::path& folder) {
      if (heal_ > 0)
        arch::write_model(file, folder);
      else
        arch::write_model(file, stored(mapped), folder);
      foreign::write_companions(foreign::companions_of(model_), folder);
      base::write_file(folder / "localise.json", record.dump(1) + "\n");
    });
    if (json_)
      fmt::print("{}\n", record.dump());
    else
      report(original.description(), chosen, random, healed, milliseconds_before, milliseconds_after);
    return kOk;
  }

 private:
  static constexpr const char* kWhat = "the model in it";  ///< what --force replaces
  void refuse_what_does_not_go_together() const {
    const bool budget = budget_option_->count() > 0, within = within_option_->count() > 0;
    if (budget && within)
      throw base::InputError("--within",
                             "does not go with --budget: one of them says how "
                             "many heads stay global");
    if (!budget && !within)
      throw base::InputError("--budget",
                             "is missing, expected --budget SHARE, --budget NUMBER or --within PERCENT");
    if (heal_rate_option_->count() > 0 && heal_ == 0)
      throw base::InputError("--heal-rate", "does nothing without --heal");
  }

  void check_model(const arch::ModelFile& file) const {
    anatomy::require_attention(file.model, model_.string());
    if (file.model.read_out.kind != arch::ReadOutKind::Vocabulary)
      throw base::InputError(model_.string(),
                             fmt::format("is of the task {}, which predicts no next tokens: a "
                                         "text has no loss",
                                         arch::task_name(file)));
    const std::vector<HeadPlace> all = arch::global_heads(file.model);
    if (all.empty())
      throw base::InputError(model_.string(), "has no global head of attention: all are local already");
    // Sinks that cannot be are refused before anything is measured.
    arch::with_local_heads(file.model, all, window_, sinks_);
    if (budget_option_->count() > 0) kept_global(all.size());
    if (file.model.embedding.positions == arch::Positions::Learned &&
        context_ > file.model.embedding.max_positions)
      throw base::InputError("--context", fmt::format("{} are more than the {} learned positions reach",
                                                      context_, file.model.embedding.max_positions));
    if (file.model.embedding.positions == arch::Positions::Learned &&
        decode_ >= file.model.embedding.max_positions)
      throw base::InputError("--decode",
                             fmt::format("{} leave none of the {} learned positions to the text before them",
                                         decode_, file.model.embedding.max_positions));
  }

  /// How many of `all` global heads --budget keeps.
  std::size_t kept_global(std::size_t all) const {
    const char *begin = budget_.data(), *end = begin + budget_.size();
    const auto refuse = [&] {
      return base::InputError("--budget",
                              fmt::format("expected a share from 0.0 to 1.0 with a point in it, or a "
                                          "number from 0 to {} (the global heads), found \"{}\"",
                                          all, budget_));
    };
    if (budget_.find('.') != std::string::npos) {
      double share = -1;
      const auto [stop, error] = std::from_chars(begin, end, share);
      if (error != std::errc() || stop != end || !(share >= 0 && share <= 1)) throw refuse();
      return static_cast<std::size_t>(std::lround(share * static_cast<double>(all)));
    }
    std::size_t number = 0;
    const auto [stop, error] = std::from_chars(begin, end, number);
    if (error != std::errc() || stop != end || number > all) throw refuse();
    return number;
  }

  anatomy::Locality locality() const { return {window_, sinks_}; }

  /// Pieces of the text, each with what the tokenizer puts in front of a document.
  void read_texts(const model::SavedModel& saved) {
    const std::vector<std::int64_t> front = TokenText(saved, model_.string()).tokens("", "--text", true);
    const auto first = static_cast<std::int64_t>(front.size());
    if (context_ < first + 2)
      throw base::InputError("--context",
                             fmt::format("expected at least {} tokens: {} of them stand in front of "
                                         "every text",
                                         first + 2, first));
    std::vector<std::int64_t> all =
        tokens_of_file(saved, model_, text_, "--text", first + 4, first + tokens_ + held_out_);
    all.erase(all.begin(), all.begin() + first);
    const auto have = static_cast<std::int64_t>(all.size());
    // A shorter text is shared in the same proportion.
    const std::int64_t ranking =
        have >= tokens_ + held_out_
            ? tokens_
            : std::clamp<std::int64_t>(
                  static_cast<std::int64_t>(static_cast<double>(have) * static_cast<double>(tokens_) /
                                            static_cast<double>(tokens_ + held_out_)),
                  2, have - 2);
    const auto cut = [&](std::int64_t from, std::int64_t end) {
      Texts pieces;
      while (end - from >= 2) {
        const std::int64_t next = std::min(end, from + context_ - first);
        pieces.push_back(front);
        pieces.back().insert(pieces.back().end(), all.begin() + from, all.begin() + next);
        from = next;
      }
      return pieces;
    };
    texts_ = cut(0, ranking);
    held_out_texts_ = cut(ranking, have);
  }

  void check_memory(const arch::Model& description) const {
    const auto tokens =
        static_cast<std::int64_t>(std::max(texts_.front().size(), held_out_texts_.front().size()));
    double needed = anatomy::inspection_bytes(description, tokens, false);
    if (heal_ > 0) needed += anatomy::heal_bytes(description, tokens);
    base::require_memory("--context", needed,
                         fmt::format("texts of {} tokens{}", tokens, heal_ > 0 ? " and healing" : ""));
  }

  /// What is read before the tokens whose time is measured: learned positions have to reach them as well.
  std::vector<std::int64_t> decode_prompt(const arch::Model& description) const {
    std::vector<std::int64_t> prompt = held_out_texts_.front();
    if (description.embedding.positions == arch::Positions::Learned)
      prompt.resize(
          std::min(prompt.size(), static_cast<std::size_t>(description.embedding.max_positions - decode_)));
    return prompt;
  }

  double finite_loss(const model::Model& model, const std::string& source, const char* wanted) const {
    const double loss = anatomy::mean_loss(model, held_out_texts_);
    if (!std::isfinite(loss))
      throw base::InputError(source, fmt::format("the loss is not finite: {}", wanted));
    return loss;
  }

  static std::vector<HeadPlace> places(const std::vector<anatomy::RankedHead>& ranked) {
    std::vector<HeadPlace> order;
    for (const anatomy::RankedHead& head : ranked) order.push_back(head.place);
    return order;
  }

  arch::Model changed(const arch::Model& description, const Choice& choice) const {
    return arch::with_local_heads(
        description, {choice.order.begin(), choice.order.begin() + static_cast<std::ptrdiff_t>(choice.local)},
        window_, sinks_);
  }

  /// As many heads of the order as --budget or --within says, with the loss of that.
  Choice choose(const model::Model& model, std::vector<HeadPlace> order) const {
    Choice choice{std::move(order), 0, before_};
    if (budget_option_->count() > 0) {
      choice.local = choice.order.size() - kept_global(choice.order.size());
      choice.loss = loss(model, choice.order, choice.local);
      return choice;
    }
    choice.local = anatomy::most_local(choice.order.size(), before_ * (1 + within_ / 100),
                                       [&](std::size_t count) { return loss(model, choice.order, count); });
    choice.loss = loss(model, choice.order, choice.local);
    return choice;
  }

  double loss(const model::Model& model, const std::vector<HeadPlace>& order, std::size_t count) const {
    const double measured = anatomy::loss_with_local(model, order, count, locality(), held_out_texts_);
    if (::isatty(STDERR_FILENO) != 0)
      fmt::print(stderr, "{} of {} heads local: {:.4f} nats a token\n", count, order.size(), measured);
    return measured;
  }

  /// Random choices: of as many heads as were chosen, or, with --within, of as many as each of them allows,
  /// and then its loss at the chosen number is measured as well.
  std::vector<Choice> compare(const model::Model& model, std::size_t local) {
    std::vector<Choice> all;
    for (int i = 0; i < random_; ++i) {
      Choice choice =
          choose_random(model, seed_ + static_cast<std::uint64_t>(i) + (rank_ == "random" ? 1 : 0));
      same_number_.push_back(loss(model, choice.order, local));
      all.push_back(std::move(choice));
    }
    return all;
  }
  Choice choose_random(const model::Model& model, std::uint64_t seed) const {
    std::vector<HeadPlace> order = anatomy::random_order(model.description(), seed);
    if (within_option_->count() > 0) return choose(model, std::move(order));
    return {std::move(order), 0, 0};
  }

  double decode(const model::Model& model) const {
    return decode_ > 0 ? anatomy::decode_milliseconds(model, prompt_, decode_) : 0;
  }

  void heal(const model::Model& original, const model::Model& copy) {
    std::optional<base::Progress> progress;
    if (::isatty(STDERR_FILENO) != 0) progress.emplace("healing", static_cast<double>(heal_));
    anatomy::HealOptions options;
    options.steps = heal_;
    options.learning_rate = heal_rate_;
    options.progress = [&](std::int64_t step, double apart) {
      if (progress) progress->update(static_cast<double>(step + 1), fmt::format("KL {:.4f}", apart));
    };
    anatomy::heal(original, copy, texts_, options);
  }

  static std::map<std::string, base::MadeArray> stored(const arch::MappedModel& mapped) {
    std::map<std::string, base::MadeArray> arrays;
    for (const auto& [name, view] : mapped.weights.arrays)
      arrays[name] = {view.dtype, view.shape, [bytes = view.bytes] { return std::string(bytes); }};
    return arrays;
  }

  double percent(double loss) const { return 100 * (loss / before_ - 1); }

  Json to_json(const std::vector<anatomy::RankedHead>& ranked, const Choice& chosen,
               const std::vector<Choice>& random, const std::optional<double>& healed, double before,
               double after) const {
    Json record = {{"window", window_},
                   {"sinks", sinks_},
                   {"rank", rank_},
                   {"global_heads", chosen.order.size()},
                   {"local", chosen.local},
                   {"loss_before", before_},
                   {"loss", chosen.loss},
                   {"loss_healed", healed ? Json(*healed) : Json()},
                   {"decode_ms_before", decode_ > 0 ? Json(before) : Json()},
                   {"decode_ms", decode_ > 0 ? Json(after) : Json()}};
    record["random"] = Json::array();
    for (std::size_t i = 0; i < random.size(); ++i) {
      Json one = {{"loss", same_number_[i]}};
      if (within_option_->count() > 0) one["local_within"] = random[i].local;
      record["random"].push_back(one);
    }
    record["heads"] = Json::array();
    for (const anatomy::RankedHead& head : ranked) {
      const auto end = chosen.order.begin() + static_cast<std::ptrdiff_t>(chosen.local);
      record["heads"].push_back({{"layer", head.place.block},
                                 {"head", head.place.head},
                                 {"share", head.share},
                                 {"local", std::find(chosen.order.begin(), end, head.place) != end}});
    }
    return record;
  }

  void report(const arch::Model& description, const Choice& chosen, const std::vector<Choice>& random,
              const std::optional<double>& healed, double before, double after) const {
    const std::size_t all = chosen.order.size();
    fmt::print("{}: {} of {} global heads see {} keys{} now, {} stay global\n", model_.string(), chosen.local,
               all, window_, sinks_ > 0 ? fmt::format(" and the first {}", sinks_) : "", all - chosen.local);
    const auto line = [&](const std::string& what, double loss, const std::string& more = "") {
      fmt::print("  {:<22}{:.4f} nats a token{}{}\n", what, loss,
                 loss == before_ ? "" : fmt::format("  {:+.2f} %", percent(loss)), more);
    };
    line("before", before_);
    line(rank_ == "mass" ? "by mass inside" : "drawn", chosen.loss);
    for (std::size_t i = 0; i < random.size(); ++i)
      line(fmt::format("as many at random {}", i + 1), same_number_[i],
           within_option_->count() > 0 ? fmt::format("  (within {:g} %: {} heads)", within_, random[i].local)
                                       : "");
    if (healed) line(fmt::format("healed, {} steps", heal_), *healed);
    if (decode_ > 0)
      fmt::print("  {:<22}{:.2f} ms before, {:.2f} ms now, after {} tokens\n", "a token takes", before, after,
                 prompt_.size());
    fmt::print(
        "  {:<22}{} before, {} now, of {} tokens\n", "its state",
        base::format_bytes(static_cast<double>(arch::state_bytes(description, context_))),
        base::format_bytes(static_cast<double>(arch::state_bytes(changed(description, chosen), context_))),
        context_);
    fmt::print("written to {}\n", out_.string());
  }

  Texts texts_, held_out_texts_;
  std::vector<std::int64_t> prompt_;
  double before_ = 0;                ///< loss of the model as it is
  std::vector<double> same_number_;  ///< losses of random choices of as many heads as were chosen
};

}  // namespace

std::unique_ptr<Command> make_localise() {
  return std::make_unique<Localise>();
}

}  // namespace yore::cli
