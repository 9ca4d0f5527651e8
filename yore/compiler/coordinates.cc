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
    if (plan_.options.encoding == Encoding::PlusMinus) plan_.one = fresh(plan_.end());
    for (const Value& value : values) {
      const int at = place(value);
      (value.mean ? plan_.mean : plan_.coordinate)[static_cast<std::size_t>(value.node)] = at;
    }
    plan_.width = std::max(1, static_cast<int>(free_after_.size()));
    plan_.mlp_width = 1;
    for (const Block& block : plan_.blocks) {
      std::size_t units = block.thresholds.size() + block.cleared.size();
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
      for (const NodeId id : block.formed)
        for (const Gate& gate : plan_.form[static_cast<std::size_t>(id)].gates)
          for (const Term& term : gate.terms) read(term.node, mlp_stage(static_cast<int>(b)));
    }
  }

  int fresh(int last_read) {
    free_after_.push_back(last_read);
    return static_cast<int>(free_after_.size()) - 1;
  }

  int place(const Value& value) {
    // A feed-forward net clears what it overwrites; attention needs the net before it to have done so.
    const int cleared_at = value.written % 2 == 0 ? value.written : value.written - 1;
    // Under a norm a mean stands beside the truth values as a small number, and cannot be cleared exactly.
    const bool own = value.mean && plan_.options.encoding == Encoding::PlusMinus;
    if (cleared_at >= 2 && !own)
      for (std::size_t c = 0; c < free_after_.size(); ++c)
        if (free_after_[c] <= cleared_at) {
          free_after_[c] = value.last_read;
          plan_.blocks[static_cast<std::size_t>(cleared_at / 2 - 1)].cleared.push_back(static_cast<int>(c));
          return static_cast<int>(c);
        }
    return fresh(own ? plan_.end() : value.last_read);
  }

  Plan& plan_;
  std::vector<int> free_after_;  // by coordinate: the stage after which nobody needs what stands there
};

}  // namespace

void assign_coordinates(Plan& plan) {
  Allocator(plan).run();
}

}  // namespace yore::compiler
