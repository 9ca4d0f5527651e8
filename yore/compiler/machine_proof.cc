// The proof of a layer of delta steps: its state is a vector of integers, and the vectors that words can lead
// to are finitely many. All of them are visited, with the state the automaton is in.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "yore/compiler/delta_steps.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/shape.h"

namespace yore::compiler {
namespace {

using automata::State;

/// Vectors that are visited before it counts as not proven.
constexpr std::size_t kMostVectors = 100'000;
/// Sums of integers below this are exact in float32, in any order.
constexpr double kExact = 0x1p24;
/// Tokens that a kernel may take in at once.
constexpr double kTogether = 64;

bool whole(double x) {
  return x == std::nearbyint(x) && std::abs(x) < 4096;
}

class MachineWalk {
 public:
  MachineWalk(const arch::ModelFile& file, const Manifest& manifest) : file_(file), manifest_(manifest) {}

  Proof run() {
    proof_.every_length = true;
    read();
    if (fine()) check_claims();
    if (fine()) visit();
    proof_.proven = fine();
    return proof_;
  }

 private:
  bool fine() const { return proof_.failure.empty(); }
  void fail(int stage, const std::string& what) {
    if (!fine()) return;
    proof_.stage = stage;
    proof_.failure = (stage == 0   ? "embedding: "
                      : stage == 1 ? "block 1, " + file_.model.blocks[0].mixer.name + ": "
                                   : "read-out: ") +
                     what;
  }

  struct Step {
    std::vector<std::pair<int, double>> key;
    double value = 0, strength = 1;
  };
  struct Token {
    std::vector<double> row, query;
    std::vector<Step> steps;
  };

  void read() {
    const arch::Model& model = file_.model;
    const arch::ModelOptions shape = shape_of(model, "the prover");
    if (shape.layers != 1 || shape.norm != "none" || shape.positions != "none" ||
        shape.activation != "none" || shape.embedding_scale != 1)
      return fail(
          0, "not a model of the compiler's kind (one block, no norm, no positions, no feed-forward net)");
    const arch::Mixer& mixer = model.blocks[0].mixer;
    if (const std::string lost = exactness_lost(mixer.name, mixer.options, true); !lost.empty())
      return fail(1, fmt::format("the layer's option {}: it is exact for no length", lost));
    const StepReader layer(file_);
    if (!layer.why.empty()) return fail(1, layer.why);
    out_ = layer.out;
    const Matrix table = matrix_of(file_.weights, "embedding.weight");
    for (std::int64_t t = 0; t < table.rows; ++t) {
      Token token;
      for (const float x : table.row(t)) token.row.push_back(static_cast<double>(x));
      for (const double x : token.row)
        if (!whole(x)) return fail(0, "its numbers are not small integers");
      const auto number = [&](std::int64_t r) { return dot(layer.qkv.row(r), token.row); };
      for (int i = 0; i < layer.dim; ++i) token.query.push_back(number(i));
      for (int s = 0; s < layer.steps; ++s) {
        Step step;
        for (int i = 0; i < layer.dim; ++i)
          if (const double k = number(layer.dim + std::int64_t{s} * layer.dim + i); k != 0)
            step.key.emplace_back(i, k);
        step.value = number(layer.dim + std::int64_t{layer.steps} * layer.dim + s);
        step.strength = layer.strength(s, token.row);
        if (std::isnan(step.strength))
          return fail(1, fmt::format("the strength of step {} is not saturated", s + 1));
        if (!step.key.empty()) token.steps.push_back(std::move(step));
      }
      tokens_.push_back(std::move(token));
    }
    dim_ = layer.dim;
    if (inexact_) fail(1, "its numbers are not small integers");
  }

  /// That the embedding tells the letters that the manifest names, and that one coordinate is to accept.
  void check_claims() {
    const auto letters = tokens_.size() - 1;
    for (const Claim& claim : manifest_.stages[0]) {
      const logic::Node* node = claim.node >= 0 ? &manifest_.formula.graph.node(claim.node) : nullptr;
      if (claim.kind != Claim::Kind::Truth || node == nullptr || node->op != logic::Op::Letter)
        return fail(0, fmt::format("coordinate {}: nothing but letters can be claimed", claim.coordinate));
      for (std::size_t t = 0; t <= letters; ++t) {
        const double said = tokens_[t].row.at(static_cast<std::size_t>(claim.coordinate));
        if (said != (t == static_cast<std::size_t>(node->value) ? 1 : 0))
          return fail(
              0, fmt::format("coordinate {} is {} at token {}, which is not the letter {}", claim.coordinate,
                             said, t, manifest_.formula.alphabet.name(node->value)));
      }
    }
    if (manifest_.stages[1].size() != 1 || manifest_.stages[1].front().kind != Claim::Kind::Accepted)
      return fail(1, "expected one coordinate that says whether what was read is accepted");
    if (!manifest_.stages[2].empty()) return fail(2, "nothing can be claimed of a net that is not there");
  }

