#include "yore/inspection/trace.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

namespace yore::inspection {
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

Trace trace(const model::Model& model, const compiler::Manifest& manifest, const logic::Word& word) {
  const at::NoGradGuard no_gradients;
  std::vector<std::int32_t> tokens(word.begin(), word.end());
  tokens.push_back(model.letters());
  const std::vector<std::int64_t> starts = {0, static_cast<std::int64_t>(tokens.size())};
  const model::Input input = model::pack(starts, tokens);
  const std::vector<at::Tensor> stages = model.stages(input);
  const auto truths = logic::evaluate_all(manifest.formula.graph, word);
  const bool plus_minus = manifest.encoding == compiler::Encoding::PlusMinus;
  Trace result;
  result.logit = model.forward(input).item<float>();
  for (std::size_t s = 0; s < manifest.stages.size(); ++s) {
    const at::Tensor rows = stages[s].contiguous();
    for (const compiler::Claim& claim : manifest.stages[s]) {
      using Kind = compiler::Claim::Kind;
      if (claim.kind != Kind::Truth && claim.kind != Kind::Accepted) continue;
      TraceRow row;
      row.node = claim.node;
      row.stage = static_cast<int>(s);
      row.coordinate = claim.coordinate;
      row.truth = claim.kind == Kind::Accepted ? accepted(*manifest.automaton, word)
                                               : truths[static_cast<std::size_t>(claim.node)];
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        const float x =
            rows.data_ptr<float>()[static_cast<std::int64_t>(i) * rows.size(1) + claim.coordinate];
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

}  // namespace yore::inspection
