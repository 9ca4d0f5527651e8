// RegBench's metrics, beside those of every next-token task, and what they are to be held against.
//
// "dfa_accuracy": the share of asked tokens at which the letter of the highest logit is legal: some string of
// the prompt's language goes on so after the true prefix. "total_variation": the mean over asked tokens of
//
//   1/2 sum over all tokens x of |p(x) - u(x)|,      p the model's distribution, u uniform on the legal
//   letters
//
// HALVED, so that it lies in 0..1 and is 0 for the best model; the reference's code does not halve. p is over
// all tokens: what the model gives to the separator counts as wrong.
//
// Both have the keys "chance" (guessing any letter, evenly) and "baselines": {"in-context 3-gram": what the
// n-gram model with back-off scores}. "accuracy" has "chance"; "loss" has "floor", the mean of ln(legal
// letters), which is the loss of knowing the automaton.
#pragma once
#include <memory>
#include <vector>

#include "yore/tasks/regbench/automaton.h"
#include "yore/tasks/task.h"

namespace yore::tasks {

/// What a set offers, by walking through it once.
struct PromptBaselines {
  double legal_share = 0;  ///< mean over asked tokens of legal letters / letters
  double floor = 0;        ///< mean of ln(legal letters)
  double ngram_dfa_accuracy = 0, ngram_total_variation = 0;
};

/// The legal letters after each token of the set (none where nothing is asked), of sequence b by automata[b].
/// Throws std::invalid_argument if a sequence is not of its automaton's language. The separator is token
/// `letters`.
std::vector<std::vector<automata::Symbol>> legal_letters(const Batch& batch,
                                                         const std::vector<PromptAutomaton>& automata,
                                                         int letters);

/// Of a set of which something is asked.
PromptBaselines prompt_baselines(const Batch& batch, const std::vector<std::vector<automata::Symbol>>& legal,
                                 int letters, int ngram);

/// Half the sum of |p(x) - u(x)|, u uniform on `legal`.
double total_variation(const std::vector<double>& p, const std::vector<automata::Symbol>& legal);

/// `set` must outlive it; automata[b] is that of sequence b.
std::unique_ptr<Scorer> prompt_scorer(const EvaluationSet& set, const std::vector<PromptAutomaton>& automata,
                                      int letters, int ngram);

}  // namespace yore::tasks
