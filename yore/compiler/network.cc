#include "yore/compiler/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "yore/compiler/delta_steps.h"
#include "yore/compiler/latches.h"
#include "yore/compiler/names.h"
#include "yore/compiler/shape.h"
#include "yore/compiler/weights.h"
#include "yore/mixers/attention/kinds.h"

namespace yore::compiler {
namespace {

/// The truth values that two hidden units make a step of, "1 where they reach the threshold": their sum,
/// doubled, goes from 0 at threshold - 3/4 to 1 at threshold - 1/4 (pack.cc).
bool recognise_gate(Part& part) {
  if (part.units.size() != 2 || part.sum.terms.empty()) return false;
  Part::Unit high = part.units[0], low = part.units[1];
  if (high.bias < low.bias) std::swap(high, low);
  if (high.bias - low.bias != 1 || high.weight != -low.weight) return false;
  const double threshold = (1.5 - high.bias) / 2;
  const auto whole = [](double x) { return x == std::nearbyint(x); };
  if (!whole(threshold)) return false;
  for (const Read& term : part.sum.terms)
    if (!whole(term.weight / 2)) return false;
  for (Read& term : part.sum.terms) term.weight /= 2;
  part.kind = Part::Kind::Gate;
  part.factor = high.weight;
  part.threshold = threshold;
  return true;
}

class Reader {
 public:
  Reader(const Manifest& manifest, const arch::ModelFile& file)
      : file_(file), model_(shape_of(file.model, "the picture")) {
    network_.manifest = manifest;
    network_.model = model_;
    range_ = manifest.encoding == Encoding::PlusMinus ? 2 : 1;
    const auto width = static_cast<std::size_t>(model_.width);
    latest_.assign(width, kNever);
    std::vector<NodeId> kept;
    for (const auto& stage : manifest.stages)
      for (const Claim& claim : stage)
        if (claim.kind == Claim::Kind::Truth) kept.push_back(claim.node);
    network_.names = short_names(manifest.formula, kept);
  }

  Network run() {
    embedding();
    const arch::ModelOptions& c = model_;
    const bool recurrent = is_recurrent(file_.model);
    const auto kinds = recurrent ? std::vector<mixers::LayerAttention>()
                                 : mixers::parse_attention(c.attention, c.layers, c.heads);
    for (int b = 0; b < c.layers; ++b) {
      if (network_.manifest.automaton)
        delta_steps(b);
      else if (recurrent)
        recurrence(b);
      else
        attention(b, kinds[static_cast<std::size_t>(b)].lookback);
      if (c.activation != "none") feed_forward(b);
    }
    const LinearMap map = linear_of(file_.weights, "read_out");
    network_.read_out = reads(map.weight.row(0));
    network_.read_out_bias = static_cast<double>(map.bias.at(0, 0));
    return order_places(std::move(network_));
  }

 private:
  std::optional<Place> claimed(int stage, int coordinate) const {
    for (const Claim& claim : network_.manifest.stages[static_cast<std::size_t>(stage)]) {
      if (claim.coordinate != coordinate) continue;
      Place place;
      place.stage = stage;
      place.coordinate = coordinate;
      place.node = claim.node;
      place.kind = claim.kind == Claim::Kind::Truth      ? Place::Kind::Truth
                   : claim.kind == Claim::Kind::Mean     ? Place::Kind::Mean
                   : claim.kind == Claim::Kind::Accepted ? Place::Kind::Accepted
                                                         : Place::Kind::Cleared;
      return place;
    }
    return std::nullopt;
  }

  static Place unclaimed(int stage, int coordinate) {
    Place place;
    place.stage = stage;
    place.coordinate = coordinate;
    return place;
  }

  int add(Place place) {
    network_.places.push_back(std::move(place));
    return static_cast<int>(network_.places.size()) - 1;
  }

