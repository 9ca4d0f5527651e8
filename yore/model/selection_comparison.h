// What a model loses, and gains in time, by attending among representatives: thresholds beside the whole
// model and beside as many tokens drawn at random. How the model is measured is the caller's.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "yore/base/metric.h"
#include "yore/model/token_selection.h"
#include "yore/selection/sweep.h"

namespace yore::model {

/// Measures the model under a context, the same way on the same sequences at every call, in one thread.
using Measure = std::function<std::vector<base::Metric>(const Context& context)>;

/// One call of it.
struct MeasuredPass {
  std::vector<base::Metric> metrics;
  double seconds = 0;
};

struct MeasuredSelection {
  double tau = 0;
  MeasuredPass pass;            ///< seconds without those of holding it against a scan
  double choosing_seconds = 0;  ///< of them
  std::vector<LayerSelection> layers;
  std::vector<MeasuredPass> controls;  ///< seeds 1, 2 ..
};

struct SelectionComparison {
  bool cascade = true;
  int from = 0;        ///< first layer that selects
  MeasuredPass whole;  ///< the model itself
  std::vector<MeasuredSelection> taus;
};

/// Throws InputError as TokenSelection, before anything is measured, and what `measure` throws.
SelectionComparison compare_selections(const Model& model, const selection::Sweep& sweep,
                                       const Measure& measure);

base::Json to_json(const SelectionComparison& comparison);
/// Tables for people: one of the thresholds, one a threshold of its layers. `metric`: the one to show, by
/// name.
std::string selection_text(const SelectionComparison& comparison, const std::string& metric);

}  // namespace yore::model
