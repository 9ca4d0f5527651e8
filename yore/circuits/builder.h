// Circuits made by a program: gates are made once each, and what is constant is computed at once.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "yore/base/budget.h"
#include "yore/circuits/circuit.h"

namespace yore::circuits {

class CircuitBuilder {
 public:
  /// A gate of the circuit, by its index.
  using Node = int;
  struct Term {
    Rational weight;
    Node node;
  };

  /// `budget` counts gates.
  explicit CircuitBuilder(base::Budget budget) : budget_(std::move(budget)) {}

  Node input();
  Node constant(const Rational& value);
  /// sum of weight * node, plus a constant
  Node sum(const std::vector<Term>& terms, const Rational& plus = 0);
  Node product(Node a, Node b);
  Node sign(Node a);
  /// Whether it is a constant; its value.
  bool is_constant(Node node) const { return gate(node).op == Op::Constant; }
  const Rational& value(Node node) const { return gate(node).value; }

  /// The circuit with these outputs, without the gates that none of them needs; inputs all stay.
  Circuit finish(const std::vector<Node>& outputs) const;

 private:
  const Gate& gate(Node node) const { return gates_[static_cast<std::size_t>(node)]; }
  Node add(Op op, std::vector<int> inputs, const Rational& value = 0);

  base::Budget budget_;
  std::vector<Gate> gates_;
  std::map<std::pair<Op, std::vector<int>>, Node> known_;
  std::map<Rational, Node> constants_;
};

}  // namespace yore::circuits
