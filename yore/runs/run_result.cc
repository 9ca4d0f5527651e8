#include "yore/runs/run_result.h"

#include "yore/base/checksum.h"
#include "yore/base/fields.h"

namespace yore::base {

template <fields::Either<Metric> T, class Visitor>
void for_each_field(T& m, Visitor&& v) {
  v("set", m.set);
  v("name", m.name);
  v("value", m.value);
  v("count", m.count);
  v("keys", m.keys);
}

}  // namespace yore::base

namespace yore::runs {

namespace fields = base::fields;

template <fields::Either<HistoryPoint> T, class Visitor>
void for_each_field(T& p, Visitor&& v) {
  v("step", p.step);
  v("loss", p.loss);
  v("validation", p.validation);
  v("learning_rate", p.learning_rate);
  v("seconds", p.seconds);
}

template <fields::Either<RunResult> T, class Visitor>
void for_each_field(T& r, Visitor&& v) {
  v("status", r.status);
  v("steps", r.steps);
  v("seconds", r.seconds);
  v("parameters", r.parameters);
  v("goal", r.goal);
  v("metrics", r.metrics);
  v("history", r.history);
}

std::string files::earlier_result(std::int64_t steps) {
  return fmt::format("result-{}.json", steps);
}

Json to_json(const RunResult& result) {
  return fields::write(result);
}

RunResult run_result_from_json(const Json& json, const std::string& source) {
  RunResult result;
  fields::read(base::without_checksum(json, source), result, {source, true}, "");
  return result;
}

Json to_json(const HistoryPoint& point) {
  return fields::write(point);
}

HistoryPoint history_point_from_json(const Json& json, const std::string& source) {
  HistoryPoint point;
  fields::read(json, point, {source, true}, "");
  return point;
}

}  // namespace yore::runs