  void embedding() {
    const Matrix table = matrix_of(file_.weights, "embedding.weight"),
                 positions = file_.model.embedding.has_table() ? matrix_of(file_.weights, "positions.weight")
                                                               : zeros(0, model_.width);
    for (int c = 0; c < model_.width; ++c) {
      std::optional<Place> place = claimed(0, c);
      if (c == network_.manifest.one) {
        place = unclaimed(0, c);
        place->kind = Place::Kind::Always;
      }
      if (!place) continue;
      for (std::int64_t t = 0; t < table.rows; ++t)
        if (table.at(t, c) > 0) place->letters.push_back(static_cast<int>(t));
      for (std::int64_t r = 0; r < positions.rows; ++r)
        if (positions.at(r, c) > 0) place->remainders.push_back(static_cast<int>(r));
      latest_[static_cast<std::size_t>(c)] = add(*place);
    }
  }

  /// The place that stands in the coordinate by now.
  int standing(int coordinate) {
    int& place = latest_[static_cast<std::size_t>(coordinate)];
    if (place == kNever) place = add(unclaimed(0, coordinate));
    return place;
  }

  /// What a row of a linear map reads of what stands there by now.
  std::vector<Read> reads(std::span<const float> row) {
    std::vector<Read> list;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (row[c] == 0) continue;
      list.push_back({standing(static_cast<int>(c)), static_cast<double>(row[c])});
    }
    return list;
  }

  void attention(int block, const std::vector<int>& lookback) {
    const std::string name = fmt::format("layers.{}.attention.", block);
    const LinearMap qkv = linear_of(file_.weights, name + "qkv"),
                    out = linear_of(file_.weights, name + "out");
    const std::int64_t dim = model_.width_of_head(), mixed = model_.heads * dim;
    const auto first = static_cast<std::ptrdiff_t>(network_.heads.size());
    for (int h = 0; h < model_.heads; ++h) {
      HeadView head;
      head.block = block;
      head.number = h + 1;
      head.lookback = lookback[static_cast<std::size_t>(h)];
      for (std::int64_t d = 0; d < dim; ++d) {
        const auto row = [&](std::int64_t which, std::vector<HeadRow>& rows) {
          const std::int64_t r = which * mixed + h * dim + d;
          HeadRow found{static_cast<int>(d), reads(qkv.weight.row(r)),
                        static_cast<double>(qkv.bias.at(0, r))};
          if (!found.reads.empty() || found.bias != 0) rows.push_back(std::move(found));
        };
        row(0, head.queries);
        row(1, head.keys);
        row(2, head.values);
      }
      // The same score for all keys moves nothing, and neither does a query of 0.
      for (const HeadRow& key : head.keys)
        head.sharp |=
            !key.reads.empty() && std::any_of(head.queries.begin(), head.queries.end(),
                                              [&](const HeadRow& q) { return q.dimension == key.dimension; });
      network_.heads.push_back(std::move(head));
    }
    written(attention_stage(block), out, [&](Place&, std::int64_t) {});
    for (auto head = network_.heads.begin() + first; head != network_.heads.end(); ++head)
      for (int c = 0; c < model_.width; ++c)
        for (int d = 0; d < dim; ++d) {
          const auto weight = static_cast<double>(out.weight.at(c, (head->number - 1) * dim + d));
          if (weight == 0) continue;
          const int place = latest_[static_cast<std::size_t>(c)];
          const bool mean = network_.places[static_cast<std::size_t>(place)].kind == Place::Kind::Mean;
          head->writes.push_back({d, place, mean ? weight : weight / range_});
        }
    network_.heads.erase(std::remove_if(network_.heads.begin() + first, network_.heads.end(),
                                        [](const HeadView& h) {
                                          return h.queries.empty() && h.keys.empty() && h.values.empty() &&
                                                 h.writes.empty();
                                        }),
                         network_.heads.end());
  }

