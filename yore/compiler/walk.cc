#include "yore/compiler/walk.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>

#include "yore/base/text.h"
#include "yore/compiler/shape.h"

namespace yore::compiler {
namespace {

constexpr std::size_t kLongestText = 80;

double least_magnitude(const Interval& x) {
  return x.low > 0 ? x.low : x.high < 0 ? -x.high : 0;
}

}  // namespace

Walk::Walk(const arch::ModelFile& file, const Manifest& manifest, std::int64_t length,
           const ProveOptions& options)
    : file_(file),
      model_(shape_of(file.model, "the prover")),
      manifest_(manifest),
      cases_(manifest.formula),
      all_cases_("proving the weights", {.count = static_cast<std::size_t>(options.max_cases)}),
      normed_(model_.norm == "rms"),
      base_(manifest.encoding == Encoding::PlusMinus ? -1 : 0),
      range_(manifest.encoding == Encoding::PlusMinus ? 2 : 1) {
  proof_.length = length;
  if (is_recurrent(file.model)) grain_ = kHalves;
}

Proof Walk::run() {
  const arch::ModelOptions& c = model_;
  if ((c.norm != "rms" && c.norm != "none") || (normed_ && c.norm_place != "pre") || c.activation != "relu" ||
      !arch::period_of_positions(c.positions) || !c.strict || !c.bias || c.embedding_scale != 1)
    fail(0, kNever,
         "not a model of the compiler's kind (strict mask, positions none or periodic, relu, norm rms or "
         "none)");
  proof_.every_length = is_recurrent(file_.model);
  if (proof_.every_length && normed_)
    fail(0, kNever,
         "norm rms: its division rounds, and a recurrence keeps what it is given: exact for no length");
  if (fine()) embed();
  for (int b = 0; b < c.layers && fine(); ++b) {
    if (proof_.every_length)
      recurrence(b);
    else
      attention(b);
    if (fine()) feed_forward(b);
  }
  if (fine()) read_out();
  proof_.proven = fine();
  proof_.cases = static_cast<std::int64_t>(all_cases_.count());
  return proof_;
}

void Walk::fail(int stage, int coordinate, const std::string& what) {
  if (!fine()) return;
  proof_.stage = stage;
  proof_.coordinate = coordinate;
  const std::string place = stage == 0                  ? "embedding"
                            : stage > 2 * model_.layers ? "read-out"
                                                        : fmt::format("block {}, {}", (stage - 1) / 2 + 1,
                                                                      stage % 2 == 0         ? "feed-forward"
                                                                      : model_.mixer.empty() ? "attention"
                                                                                             : model_.mixer);
  proof_.failure = coordinate == kNever ? fmt::format("{}: {}", place, what)
                                        : fmt::format("{}, coordinate {}: {}", place, coordinate, what);
}

void Walk::refuse(int stage, int coordinate, const Cell& found, bool truth, const Interval& x) {
  const double ideal = base_ + (truth ? range_ : 0);
  fail(stage, coordinate,
       fmt::format("where \"{}\" is {} the number lies in [{:.6g}, {:.6g}], not within {} of {}",
                   node_text(found.node), truth, x.low, x.high, kLargestError * range_, ideal));
}

std::string Walk::node_text(NodeId id) const {
  if (id < 0) return id == kNowhere ? "(nothing)" : "(always)";
  Formula part = manifest_.formula;
  part.root = id;
  return base::shortened(logic::format_formula(part), kLongestText);
}

Truth Walk::truth(NodeId id) const {
  return id == kNowhere ? Truth::False : id == kEverywhere ? Truth::True : cases_.truth(id);
}

Interval Walk::now(int coordinate) const {
  const Cell& here = cell(coordinate);
  const Truth t = truth(here.node);
  return t == Truth::Unknown ? here.hull() : here.when[t == Truth::True];
}

std::optional<Cell> Walk::claimed(int stage, int coordinate) const {
  for (const Claim& claim : manifest_.stages[static_cast<std::size_t>(stage)]) {
    if (claim.coordinate != coordinate) continue;
    Cell found;
    found.node = claim.kind == Claim::Kind::Cleared ? kNowhere : claim.node;
    found.mean = claim.kind == Claim::Kind::Mean;
    return found;
  }
  return std::nullopt;
}

double Walk::error_of(bool truth, const Interval& x) const {
  const double ideal = base_ + (truth ? range_ : 0);
  return x.empty() ? 0 : std::max(x.high - ideal, ideal - x.low) / range_;
}

void Walk::accept(int stage, int coordinate, const Cell& found) {
  for (const bool t : {false, true}) {
    const Interval& x = found.when[t];
    if (x.empty()) continue;
    if (found.mean) {
      if (!(x.magnitude() <= 1 + kLargestError)) return refuse(stage, coordinate, found, t, x);
      continue;
    }
    const double error = error_of(t, x);
    if (!(error <= kLargestError)) return refuse(stage, coordinate, found, t, x);
    proof_.error = std::max(proof_.error, error);
  }
  Cell& here = cell(coordinate) = found;
  for (const bool t : {false, true}) {
    const Interval& x = here.when[t];
    here.exact[t] = x.empty() || (x.low == x.high && grain_.fits(x.low));
  }
}

bool Walk::now_exact(int coordinate) const {
  const Cell& here = cell(coordinate);
  const Truth t = truth(here.node);
  return t == Truth::Unknown ? here.exact[0] && here.exact[1] : here.exact[t == Truth::True];
}

void Walk::embed() {
  const Matrix letters = matrix_of(file_.weights, "embedding.weight");
  const int told = *arch::period_of_positions(model_.positions),
            asked = common_period(manifest_.formula).value();
  if (told % asked != 0)
    return fail(0, kNever,
                fmt::format("the formula asks for positions modulo {}, and the model's tell them modulo {}",
                            asked, told));
  const Matrix remainders = told > 1 ? matrix_of(file_.weights, "positions.weight") : zeros(1, model_.width);
  const std::vector<Dependence> dependence = dependences(manifest_.formula.graph);
  for (const Claim& claim : manifest_.stages[0]) {
    if (claim.kind != Claim::Kind::Truth)
      return fail(0, claim.coordinate, "nothing but truth can be claimed");
    if (const Dependence& on = dependence[static_cast<std::size_t>(claim.node)]; !on.embedded())
      return fail(0, claim.coordinate,
                  on.past ? "an embedding knows no past" : "an embedding joins no letter with a position");
  }
  const TruthTable by_letter = truth_by_letter(manifest_.formula),
                   by_remainder = truth_by_remainder(manifest_.formula, told);
  cells_.resize(static_cast<std::size_t>(model_.width));
  for (int c = 0; c < model_.width && fine(); ++c) {
    Cell found = claimed(0, c).value_or(Cell{});
    if (c == manifest_.one) found.node = kEverywhere;
    // Under a norm, means have coordinates of their own, which start at 0.
    for (const auto& stage : manifest_.stages)
      for (const Claim& claim : stage)
        if (normed_ && claim.coordinate == c && claim.kind == Claim::Kind::Mean) found.mean = true;
    for (std::int64_t t = 0; t < letters.rows; ++t)
      for (std::int64_t r = 0; r < remainders.rows; ++r) {
        bool truth = found.node == kEverywhere;
        if (const auto node = static_cast<std::size_t>(found.node); found.node >= 0)
          truth = (dependence[node].position ? by_remainder[static_cast<std::size_t>(r)]
                                             : by_letter[static_cast<std::size_t>(t)])[node] != 0;
        const double x =
            letters.at(t, c) + remainders.at(r, c);  // one float32 sum, as whoever runs it has it
        found.when[truth].join({x, x});
      }
    accept(0, c, found);
  }
}

void Walk::read_out() {
  const int stage = 2 * model_.layers + 1;
  const LinearMap map = linear_of(file_.weights, "read_out");
  Linear form;
  form.add(map.weight.row(0), norm_weight("final_norm"), map.bias.at(0, 0), 1);
  std::vector<NodeId> nodes;
  add_nodes(form, nodes);
  const Interval factor = norm_factor();
  const auto logit = hulls(manifest_.formula.root, nodes, [&] { return evaluate(form, factor); });
  // A root that is true (or false) of every word has no numbers for the other case.
  proof_.least_accepting = logit[1].low;
  proof_.largest_rejecting = logit[0].high;
  if (!logit[1].empty() && !(logit[1].low > 0))
    fail(stage, kNever, fmt::format("an accepted word's logit may be {:.6g}", logit[1].low));
  if (!logit[0].empty() && !(logit[0].high < 0))
    fail(stage, kNever, fmt::format("a rejected word's logit may be {:.6g}", logit[0].high));
}

Interval Walk::norm_factor() const {
  if (!normed_) return {1, 1};
  double low = 0, high = 0;
  for (const Cell& c : cells_) {
    // A truth value is near one of two numbers, not between them.
    double least = std::numeric_limits<double>::infinity(), most = 0;
    for (const Interval& x : c.when)
      if (!x.empty()) {
        least = std::min(least, least_magnitude(x));
        most = std::max(most, x.magnitude());
      }
    low += least * least;
    high += most * most;
  }
  const auto width = static_cast<double>(model_.width);
  const double off = gamma(width + 8);
  return {(1 - off) / std::sqrt(high / width + model_.norm_epsilon),
          (1 + off) / std::sqrt(low / width + model_.norm_epsilon)};
}

Matrix Walk::norm_weight(const std::string& name) const {
  if (normed_) return matrix_of(file_.weights, name + ".weight");
  Matrix ones = zeros(1, model_.width);
  std::fill(ones.values.begin(), ones.values.end(), 1.0F);
  return ones;
}

void Linear::add(std::span<const float> row, const Matrix& scale, double constant, double factor) {
  std::map<int, std::size_t> place;
  for (std::size_t i = 0; i < terms.size(); ++i) place[terms[i].coordinate] = i;
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (row[c] == 0) continue;
    const double weight = factor * static_cast<double>(row[c]) * static_cast<double>(scale.values[c]);
    const auto [it, added] = place.try_emplace(static_cast<int>(c), terms.size());
    if (added) terms.push_back({static_cast<int>(c), 0, 0});
    terms[it->second].weight += weight;
    terms[it->second].magnitude += std::abs(weight);
    ++products;
  }
  bias += factor * constant;
  bias_magnitude += std::abs(factor * constant);
}

