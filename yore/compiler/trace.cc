#include "yore/compiler/trace.h"

#include <algorithm>
#include <cmath>

namespace yore::compiler {
namespace {

/// Whether the letters up to each position, its own included, are a word of the automaton.
std::vector<char> accepted(const automata::Dfa& dfa, const logic::Word& word) {
  std::vector<char> truth;
  automata::State state = dfa.start;
  for (const logic::Symbol a : word) {
    state = dfa.step(state, a);
    truth.push_back(dfa.accepting[static_cast<std::size_t>(state)]);
  }
  truth.push_back(dfa.accepting[static_cast<std::size_t>(state)]);  // at EOS
  return truth;
}

}  // namespace

Trace read_trace(const Manifest& manifest, const logic::Word& word, const NumberAt& number, float logit) {
  const auto truths = logic::evaluate_all(manifest.formula.graph, word);
  const bool plus_minus = manifest.encoding == Encoding::PlusMinus;
  Trace result;
  result.logit = logit;
  for (int stage = 0; stage < static_cast<int>(manifest.stages.size()); ++stage) {
    for (const Claim& claim : manifest.stages[static_cast<std::size_t>(stage)]) {
      const bool whole_words = claim.kind == Claim::Kind::Accepted;
      if (claim.kind != Claim::Kind::Truth && !whole_words) continue;
      TraceRow row;
      row.node = claim.node;
      row.stage = stage;
      row.coordinate = claim.coordinate;
      row.truth =
          whole_words ? accepted(*manifest.automaton, word) : truths[static_cast<std::size_t>(claim.node)];
      for (std::size_t i = 0; i <= word.size(); ++i) {
        const float x = number(stage, claim.coordinate, i);
        const double as_truth = plus_minus ? (x + 1.0) / 2 : x;
        row.numbers.push_back(x);
        row.read.push_back(as_truth > 0.5);
        result.error = std::max(result.error, std::abs(as_truth - (row.truth[i] != 0 ? 1.0 : 0.0)));
        if ((row.read.back() != 0) != (row.truth[i] != 0)) result.agrees = false;
      }
      result.rows.push_back(std::move(row));
    }
  }
  return result;
}

}  // namespace yore::compiler