  void recurrence(int block) {
    const LatchReader layer(file_, block);
    const auto first = static_cast<std::ptrdiff_t>(network_.heads.size());
    for (int h = 0; h < layer.heads(); ++h) {
      HeadView head;
      head.of = HeadView::Kind::Latch;
      head.block = block;
      head.number = h + 1;
      const auto row = [&](const LinearMap& map, double scale, std::vector<HeadRow>& rows) {
        HeadRow found{0, reads(map.weight.row(h)), scale * static_cast<double>(map.bias.at(0, h))};
        for (Read& read : found.reads) read.weight *= scale;
        if (!found.reads.empty() || found.bias != 0) rows.push_back(std::move(found));
      };
      row(layer.gate, layer.gate_scale(), head.keys);
      row(layer.value, 1, head.values);
      network_.heads.push_back(std::move(head));
    }
    LinearMap out;
    out.weight = layer.out;
    out.bias = layer.out_bias;
    written(attention_stage(block), out, [&](Place&, std::int64_t) {});
    for (auto head = network_.heads.begin() + first; head != network_.heads.end(); ++head)
      for (int c = 0; c < model_.width; ++c)
        if (layer.out.at(c, head->number - 1) != 0)
          head->writes.push_back({0, latest_[static_cast<std::size_t>(c)], 1});
    std::erase_if(network_.heads, [](const HeadView& h) { return h.writes.empty(); });
  }

  void delta_steps(int block) {
    const StepReader layer(file_);
    HeadView head;
    head.of = HeadView::Kind::Steps;
    head.steps = layer.steps;
    head.block = block;
    head.number = 1;
    if (layer.dim > 0) network_.model.head_width = layer.dim;  // 0: not one head of one value
    for (int c = 0; layer.dim > 0 && c < model_.width; ++c)
      if (StepRow row = step_row(layer, c); row.weights > 0) {
        row.place = standing(c);
        head.step_rows.push_back(std::move(row));
      }
    LinearMap out = linear_map(1, model_.width);
    out.weight = layer.out;
    written(attention_stage(block), out, [&](Place&, std::int64_t) {});
    for (int c = 0; c < model_.width; ++c)
      if (layer.out.at(c, 0) != 0) head.writes.push_back({0, latest_[static_cast<std::size_t>(c)], 1});
    network_.heads.push_back(std::move(head));
  }

  static StepRow step_row(const StepReader& layer, std::int64_t c) {
    StepRow row;
    const std::int64_t dim = layer.dim, steps = layer.steps;
    const auto vector = [&](std::int64_t first) {
      StepRow::Vector numbers;
      for (std::int64_t i = 0; i < dim; ++i)
        if (const float x = layer.qkv.at(first + i, c); x != 0)
          numbers.emplace_back(static_cast<int>(i), static_cast<double>(x));
      row.weights += static_cast<int>(numbers.size());
      return numbers;
    };
    row.query = vector(0);
    std::size_t last = 0;
    for (std::int64_t s = 0; s < steps; ++s) {
      StepRow::Step step{vector(dim + s * dim), static_cast<double>(layer.qkv.at(dim + steps * dim + s, c))};
      row.weights += step.value != 0;
      row.steps.push_back(std::move(step));
      if (!row.steps.back().key.empty() || row.steps.back().value != 0) last = row.steps.size();
    }
    row.steps.resize(last);
    const int strength = layer.strength_weights(c);
    row.strength = strength > 0;
    row.weights += strength;
    return row;
  }

  void feed_forward(int block) {
    const int stage = mlp_stage(block);
    const std::string name = fmt::format("layers.{}.mlp.", block);
    const LinearMap up = linear_of(file_.weights, name + "up"),
                    down = linear_of(file_.weights, name + "down");
    std::vector<std::vector<Read>> sums;
    for (std::int64_t j = 0; j < up.weight.rows; ++j) sums.push_back(reads(up.weight.row(j)));
    for (std::int64_t j = 0; j < up.weight.rows; ++j) {
      bool writes = false;
      for (std::int64_t c = 0; c < down.weight.rows; ++c) writes |= down.weight.at(c, j) != 0;
      const auto& sum = sums[static_cast<std::size_t>(j)];
      if (!writes && !sum.empty()) network_.idle.push_back({stage, sum});
    }
    const std::vector<int> before = latest_;
    written(stage, down, [&](Place& place, std::int64_t c) {
      std::vector<std::int64_t> rest;
      for (std::int64_t j = 0; j < up.weight.rows; ++j)
        if (down.weight.at(c, j) != 0) rest.push_back(j);
      while (!rest.empty()) {
        const auto row = up.weight.row(rest.front());
        Part part;
        part.reads = sums[static_cast<std::size_t>(rest.front())];
        part.sum = network_.in_truths(part.reads, 0);
        std::erase_if(rest, [&](std::int64_t j) {
          const auto other = up.weight.row(j);
          if (!std::equal(row.begin(), row.end(), other.begin())) return false;
          part.units.push_back({static_cast<double>(up.bias.at(0, j)) + part.sum.constant,
                                static_cast<double>(down.weight.at(c, j)) / range_});
          return true;
        });
        recognise(part, before[static_cast<std::size_t>(c)]);
        place.parts.push_back(std::move(part));
      }
    });
  }