  double dot(std::span<const float> row, const std::vector<double>& x) {
    double sum = 0;
    for (std::size_t c = 0; c < x.size(); ++c) {
      if (x[c] == 0 || row[c] == 0) continue;
      sum += static_cast<double>(row[c]) * x[c];
      inexact_ = inexact_ || !whole(static_cast<double>(row[c]));
    }
    inexact_ = inexact_ || !whole(sum);
    return sum;
  }

  using Vector = std::vector<double>;
  struct Reached {
    State state = 0;
    Vector vector;
    bool operator<(const Reached& x) const { return std::tie(state, vector) < std::tie(x.state, x.vector); }
  };

  /// The vector after a token.
  void take(const Token& token, Vector& s) {
    for (const Step& step : token.steps) {
      double asked = -step.value, length = 0;
      for (const auto& [i, k] : step.key) asked += k * s[static_cast<std::size_t>(i)], length += k * k;
      const double change = step.strength * asked;
      for (const auto& [i, k] : step.key) {
        s[static_cast<std::size_t>(i)] -= k * change;
        inexact_ = inexact_ || !whole(s[static_cast<std::size_t>(i)]);
      }
      // What chunks of tokens add up: products of keys with what other steps wrote.
      longest_ = std::max(longest_, length);
      largest_ = std::max(largest_, std::abs(change) + std::abs(asked));
    }
  }

  double answer(const Token& token, const Vector& s) {
    double sum = 0;
    for (std::size_t i = 0; i < s.size(); ++i) sum += token.query[i] * s[i];
    inexact_ = inexact_ || !whole(sum);
    return sum;
  }

  void visit() {
    const automata::Dfa& dfa = *manifest_.automaton;
    const LinearMap read_out = linear_of(file_.weights, "read_out");
    const int accepted = manifest_.stages[1].front().coordinate;
    proof_.least_accepting = std::numeric_limits<double>::infinity();
    proof_.largest_rejecting = -proof_.least_accepting;
    std::map<Reached, int> seen;  // and the letter that led there, of the first
    std::vector<Reached> open = {{dfa.start, Vector(static_cast<std::size_t>(dim_), 0)}};
    seen.emplace(open.front(), kNever);
    while (!open.empty() && fine()) {
      const Reached here = std::move(open.back());
      open.pop_back();
      Vector end = here.vector;
      const Token& eos = tokens_.back();
      take(eos, end);
      logit(read_out, row_after(eos, end), dfa.accepting[static_cast<std::size_t>(here.state)] != 0);
      for (int a = 0; a < dfa.alphabet.size() && fine(); ++a) {
        const Token& token = tokens_[static_cast<std::size_t>(a)];
        Reached next{dfa.step(here.state, a), here.vector};
        take(token, next.vector);
        const double said = row_after(token, next.vector)[static_cast<std::size_t>(accepted)];
        if (said != (dfa.accepting[static_cast<std::size_t>(next.state)] != 0 ? 1 : 0))
          fail(1, fmt::format("coordinate {} is {} after a word that leads to state {}", accepted, said,
                              next.state));
        if (seen.emplace(next, a).second) open.push_back(std::move(next));
        if (seen.size() > kMostVectors) {
          proof_.out_of_cases = true;
          fail(1, "its state takes more vectors than are looked at");
        }
      }
      if (inexact_ || kTogether * longest_ * largest_ >= kExact)
        fail(1, "the numbers of its state are not small integers");
    }
    proof_.cases = static_cast<std::int64_t>(seen.size());
  }

  Vector row_after(const Token& token, const Vector& s) {
    Vector row = token.row;
    const double said = answer(token, s);
    for (std::size_t c = 0; c < row.size(); ++c)
      row[c] += said * static_cast<double>(out_.at(static_cast<std::int64_t>(c), 0));
    return row;
  }

  void logit(const LinearMap& read_out, const Vector& row, bool accepting) {
    double x = read_out.bias.at(0, 0);
    for (std::size_t c = 0; c < row.size(); ++c) {
      const double term = static_cast<double>(read_out.weight.at(0, static_cast<std::int64_t>(c))) * row[c];
      x += term;
      if (!whole(term)) return fail(2, "its numbers are not small integers");
    }
    if (accepting)
      proof_.least_accepting = std::min(proof_.least_accepting, x);
    else
      proof_.largest_rejecting = std::max(proof_.largest_rejecting, x);
    if (!(accepting ? x > 0 : x < 0))
      fail(2, fmt::format("{} word's logit may be {:.6g}", accepting ? "an accepted" : "a rejected", x));
  }

  const arch::ModelFile& file_;
  const Manifest& manifest_;
  std::vector<Token> tokens_;
  Matrix out_;
  int dim_ = 0;
  bool inexact_ = false;
  double longest_ = 0, largest_ = 0;
  Proof proof_;
};

}  // namespace

Proof prove_machine(const arch::ModelFile& file, const Manifest& manifest) {
  return MachineWalk(file, manifest).run();
}

}  // namespace yore::compiler
