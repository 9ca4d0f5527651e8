// From a plan to weights. Every weight is a small dyadic number, so that what they compute on 0 and 1 is
// exact in floating point; docs/compiler.md has the derivation of each.
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "yore/compiler/compiler.h"
#include "yore/compiler/latches.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/manifest.h"
#include "yore/compiler/weights.h"

namespace yore::compiler {
namespace {

constexpr double kNormEpsilon = 1e-5;  // of the model's norms

std::int64_t as_index(std::size_t i) {
  return static_cast<std::int64_t>(i);
}

class Packer {
 public:
  explicit Packer(const Plan& plan)
      : plan_(plan),
        plus_minus_(plan.options.encoding == Encoding::PlusMinus),
        dependence_(dependences(plan.formula.graph)) {
    range_ = plus_minus_ ? 2 : 1;
  }

  arch::ModelFile run(const std::string& language) {
    arch::ModelFile file;
    file.model = plan_.model();
    file.alphabet = plan_.formula.alphabet.names();
    file.task = arch::recognition_of(language, plan_.formula.alphabet.text());
    base::NamedArrays& arrays = file.weights;
    put_matrix(arrays, "embedding.weight", embedding());
    if (plan_.period > 1) put_matrix(arrays, "positions.weight", positions());
    const Matrix scale = norm_scale();
    for (int b = 0; b < static_cast<int>(plan_.blocks.size()); ++b) {
      const std::string name = fmt::format("layers.{}.", b);
      if (plan_.recurrent()) {
        put_latches(arrays, fmt::format("{}{}.", name, plan_.options.mixer),
                    latches(plan_.blocks[static_cast<std::size_t>(b)]), plan_);
      } else {
        const auto [qkv, out] = attention(plan_.blocks[static_cast<std::size_t>(b)]);
        put(arrays, name + "attention.qkv", qkv);
        put(arrays, name + "attention.out", out);
      }
      const auto [up, down] = feed_forward(plan_.blocks[static_cast<std::size_t>(b)]);
      put(arrays, name + "mlp.up", up);
      put(arrays, name + "mlp.down", down);
      if (plus_minus_)
        for (const char* norm : {"attention.norm.weight", "mlp.norm.weight"})
          arrays.arrays[name + norm] = to_array(scale, {scale.columns});
    }
    if (plus_minus_) arrays.arrays["final_norm.weight"] = to_array(scale, {scale.columns});
    put(arrays, "read_out", read_out());
    file.compiled = to_json(manifest_of(plan_));
    arch::check_weights(file, "compiled model");
    return file;
  }

 private:
  NodeId argument(NodeId id) const { return plan_.node(id).args[0]; }
  int coordinate(NodeId id) const { return plan_.coordinate[static_cast<std::size_t>(id)]; }

  /// Row `r` of a map gains weight * truth of the node.
  void read(LinearMap& map, std::int64_t r, NodeId id, float weight) const {
    const Literal lit = literal(plan_.formula.graph, id);
    if (lit.negated) {
      read_constant(map, r, weight);
      weight = -weight;
    }
    const logic::Node& node = plan_.node(lit.node);
    if (node.op == logic::Op::True) read_constant(map, r, weight);
    if (is_constant(node)) return;
    if (plus_minus_) {  // (x + 1) / 2, both under the same norm, so that false is 0 whatever the norm
      map.weight.at(r, coordinate(lit.node)) += weight / 2;
      map.weight.at(r, plan_.one) += weight / 2;
    } else {
      map.weight.at(r, coordinate(lit.node)) += weight;
    }
  }
  void read_constant(LinearMap& map, std::int64_t r, float weight) const {
    (plus_minus_ ? map.weight.at(r, plan_.one) : map.bias.at(0, r)) += weight;
  }

  Matrix embedding() const {
    const int letters = plan_.formula.alphabet.size();
    Matrix m = zeros(letters + 1, plan_.width);
    if (plus_minus_) {
      std::fill(m.values.begin(), m.values.end(), -1.0F);
      for (const int c : plan_.mean)
        if (c != kNever)
          for (int t = 0; t <= letters; ++t) m.at(t, c) = 0;
    }
    if (plan_.one != kNever)
      for (int t = 0; t <= letters; ++t) m.at(t, plan_.one) = 1;
    const TruthTable truth = truth_by_letter(plan_.formula);
    for (std::size_t id = 0; id < plan_.stage.size(); ++id) {
      if (plan_.stage[id] != 0) continue;
      for (int t = 0; t <= letters; ++t)
        if (positional(id))
          m.at(t, plan_.coordinate[id]) = 0;
        else if (truth[static_cast<std::size_t>(t)][id] != 0)
          m.at(t, plan_.coordinate[id]) = 1;
    }
    return m;
  }

