#include "yore/circuits/precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "yore/base/budget.h"
#include "yore/circuits/basis.h"
#include "yore/circuits/evaluate.h"
#include "yore/circuits/random_circuit.h"

namespace yore::circuits {
namespace {

/// Of each circuit so far.
struct Losses {
  std::vector<double> each;
  int overflows = 0;

  Loss summary() {
    std::sort(each.begin(), each.end());
    if (each.empty()) return {std::nan(""), std::nan(""), overflows};
    return {each[each.size() / 2], each.back(), overflows};
  }
};

/// compute() gives the values of all gates, or throws InputError where one overflows.
template <class Compute>
void note(Losses& losses, const Circuit& circuit, const std::vector<Rational>& expected,
          const Compute& compute) {
  try {
    const auto found = compute();
    Rational error = 0, size = 0;
    for (const int output : circuit.outputs) {
      const auto at = static_cast<std::size_t>(output);
      error = std::max<Rational>(error, abs(exact(found[at]) - expected[at]));
      size = std::max<Rational>(size, abs(expected[at]));
    }
    losses.each.push_back(error == 0 ? 0 : size == 0 ? HUGE_VAL : Rational(error / size).get_d());
  } catch (const base::InputError&) {
    ++losses.overflows;
  }
}

std::vector<Rational> inputs_within_one(base::Random& random, const Circuit& circuit) {
  constexpr int kDenominator = 1009;  // a prime: no input but 0 and +-1 is a number of a processor's
  std::vector<Rational> values;
  for (std::size_t i = 0; i < circuit.inputs().size(); ++i) {
    values.emplace_back(static_cast<int>(random.below(2 * kDenominator + 1)) - kDenominator, kDenominator);
    values.back().canonicalize();
  }
  return values;
}

/// Of the gates half are sums, of (1 + width) / 2 terms on average, and half are products.
double tokens_of_one(int depth, int width) {
  return static_cast<double>(width) * (depth + 1) * (2.25 + 0.25 * width);
}

/// A token keeps its row in double, twice two numbers of the head and as many of queries and keys.
void require_memory_for(int depth, int width) {
  const double tokens = tokens_of_one(depth, width);
  constexpr double kTokenBytes = (static_cast<double>(kWidth) + 8) * sizeof(double);
  base::require_memory("depths, widths", kTokenBytes * tokens,
                       fmt::format("circuits of depth {} and width {}, {:.3g} tokens", depth, width, tokens));
}

}  // namespace

std::vector<PrecisionRow> measure_precision(const CircuitModel& model, const PrecisionOptions& o) {
  for (const int depth : o.depths)
    if (depth < 1 || depth > model.depth())
      throw base::InputError("depths",
                             fmt::format("expected 1 to the model's {}, found {}", model.depth(), depth));
  for (const int width : o.widths)
    if (width < 1) throw base::InputError("widths", fmt::format("expected at least 1, found {}", width));
  for (const int depth : o.depths)
    for (const int width : o.widths) require_memory_for(depth, width);
  // What it takes is known before anything is drawn.
  base::Budget budget(fmt::format("measuring {} circuits of each depth and width, in tokens,", o.circuits),
                      {.count = o.max_tokens, .option = "max-tokens"});
  for (const int depth : o.depths)
    for (const int width : o.widths)
      budget.spend(static_cast<std::size_t>(std::min(1e18, o.circuits * tokens_of_one(depth, width))));
  std::vector<PrecisionRow> rows;
  base::Heartbeat heartbeat(o.progress);
  for (const int depth : o.depths)
    for (const int width : o.widths) {
      Losses model_double, model_float, direct_double, direct_float;
      int too_long = 0;
      for (int n = 0; n < o.circuits; ++n) {
        base::Random random({o.seed, static_cast<std::uint64_t>(depth), static_cast<std::uint64_t>(width),
                             static_cast<std::uint64_t>(n)});
        RandomCircuitOptions shape;
        shape.depth = depth;
        shape.gates = width * (depth + 1);
        shape.most_terms = width;
        shape.signs = shape.shuffled = false;
        const Watch watch = [&](int block) {
          heartbeat.beat([&] {
            return fmt::format("depth {}, width {}, circuit {} of {}: block {} of {}", depth, width, n + 1,
                               o.circuits, block + 1, 2 * model.depth());
          });
        };
        const Circuit circuit = random_circuit(random, shape);
        const std::vector<Rational> inputs = inputs_within_one(random, circuit);
        std::vector<Rational> expected;
        try {
          expected = evaluate<Rational>(circuit, inputs, "circuit");
        } catch (const base::InputError&) {
          ++too_long;
          continue;
        }
        note(model_double, circuit, expected, [&] {
          return model.ask<double>(circuit, inputs, "circuit", false, Search::Sorted, watch).values;
        });
        note(model_float, circuit, expected, [&] {
          return model.ask<float>(circuit, inputs, "circuit", false, Search::Sorted, watch).values;
        });
        note(direct_double, circuit, expected, [&] { return evaluate<double>(circuit, inputs, "circuit"); });
        note(direct_float, circuit, expected, [&] { return evaluate<float>(circuit, inputs, "circuit"); });
      }
      rows.push_back({depth, width, o.circuits, too_long, model_double.summary(), model_float.summary(),
                      direct_double.summary(), direct_float.summary()});
    }
  return rows;
}

std::string to_text(const std::vector<PrecisionRow>& rows) {
  const auto number = [](double loss) { return std::isnan(loss) ? "-" : fmt::format("{:.1e}", loss); };
  std::string text = fmt::format(
      "{:>5} {:>5} {:>8} {:>4}  {:>19} {:>4}  {:>19} {:>4}  {:>19} {:>4}  {:>19} {:>4}\n", "", "", "", "",
      "fp64, model", "", "fp64, gate by gate", "", "fp32, model", "", "fp32, gate by gate", "");
  text += fmt::format("{:>5} {:>5} {:>8} {:>4}", "depth", "width", "circuits", "long");
  for (int i = 0; i < 4; ++i) text += fmt::format("  {:>9} {:>9} {:>4}", "median", "largest", "over");
  text += "\n";
  for (const PrecisionRow& row : rows) {
    text += fmt::format("{:>5} {:>5} {:>8} {:>4}", row.depth, row.width, row.circuits, row.too_long);
    for (const Loss* loss : {&row.model_double, &row.direct_double, &row.model_float, &row.direct_float})
      text +=
          fmt::format("  {:>9} {:>9} {:>4}", number(loss->median), number(loss->largest), loss->overflows);
    text += "\n";
  }
  return text +
         "(largest error of an output, relative to the largest output; over: circuits that overflowed; long: "
         "circuits left out, whose exact values are too long)\n";
}

base::Json to_json(const std::vector<PrecisionRow>& rows) {
  base::Json list = base::Json::array();
  const auto loss = [](const Loss& l) {
    return base::Json{{"median", l.median}, {"largest", l.largest}, {"overflows", l.overflows}};
  };
  for (const PrecisionRow& row : rows)
    list.push_back({{"depth", row.depth},
                    {"width", row.width},
                    {"circuits", row.circuits},
                    {"too_long", row.too_long},
                    {"fp64", {{"model", loss(row.model_double)}, {"direct", loss(row.direct_double)}}},
                    {"fp32", {{"model", loss(row.model_float)}, {"direct", loss(row.direct_float)}}}});
  return list;
}

}  // namespace yore::circuits
