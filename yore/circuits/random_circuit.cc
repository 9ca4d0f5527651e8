#include "yore/circuits/random_circuit.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace yore::circuits {
namespace {

int draw(base::Random& random, int count) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(count)));
}

void shuffle(base::Random& random, std::vector<int>& list) {
  for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random.below(i)]);
}

/// The same circuit with other ids, below three times their number, and its gates in another order.
void disguise(base::Random& random, std::vector<Gate>& gates, std::vector<int>& outputs) {
  std::vector<int> order(gates.size()), ids(3 * gates.size()), place(gates.size());
  std::iota(order.begin(), order.end(), 0);
  std::iota(ids.begin(), ids.end(), 0);
  shuffle(random, order);
  shuffle(random, ids);
  std::vector<Gate> moved;
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    moved.push_back(gates[static_cast<std::size_t>(order[i])]);
    moved.back().id = ids[i];
  }
  for (Gate& gate : moved)
    for (int& input : gate.inputs) input = place[static_cast<std::size_t>(input)];
  for (int& output : outputs) output = place[static_cast<std::size_t>(output)];
  gates = std::move(moved);
}

Rational small_number(base::Random& random) {
  Rational x(draw(random, 9) - 4, random.below(2) == 0 ? 1 : 1 + draw(random, 5));
  x.canonicalize();
  return x;
}

/// Circuits built gate by gate; the first are inputs and constants.
class Enumeration {
 public:
  Enumeration(int gates, const std::function<bool(const Circuit&)>& visit) : gates_(gates), visit_(visit) {}
  void run() { extend(0); }

 private:
  /// Adds each gate that can follow, the leaf kinds from `leaf` on while there is no other gate yet.
  bool extend(int leaf) {
    const int count = static_cast<int>(built_.size());
    if (count == gates_) return visit_(complete(built_, {count - 1}, "circuit"));
    for (int kind = leaf; kind < 4 && inner_ == 0; ++kind) {
      const Op op = kind == 0 ? Op::Input : kind == 3 ? Op::Sum : Op::Constant;
      if (!with({count + 1,
                 op,
                 {},
                 kind == 1   ? Rational(-1)
                 : kind == 2 ? Rational(1, 2)
                             : Rational(0)},
                kind))
        return false;
    }
    ++inner_;
    const bool goes_on = inner(count);
    --inner_;
    return goes_on;
  }
  bool inner(int count) {
    for (int set = 1; set < 1 << count; ++set) {
      Gate sum{count + 1, Op::Sum, {}, {}};
      for (int i = 0; i < count; ++i)
        if ((set >> i) % 2 == 1) sum.inputs.push_back(i);
      if (!with(sum, 0)) return false;
    }
    for (int i = 0; i < count; ++i) {
      if (!with({count + 1, Op::Sign, {i}, {}}, 0)) return false;
      for (int j = i; j < count; ++j)
        if (!with({count + 1, Op::Product, {i, j}, {}}, 0)) return false;
    }
    return true;
  }
  bool with(Gate gate, int leaf) {
    built_.push_back(std::move(gate));
    const bool goes_on = extend(leaf);
    built_.pop_back();
    return goes_on;
  }

  int gates_, inner_ = 0;
  const std::function<bool(const Circuit&)>& visit_;
  std::vector<Gate> built_;
};

}  // namespace

Circuit random_circuit(base::Random& random, const RandomCircuitOptions& o) {
  if (o.depth < 1 || o.gates < o.depth + 1 || o.most_terms < 1)
    throw std::invalid_argument("random_circuit: a depth of at least 1 and a gate more than that");
  // Gates of each level: one at least, the others anywhere.
  std::vector<int> of_level(static_cast<std::size_t>(o.depth) + 1, 1);
  for (int g = o.depth + 1; g < o.gates; ++g) ++of_level[random.below(of_level.size())];
  std::vector<Gate> gates;
  std::vector<int> read(static_cast<std::size_t>(o.gates), 0);
  int before = 0;  // gates below the last level
  for (int level = 0; level <= o.depth; ++level) {
    const int below = static_cast<int>(gates.size());
    for (int n = 0; n < of_level[static_cast<std::size_t>(level)]; ++n) {
      Gate gate{static_cast<std::int64_t>(gates.size()) + 1, Op::Input, {}, {}};
      if (level == 0) {
        if (n > 0 && draw(random, 3) == 0) {
          gate.op = Op::Constant;
          gate.value = small_number(random);
        }
      } else {
        const int kind = draw(random, o.signs ? 5 : 4);
        gate.op = kind < 2 ? Op::Sum : kind < 4 ? Op::Product : Op::Sign;
        const int count = gate.op == Op::Sum       ? 1 + draw(random, o.most_terms)
                          : gate.op == Op::Product ? 2
                                                   : 1;
        // One input from the level right below makes the depth exact.
        gate.inputs.push_back(before + draw(random, below - before));
        while (static_cast<int>(gate.inputs.size()) < count) gate.inputs.push_back(draw(random, below));
        shuffle(random, gate.inputs);
        for (const int input : gate.inputs) ++read[static_cast<std::size_t>(input)];
      }
      gates.push_back(std::move(gate));
    }
    before = below;
  }
  std::vector<int> outputs;
  for (int g = 0; g < o.gates; ++g)
    if (read[static_cast<std::size_t>(g)] == 0) outputs.push_back(g);
  if (o.shuffled) disguise(random, gates, outputs);
  return complete(std::move(gates), std::move(outputs), "random circuit");
}

std::vector<Rational> random_inputs(base::Random& random, const Circuit& circuit) {
  std::vector<Rational> values;
  for (std::size_t i = 0; i < circuit.inputs().size(); ++i) values.push_back(small_number(random));
  return values;
}

void each_circuit(int gates, const std::function<bool(const Circuit&)>& visit) {
  Enumeration(gates, visit).run();
}

std::vector<std::vector<Rational>> small_inputs(const Circuit& circuit) {
  const Rational choices[] = {-2, 0, Rational(1, 2)};
  std::vector<std::vector<Rational>> all = {{}};
  for (std::size_t i = 0; i < circuit.inputs().size(); ++i) {
    std::vector<std::vector<Rational>> longer;
    for (const std::vector<Rational>& values : all)
      for (const Rational& x : choices) {
        longer.push_back(values);
        longer.back().push_back(x);
      }
    all = std::move(longer);
  }
  return all;
}

}  // namespace yore::circuits