  /// Whether the table of positions has the node that stands in the embedding.
  bool positional(std::size_t id) const { return dependence_[id].position; }

  /// A row a remainder, added to the letter's; each coordinate is one table's alone, so that sums are exact.
  Matrix positions() const {
    Matrix m = zeros(plan_.period, plan_.width);
    const TruthTable truth = truth_by_remainder(plan_.formula, plan_.period);
    for (std::size_t id = 0; id < plan_.stage.size(); ++id)
      if (plan_.stage[id] == 0 && positional(id))
        for (int r = 0; r < plan_.period; ++r)
          m.at(r, plan_.coordinate[id]) = truth[static_cast<std::size_t>(r)][id] != 0 ? 1.0F
                                          : plus_minus_                               ? -1.0F
                                                                                      : 0.0F;
    return m;
  }

  /// What the block's heads are to do: where each number is set, and where it is kept.
  LatchRows latches(const Block& block) const {
    const std::int64_t width = plan_.width;
    LatchRows rows{linear_map(width, plan_.heads), linear_map(width, plan_.heads), zeros(width, plan_.heads)};
    for (std::size_t h = 0; h < block.latches.size(); ++h) {
      const std::int64_t head = as_index(h);
      const Since since = as_since(plan_.node(block.latches[h]));
      read(rows.target, head, since.target, 1);
      // 1 where f holds and g does not, else -1 or -3.
      read(rows.keep, head, since.target, -2);
      if (since.hold)
        read(rows.keep, head, *since.hold, 2);
      else if (since.always)
        read_constant(rows.keep, head, 2);
      read_constant(rows.keep, head, -1);
      rows.out.at(coordinate(block.latches[h]), head) = 1;
    }
    for (LinearMap* map : {&rows.target, &rows.keep})  // what these become has no bias of its own
      for (std::int64_t h = 0; h < plan_.heads; ++h)
        map->weight.at(h, plan_.one) += std::exchange(map->bias.at(0, h), 0.0F);
    return rows;
  }

  /// What undoes the norm: truth values come out as -1 and +1 again.
  Matrix norm_scale() const {
    Matrix m = zeros(1, plan_.width);
    int means = 0;
    for (const int c : plan_.mean) means += c != kNever;
    const double square = static_cast<double>(plan_.width - means) / plan_.width;
    std::fill(m.values.begin(), m.values.end(), static_cast<float>(std::sqrt(square + kNormEpsilon)));
    return m;
  }

  std::pair<LinearMap, LinearMap> attention(const Block& block) const {
    const std::int64_t width = plan_.width, dim = plan_.head_width, mixed = plan_.heads * dim;
    LinearMap qkv = linear_map(width, 3 * mixed), out = linear_map(mixed, width);
    for (std::size_t h = 0; h < block.heads.size(); ++h) {
      const Head& head = block.heads[h];
      const std::int64_t first = as_index(h) * dim;
      // Where the argument is true (or false) of every position, no position is to be preferred.
      if (head.sharp &&
          !is_constant(plan_.node(literal(plan_.formula.graph, argument(head.nodes[0])).node))) {
        qkv.bias.at(0, first) = 1;
        // Scores are divided by sqrt(dim).
        const float sharpness =
            std::ceil(sharpness_for(plan_.options.length) * std::sqrt(static_cast<float>(dim)));
        read(qkv, mixed + first, argument(head.nodes[0]), sharpness);
      }
      for (std::size_t d = 0; d < head.nodes.size(); ++d) {
        const NodeId id = head.nodes[d];
        read(qkv, 2 * mixed + first + as_index(d), argument(id), 1);
        const int mean = plan_.mean[static_cast<std::size_t>(id)];
        out.weight.at(mean == kNever ? coordinate(id) : mean, first + as_index(d)) =
            mean == kNever ? range_ : mean_scale();
      }
    }
    return {std::move(qkv), std::move(out)};
  }

  /// exp(-sharpness) * length is the error of a sharp head's output: 1e-6.
  static float sharpness_for(std::int64_t length) {
    return std::ceil(std::log(static_cast<float>(length)) + 14.0F);
  }
  /// Under a norm a mean must not weigh beside the truth values.
  float mean_scale() const { return plus_minus_ ? 1.0F / 64 : 1.0F; }

