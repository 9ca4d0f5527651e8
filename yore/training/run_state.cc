#include "yore/training/run_state.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "yore/base/error.h"
#include "yore/base/members.h"
#include "yore/base/safetensors.h"
#include "yore/model/checkpoint.h"

namespace yore::training {
namespace {

constexpr const char* kStateKey = "state";
const std::string kMoments = "adamw.";

base::NamedArray to_array(const at::Tensor& x) {
  base::NamedArray array{
      "F32", {x.numel()}, std::string(static_cast<std::size_t>(x.numel()) * sizeof(float), '\0')};
  std::memcpy(array.bytes.data(), x.data_ptr<float>(), array.bytes.size());
  return array;
}

void copy_moment(const base::NamedArrays& content, const std::string& name, at::Tensor& to,
                 const std::string& source) {
  const auto it = content.arrays.find(kMoments + name);
  if (it == content.arrays.end() || it->second.dtype != "F32" ||
      it->second.shape != std::vector<std::int64_t>{to.numel()})
    throw base::InputError(
        source, fmt::format("no array {}{} of {} F32 numbers: not a checkpoint of this run", kMoments, name,
                            to.numel()));
  std::memcpy(to.data_ptr<float>(), it->second.bytes.data(), it->second.bytes.size());
}

base::Json to_json(const RunState& state) {
  base::Json history = base::Json::array();
  for (const runs::HistoryPoint& point : state.history) history.push_back(runs::to_json(point));
  return {{"step", state.step},         {"seconds", state.seconds},
          {"loss_sum", state.loss_sum}, {"loss_count", state.loss_count},
          {"perfect", state.perfect},   {"history", std::move(history)}};
}

RunState state_from_json(const base::Json& json, const std::string& source) {
  using base::fields::member;
  RunState state;
  const auto require = [&](bool fine, const char* key, const std::string& expected) {
    if (!fine) base::fields::refuse({source}, key, expected, json.at(key));
  };
  state.step = member<std::int64_t>(json, "step", {source});
  state.seconds = member<double>(json, "seconds", {source});
  state.loss_sum = member<double>(json, "loss_sum", {source});
  state.loss_count = member<std::int64_t>(json, "loss_count", {source});
  state.perfect = member<int>(json, "perfect", {source});
  for (const base::Json& point : member<std::vector<base::Json>>(json, "history", {source}))
    state.history.push_back(runs::history_point_from_json(point, source));
  require(state.step >= 0, "step", "a number of at least 0");
  require(std::isfinite(state.seconds) && state.seconds >= 0, "seconds", "a number of at least 0");
  require(state.loss_count >= 0 && state.loss_count <= state.step, "loss_count", "0 to the steps done");
  require(state.perfect >= 0 && static_cast<std::size_t>(state.perfect) <= state.history.size(), "perfect",
          "0 to the validations in history");
  std::int64_t last = -1;
  for (const runs::HistoryPoint& point : state.history) {
    require(last < point.step && point.step <= state.step, "history",
            "steps in ascending order, none beyond those done");
    last = point.step;
  }
  return state;
}

}  // namespace

void save_state(const std::filesystem::path& folder, const RunState& state,
                const model::Parameters& parameters, const AdamW& optimiser) {
  const base::Json json = to_json(state);
  base::NamedArrays content = model::to_arrays(parameters);
  content.arrays[kMoments + "first"] = to_array(optimiser.first);
  content.arrays[kMoments + "second"] = to_array(optimiser.second);
  content.metadata[kStateKey] = json.dump();
  base::write_safetensors(folder / runs::files::kCheckpoint, content);
  base::write_file(folder / runs::files::kCheckpointState, json.dump(2) + "\n");
}

bool load_state(const std::filesystem::path& folder, RunState& state, const model::Parameters& parameters,
                AdamW& optimiser) {
  const std::filesystem::path path = folder / runs::files::kCheckpoint;
  if (!std::filesystem::exists(path)) return false;
  const std::string source = path.string();
  const base::NamedArrays content = base::read_safetensors(path);
  const auto text = content.metadata.find(kStateKey);
  if (text == content.metadata.end())
    throw base::InputError(source, "no counters in its metadata: not a checkpoint of a run");
  const std::string counters = source + ": its counters";
  RunState read = state_from_json(base::parse_json(text->second, counters), counters);
  model::from_arrays(content, parameters, source, kMoments);
  copy_moment(content, "first", optimiser.first, source);
  copy_moment(content, "second", optimiser.second, source);
  state = std::move(read);
  return true;
}

}  // namespace yore::training
