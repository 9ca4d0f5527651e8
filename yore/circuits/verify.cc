#include "yore/circuits/verify.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/circuits/evaluate.h"

namespace yore::circuits {
namespace {

constexpr int kDeepest = 8;

class Comparison {
 public:
  Comparison(const CircuitModel& model, Verification& result) : model_(model), result_(result) {}

  /// Whether all gates agree; else the difference is noted.
  bool agrees(const Circuit& circuit, const std::vector<Rational>& inputs) {
    const std::vector<Rational> expected = evaluate<Rational>(circuit, inputs, "circuit");
    const std::vector<Rational> found = model_.ask<Rational>(circuit, inputs, "circuit").values;
    result_.gates += static_cast<std::int64_t>(found.size());
    for (const int g : circuit.order) {
      const auto at = static_cast<std::size_t>(g);
      if (found[at] == expected[at]) continue;
      std::vector<std::string> values;
      for (const Rational& x : inputs) values.push_back(to_text(x));
      result_.difference = {to_text(circuit), fmt::format("{}", fmt::join(values, " ")),
                            definition(circuit, g), to_text(expected[at]), to_text(found[at])};
      return false;
    }
    return true;
  }

 private:
  const CircuitModel& model_;
  Verification& result_;
};

}  // namespace

Verification verify(const CircuitModel& model, const VerifyOptions& o) {
  Verification result;
  Comparison comparison(model, result);
  for (int gates = 1; gates <= o.exhaustive && !result.difference; ++gates)
    each_circuit(gates, [&](const Circuit& circuit) {
      if (circuit.depth() > model.depth()) return true;
      for (const std::vector<Rational>& inputs : small_inputs(circuit)) {
        ++result.small_circuits;
        if (!comparison.agrees(circuit, inputs)) return false;
      }
      return true;
    });
  for (int n = 0; n < o.random && !result.difference; ++n) {
    base::Random random({o.seed, static_cast<std::uint64_t>(n)});
    RandomCircuitOptions options;
    const int deepest = std::min({kDeepest, model.depth(), o.gates - 1});
    options.depth = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(deepest)));
    options.gates = options.depth + 1 +
                    static_cast<int>(random.below(static_cast<std::uint64_t>(o.gates - options.depth)));
    const Circuit circuit = random_circuit(random, options);
    ++result.random_circuits;
    comparison.agrees(circuit, random_inputs(random, circuit));
  }
  return result;
}

}  // namespace yore::circuits
