#include "yore/circuits/builder.h"

#include <algorithm>

namespace yore::circuits {

CircuitBuilder::Node CircuitBuilder::add(Op op, std::vector<int> inputs, const Rational& value) {
  if (op == Op::Input || op == Op::Constant) {
    budget_.spend();
    gates_.push_back({static_cast<std::int64_t>(gates_.size()), op, {}, value});
    return static_cast<Node>(gates_.size()) - 1;
  }
  // Sums and products do not ask for the order of what they add and multiply.
  std::sort(inputs.begin(), inputs.end());
  const auto [place, fresh] = known_.emplace(std::pair{op, inputs}, static_cast<Node>(gates_.size()));
  if (fresh) {
    budget_.spend();
    gates_.push_back({static_cast<std::int64_t>(gates_.size()), op, std::move(inputs), 0});
  }
  return place->second;
}

CircuitBuilder::Node CircuitBuilder::input() {
  return add(Op::Input, {});
}

CircuitBuilder::Node CircuitBuilder::constant(const Rational& value) {
  const auto found = constants_.find(value);
  if (found != constants_.end()) return found->second;
  return constants_[value] = add(Op::Constant, {}, value);
}

CircuitBuilder::Node CircuitBuilder::sum(const std::vector<Term>& terms, const Rational& plus) {
  std::map<Node, Rational> weights;
  Rational rest = plus;
  for (const Term& term : terms) {
    if (is_constant(term.node))
      rest += term.weight * value(term.node);
    else
      weights[term.node] += term.weight;
  }
  std::vector<int> inputs;
  for (const auto& [node, weight] : weights)
    if (weight == 1)
      inputs.push_back(node);
    else if (weight != 0)
      inputs.push_back(product(constant(weight), node));
  if (inputs.empty()) return constant(rest);
  if (rest != 0) inputs.push_back(constant(rest));
  return inputs.size() == 1 ? inputs[0] : add(Op::Sum, std::move(inputs));
}

CircuitBuilder::Node CircuitBuilder::product(Node a, Node b) {
  if (is_constant(a) && is_constant(b)) return constant(value(a) * value(b));
  for (const auto& [one, other] : {std::pair{a, b}, std::pair{b, a}}) {
    if (is_constant(one) && value(one) == 0) return one;
    if (is_constant(one) && value(one) == 1) return other;
  }
  return add(Op::Product, {a, b});
}

CircuitBuilder::Node CircuitBuilder::sign(Node a) {
  return is_constant(a) ? constant(sign_of(value(a))) : add(Op::Sign, {a});
}

Circuit CircuitBuilder::finish(const std::vector<Node>& outputs) const {
  std::vector<char> needed(gates_.size(), 0);
  for (const Node output : outputs) needed[static_cast<std::size_t>(output)] = 1;
  for (std::size_t g = gates_.size(); g-- > 0;) {
    if (gates_[g].op == Op::Input) needed[g] = 1;
    if (needed[g] == 0) continue;
    for (const int input : gates_[g].inputs) needed[static_cast<std::size_t>(input)] = 1;
  }
  std::vector<int> place(gates_.size(), -1), ends;
  std::vector<Gate> gates;
  for (std::size_t g = 0; g < gates_.size(); ++g) {
    if (needed[g] == 0) continue;
    place[g] = static_cast<int>(gates.size());
    Gate kept = gates_[g];
    kept.id = place[g] + 1;
    for (int& input : kept.inputs) input = place[static_cast<std::size_t>(input)];
    gates.push_back(std::move(kept));
  }
  for (const Node output : outputs) ends.push_back(place[static_cast<std::size_t>(output)]);
  return complete(std::move(gates), std::move(ends), "circuit");
}

}  // namespace yore::circuits
