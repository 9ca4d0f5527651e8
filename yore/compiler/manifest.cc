#include "yore/compiler/manifest.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/base/members.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/names.h"
#include "yore/compiler/shape.h"

namespace yore::compiler {
namespace {

using base::Json;
using logic::Node;
using logic::Op;

constexpr int kVersion = 1;
constexpr const char* kOps[] = {"false", "true",   "letter",    "not",   "and",
                                "or",    "before", "yesterday", "since", "position"};
constexpr const char* kKinds[] = {"truth", "mean", "cleared", "accepted"};

/// How many arguments the operator takes: exactly, or at least two for And and Or.
bool fits(Op op, std::size_t arguments) {
  switch (op) {
    case Op::And:
    case Op::Or:
      return arguments >= 2;
    case Op::Not:
    case Op::Before:
    case Op::Yesterday:
      return arguments == 1;
    case Op::Since:
      return arguments == 2;
    default:
      return arguments == 0;
  }
}

template <std::size_t N>
std::size_t find_word(const char* const (&words)[N], const std::string& word) {
  for (std::size_t i = 0; i < N; ++i)
    if (word == words[i]) return i;
  throw std::invalid_argument("unknown word \"" + word + "\"");
}

void require(bool fine, const std::string& what) {
  if (!fine) throw std::invalid_argument(what);
}

using base::fields::member;
using base::fields::member_or;

/// What the places in messages begin with.
const std::string kManifest = "its manifest is broken: compiled.";

/// An object of the manifest with its place.
struct Entry {
  const Json& json;
  const base::fields::Source& source;
  std::string path;  ///< "its manifest is broken: compiled.nodes[2]."

