#include "yore/model/checkpoint.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <cstring>

#include "yore/base/error.h"
#include "yore/runs/run_result.h"

namespace yore::model {
namespace {

constexpr const char* kFormat = "yore-recogniser";
constexpr int kVersion = 1;
/// Metadata key in the weights file that repeats model.json's content, so that a pair of files from two
/// models of one shape (attention kinds have no weights of their own) is found out.
constexpr const char* kIdentity = "yore";

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

base::Json describe(const Recogniser& model, const logic::Alphabet& alphabet, const std::string& language) {
  runs::RunConfig config;
  config.model = model.config();
  return {{"format", kFormat},
          {"version", kVersion},
          {"alphabet", alphabet.names()},
          {"language", language},
          {"parameters", model.parameters().size()},
          {"model", runs::to_json(config).at("model")}};
}

}  // namespace

base::NamedArrays to_arrays(const Parameters& parameters) {
  base::NamedArrays content;
  const at::Tensor flat = parameters.flat().to(at::kFloat).contiguous();
  const float* data = flat.data_ptr<float>();
  for (const Parameter& p : parameters.all()) {
    base::NamedArray array{"F32", p.shape,
                           std::string(static_cast<std::size_t>(p.size) * sizeof(float), '\0')};
    std::memcpy(array.bytes.data(), data + p.offset, array.bytes.size());
    content.arrays.emplace(p.name, std::move(array));
  }
  return content;
}

void from_arrays(const base::NamedArrays& content, const Parameters& parameters, const std::string& source,
                 const std::string& ignored_prefix) {
  at::Tensor flat = at::empty({parameters.size()}, at::kFloat);
  for (const Parameter& p : parameters.all()) {
    const auto it = content.arrays.find(p.name);
    if (it == content.arrays.end())
      throw base::InputError(
          source, fmt::format("there is no array {}: these are the weights of another model", p.name));
    const base::NamedArray& array = it->second;
    if (array.dtype != "F32" || array.shape != p.shape)
      throw base::InputError(
          source,
          fmt::format("array {} is {} {}, the model's is F32 {}: these are the weights of another model",
                      p.name, array.dtype, shape_text(array.shape), shape_text(p.shape)));
    std::memcpy(flat.data_ptr<float>() + p.offset, array.bytes.data(), array.bytes.size());
  }
  for (const auto& entry : content.arrays) {
    const std::string& name = entry.first;
    const bool ours = std::any_of(parameters.all().begin(), parameters.all().end(),
                                  [&](const Parameter& p) { return p.name == name; });
    if (ours) continue;
    if (ignored_prefix.empty() || name.rfind(ignored_prefix, 0) != 0)
      throw base::InputError(
          source,
          fmt::format("array {} is not part of the model: these are the weights of another model", name));
  }
  parameters.flat().copy_(flat);
}

void save_model(const Recogniser& model, const logic::Alphabet& alphabet, const std::string& language,
                const std::filesystem::path& folder) {
  const base::Json description = describe(model, alphabet, language);
  base::NamedArrays content = to_arrays(model.parameters());
  content.metadata[kIdentity] = description.dump();
  base::write_safetensors(folder / runs::files::kModel, content);
  base::write_file(folder / runs::files::kModelConfig, description.dump(2) + "\n");
}

SavedModel load_model(const std::filesystem::path& folder) {
  const std::filesystem::path json_path = folder / runs::files::kModelConfig,
                              weights_path = folder / runs::files::kModel;
  const std::string source = json_path.string();
  const base::Json description = base::read_json(json_path);
  std::vector<std::string> names;
  std::string language;
  base::Json model;
  try {
    if (description.at("format").get<std::string>() != kFormat)
      throw base::InputError(source, fmt::format("its format is not \"{}\"", kFormat));
    if (const int version = description.at("version").get<int>(); version != kVersion)
      throw base::InputError(
          source, fmt::format("format version {}, this program reads version {}", version, kVersion));
    names = description.at("alphabet").get<std::vector<std::string>>();
    language = description.at("language").get<std::string>();
    model = description.at("model");
  } catch (const base::Json::exception& e) {
    throw base::InputError(source, fmt::format("not a description of a recogniser ({})", e.what()));
  }
  const runs::RunConfig config = runs::run_config_from_json({{"model", model}}, source);
  logic::Alphabet alphabet(std::move(names));
  SavedModel saved{Recogniser(config.model, alphabet.size(), 0), std::move(alphabet), std::move(language)};

  const base::NamedArrays content = base::read_safetensors(weights_path);
  const auto identity = content.metadata.find(kIdentity);
  if (identity == content.metadata.end())
    throw base::InputError(weights_path.string(),
                           "these are not a recogniser's weights (no description in the metadata)");
  if (base::Json::parse(identity->second, nullptr, false) != description)
    throw base::InputError(weights_path.string(),
                           fmt::format("these are the weights of another model than {} describes", source));
  from_arrays(content, saved.model.parameters(), weights_path.string());
  return saved;
}

}  // namespace yore::model
