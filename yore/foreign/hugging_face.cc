#include "yore/foreign/hugging_face.h"

#include <fmt/format.h>

#include <set>

#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/foreign/arrays.h"

namespace yore::foreign {
namespace {

using base::Json;

bool there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// Adds the arrays of one file.
void add_file(const std::filesystem::path& path, Tensors& tensors,
              const std::map<std::string, std::string>* index) {
  const auto file = std::make_shared<const base::MappedFile>(path);
  const std::string source = path.string(), name = path.filename().string();
  for (auto& [tensor, view] : base::view_safetensors(file->bytes(), source).arrays) {
    // A shard may hold what the index says stands in another.
    if (index != nullptr)
      if (const auto listed = index->find(tensor); listed == index->end() || listed->second != name) continue;
    tensors.all.insert_or_assign(tensor,
                                 Tensor{std::move(view.dtype), std::move(view.shape), view.bytes, source});
  }
  tensors.files.push_back(file);
}

}  // namespace

bool is_hugging_face(const std::filesystem::path& folder) {
  return there(folder / files::kConfig) && !there(folder / arch::files::kModelConfig) &&
         (there(folder / files::kWeights) || there(folder / files::kIndex) ||
          base::read_json(folder / files::kConfig).contains("model_type"));
}

std::map<std::string, std::string> parse_index(const std::string& text, const std::string& source) {
  const Json json = base::parse_json(text, source);
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (!json.is_object() || map == json.end() || !map->is_object())
    throw base::InputError(source,
                           "there is no weight_map in it, expected an object of tensors and their files");
  std::map<std::string, std::string> files;
  for (const auto& [name, file] : map->items()) {
    if (!file.is_string()) base::fields::refuse({source}, "weight_map." + name, "the name of a file", file);
    const auto shard = file.get<std::string>();
    if (shard.empty() || shard == "." || shard == ".." ||
        shard.find_first_of(std::string_view("/\\\0", 3)) != shard.npos)
      base::fields::refuse({source}, "weight_map." + name, "the name of a file in the same folder", file);
    files[name] = shard;
  }
  return files;
}

Tensors map_weights(const std::filesystem::path& folder) {
  Tensors tensors;
  if (there(folder / files::kWeights)) {
    add_file(folder / files::kWeights, tensors, nullptr);
    return tensors;
  }
  const std::filesystem::path index_path = folder / files::kIndex;
  if (!there(index_path))
    throw base::InputError(
        folder.string(),
        fmt::format("has a {} but no weights, expected {} or {}", files::kConfig, files::kWeights,
                    files::kIndex) +
            (there(folder / "pytorch_model.bin")
                 ? " (pytorch_model.bin is a program to run rather than data: save it as safetensors)"
                 : ""));
  const std::map<std::string, std::string> index =
      parse_index(base::read_file(index_path), index_path.string());
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : index)
    if (shards.insert(shard).second && !there(folder / shard))
      throw base::InputError(index_path.string(),
                             fmt::format("{} stands in {}, which is not there", tensor, shard));
  for (const std::string& shard : shards) add_file(folder / shard, tensors, &index);
  for (const auto& [tensor, shard] : index)
    if (!tensors.all.contains(tensor))
      throw base::InputError(index_path.string(),
                             fmt::format("{} should stand in {}, which has no such tensor", tensor, shard));
  return tensors;
}

std::map<std::string, std::string> read_companions(const std::filesystem::path& folder) {
  std::map<std::string, std::string> companions;
  for (const char* name : files::kCompanions)
    if (there(folder / name)) companions[name] = base::read_file(folder / name);
  return companions;
}

std::map<std::string, std::string> companions_of(const std::filesystem::path& model) {
  return read_companions(std::filesystem::is_directory(model) ? model : model.parent_path());
}

void write_companions(const std::map<std::string, std::string>& companions,
                      const std::filesystem::path& folder) {
  for (const char* name : files::kCompanions)
    if (const auto found = companions.find(name); found != companions.end())
      base::write_file(folder / name, found->second);
    else
      std::filesystem::remove(folder / name);
}

void write_hugging_face(const arch::ModelFile& file, const std::string& source,
                        const std::filesystem::path& folder) {
  auto [family, config] = config_of(file.model, source);
  Json whole = {{"architectures", {family->model_class}}};
  whole.update(config);
  whole["torch_dtype"] = "float32";
  base::write_safetensors(folder / files::kWeights, arrays_to(*family, file.model, file.weights),
                          {{"format", "pt"}});
  if (file.tokenizer.empty())
    std::filesystem::remove(folder / arch::files::kTokenizer);  // another model's
  else
    base::write_file(folder / arch::files::kTokenizer, file.tokenizer);
  std::filesystem::remove(folder / arch::files::kModelConfig);  // whose weights are gone
  base::write_file(folder / files::kConfig, whole.dump(2) + "\n");
}

}  // namespace yore::foreign
