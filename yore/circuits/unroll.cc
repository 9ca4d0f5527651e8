#include "yore/circuits/unroll.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/circuits/builder.h"
#include "yore/circuits/evaluate.h"
#include "yore/circuits/random_circuit.h"

namespace yore::circuits {
namespace {

using Node = CircuitBuilder::Node;
using Term = CircuitBuilder::Term;
using NodeRows = std::vector<std::vector<Node>>;  // [token][coordinate]

/// Gates are shared and constants folded, so that there may be far more to look at than gates come of it: of
/// two scores 4 terms, which are kept for a while.
constexpr std::size_t kTermsPerGate = 64, kTermsPerPair = 16;

class Unrolling {
 public:
  Unrolling(const HardTransformer& model, const UnrollOptions& options)
      : model_(model),
        tokens_(static_cast<std::size_t>(options.tokens)),
        build_(base::Budget("writing the transformer as a circuit",
                            {.count = options.max_gates, .option = "max-gates"})),
        terms_(
            "writing the transformer as a circuit, in terms of its sums,",
            {.count = options.max_gates > base::kNoLimit / kTermsPerGate ? base::kNoLimit
                                                                         : options.max_gates * kTermsPerGate,
             .option = "max-gates"}) {}

  Circuit run() {
    NodeRows rows;  // grows as the budget of gates is spent
    for (std::size_t t = 0; t < tokens_; ++t) {
      std::vector<Node>& row = rows.emplace_back();
      for (std::int64_t c = 0; c < model_.width; ++c) row.push_back(build_.input());
    }
    for (const HardBlock& block : model_.blocks) {
      add(rows, block.out, attention(block, rows));
      if (!block.down.empty()) add(rows, block.down, hidden(block, rows));
    }
    std::vector<Node> outputs;
    for (const std::vector<Node>& row : rows)
      for (const SparseRow& read : model_.read_out) outputs.push_back(apply(read, row));
    return build_.finish(outputs);
  }

 private:
  Node apply(const SparseRow& map, const std::vector<Node>& row) {
    std::vector<Term> terms;
    for (const SparseRow::Term& term : map.terms)
      terms.push_back({Rational(term.weight), row[static_cast<std::size_t>(term.column)]});
    return build_.sum(terms, Rational(map.bias));
  }
  void add(NodeRows& rows, const SparseMap& map, const NodeRows& what) {
    for (std::size_t t = 0; t < tokens_; ++t) {
      std::vector<Node> changed = rows[t];
      for (std::size_t c = 0; c < map.size(); ++c)
        changed[c] = build_.sum({{1, rows[t][c]}, {1, apply(map[c], what[t])}});
      rows[t] = std::move(changed);
    }
  }

  /// [token][head by head]
  NodeRows attention(const HardBlock& block, const NodeRows& rows) {
    NodeRows mixed(tokens_);
    const auto width = static_cast<std::size_t>(block.head_width);
    for (int head = 0; head < block.heads; ++head) {
      const std::size_t q = static_cast<std::size_t>(head) * width;
      const std::size_t k = static_cast<std::size_t>(head / (block.heads / block.kv_heads)) * width;
      for (std::size_t t = 0; t < tokens_; ++t) {
        std::vector<Node> scores;
        for (std::size_t j = 0; j < tokens_; ++j) {
          terms_.spend(2 * width + 1);  // the score and, below, the values
          std::vector<Term> products;
          for (std::size_t d = 0; d < width; ++d)
            products.push_back(
                {1, build_.product(apply(block.query[q + d], rows[t]), apply(block.key[k + d], rows[j]))});
          scores.push_back(build_.sum(products));
        }
        const std::vector<Node> chosen = largest(scores);
        const Node share = reciprocal_of_count(chosen);
        for (std::size_t d = 0; d < width; ++d) {
          std::vector<Term> values;
          for (std::size_t j = 0; j < tokens_; ++j)
            values.push_back({1, build_.product(chosen[j], apply(block.value[k + d], rows[j]))});
          mixed[t].push_back(build_.product(share, build_.sum(values)));
        }
      }
    }
    return mixed;
  }

  bool all_constant(const std::vector<Node>& nodes) const {
    return std::all_of(nodes.begin(), nodes.end(), [&](Node node) { return build_.is_constant(node); });
  }