  std::pair<LinearMap, LinearMap> feed_forward(const Block& block) const {
    LinearMap up = linear_map(plan_.width, plan_.mlp_width), down = linear_map(plan_.mlp_width, plan_.width);
    std::int64_t unit = 0;
    for (const auto& [c, rounded] : block.cleared) {
      if (plus_minus_) {  // minus the truth value that stands there
        up.weight.at(unit, plan_.one) = up.weight.at(unit, c) = 0.5F;
        down.weight.at(c, unit++) = -2;
        continue;
      }
      for (const float sign : {1.0F, -1.0F}) {  // x - relu(x) + relu(-x) is 0 exactly, on either side of 0
        if (sign < 0 && !rounded) continue;
        up.weight.at(unit, c) = sign;
        down.weight.at(c, unit++) = -sign;
      }
    }
    for (const NodeId id : block.thresholds) {  // 1 - relu(1 - gain * mean), exactly 0 and 1
      const int c = coordinate(id);
      const auto length = std::exp2(std::ceil(std::log2(static_cast<float>(plan_.options.length))) + 1);
      up.weight.at(unit, plan_.mean[static_cast<std::size_t>(id)]) = -length / mean_scale();
      up.bias.at(0, unit) = 1;
      down.bias.at(0, c) += range_;
      down.weight.at(c, unit++) = -range_;
    }
    for (const NodeId id : block.formed) {
      const Form& form = plan_.form[static_cast<std::size_t>(id)];
      const int c = coordinate(id);
      const float sign = form.complement ? -range_ : range_;
      if (form.complement) down.bias.at(0, c) += range_;
      for (const Gate& gate : form.gates) {
        // A step of slope 2 from 0 at threshold - 3/4 to 1 at threshold - 1/4.
        for (const float top : {1.5F, 0.5F}) {
          for (const Term& term : gate.terms) read(up, unit, term.node, 2 * static_cast<float>(term.weight));
          up.bias.at(0, unit) += top - 2 * static_cast<float>(gate.threshold);
          down.weight.at(c, unit++) = top > 1 ? sign : -sign;
        }
      }
    }
    return {std::move(up), std::move(down)};
  }

  LinearMap read_out() const {
    LinearMap map = linear_map(plan_.width, 1);
    const Literal root = literal(plan_.formula.graph, plan_.formula.root);
    const logic::Node& node = plan_.node(root.node);
    const float sign = root.negated ? -kLogit : kLogit;
    if (is_constant(node)) {
      map.bias.at(0, 0) = node.op == logic::Op::True ? sign : -sign;
    } else {
      map.weight.at(0, coordinate(root.node)) = 2 * sign / range_;
      map.bias.at(0, 0) = plus_minus_ ? 0 : -sign;
    }
    return map;
  }

  const Plan& plan_;
  bool plus_minus_;
  std::vector<Dependence> dependence_;
  float range_;
};

}  // namespace

arch::ModelOptions Plan::config() const {
  arch::ModelOptions c;
  c.positions = period == 1 ? "none" : fmt::format("periodic:{}", period);
  c.norm_place = "pre";
  c.layers = static_cast<int>(blocks.size());
  c.width = width;
  c.heads = heads;
  if (machine) {
    c.mixer = stepped_mixer(options.mixer, width, machine->dim, machine->steps);
    c.activation = "none";
    c.norm = "none";
    return c;
  }
  std::string kinds;
  for (const Block& block : blocks) {
    std::string kind;
    const auto add = [&](int count, int lookback) {
      if (count == 0) return;
      const std::string what = lookback < 0 ? "global" : fmt::format("local:{}", lookback);
      kind += fmt::format("{}{}*{}", kind.empty() ? "" : "+", count, what);
    };
    for (std::size_t h = 0; h < block.heads.size();) {
      std::size_t end = h;
      while (end < block.heads.size() && block.heads[end].lookback == block.heads[h].lookback) ++end;
      add(static_cast<int>(end - h), block.heads[h].lookback);
      h = end;
    }
    add(heads - static_cast<int>(block.heads.size()), 1);  // idle ones: as cheap as can be
    kinds += (kinds.empty() ? "" : "/") + kind;
  }
  if (recurrent())
    c.mixer = latch_mixer(options.mixer, width, heads);
  else
    c.attention = kinds;
  c.strict = true;
  c.head_width = head_width;
  c.mlp_width = mlp_width;
  c.activation = "relu";
  c.norm = options.encoding == Encoding::PlusMinus ? "rms" : "none";
  return c;
}

arch::Model Plan::model() const {
  return arch::expand(config(), formula.alphabet.size() + 1, arch::ReadOutKind::Accept);
}

std::int64_t Plan::parameters() const {
  return arch::parameter_count(model());
}

arch::ModelFile pack(const Plan& plan, const std::string& language) {
  return plan.machine ? pack_machine(plan, language) : Packer(plan).run(language);
}

}  // namespace yore::compiler
