#include "yore/circuits/circuit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/base/text.h"
#include "yore/circuits/references.h"

namespace yore::circuits {
namespace {

constexpr std::size_t kGatesNamed = 12;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// Gates that stand on a cycle, found by walking from one that no order reaches to an input of that kind.
std::string cycle_of(const Circuit& c, const std::vector<int>& waiting) {
  int gate = static_cast<int>(std::find_if(waiting.begin(), waiting.end(), [](int n) { return n > 0; }) -
                              waiting.begin());
  std::vector<int> path, seen(c.gates.size(), -1);
  while (seen[at(gate)] < 0) {
    seen[at(gate)] = static_cast<int>(path.size());
    path.push_back(gate);
    const std::vector<int>& inputs = c.gate(gate).inputs;
    gate = *std::find_if(inputs.begin(), inputs.end(), [&](int i) { return waiting[at(i)] > 0; });
  }
  path.erase(path.begin(), path.begin() + seen[at(gate)]);
  std::vector<std::string> names;
  for (const int g : path) {
    if (names.size() == kGatesNamed) {
      names.emplace_back("..");
      break;
    }
    names.push_back(name_of(c.gate(g)));
  }
  names.push_back(name_of(c.gate(path.front())));
  return fmt::format("{}", fmt::join(names, " needs "));
}

}  // namespace

int Circuit::depth() const {
  return level.empty() ? 0 : *std::max_element(level.begin(), level.end());
}

int Circuit::width() const {
  std::vector<int> count(at(depth()) + 1, 0);
  for (const int l : level)
    if (l > 0) ++count[at(l)];
  int most = 0;
  for (const int c : count) most = std::max(most, c);
  return most;
}

std::int64_t Circuit::edges() const {
  std::int64_t sum = 0;
  for (const Gate& gate : gates) sum += static_cast<std::int64_t>(gate.inputs.size());
  return sum;
}

std::vector<int> Circuit::inputs() const {
  std::vector<int> list;
  for (std::size_t i = 0; i < gates.size(); ++i)
    if (gates[i].op == Op::Input) list.push_back(static_cast<int>(i));
  return list;
}

std::string name_of(const Gate& gate) {
  return fmt::format("x{}", gate.id);
}

std::string definition(const Circuit& circuit, int index) {
  const Gate& gate = circuit.gate(index);
  std::vector<std::string> inputs;
  for (const int i : gate.inputs) inputs.push_back(name_of(circuit.gate(i)));
  std::string right;
  switch (gate.op) {
    case Op::Input:
      right = "input";
      break;
    case Op::Constant:
      right = to_text(gate.value);
      break;
    case Op::Sum:
      right = inputs.empty() ? "sum()" : fmt::format("{}", fmt::join(inputs, " + "));
      break;
    case Op::Product:
      right = fmt::format("{}", fmt::join(inputs, " * "));
      break;
    case Op::Sign:
      right = fmt::format("sign({})", inputs[0]);
      break;
  }
  return name_of(gate) + " = " + right;
}

std::string wrong_count(Op op, std::size_t inputs) {
  const auto takes = [&](std::size_t count) {
    return inputs == count ? std::string()
                           : fmt::format("a {} takes {}, found {}", base::fields::enum_name(op),
                                         base::counted(static_cast<std::int64_t>(count), "input"), inputs);
  };
  switch (op) {
    case Op::Product:
      return takes(2);
    case Op::Sign:
      return takes(1);
    case Op::Sum:
      return "";
    default:
      return inputs == 0 ? "" : fmt::format("a gate of kind {} has no inputs", base::fields::enum_name(op));
  }
}

std::string wrong_id(std::int64_t id) {
  return 0 <= id && id <= kLargestId ? "" : id_out_of_range(std::to_string(id));
}

std::string id_out_of_range(const std::string& id) {
  return fmt::format(
      "id {}: expected 0 to {}: attention compares squares of id + 1, which must stay within 2^53",
      base::shortened(id, 40), kLargestId);
}

std::string constants_too_long() {
  return fmt::format("the constants up to here are longer than {} bits in all", kMostBitsInAll);
}

Circuit complete(std::vector<Gate> gates, std::vector<int> outputs, const std::string& source) {
  Circuit c;
  c.gates = std::move(gates);
  c.outputs = std::move(outputs);
  const int count = static_cast<int>(c.gates.size());
  const auto require = [&](const std::string& wrong, const Gate& gate) {
    if (!wrong.empty()) throw base::InputError(source, name_of(gate) + ": " + wrong);
  };
  std::unordered_map<std::int64_t, int> known;
  std::vector<int> waiting(c.gates.size(), 0);          // inputs that have no level yet
  std::vector<std::vector<int>> users(c.gates.size());  // once for each time it is an input
  for (int g = 0; g < count; ++g) {
    const Gate& gate = c.gate(g);
    require(wrong_id(gate.id), gate);
    require(known.emplace(gate.id, g).second ? "" : "this id is there twice", gate);
    require(wrong_count(gate.op, gate.inputs.size()), gate);
    for (const int i : gate.inputs) {
      require(0 <= i && i < count ? "" : "an input that is not there", gate);
      users[at(i)].push_back(g);
    }
    waiting[at(g)] = static_cast<int>(gate.inputs.size());
  }
  if (c.outputs.empty()) throw base::InputError(source, "the circuit has no outputs");
  for (const int o : c.outputs)
    if (o < 0 || o >= count) throw base::InputError(source, "an output that is not there");
  c.level.assign(c.gates.size(), 0);
  for (int g = 0; g < count; ++g)
    if (waiting[at(g)] == 0) c.order.push_back(g);
  for (std::size_t next = 0; next < c.order.size(); ++next) {
    const int g = c.order[next];
    for (const int user : users[at(g)]) {
      c.level[at(user)] = std::max(c.level[at(user)], c.level[at(g)] + 1);
      if (--waiting[at(user)] == 0) c.order.push_back(user);
    }
  }
  if (c.order.size() < c.gates.size())
    throw base::InputError(source,
                           "a cycle: " + cycle_of(c, waiting) +
                               "; expected gates none of which needs itself, directly or through others");
  std::stable_sort(c.order.begin(), c.order.end(),
                   [&](int a, int b) { return c.level[at(a)] < c.level[at(b)]; });
  return c;
}

Circuit resolve(std::vector<WrittenGate> written, const std::vector<Reference>& outputs,
                const std::string& source, const Refuse& refuse) {
  std::unordered_map<std::int64_t, int> index;
  for (std::size_t g = 0; g < written.size(); ++g) {
    const WrittenGate& gate = written[g];
    if (const std::string wrong = wrong_id(gate.id); !wrong.empty()) refuse(gate.place, wrong);
    if (!index.emplace(gate.id, static_cast<int>(g)).second)
      refuse(gate.place, fmt::format("gate x{} is defined twice", gate.id));
  }
  const auto find = [&](const Reference& reference) {
    const auto found = index.find(reference.id);
    if (found == index.end()) refuse(reference.place, fmt::format("there is no gate x{}", reference.id));
    return found->second;
  };
  std::vector<Gate> gates;
  for (WrittenGate& from : written) {
    if (const std::string wrong = wrong_count(from.op, from.inputs.size()); !wrong.empty())
      refuse(from.place, fmt::format("x{}: {}", from.id, wrong));
    Gate gate{from.id, from.op, {}, std::move(from.value)};
    for (const Reference& input : from.inputs) gate.inputs.push_back(find(input));
    gates.push_back(std::move(gate));
  }
  std::vector<int> places;
  for (const Reference& output : outputs) places.push_back(find(output));
  return complete(std::move(gates), std::move(places), source);
}

Circuit parse_circuit(const std::string& bytes, const std::string& source) {
  const std::string text(base::after_byte_order_mark(bytes));
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{')
    return circuit_from_json(base::parse_json(text, source), source);
  return parse_circuit_text(text, source);
}

}  // namespace yore::circuits