  void recognise(Part& part, int own) const {
    if (recognise_gate(part) || part.units.size() != 1 || part.sum.terms.size() != 1) return;
    const Read& read = part.sum.terms[0];
    const Part::Unit& unit = part.units[0];
    if (network_.place(read).kind == Place::Kind::Mean && read.weight < 0 && unit.bias == 1 &&
        unit.weight == -1)
      part.kind = Part::Kind::Positive;
    else if (read.place == own && read.weight == 1 && unit.bias == 0 && unit.weight == -1)
      part.kind = Part::Kind::Forget;
  }

  /// New places for all that a stage writes or claims to write; `fill` completes each.
  template <class F>
  void written(int stage, const LinearMap& map, const F& fill) {
    std::vector<int> now = latest_;
    for (std::int64_t c = 0; c < map.weight.rows; ++c) {
      const auto row = map.weight.row(c);
      const float bias = map.bias.at(0, c);
      const std::optional<Place> claim = claimed(stage, static_cast<int>(c));
      if (!claim && bias == 0 && std::all_of(row.begin(), row.end(), [](float w) { return w == 0; }))
        continue;
      Place place = claim.value_or(unclaimed(stage, static_cast<int>(c)));
      place.constant = static_cast<double>(bias) / range_;
      fill(place, c);
      now[static_cast<std::size_t>(c)] = add(std::move(place));
    }
    latest_ = std::move(now);
  }

  /// Places found late, by being read without a claim, belong to the embedding.
  static Network order_places(Network network) {
    std::vector<int> order, rank(network.places.size());
    for (std::size_t i = 0; i < network.places.size(); ++i) order.push_back(static_cast<int>(i));
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return network.places[static_cast<std::size_t>(a)].stage <
             network.places[static_cast<std::size_t>(b)].stage;
    });
    std::vector<Place> places;
    for (std::size_t i = 0; i < order.size(); ++i) {
      rank[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
      places.push_back(std::move(network.places[static_cast<std::size_t>(order[i])]));
    }
    network.places = std::move(places);
    const auto move = [&](std::vector<Read>& reads) {
      for (Read& read : reads) read.place = rank[static_cast<std::size_t>(read.place)];
    };
    for (Place& place : network.places)
      for (Part& part : place.parts) {
        move(part.reads);
        move(part.sum.terms);
      }
    for (HeadView& head : network.heads) {
      for (auto* rows : {&head.queries, &head.keys, &head.values})
        for (HeadRow& row : *rows) move(row.reads);
      for (StepRow& row : head.step_rows) row.place = rank[static_cast<std::size_t>(row.place)];
      for (Write& write : head.writes) write.place = rank[static_cast<std::size_t>(write.place)];
    }
    for (IdleUnits& units : network.idle) move(units.reads);
    move(network.read_out);
    return network;
  }

  const arch::ModelFile& file_;
  arch::ModelOptions model_;  ///< of file_
  Network network_;
  double range_ = 1;
  std::vector<int> latest_;  ///< by coordinate: the place that stands there, kNever if nobody spoke of it
};

}  // namespace

Network network_of(const Manifest& manifest, const arch::ModelFile& file) {
  return Reader(manifest, file).run();
}

}  // namespace yore::compiler
