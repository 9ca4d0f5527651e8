// Where in the residual stream each truth value stands. A coordinate whose last reader is done is set back to
// false by a feed-forward net and used again, so the width is what lives at one time, not what ever lived.
#include <algorithm>

#include "yore/compiler/compiler.h"

namespace yore::compiler {
namespace {

struct Value {
  NodeId node;
  bool mean;
  int written, last_read;
};

class Allocator {
 public:
  explicit Allocator(Plan& plan) : plan_(plan) {}

  void run() {
    const std::size_t size = plan_.stage.size();
    plan_.coordinate.assign(size, kNever);
    plan_.mean.assign(size, kNever);
    find_last_reads();
    std::vector<Value> values;
    for (std::size_t i = 0; i < size; ++i)
      if (plan_.stage[i] != kNever)
        values.push_back({static_cast<NodeId>(i), false, plan_.stage[i], plan_.last_read[i]});
    for (std::size_t b = 0; b < plan_.blocks.size(); ++b)
      for (const NodeId id : plan_.blocks[b].thresholds) {
        const int block = static_cast<int>(b);
        values.push_back({id, true, attention_stage(block), mlp_stage(block)});
      }
    std::stable_sort(values.begin(), values.end(),
                     [](const Value& a, const Value& b) { return a.written < b.written; });
    if (plan_.options.encoding == Encoding::PlusMinus || plan_.recurrent()) plan_.one = fresh(plan_.end());
    for (const Value& value : values) {
      const int at = place(value);
      (value.mean ? plan_.mean : plan_.coordinate)[static_cast<std::size_t>(value.node)] = at;
    }
    plan_.width = std::max(1, static_cast<int>(slots_.size()));
    plan_.mlp_width = 1;
    for (const Block& block : plan_.blocks) {
      std::size_t units = block.thresholds.size();
      for (const Clearing& clearing : block.cleared)
        units += plan_.options.encoding == Encoding::ZeroOne && clearing.rounded ? 2 : 1;
      for (const NodeId id : block.formed) units += 2 * plan_.form[static_cast<std::size_t>(id)].gates.size();
      plan_.mlp_width = std::max(plan_.mlp_width, static_cast<int>(units));
    }
  }

 private:
  void find_last_reads() {
    plan_.last_read.assign(plan_.stage.size(), kNever);
    const auto read = [&](NodeId id, int stage) {
      int& last = plan_.last_read[static_cast<std::size_t>(literal(plan_.formula.graph, id).node)];
      last = std::max(last, stage);
    };
    read(plan_.formula.root, plan_.end());
    for (std::size_t b = 0; b < plan_.blocks.size(); ++b) {
      const Block& block = plan_.blocks[b];
      for (const Head& head : block.heads)
        for (const NodeId id : head.nodes) read(plan_.node(id).args[0], attention_stage(static_cast<int>(b)));
      for (const NodeId id : block.latches)
        for (const NodeId arg : plan_.node(id).args) read(arg, attention_stage(static_cast<int>(b)));
      for (const NodeId id : block.formed)
        for (const Gate& gate : plan_.form[static_cast<std::size_t>(id)].gates)
          for (const Term& term : gate.terms) read(term.node, mlp_stage(static_cast<int>(b)));
    }
  }

  int fresh(int last_read) {
    slots_.push_back({last_read, false, false});
    return static_cast<int>(slots_.size()) - 1;
  }

  int place(const Value& value) {
    // Under a norm a mean stands beside the truth values as a small number, and cannot be cleared exactly.
    const bool own = value.mean && plan_.options.encoding == Encoding::PlusMinus;
    const int at = own ? fresh(plan_.end()) : reuse(value);
    Slot& slot = slots_[static_cast<std::size_t>(at)];
    if (own) return at;
    slot.free_after = value.last_read;
    // x - x is 0 exactly, but x - x + 1 need not be 1: a mean is cleared by itself, before the next user.
    slot.clean = value.mean;
    slot.rounded = !value.mean && rounded(value.node);
    if (value.mean) clear(at, value.last_read);
    return at;
  }

  int reuse(const Value& value) {
    // A feed-forward net clears what it overwrites; attention needs the net before it to have done so.
    const int cleared_at = value.written % 2 == 0 ? value.written : value.written - 1;
    for (std::size_t c = 0; c < slots_.size(); ++c) {
      const Slot& slot = slots_[c];
      if (slot.clean && slot.free_after < value.written) return static_cast<int>(c);
      if (!slot.clean && cleared_at >= 2 && slot.free_after <= cleared_at) {
        clear(static_cast<int>(c), cleared_at);
        return static_cast<int>(c);
      }
    }
    return fresh(value.last_read);
  }

  void clear(int coordinate, int stage) {
    plan_.blocks[static_cast<std::size_t>(stage / 2 - 1)].cleared.push_back(
        {coordinate, slots_[static_cast<std::size_t>(coordinate)].rounded});
  }

  /// Whether the truth value is what a sharp head made of it, or a copy of that; gates round to the ideal.
  bool rounded(NodeId id) const {
    const logic::Node& node = plan_.node(id);
    if (!is_temporal(node) || plan_.recurrent()) return false;  // a latch has the ideal
    return (is_once(node) && plan_.options.once == Once::Sharp) ||
           rounded(literal(plan_.formula.graph, node.args[0]).node);
  }

  struct Slot {
    int free_after;  ///< the stage after which nobody needs what stands there
    bool clean;      ///< what stands there after that stage is false already
    bool rounded;    ///< as Clearing::rounded
  };

  Plan& plan_;
  std::vector<Slot> slots_;  // by coordinate
};

}  // namespace

void assign_coordinates(Plan& plan) {
  Allocator(plan).run();
}

}  // namespace yore::compiler
