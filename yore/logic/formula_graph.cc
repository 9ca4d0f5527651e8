// Builders: every node is made here, simplified by local rules and shared through a hash table.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "yore/logic/formula.h"

namespace yore::logic {
namespace {

std::uint64_t hash(const Node& node) {
  std::uint64_t h = 0xCBF29CE484222325;
  const auto mix = [&h](std::uint64_t value) {
    h = (h ^ value) * 0x9E3779B97F4A7C15;
    h ^= h >> 29;
  };
  mix(static_cast<std::uint64_t>(node.op));
  mix(static_cast<std::uint64_t>(node.value));
  for (const NodeId id : node.args) mix(static_cast<std::uint64_t>(id));
  return h;
}

void sort_distinct(std::vector<NodeId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

bool holds(const std::vector<NodeId>& sorted, NodeId id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

}  // namespace

NodeId FormulaGraph::intern(Node node) {
  std::vector<NodeId>& bucket = by_hash_[hash(node)];
  for (const NodeId id : bucket)
    if (this->node(id) == node) return id;
  const NodeId id = size();
  bucket.push_back(id);
  nodes_.push_back(std::move(node));
  return id;
}

NodeId FormulaGraph::constant(bool value) {
  return intern({value ? Op::True : Op::False, 0, {}});
}

NodeId FormulaGraph::letter(Symbol s) {
  return intern({Op::Letter, s, {}});
}

NodeId FormulaGraph::negation(NodeId f) {
  if (simplify_) {
    if (node(f).op == Op::Not) return node(f).args[0];
    if (node(f).op == Op::True || node(f).op == Op::False) return constant(node(f).op == Op::False);
  }
  return intern({Op::Not, 0, {f}});
}

NodeId FormulaGraph::conjunction(std::vector<NodeId> fs) {
  return junction(Op::And, std::move(fs));
}

NodeId FormulaGraph::disjunction(std::vector<NodeId> fs) {
  return junction(Op::Or, std::move(fs));
}

// And and Or are each other's mirror image: `neutral` is dropped, `absorbing` decides.
NodeId FormulaGraph::junction(Op op, std::vector<NodeId> fs) {
  const Op neutral = op == Op::And ? Op::True : Op::False;
  const Op absorbing = op == Op::And ? Op::False : Op::True;
  const Op dual = op == Op::And ? Op::Or : Op::And;
  if (simplify_) {
    std::vector<NodeId> flat;
    for (const NodeId f : fs) {
      const Node& arg = node(f);
      if (arg.op == absorbing) return f;
      if (arg.op == neutral) continue;
      // One level is enough: arguments were flattened when they were built.
      if (arg.op == op)
        flat.insert(flat.end(), arg.args.begin(), arg.args.end());
      else
        flat.push_back(f);
    }
    fs = std::move(flat);
  }
  sort_distinct(fs);
  if (simplify_) {
    for (const NodeId f : fs)
      if (node(f).op == Op::Not && holds(fs, node(f).args[0])) return constant(absorbing == Op::True);
    // a & (a | b) = a
    const std::vector<NodeId> all = fs;
    std::erase_if(fs, [&](NodeId f) {
      const Node& arg = node(f);
      return arg.op == dual &&
             std::any_of(arg.args.begin(), arg.args.end(), [&](NodeId g) { return holds(all, g); });
    });
  }
  if (fs.empty()) return constant(neutral == Op::True);
  if (fs.size() == 1) return fs.front();
  return intern({op, 0, std::move(fs)});
}

NodeId FormulaGraph::before(NodeId f) {
  if (simplify_ && node(f).op == Op::False) return f;
  return intern({Op::Before, 0, {f}});
}

NodeId FormulaGraph::yesterday(NodeId f, int within) {
  if (within < 1) throw std::invalid_argument("FormulaGraph::yesterday: within must be at least 1");
  // Y<=k true is left alone although it equals Y true: a rewriting must not leave the fragment LTL[Y<=k].
  if (simplify_ && node(f).op == Op::False) return f;
  return intern({Op::Yesterday, within, {f}});
}

NodeId FormulaGraph::since(NodeId hold, NodeId target) {
  if (simplify_) {
    if (node(target).op == Op::False) return target;
    if (node(hold).op == Op::True) return before(target);
    // The witness at the previous position has nothing in between; any other needs `hold` there.
    if (node(hold).op == Op::False || hold == target || node(target).op == Op::True) return yesterday(target);
  }
  return intern({Op::Since, 0, {hold, target}});
}

NodeId FormulaGraph::position(int residue, int period) {
  if (period < 1 || period > kMaxPeriod || residue < 0 || residue >= period)
    throw std::invalid_argument("FormulaGraph::position: no such position");
  if (period == 1) return constant(true);
  return intern({Op::Position, residue_value(residue, period), {}});
}

NodeId FormulaGraph::iff(NodeId f, NodeId g) {
  return conjunction({implies(f, g), implies(g, f)});
}

}  // namespace yore::logic
