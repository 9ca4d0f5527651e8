// The task "bigram_backcopy": the smallest in which models grow attention sinks.
//
// A sequence begins with a token of its own, BOS. Then letters follow each other as a random bigram chain
// says (bigram_chain.h), but after a trigger, one of a few of the letters, comes the letter before it again.
// With trigger 0:
//
//   BOS 3 1 0 1 4 0 4      targets:  3 1 0 1 4 0 4 .   (. stands for what the chain says next)
//
// The next letter is asked at every token. A head that copies back has nothing to do where no trigger is,
// and rests on BOS. A sequence is for evaluation if its hash is below kHeldOutHash, else for training. Loss
// and accuracy are also scored apart: at triggers ("backcopy", which can be perfect) and elsewhere
// ("bigram", whose loss is bounded by the chain's entropy).
#include "yore/tasks/bigram_backcopy/bigram_chain.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace bigram_backcopy {
namespace {

constexpr const char* kName = "bigram_backcopy";
/// Shorter sequences might all be on one side of the split.
constexpr int kShortest = 16;

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {
      {"letters", 32, "Different letters"},
      {"triggers", 3, "Letters after which the letter before them comes again"},
      {"skew", 2, "The letter of rank r after another has a probability proportional to 1 / r^skew"},
      {"chain_seed", std::uint64_t{0}, "Seed of the chain"}};
  for (base::OptionSpec& option : draw_options({64, 64}, {"64-64", "65-128"}, "Tokens"))
    all.push_back(std::move(option));
  return all;
}

/// Loss and accuracy at one of the two kinds of tokens.
struct Part {
  std::int64_t count = 0, correct = 0;
  double loss = 0, floor = 0, best = 0;  ///< sums; floor: entropies, best: shares of the likeliest letter
  static double mean(double sum, std::int64_t count) {
    return count == 0 ? 0 : sum / static_cast<double>(count);
  }
};

class BackcopyScorer final : public Scorer {
 public:
  BackcopyScorer(const EvaluationSet& set, const BigramChain& chain)
      : set_(set), chain_(chain), inner_(with_chance(token_scorer(set), chance())) {}

  void add(std::int64_t sequence, std::int64_t token, std::span<const float> outputs) override {
    inner_->add(sequence, token, outputs);
    const auto i = static_cast<std::size_t>(token);
    const std::int32_t letter = set_.batch.tokens[i];
    const auto target = static_cast<std::size_t>(set_.batch.targets[i]);
    const bool begins = letter == chain_.letters(), copies = !begins && chain_.is_trigger(letter);
    Part& part = parts_[copies ? 0 : 1];
    const auto best =
        static_cast<std::size_t>(std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
    double sum = 0;
    for (const float logit : outputs)
      sum += std::exp(static_cast<double>(logit) - static_cast<double>(outputs[best]));
    part.loss += std::log(sum) + static_cast<double>(outputs[best]) - static_cast<double>(outputs[target]);
    // Where outputs are NaN nothing is right.
    part.correct += best == target && outputs[target] == outputs[best];
    ++part.count;
    part.floor += copies ? 0 : begins ? chain_.first_entropy() : chain_.entropy(letter);
    part.best += copies ? 1 : begins ? chain_.first_share() : chain_.most_likely(letter);
  }

  std::vector<Metric> finish() override {
    std::vector<Metric> metrics = inner_->finish();
    const Part &copies = parts_[0], &bigrams = parts_[1];
    for (Metric& m : metrics)
      if (m.name == "loss")
        m.keys["baselines"] = floor(copies.floor + bigrams.floor, copies.count + bigrams.count);
    add_part("backcopy", copies, metrics);
    add_part("bigram", bigrams, metrics);
    return metrics;
  }

 private:
  double chance() const { return 1.0 / chain_.letters(); }
  /// The chain's entropy: no model's loss is lower but by what happened to be drawn.
  static Json floor(double sum, std::int64_t count) { return {{"floor", Part::mean(sum, count)}}; }
  void add_part(const std::string& name, const Part& part, std::vector<Metric>& metrics) const {
    Json keys = set_.keys;
    keys["correct"] = part.correct;
    keys["chance"] = chance();
    if (name == "bigram") keys["baselines"] = {{"the likeliest letter", Part::mean(part.best, part.count)}};
    metrics.push_back({set_.name, name + "_accuracy",
                       Part::mean(static_cast<double>(part.correct), part.count), part.count,
                       std::move(keys)});
    keys = set_.keys;
    keys["baselines"] = floor(part.floor, part.count);
    metrics.push_back({set_.name, name + "_loss", Part::mean(part.loss, part.count), part.count, keys});
  }

  const EvaluationSet& set_;
  const BigramChain& chain_;
  std::unique_ptr<Scorer> inner_;
  std::array<Part, 2> parts_;  ///< at triggers, elsewhere
};

class BigramBackcopy final : public DrawnTask {
 public:
  explicit BigramBackcopy(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, kShortest)), chain_(read_chain(options)) {}

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return chain_.letters() + 1; }
  int outputs() const override { return vocabulary(); }
  std::vector<std::string> token_names() const override { return numbered_names(chain_.letters(), {"BOS"}); }
  Goal goal() const override { return {"backcopy_accuracy", true, 1}; }
  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override {
    return std::make_unique<BackcopyScorer>(set, chain_);
  }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    for (;;) {
      Sequence s;
      s.tokens = {chain_.letters()};
      s.targets = {chain_.draw_first(random)};
      while (static_cast<int>(s.tokens.size()) < length) {
        const std::int32_t before = s.tokens.back(), letter = s.targets.back();
        s.tokens.push_back(letter);
        s.targets.push_back(chain_.is_trigger(letter) ? before : chain_.draw_next(letter, random));
      }
      if ((sequence_hash(draws().split_seed, s.tokens) < kHeldOutHash) == held_out) return s;
    }
  }
  double chance() const override { return 1.0 / chain_.letters(); }

 private:
  static BigramChain read_chain(const TaskOptions& options) {
    const int letters = options.integer("letters", 4, 4096);
    const int triggers = options.integer("triggers", 1, letters - 2);
    return {letters, triggers, options.integer("skew", 0, 3), options.seed("chain_seed")};
  }
  BigramChain chain_;
};

}  // namespace
}  // namespace bigram_backcopy

/// Named in CMakeLists.txt's list of tasks.
TaskInfo bigram_backcopy_task() {
  using namespace bigram_backcopy;
  return {kName,
          "letters of a bigram chain in which triggers repeat the letter before them: attention sinks",
          "Guo et al. 2024, arXiv 2410.13835",
          Objective::NextToken,
          specs(),
          decoder_defaults(),
          complete_options<BigramBackcopy>,
          make_from_options<BigramBackcopy>};
}

}  // namespace yore::tasks