  template <class T>
  T get(const char* key) const {
    return member<T>(json, key, source, path);
  }
  template <class T>
  T get_or(const char* key, T fallback) const {
    return member_or<T>(json, key, source, path, fallback);
  }
};

/// The objects of a list; `visit` gets them one by one.
template <class Visit>
void each_entry(const Json& list, const base::fields::Source& source, const std::string& path,
                const Visit& visit) {
  if (!list.is_array()) base::fields::refuse(source, path, "a list", list);
  for (std::size_t i = 0; i < list.size(); ++i)
    visit(Entry{list[i], source, fmt::format("{}[{}].", path, i)});
}

automata::Dfa read_automaton(const Entry& entry, const logic::Alphabet& alphabet) {
  automata::Dfa dfa;
  dfa.alphabet = alphabet;
  dfa.states = entry.get<automata::State>("states");
  dfa.start = entry.get<automata::State>("start");
  for (const int accepting : entry.get<std::vector<int>>("accepting"))
    dfa.accepting.push_back(accepting != 0);
  dfa.next = entry.get<std::vector<automata::State>>("next");
  automata::check(dfa);
  return dfa;
}

/// The value of a position node.
int read_remainder(const Entry& entry, const arch::Model& model) {
  const int remainder = entry.get<int>("remainder"), period = entry.get<int>("period");
  const bool periodic = model.embedding.positions == arch::Positions::Periodic;
  require(periodic && period >= 2 && model.embedding.max_positions % period == 0,
          fmt::format("it asks for positions modulo {}, which the model's do not tell", period));
  require(0 <= remainder && remainder < period, "no such remainder");
  return logic::residue_value(remainder, period);
}

Manifest read(const Json& json, const arch::ModelFile& file, const base::fields::Source& source) {
  const Entry top{json, source, kManifest};
  require(top.get<int>("version") == kVersion, "its version is not 1");
  Manifest m;
  m.formula.alphabet = logic::Alphabet(file.alphabet);
  m.formula.graph = FormulaGraph(false);
  each_entry(top.get<Json>("nodes"), source, kManifest + "nodes", [&](const Entry& entry) {
    const auto op = static_cast<Op>(find_word(kOps, entry.get<std::string>("op")));
    const int value = op == Op::Position ? read_remainder(entry, file.model) : entry.get_or<int>("value", 0);
    const auto args = entry.get_or<std::vector<NodeId>>("args", {});
    const NodeId id = m.formula.graph.size();
    require(fits(op, args.size()), fmt::format("node {} has {} arguments", id, args.size()));
    for (const NodeId arg : args)
      require(0 <= arg && arg < id, fmt::format("node {} has no such argument", id));
    require(op != Op::Letter || (0 <= value && value < m.formula.alphabet.size()), "no such letter");
    require(op != Op::Yesterday || value >= 1, "a lookback below 1");
    require(add_node(m.formula.graph, op, value, args) == id, fmt::format("node {} is listed twice", id));
  });
  m.formula.root = top.get<NodeId>("root");
  require(0 <= m.formula.root && m.formula.root < m.formula.graph.size(), "no such root");
  m.encoding =
      top.get<std::string>("encoding") == name(Encoding::ZeroOne) ? Encoding::ZeroOne : Encoding::PlusMinus;
  m.once = top.get<std::string>("once") == name(Once::Sharp) ? Once::Sharp : Once::Uniform;
  m.length = top.get<std::int64_t>("length");
  require(m.length >= 1, "its length is below 1");
  m.one = top.get_or<int>("one", kNever);
  require(m.one < file.model.embedding.width &&
              (m.one >= 0) == (m.encoding == Encoding::PlusMinus || is_recurrent(file.model)),
          "its constant coordinate does not fit its encoding");
  if (json.contains("automaton"))
    m.automaton =
        read_automaton({json.at("automaton"), source, kManifest + "automaton."}, m.formula.alphabet);
  const auto stages = top.get<std::vector<Json>>("stages");
  for (std::size_t s = 0; s < stages.size(); ++s) {
    m.stages.emplace_back();
    each_entry(stages[s], source, fmt::format("{}stages[{}]", kManifest, s), [&](const Entry& entry) {
      Claim claim;
      claim.coordinate = entry.get<int>("coordinate");
      claim.kind = static_cast<Claim::Kind>(find_word(kKinds, entry.get<std::string>("is")));
      const bool of_node = claim.kind == Claim::Kind::Truth || claim.kind == Claim::Kind::Mean;
      require(m.automaton || claim.kind != Claim::Kind::Accepted, "it has no automaton to accept anything");
      if (of_node) claim.node = entry.get<NodeId>("node");
      require(0 <= claim.coordinate && claim.coordinate < file.model.embedding.width &&
                  claim.coordinate != m.one && claim.node < m.formula.graph.size() &&
                  (claim.node >= 0) == of_node,
              "a claim about a coordinate or node that is not there");
      m.stages.back().push_back(claim);
    });
  }
  require(m.stages.size() == 2 * file.model.blocks.size() + 1, "its stages are not those of the model");
  return m;
}

}  // namespace

Manifest manifest_of(const Plan& plan) {
  if (plan.machine) return machine_manifest(plan);
  Manifest m;
  m.formula.alphabet = plan.formula.alphabet;
  m.formula.graph = FormulaGraph(false);
  m.encoding = plan.options.encoding;
  m.once = plan.options.once;
  m.length = plan.options.length;
  m.one = plan.one;
  std::vector<NodeId> renamed(plan.stage.size(), kNever);
  for (const NodeId id : logic::reachable_nodes(plan.formula.graph, plan.formula.root)) {
    const Node& node = plan.node(id);
    std::vector<NodeId> args;
    for (const NodeId arg : node.args) args.push_back(renamed[static_cast<std::size_t>(arg)]);
    renamed[static_cast<std::size_t>(id)] = add_node(m.formula.graph, node.op, node.value, std::move(args));
  }
  m.formula.root = renamed[static_cast<std::size_t>(plan.formula.root)];
  m.stages.resize(static_cast<std::size_t>(plan.end()));
  for (std::size_t b = 0; b < plan.blocks.size(); ++b) {
    const Block& block = plan.blocks[b];
    auto& mixed = m.stages[2 * b + 1];
    auto& formed = m.stages[2 * b + 2];
    for (const NodeId id : block.thresholds)
      mixed.push_back({plan.mean[static_cast<std::size_t>(id)], Claim::Kind::Mean,
                       renamed[static_cast<std::size_t>(id)]});
    for (const Clearing& c : block.cleared) formed.push_back({c.coordinate, Claim::Kind::Cleared, kNever});
  }
  for (std::size_t i = 0; i < plan.stage.size(); ++i) {
    if (plan.stage[i] == kNever) continue;
    auto& stage = m.stages[static_cast<std::size_t>(plan.stage[i])];
    const Claim claim{plan.coordinate[i], Claim::Kind::Truth, renamed[i]};
    // What is cleared and written by one net is only written.
    std::erase_if(stage, [&](const Claim& c) { return c.coordinate == claim.coordinate; });
    stage.push_back(claim);
  }
  return m;
}

Json to_json(const Manifest& m) {
  Json nodes = Json::array(), stages = Json::array();
  for (NodeId id = 0; id < m.formula.graph.size(); ++id) {
    const Node& node = m.formula.graph.node(id);
    Json entry = {{"op", kOps[static_cast<std::size_t>(node.op)]}};
    if (node.op == Op::Letter || node.op == Op::Yesterday) entry["value"] = node.value;
    if (node.op == Op::Position) {
      entry["remainder"] = logic::residue_of(node.value);
      entry["period"] = logic::period_of(node.value);
    }
    if (!node.args.empty()) entry["args"] = node.args;
    nodes.push_back(entry);
  }
  for (const auto& stage : m.stages) {
    Json list = Json::array();
    for (const Claim& claim : stage) {
      Json entry = {{"coordinate", claim.coordinate}, {"is", kKinds[static_cast<std::size_t>(claim.kind)]}};
      if (claim.node != kNever) entry["node"] = claim.node;
      list.push_back(entry);
    }
    stages.push_back(list);
  }
  Json json = {
      {"version", kVersion}, {"encoding", name(m.encoding)}, {"once", name(m.once)}, {"length", m.length}};
  if (m.automaton)
    json["automaton"] = {
        {"states", m.automaton->states},
        {"start", m.automaton->start},
        {"accepting", std::vector<int>(m.automaton->accepting.begin(), m.automaton->accepting.end())},
        {"next", m.automaton->next}};
  else
    json["formula"] = logic::format_formula(m.formula);
  if (m.one != kNever) json["one"] = m.one;
  json["nodes"] = nodes;
  json["root"] = m.formula.root;
  json["stages"] = stages;
  return json;
}

Manifest manifest_from_json(const Json& json, const arch::ModelFile& file, const std::string& source) {
  try {
    return read(json, file, {source});
  } catch (const std::invalid_argument& e) {
    throw base::InputError(source, fmt::format("its manifest is broken: {}", e.what()));
  }
}

}  // namespace yore::compiler
