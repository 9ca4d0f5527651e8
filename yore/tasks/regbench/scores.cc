#include "yore/tasks/regbench/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/regbench/ngram.h"

namespace yore::tasks {
namespace {

bool contains(const std::vector<automata::Symbol>& legal, std::size_t token) {
  return std::binary_search(legal.begin(), legal.end(), static_cast<automata::Symbol>(token));
}

template <class Number>
std::size_t best_of(std::span<const Number> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

class PromptScorer final : public Scorer {
 public:
  PromptScorer(const EvaluationSet& set, const std::vector<PromptAutomaton>& automata, int letters, int ngram)
      : set_(set),
        tokens_(with_chance(token_scorer(set), 1.0 / letters)),
        legal_(legal_letters(set.batch, automata, letters)),
        baselines_(prompt_baselines(set.batch, legal_, letters, ngram)),
        ngram_(ngram) {}

  void add(std::int64_t sequence, std::int64_t token, std::span<const float> outputs) override {
    tokens_->add(sequence, token, outputs);
    const std::vector<automata::Symbol>& legal = legal_[static_cast<std::size_t>(token)];
    const std::size_t best = best_of(outputs);
    // Where outputs are NaN nothing is right.
    correct_ += contains(legal, best) && outputs[best] == outputs[best];
    probabilities_.resize(outputs.size());
    double sum = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      sum += probabilities_[i] =
          std::exp(static_cast<double>(outputs[i]) - static_cast<double>(outputs[best]));
    for (double& p : probabilities_) p /= sum;
    variation_ += total_variation(probabilities_, legal);
    ++count_;
  }

  std::vector<Metric> finish() override {
    std::vector<Metric> metrics = tokens_->finish();
    for (Metric& m : metrics)
      if (m.name == "loss") m.keys["floor"] = baselines_.floor;
    const auto mean = [&](double total) { return count_ == 0 ? 0.0 : total / static_cast<double>(count_); };
    const auto add = [&](const char* name, double value, double chance, double ngram) -> Json& {
      metrics.push_back({set_.name, name, value, count_, set_.keys});
      Json& keys = metrics.back().keys;
      keys["chance"] = chance;
      keys["baselines"] = {{fmt::format("in-context {}-gram", ngram_), ngram}};
      return keys;
    };
    add("dfa_accuracy", mean(static_cast<double>(correct_)), baselines_.legal_share,
        baselines_.ngram_dfa_accuracy)["correct"] = correct_;
    // Uniform on n letters against uniform on k of them: 1 - k / n, halved.
    add("total_variation", mean(variation_), 1 - baselines_.legal_share, baselines_.ngram_total_variation);
    return metrics;
  }

 private:
  const EvaluationSet& set_;
  std::unique_ptr<Scorer> tokens_;
  std::vector<std::vector<automata::Symbol>> legal_;
  PromptBaselines baselines_;
  int ngram_;
  std::vector<double> probabilities_;
  std::int64_t count_ = 0, correct_ = 0;
  double variation_ = 0;
};

}  // namespace

std::vector<std::vector<automata::Symbol>> legal_letters(const Batch& batch,
                                                         const std::vector<PromptAutomaton>& automata,
                                                         int letters) {
  if (static_cast<std::int64_t>(automata.size()) != batch.sequences())
    throw std::invalid_argument("legal_letters: one automaton a sequence");
  std::vector<std::vector<automata::Symbol>> legal(batch.tokens.size());
  for (std::size_t b = 0; b < automata.size(); ++b) {
    const automata::Dfa& dfa = automata[b].dfa();
    automata::State q = dfa.start;
    for (auto i = static_cast<std::size_t>(batch.starts[b]);
         i < static_cast<std::size_t>(batch.starts[b + 1]); ++i) {
      q = batch.tokens[i] == letters ? dfa.start : dfa.step(q, batch.tokens[i]);
      if (dfa.accepting[static_cast<std::size_t>(q)] == 0)
        throw std::invalid_argument("legal_letters: a sequence that its automaton rejects");
      if (batch.targets[i] != kIgnored) legal[i] = automata[b].legal(q);
    }
  }
  return legal;
}

PromptBaselines prompt_baselines(const Batch& batch, const std::vector<std::vector<automata::Symbol>>& legal,
                                 int letters, int ngram) {
  PromptBaselines sums;
  double asked = 0;
  for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
    InContextNgram model(letters, ngram);
    for (auto i = static_cast<std::size_t>(batch.starts[b]);
         i < static_cast<std::size_t>(batch.starts[b + 1]); ++i) {
      model.read(batch.tokens[i]);
      if (batch.targets[i] == kIgnored) continue;
      const std::vector<double> p = model.predict();
      const auto choices = static_cast<double>(legal[i].size());
      ++asked;
      sums.legal_share += choices / letters;
      sums.floor += std::log(choices);
      sums.ngram_dfa_accuracy += contains(legal[i], best_of(std::span<const double>(p)));
      sums.ngram_total_variation += total_variation(p, legal[i]);
    }
  }
  if (asked > 0)
    for (double* sum :
         {&sums.legal_share, &sums.floor, &sums.ngram_dfa_accuracy, &sums.ngram_total_variation})
      *sum /= asked;
  return sums;
}

double total_variation(const std::vector<double>& p, const std::vector<automata::Symbol>& legal) {
  double sum = 0;
  for (std::size_t x = 0; x < p.size(); ++x)
    sum += std::abs(p[x] - (contains(legal, x) ? 1.0 / static_cast<double>(legal.size()) : 0.0));
  return sum / 2;
}

std::unique_ptr<Scorer> prompt_scorer(const EvaluationSet& set, const std::vector<PromptAutomaton>& automata,
                                      int letters, int ngram) {
  return std::make_unique<PromptScorer>(set, automata, letters, ngram);
}

}  // namespace yore::tasks