  /// 1 where the score is a largest one, else 0. With g = sign(s - r), 1 - (g^2 - g) / 2 is 1 if s >= r, else
  /// 0; of n such numbers all are 1 where their sum is above n - 1/2.
  std::vector<Node> largest(const std::vector<Node>& scores) {
    if (all_constant(scores)) {
      Rational most = build_.value(scores[0]);
      for (const Node score : scores) most = std::max<Rational>(most, build_.value(score));
      std::vector<Node> chosen;
      for (const Node score : scores) chosen.push_back(build_.constant(build_.value(score) == most ? 1 : 0));
      return chosen;
    }
    std::vector<std::vector<Term>> not_below(tokens_);
    for (std::size_t j = 0; j < tokens_; ++j)
      for (std::size_t l = j + 1; l < tokens_; ++l) {
        terms_.spend(kTermsPerPair);
        const Node g = build_.sign(build_.sum({{1, scores[j]}, {-1, scores[l]}})),
                   square = build_.product(g, g);
        for (const auto& [token, sign] : {std::pair{j, 1}, std::pair{l, -1}}) {
          not_below[token].push_back({Rational(-1, 2), square});
          not_below[token].push_back({Rational(sign, 2), g});
        }
      }
    std::vector<Node> chosen;
    for (const std::vector<Term>& terms : not_below)  // each of the tokens_ - 1 sums lacks its 1
      chosen.push_back(
          build_.sum({{Rational(1, 2), build_.sign(build_.sum(terms, Rational(1, 2)))}}, Rational(1, 2)));
    return chosen;
  }

  /// 1 / (their sum), a number from 1 to n: the sum of (1 / c) (1 - sign(sum - c)^2).
  Node reciprocal_of_count(const std::vector<Node>& chosen) {
    std::vector<Term> count, shares;
    for (const Node node : chosen) count.push_back({1, node});
    if (all_constant(chosen)) return build_.constant(1 / build_.value(build_.sum(count)));
    Rational constant = 0;
    for (std::size_t c = 1; c <= tokens_; ++c) {
      terms_.spend(tokens_);
      const Node g = build_.sign(build_.sum(count, -Rational(c)));
      shares.push_back({Rational(-1) / Rational(c), build_.product(g, g)});
      constant += Rational(1) / Rational(c);
    }
    return build_.sum(shares, constant);
  }

  NodeRows hidden(const HardBlock& block, const NodeRows& rows) {
    NodeRows all(tokens_);
    const std::size_t units = block.up.size();
    for (std::size_t t = 0; t < tokens_; ++t)
      for (std::size_t u = 0; u < units; ++u) {
        const Node up = apply(block.up[u], rows[t]);
        Node gate = 0;
        if (block.feed_forward.activation == arch::Activation::Relu) {  // (g^2 + g) / 2 is 1 above 0, else 0
          const Node g = build_.sign(up);
          gate = build_.sum({{Rational(1, 2), build_.product(g, g)}, {Rational(1, 2), g}});
        } else {
          gate = apply(block.gate[u], rows[t]);
          if (u >= units / 2) gate = build_.sign(gate);
        }
        all[t].push_back(build_.product(gate, up));
      }
    return all;
  }

  const HardTransformer& model_;
  std::size_t tokens_;
  CircuitBuilder build_;
  base::Budget terms_;  ///< of sums, many of which may be one gate
};

}  // namespace

Circuit unroll(const HardTransformer& model, const UnrollOptions& options) {
  return Unrolling(model, options).run();
}

UnrollCheck check_unrolled(const HardTransformer& model, const Circuit& circuit, int tokens, int count,
                           std::uint64_t seed) {
  // Repeated squaring would fill any memory.
  const AfterBlock<Rational> bounded = [](int block, const Rows<Rational>& rows) {
    std::size_t bits = 0;
    for (const Rational& x : rows.values) {
      bits += bits_of(x);
      if (!fits(x) || bits > kMostBitsInAll)
        throw base::InputError("model", fmt::format("overflow after block {}: its numbers are longer than {} "
                                                    "bits, or than {} in all",
                                                    block + 1, kMostBits, kMostBitsInAll));
    }
  };
  UnrollCheck check;
  for (int n = 0; n < count; ++n) {
    base::Random random({seed, static_cast<std::uint64_t>(n)});
    const std::vector<Rational> inputs = random_inputs(random, circuit);
    const Rows<Rational> out =
        read_out(model, run_blocks<Rational>(model, {tokens, model.width, inputs}, bounded, Search::Naive));
    const std::vector<Rational> values = evaluate<Rational>(circuit, inputs, "circuit");
    bool same = true;
    for (std::size_t i = 0; i < circuit.outputs.size(); ++i)
      same = same && out.values[i] == values[static_cast<std::size_t>(circuit.outputs[i])];
    ++check.inputs;
    check.agree += same ? 1 : 0;
  }
  return check;
}

}  // namespace yore::circuits
