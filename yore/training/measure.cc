#include "yore/training/measure.h"

#include <algorithm>
#include <iterator>

#include "yore/runs/measures.h"
#include "yore/training/evaluate.h"
#include "yore/training/fake_quantise.h"
#include "yore/training/sinks.h"

namespace yore::training {

void check_measures(const std::vector<std::string>& measures, const arch::Model& model) {
  if (std::find(measures.begin(), measures.end(), runs::measures::kSinks) != measures.end())
    check_sinks(model);
}

std::vector<base::Metric> measure(const model::Model& model, const tasks::Task& task,
                                  const std::vector<std::string>& measures,
                                  const model::AskOptions& options) {
  check_measures(measures, model.description());
  std::vector<base::Metric> all = evaluate(model, task, options);
  for (const std::string& name : measures) {
    std::vector<base::Metric> more = name == runs::measures::kSinks
                                         ? sink_metrics(model, task.validation())
                                         : QuantisedModel(model, task).evaluate(task);
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return all;
}

}  // namespace yore::training
