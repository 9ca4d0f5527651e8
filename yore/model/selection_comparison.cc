#include "yore/model/selection_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace yore::model {
namespace {

using base::Json;
using base::Metric;

MeasuredPass timed(const Measure& measure, const Context& context) {
  const auto begun = std::chrono::steady_clock::now();
  MeasuredPass pass{measure(context), 0};
  pass.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return pass;
}

/// A mean over layers, each counting alike.
template <class Of>
double mean_of(const std::vector<LayerSelection>& layers, std::size_t from, const Of& of) {
  double sum = 0;
  for (std::size_t l = from; l < layers.size(); ++l) sum += of(layers[l]);
  return layers.size() > from ? sum / static_cast<double>(layers.size() - from) : 0;
}

/// The mean of the layers behind the first that selects: none where it is the last.
template <class Of>
std::optional<double> mean_behind(const std::vector<LayerSelection>& layers, std::size_t from, const Of& of) {
  return layers.size() > from + 1 ? std::optional(mean_of(layers, from + 1, of)) : std::nullopt;
}
Json maybe(const std::optional<double>& x) {
  return x ? Json(*x) : Json();
}
std::string maybe_text(const std::optional<double>& x) {
  return x ? fmt::format("{:.3f}", *x) : "-";
}

double share(const LayerSelection& layer) {
  return layer.share();
}
double saving(const LayerSelection& layer) {
  return layer.saving();
}
double saving_of_scan(const LayerSelection& layer) {
  return layer.saving_of_scan();
}
double per_sequence(double sum, const LayerSelection& layer) {
  return sum / static_cast<double>(std::max<std::int64_t>(1, layer.sequences));
}
double before(const LayerSelection& layer) {
  return per_sequence(layer.jaccard_before, layer);
}
double scan(const LayerSelection& layer) {
  return per_sequence(layer.jaccard_scan, layer);
}

Json metrics_json(const std::vector<Metric>& metrics) {
  Json all = Json::array();
  for (const Metric& m : metrics)
    all.push_back({{"set", m.set}, {"name", m.name}, {"value", m.value}, {"count", m.count}});
  return all;
}
Json pass_json(const MeasuredPass& pass) {
  return {{"seconds", pass.seconds}, {"metrics", metrics_json(pass.metrics)}};
}

Json layers_json(const std::vector<LayerSelection>& layers, std::size_t from) {
  Json all = Json::array();
  for (std::size_t l = from; l < layers.size(); ++l) {
    const LayerSelection& layer = layers[l];
    Json row = {{"layer", l},
                {"tokens", layer.tokens},
                {"representatives", layer.representatives},
                {"share", layer.share()},
                {"pairs",
                 {{"inherited", layer.pairs.inherited},
                  {"cross", layer.pairs.cross},
                  {"added", layer.pairs.added},
                  {"proxies", layer.pairs.proxies},
                  {"all", layer.pairs.all()},
                  {"of_a_scan", layer.scan_pairs},
                  {"of_the_gram_matrix", layer.all_pairs}}},
                {"saving", layer.saving()},
                {"saving_of_scan", layer.saving_of_scan()},
                {"jaccard_scan", scan(layer)}};
    if (l > from) {
      row["jaccard_before"] = before(layer);
      row["added"] = layer.added;
      row["removed"] = layer.removed;
    }
    all.push_back(row);
  }
  return all;
}

/// The first metric of that name.
double value_of(const MeasuredPass& pass, const std::string& metric) {
  for (const Metric& m : pass.metrics)
    if (m.name == metric) return m.value;
  throw std::logic_error("selection_text: there is no " + metric);
}

std::string control_text(const MeasuredSelection& row, const std::string& metric) {
  if (row.controls.empty()) return "";
  double low = value_of(row.controls.front(), metric), high = low, sum = 0;
  for (const MeasuredPass& control : row.controls) {
    const double value = value_of(control, metric);
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value / static_cast<double>(row.controls.size());
  }
  return fmt::format("  {:.4f} ({:.4f}, {:.4f})", sum, low, high);
}

}  // namespace

