#include "yore/compiler/machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/compiler/delta_steps.h"

namespace yore::compiler {
namespace {

using automata::Dfa;
using automata::State;

/// The state that no letter leaves, if there is one: it is where the vector is 0.
State sink_of(const Dfa& dfa) {
  for (State q = 0; q < dfa.states; ++q) {
    bool stays = q != dfa.start;
    for (int a = 0; a < dfa.alphabet.size(); ++a) stays = stays && dfa.step(q, a) == q;
    if (stays) return q;
  }
  return kNever;
}

/// The steps of one letter, which takes place i to target[i] (kNever: to nowhere).
class LetterSteps {
 public:
  LetterSteps(std::vector<int> target, int scratch) : target_(std::move(target)), scratch_(scratch) {}

  std::vector<DeltaStep> run() {
    const int places = size();
    for (int i = 0; i < places; ++i)
      if (at(i) == kNever) forget(i);
    for (int j = 0; j < places; ++j) join(j);
    move();
    return std::move(writes_);
  }
  bool joins() const { return joins_; }

 private:
  int size() const { return static_cast<int>(target_.size()); }
  int& at(int i) { return target_[static_cast<std::size_t>(i)]; }

  void forget(int i) { writes_.push_back({{{i, 1}}, 0}); }

  /// Leaves one place of those that go to j.
  void join(int j) {
    std::vector<int> set;
    for (int i = 0; i < size(); ++i)
      if (at(i) == j) set.push_back(i);
    if (set.size() < 2) return;
    joins_ = true;
    const int left = at(j) == j ? j : set.front();
    DeltaStep all;
    for (const int i : set) all.key.emplace_back(i, 1);
    all.key.emplace_back(scratch_, 1);
    writes_.push_back(std::move(all));
    writes_.push_back({{{left, 1}, {scratch_, 1}}, 0});
    for (const int i : set) {
      if (i == left) continue;
      forget(i);
      at(i) = kNever;
    }
    forget(scratch_);
  }

  void exchange(int i, int j) {
    writes_.push_back({{{i, 1}, {j, -1}}, 0});
    std::swap(at(i), at(j));
  }

  /// By now no two places go to one. Chains first, from their free ends; then cycles are left.
  void move() {
    const int places = size();
    for (bool moved = true; moved;) {
      moved = false;
      for (int i = 0; i < places; ++i)
        while (at(i) != kNever && at(i) != i && at(at(i)) == kNever) {
          exchange(i, at(i));
          moved = true;
        }
    }
    for (int i = 0; i < places; ++i)
      while (at(i) != kNever && at(i) != i) exchange(i, at(i));
  }