Value Walk::evaluate(const Linear& form, const Interval& factor) const {
  Value v;
  bool exact = true, one_number = true;
  for (const Linear::Term& term : form.terms) {
    const Interval x = now(term.coordinate);
    v.range += term.weight * x;
    v.magnitude += term.magnitude * x.magnitude();
    exact = exact && now_exact(term.coordinate) && grain_.fits(term.weight);
    one_number = one_number && x.low == x.high;
  }
  // x - x is 0 whatever x was divided by.
  const bool cancelled = one_number && v.range.magnitude() == 0 && form.products <= 2;
  v.range = factor * v.range;
  v.range += {form.bias, form.bias};
  v.magnitude = factor.high * v.magnitude + form.bias_magnitude;
  v.exact = (normed_ ? cancelled || v.magnitude == form.bias_magnitude : exact) && grain_.fits(form.bias) &&
            v.magnitude < grain_.limit;
  if (!v.exact && v.magnitude > form.bias_magnitude)
    v.error = gamma(form.products + (normed_ ? 8 : 3)) * v.magnitude;
  return v;
}

void Walk::add_nodes(const Linear& form, std::vector<NodeId>& nodes) const {
  for (const Linear::Term& term : form.terms)
    if (const NodeId id = cell(term.coordinate).node;
        id >= 0 && std::find(nodes.begin(), nodes.end(), id) == nodes.end())
      nodes.push_back(id);
}

void Walk::add_leaves(NodeId id, std::vector<NodeId>& nodes) const {
  if (id < 0) return;
  std::vector<NodeId> open = {id};
  std::set<NodeId> seen;
  while (!open.empty()) {
    const NodeId here = literal(manifest_.formula.graph, open.back()).node;
    open.pop_back();
    if (!seen.insert(here).second || std::find(nodes.begin(), nodes.end(), here) != nodes.end()) continue;
    const logic::Node& node = manifest_.formula.graph.node(here);
    if (node.op == logic::Op::And || node.op == logic::Op::Or)
      open.insert(open.end(), node.args.begin(), node.args.end());
    else if (!node.args.empty() || node.op == logic::Op::Letter || node.op == logic::Op::Position)
      nodes.push_back(here);
  }
}

}  // namespace yore::compiler
