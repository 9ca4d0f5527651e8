#include "yore/runs/run_result.h"

#include "yore/runs/fields.h"

namespace yore::runs {

template <fields::Either<Score> T, class Visitor>
void for_each_field(T& s, Visitor&& v) {
  v("name", s.name);
  v("min_length", s.min_length);
  v("max_length", s.max_length);
  v("words", s.words);
  v("correct", s.correct);
  v("positives", s.positives);
  v("positives_correct", s.positives_correct);
  // For readers of the file; counts are what is read back.
  double accuracy = s.accuracy();
  v("accuracy", accuracy);
}

template <fields::Either<LengthScore> T, class Visitor>
void for_each_field(T& s, Visitor&& v) {
  v("length", s.length);
  v("words", s.words);
  v("correct", s.correct);
}

template <fields::Either<WitnessScore> T, class Visitor>
void for_each_field(T& s, Visitor&& v) {
  v("witness_of", s.witness_of);
  v("n", s.n);
  v("length", s.length);
  v("accepted", s.accepted);
  v("logit", s.logit);
}

template <fields::Either<HistoryPoint> T, class Visitor>
void for_each_field(T& p, Visitor&& v) {
  v("step", p.step);
  v("loss", p.loss);
  v("validation_accuracy", p.validation_accuracy);
  v("learning_rate", p.learning_rate);
  v("seconds", p.seconds);
}

template <fields::Either<RunResult> T, class Visitor>
void for_each_field(T& r, Visitor&& v) {
  v("status", r.status);
  v("steps", r.steps);
  v("seconds", r.seconds);
  v("parameters", r.parameters);
  v("train_range", r.train_range);
  v("buckets", r.buckets);
  v("lengths", r.lengths);
  v("witnesses", r.witnesses);
  v("history", r.history);
}

Json to_json(const RunResult& result) {
  return fields::write(result);
}

RunResult run_result_from_json(const Json& json, const std::string& source) {
  RunResult result;
  fields::read(json, result, {source, true}, "");
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
