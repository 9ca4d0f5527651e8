#include "yore/runs/model_file.h"

#include <fmt/format.h>

#include <numeric>
#include <set>

#include "yore/base/error.h"
#include "yore/runs/run_result.h"

namespace yore::runs {
namespace {

constexpr const char* kFormat = "yore-recogniser";
constexpr int kVersion = 1;
/// Metadata key in the weights file that repeats model.json's content.
constexpr const char* kIdentity = "yore";

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

Json describe(const ModelFile& file) {
  RunConfig config;
  config.model = file.model;
  std::int64_t parameters = 0;
  for (const auto& [name, shape] : model_arrays(file.model, static_cast<int>(file.alphabet.size())))
    parameters += std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  Json json = {{"format", kFormat},         {"version", kVersion},
               {"alphabet", file.alphabet}, {"language", file.language},
               {"parameters", parameters},  {"model", to_json(config).at("model")}};
  if (!file.compiled.is_null()) json["compiled"] = file.compiled;
  return json;
}

ModelFile from_description(const Json& description, const std::string& source) {
  ModelFile file;
  Json model;
  try {
    if (description.at("format").get<std::string>() != kFormat)
      throw base::InputError(source, fmt::format("its format is not \"{}\"", kFormat));
    if (const int version = description.at("version").get<int>(); version != kVersion)
      throw base::InputError(
          source, fmt::format("format version {}, this program reads version {}", version, kVersion));
    file.alphabet = description.at("alphabet").get<std::vector<std::string>>();
    file.language = description.at("language").get<std::string>();
    if (description.contains("compiled")) file.compiled = description.at("compiled");
    model = description.at("model");
  } catch (const Json::exception& e) {
    throw base::InputError(source, fmt::format("not a description of a recogniser ({})", e.what()));
  }
  if (file.alphabet.empty()) throw base::InputError(source, "the alphabet has no letters");
  file.model = run_config_from_json({{"model", model}}, source).model;
  try {
    validate(file.model);
  } catch (const base::InputError& e) {
    throw base::InputError(source, e.what());
  }
  return file;
}

}  // namespace

std::vector<std::pair<std::string, std::vector<std::int64_t>>> model_arrays(const ModelConfig& c,
                                                                            int letters) {
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> list;
  const std::int64_t width = c.width, mixed = std::int64_t{c.heads} * c.width_of_head();
  const auto linear = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    list.push_back({name + ".weight", {out, in}});
    list.push_back({name + ".bias", {out}});
  };
  const auto norm = [&](const std::string& name) {
    if (c.norm == "none") return;
    list.push_back({name + ".weight", {width}});
    if (c.norm == "layer") list.push_back({name + ".bias", {width}});
  };
  list.push_back({"embedding.weight", {letters + 1, width}});
  if (c.positions == "learned") list.push_back({"positions.weight", {c.max_positions, width}});
  for (int l = 0; l < c.layers; ++l) {
    const std::string name = fmt::format("layers.{}.", l);
    linear(name + "attention.qkv", width, 3 * mixed);
    linear(name + "attention.out", mixed, width);
    norm(name + "attention.norm");
    linear(name + "mlp.up", width, c.mlp_width);
    linear(name + "mlp.down", c.mlp_width, width);
    norm(name + "mlp.norm");
  }
  if (c.norm_place == "pre") norm("final_norm");
  linear("read_out", width, 1);
  return list;
}

void check_weights(const ModelFile& file, const std::string& source) {
  const auto refuse = [&](const std::string& what) {
    throw base::InputError(source, what + ": these are the weights of another model");
  };
  std::set<std::string> names;
  for (const auto& [name, shape] : model_arrays(file.model, static_cast<int>(file.alphabet.size()))) {
    names.insert(name);
    const auto it = file.weights.arrays.find(name);
    if (it == file.weights.arrays.end()) refuse(fmt::format("there is no array {}", name));
    if (it->second.dtype != "F32" || it->second.shape != shape)
      refuse(fmt::format("array {} is {} {}, the model's is F32 {}", name, it->second.dtype,
                         shape_text(it->second.shape), shape_text(shape)));
  }
  for (const auto& entry : file.weights.arrays)
    if (!names.contains(entry.first)) refuse(fmt::format("array {} is not part of the model", entry.first));
}

std::string model_json(const ModelFile& file) {
  return describe(file).dump(2) + "\n";
}

base::NamedArrays model_safetensors(const ModelFile& file) {
  base::NamedArrays content = file.weights;
  content.metadata = {{kIdentity, describe(file).dump()}};
  return content;
}

ModelFile parse_model_json(const std::string& text, const std::string& source) {
  return from_description(base::parse_json(text, source), source);
}

ModelFile parse_model_safetensors(base::NamedArrays content, const std::string& source) {
  const auto identity = content.metadata.find(kIdentity);
  if (identity == content.metadata.end())
    throw base::InputError(source,
                           "no yore description in the metadata: these are not a recogniser's weights");
  ModelFile file = parse_model_json(identity->second, source);
  file.weights.arrays = std::move(content.arrays);
  check_weights(file, source);
  return file;
}

void write_model(const ModelFile& file, const std::filesystem::path& folder) {
  base::write_safetensors(folder / files::kModel, model_safetensors(file));
  base::write_file(folder / files::kModelConfig, model_json(file));
}

ModelFile read_model(const std::filesystem::path& path) {
  const std::filesystem::path folder = std::filesystem::is_directory(path) ? path : path.parent_path();
  const std::filesystem::path json_path = folder / files::kModelConfig,
                              weights_path =
                                  std::filesystem::is_directory(path) ? folder / files::kModel : path;
  const Json description = base::read_json(json_path);
  ModelFile file = from_description(description, json_path.string());
  file.weights = base::read_safetensors(weights_path);
  const auto identity = file.weights.metadata.find(kIdentity);
  if (identity == file.weights.metadata.end())
    throw base::InputError(weights_path.string(),
                           "these are not a recogniser's weights (no description in the metadata)");
  if (Json::parse(identity->second, nullptr, false) != description)
    throw base::InputError(
        weights_path.string(),
        fmt::format("these are the weights of another model than {} describes", json_path.string()));
  file.weights.metadata.clear();
  check_weights(file, weights_path.string());
  return file;
}

}  // namespace yore::runs
