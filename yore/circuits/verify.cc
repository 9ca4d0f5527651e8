#include "yore/circuits/verify.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/circuits/evaluate.h"

namespace yore::circuits {
namespace {

constexpr int kDeepest = 8;

class Comparison {
 public:
  Comparison(const CircuitModel& model, Verification& result, const base::Progress::Output& progress)
      : model_(model), result_(result), heartbeat_(progress) {}

  /// Whether all gates agree; else the difference is noted. `where()` names the circuit for messages.
  bool agrees(const Circuit& circuit, const std::vector<Rational>& inputs, const auto& where) {
    const std::vector<Rational> expected = evaluate<Rational>(circuit, inputs, "circuit");
    const std::vector<Rational> found = ask(circuit, inputs, where).values;
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
  Answer<Rational> ask(const Circuit& circuit, const std::vector<Rational>& inputs, const auto& where) {
    const Watch watch = [&](int block) {
      heartbeat_.beat([&] {
        return fmt::format("{}, {} gates: block {} of {}", where(), circuit.gates.size(), block + 1,
                           2 * model_.depth());
      });
    };
    return model_.ask<Rational>(circuit, inputs, "circuit", false, Search::Sorted, watch);
  }

  const CircuitModel& model_;
  Verification& result_;
  base::Heartbeat heartbeat_;
};

}  // namespace

Verification verify(const CircuitModel& model, const VerifyOptions& o) {
  Verification result;
  Comparison comparison(model, result, o.progress);
  for (int gates = 1; gates <= o.exhaustive && !result.difference; ++gates)
    each_circuit(gates, [&](const Circuit& circuit) {
      if (circuit.depth() > model.depth()) return true;
      for (const std::vector<Rational>& inputs : small_inputs(circuit)) {
        ++result.small_circuits;
        const auto where = [&] {
          return fmt::format("run {} of small circuits, up to {} gates of {}", result.small_circuits, gates,
                             o.exhaustive);
        };
        if (!comparison.agrees(circuit, inputs, where)) return false;
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
    comparison.agrees(circuit, random_inputs(random, circuit),
                      [&] { return fmt::format("random circuit {} of {}", n + 1, o.random); });
  }
  return result;
}

}  // namespace yore::circuits