  std::vector<int> target_;
  int scratch_;
  std::vector<DeltaStep> writes_;
  bool joins_ = false;
};

int start_place(const Machine& machine) {
  return machine.place[static_cast<std::size_t>(machine.dfa.start)];
}

/// Coordinates of the model's rows: the letters, one, and whether what was read is in the language.
int one_of(const Plan& plan) {
  return plan.formula.alphabet.size();
}

}  // namespace

Machine machine_of(const Dfa& minimal) {
  if (minimal.states > kMostMachineStates)
    throw base::BudgetError(
        "states", static_cast<std::size_t>(kMostMachineStates),
        fmt::format("compiling an automaton of {} states to delta steps", minimal.states),
        "a star-free language compiles from its formula whatever its states: --mixer gla or mamba2");
  Machine machine{minimal, {}, {}, 0, 1};
  const State sink = sink_of(minimal);
  for (State q = 0; q < minimal.states; ++q) machine.place.push_back(q == sink ? kNever : machine.dim++);
  const int scratch = machine.dim;
  bool joins = false;
  const int start = start_place(machine);
  for (int a = 0; a < minimal.alphabet.size(); ++a) {
    std::vector<int> target(static_cast<std::size_t>(machine.dim), kNever);
    for (State q = 0; q < minimal.states; ++q)
      if (const int i = machine.place[static_cast<std::size_t>(q)]; i != kNever)
        target[static_cast<std::size_t>(i)] = machine.place[static_cast<std::size_t>(minimal.step(q, a))];
    LetterSteps steps(std::move(target), scratch);
    machine.letters.push_back(steps.run());
    joins = joins || steps.joins();
    for (DeltaStep& write : machine.letters.back())  // of the vector less that of the start
      for (const auto& [place, number] : write.key)
        if (place == start) write.value -= number;
    machine.steps = std::max(machine.steps, static_cast<int>(machine.letters.back().size()));
  }
  machine.dim += joins;
  return machine;
}

Plan plan_machine(const Dfa& minimal, const CompileOptions& options) {
  if (options.encoding == Encoding::PlusMinus) throw base::InputError("--encoding", kNoNorm);
  Plan plan;
  plan.options = options;
  plan.formula.alphabet = minimal.alphabet;
  plan.formula.graph = FormulaGraph(false);
  plan.formula.root = plan.formula.graph.constant(false);
  for (int a = 0; a < minimal.alphabet.size(); ++a) plan.formula.graph.letter(a);
  plan.machine = std::make_shared<const Machine>(machine_of(minimal));
  plan.blocks.resize(1);
  plan.one = one_of(plan);
  plan.width = plan.one + 2;
  plan.heads = 1;
  plan.head_width = plan.machine->dim;
  if (plan.parameters() > options.max_parameters)
    throw base::BudgetError("max-parameters", static_cast<std::size_t>(options.max_parameters),
                            fmt::format("packing a compiled model of {} parameters", plan.parameters()));
  return plan;
}

Manifest machine_manifest(const Plan& plan) {
  Manifest m;
  m.formula = plan.formula;
  m.length = plan.options.length;
  m.one = plan.one;
  m.automaton = plan.machine->dfa;
  m.stages.resize(3);
  for (NodeId id = 0; id < m.formula.graph.size(); ++id)
    if (const logic::Node& node = m.formula.graph.node(id); node.op == logic::Op::Letter)
      m.stages[0].push_back({node.value, Claim::Kind::Truth, id});
  m.stages[1].push_back({plan.one + 1, Claim::Kind::Accepted, kNever});
  return m;
}

arch::ModelFile pack_machine(const Plan& plan, const std::string& language) {
  const Machine& machine = *plan.machine;
  const int letters = plan.formula.alphabet.size(), one = plan.one, accepted = one + 1;
  const std::int64_t width = plan.width, dim = machine.dim, steps = machine.steps;
  const auto accepts = [&](State q) { return machine.dfa.accepting[static_cast<std::size_t>(q)] != 0; };
  arch::ModelFile file;
  file.model = plan.model();
  file.alphabet = plan.formula.alphabet.names();
  file.task = arch::recognition_of(language, plan.formula.alphabet.text());

  Matrix embedding = zeros(letters + 1, width);
  for (int t = 0; t <= letters; ++t) {
    if (t < letters) embedding.at(t, t) = 1;
    embedding.at(t, one) = 1;
    embedding.at(t, accepted) = accepts(machine.dfa.start);
  }
  // Queries, the keys of every step, the values of every step.
  Matrix qkv = zeros(dim + steps * (dim + 1), width);
  bool at_sink = false;
  for (State q = 0; q < machine.dfa.states; ++q)
    if (machine.place[static_cast<std::size_t>(q)] == kNever) at_sink = accepts(q);
  for (State q = 0; q < machine.dfa.states; ++q)
    if (const int i = machine.place[static_cast<std::size_t>(q)]; i != kNever)
      qkv.at(i, one) = static_cast<float>(accepts(q)) - static_cast<float>(at_sink);
  for (int a = 0; a < letters; ++a) {
    const std::vector<DeltaStep>& writes = machine.letters[static_cast<std::size_t>(a)];
    for (std::size_t s = 0; s < writes.size(); ++s) {
      const auto step = static_cast<std::int64_t>(s);
      for (const auto& [place, number] : writes[s].key)
        qkv.at(dim + step * dim + place, a) = static_cast<float>(number);
      qkv.at(dim + steps * dim + step, a) = static_cast<float>(writes[s].value);
    }
  }
  Matrix out = zeros(width, 1);
  out.at(accepted, 0) = 1;
  put_steps(file.weights, "layers.0." + plan.options.mixer + ".", qkv, out, plan, steps);
  file.weights.arrays["embedding.weight"] = to_array(embedding, {embedding.rows, embedding.columns});
  LinearMap read_out = linear_map(width, 1);
  read_out.weight.at(0, accepted) = 2 * kLogit;
  read_out.bias.at(0, 0) = -kLogit;
  put(file.weights, "read_out", read_out);
  file.compiled = to_json(machine_manifest(plan));
  arch::check_weights(file, "compiled model");
  return file;
}

}  // namespace yore::compiler