SelectionComparison compare_selections(const Model& model, const selection::Sweep& sweep,
                                       const Measure& measure) {
  const auto setting = [&](double tau) { return SelectionSetting{tau, sweep.cascade, sweep.from, true}; };
  for (const double tau : sweep.taus) TokenSelection(model.description(), setting(tau));
  SelectionComparison all{sweep.cascade, sweep.from, timed(measure, {}), {}};
  for (const double tau : sweep.taus) {
    TokenSelection selection(model.description(), setting(tau));
    MeasuredSelection row;
    row.tau = tau;
    row.pass = timed(measure, selection.context());
    row.pass.seconds -= selection.measuring_seconds();
    row.choosing_seconds = selection.choosing_seconds();
    row.layers = selection.layers();
    for (int seed = 1; seed <= sweep.controls; ++seed) {
      TokenSelection control(selection, static_cast<std::uint64_t>(seed));
      row.controls.push_back(timed(measure, control.context()));
    }
    all.taus.push_back(std::move(row));
  }
  return all;
}

Json to_json(const SelectionComparison& comparison) {
  const auto from = static_cast<std::size_t>(comparison.from);
  Json taus = Json::array();
  for (const MeasuredSelection& row : comparison.taus) {
    Json one = {{"tau", row.tau},
                {"seconds", row.pass.seconds},
                {"choosing_seconds", row.choosing_seconds},
                {"metrics", metrics_json(row.pass.metrics)},
                {"share", mean_of(row.layers, from, share)},
                {"saving", mean_of(row.layers, from, saving)},
                {"saving_of_scan", mean_of(row.layers, from, saving_of_scan)},
                {"jaccard_before", maybe(mean_behind(row.layers, from, before))},
                {"jaccard_scan", maybe(mean_behind(row.layers, from, scan))},
                {"layers", layers_json(row.layers, from)}};
    if (!row.controls.empty()) {
      one["controls"] = Json::array();
      for (const MeasuredPass& control : row.controls) one["controls"].push_back(pass_json(control));
    }
    taus.push_back(one);
  }
  return {{"cascade", comparison.cascade},
          {"from", comparison.from},
          {"whole", pass_json(comparison.whole)},
          {"taus", taus}};
}

std::string selection_text(const SelectionComparison& comparison, const std::string& metric) {
  const auto from = static_cast<std::size_t>(comparison.from);
  std::string text = fmt::format(
      "token selection, cascade {}: means over layers from {} on; the whole model: {} {:.4f} in {:.2f} s\n"
      "    tau    r/T  saving  of scan  Jaccard  of scan  {:>14}  seconds  choosing{}\n",
      comparison.cascade ? "on" : "off", from, metric, value_of(comparison.whole, metric),
      comparison.whole.seconds, metric,
      comparison.taus.front().controls.empty() ? "" : "  as many at random (lowest, highest)");
  for (const MeasuredSelection& row : comparison.taus)
    text += fmt::format(
        "  {:5.3f}  {:5.3f}  {:5.1f} %  {:5.1f} %  {:>7}  {:>7}  {:14.4f}  {:7.2f}  {:8.2f}{}\n", row.tau,
        mean_of(row.layers, from, share), 100 * mean_of(row.layers, from, saving),
        100 * mean_of(row.layers, from, saving_of_scan), maybe_text(mean_behind(row.layers, from, before)),
        maybe_text(mean_behind(row.layers, from, scan)), value_of(row.pass, metric), row.pass.seconds,
        row.choosing_seconds, control_text(row, metric));
  for (const MeasuredSelection& row : comparison.taus) {
    text += fmt::format(
        "tau {}: sums over {} sequences\n"
        "  layer       r    r/T  saving  of scan  Jaccard  of scan   added  removed\n",
        row.tau, row.layers.back().sequences);
    for (std::size_t l = from; l < row.layers.size(); ++l) {
      const LayerSelection& layer = row.layers[l];
      text += fmt::format("  {:5}  {:6}  {:5.3f}  {:5.1f} %  {:5.1f} %  {:>7}  {:7.3f}  {:6}  {:7}\n", l,
                          layer.representatives, layer.share(), 100 * layer.saving(),
                          100 * layer.saving_of_scan(), l > from ? fmt::format("{:.3f}", before(layer)) : "-",
                          scan(layer), layer.added, layer.removed);
    }
  }
  return text +
         "r: representatives, of T tokens; saving: share of the comparisons between all pairs of tokens that "
         "choosing them\ndid without, and of scan: of the comparisons of a scan of every layer by itself; "
         "Jaccard: how much the layer has in\ncommon with the layer before, and of scan: with what a scan "
         "would "
         "have chosen (1: the same, 0: nothing); added,\nremoved: representatives that the layer before has "
         "not, "
         "or has alone; choosing: its seconds, part of seconds\n";
}

}  // namespace yore::model
