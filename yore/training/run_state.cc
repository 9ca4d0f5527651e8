#include "yore/training/run_state.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <cstring>

#include "yore/base/error.h"
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
  RunState state;
  state.step = json.at("step").get<std::int64_t>();
  state.seconds = json.at("seconds").get<double>();
  state.loss_sum = json.at("loss_sum").get<double>();
  state.loss_count = json.at("loss_count").get<std::int64_t>();
  state.perfect = json.at("perfect").get<int>();
  for (const base::Json& point : json.at("history"))
    state.history.push_back(runs::history_point_from_json(point, source));
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
  RunState read;
  try {
    read = state_from_json(base::Json::parse(text->second), source);
  } catch (const base::Json::exception& e) {
    throw base::InputError(source, fmt::format("its counters cannot be read ({})", e.what()));
  }
  model::from_arrays(content, parameters, source, kMoments);
  copy_moment(content, "first", optimiser.first, source);
  copy_moment(content, "second", optimiser.second, source);
  state = std::move(read);
  return true;
}

}  // namespace yore::training
