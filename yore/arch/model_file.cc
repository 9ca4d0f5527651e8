#include "yore/arch/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "yore/arch/options.h"
#include "yore/base/bfloat16.h"
#include "yore/base/checksum.h"
#include "yore/base/members.h"

namespace yore::arch {
namespace {

using base::InputError;

constexpr const char* kFormat = "yore-model";
constexpr int kVersion = 2;
/// What version 0.1 wrote: recognisers of attention only, in the words of ModelOptions.
constexpr const char* kFirstFormat = "yore-recogniser";
/// Metadata key in the weights file that repeats model.json's content.
constexpr const char* kIdentity = "yore";
/// And the one that holds tokenizer.json, in a file that has none beside it.
constexpr const char* kTokenizerText = "yore.tokenizer";
constexpr const char* kFormal = "formal";
/// Key of model.json: the checksum of the tokenizer.json beside it.
constexpr const char* kTokenizerChecksum = "tokenizer_crc64";

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

Json describe(const ModelFile& file) {
  Json json = {{"format", kFormat},
               {"version", kVersion},
               {"task", file.task},
               {"alphabet", file.alphabet},
               {"parameters", parameter_count(file.model)},
               {"model", to_json(file.model)}};
  if (!file.compiled.is_null()) json["compiled"] = file.compiled;
  if (!file.tokenizer.empty()) json[kTokenizerChecksum] = base::crc64_text(base::crc64(file.tokenizer));
  return json;
}

// An alphabet as text: letters in a row, or names between commas.
std::string alphabet_text(const std::vector<std::string>& names) {
  const bool in_a_row =
      std::all_of(names.begin(), names.end(), [](const std::string& n) { return n.size() == 1; });
  if (in_a_row) return fmt::format("{}", fmt::join(names, ""));
  return fmt::format("{}{}", fmt::join(names, ","), names.size() == 1 ? "," : "");
}

// A recogniser as version 0.1 described it.
void read_first_format(const Json& description, ModelFile& file, const std::string& source) {
  ModelOptions options;
  base::fields::read(description.at("model"), options, {source}, "model");
  const auto language = base::fields::member<std::string>(description, "language", {source});
  file.task = recognition_of(language, alphabet_text(file.alphabet));
  try {
    file.model = expand(options, static_cast<std::int64_t>(file.alphabet.size()) + 1, ReadOutKind::Accept);
  } catch (const InputError& e) {
    throw InputError(source, e.what());
  }
}

ModelFile from_description(const Json& description, const std::string& source) {
  using base::fields::member;
  ModelFile file;
  const auto format = member<std::string>(description, "format", {source});
  const auto version = member<int>(description, "version", {source});
  if (format != kFormat && format != kFirstFormat)
    throw InputError(source, fmt::format("its format is \"{}\", expected \"{}\"", format, kFormat));
  if (version != (format == kFormat ? kVersion : 1))
    throw InputError(source, fmt::format("is of format {}, version {}; this program reads {} {} and {} 1",
                                         format, version, kFormat, kVersion, kFirstFormat));
  file.alphabet = member<std::vector<std::string>>(description, "alphabet", {source});
  if (description.contains("compiled")) file.compiled = description.at("compiled");
  const auto model = member<Json>(description, "model", {source});
  if (format == kFirstFormat) {
    if (file.alphabet.empty()) throw InputError(source, "the alphabet has no letters");
    read_first_format(description, file, source);
    return file;
  }
  file.task = member<Json>(description, "task", {source});
  file.model = model_from_json(model, source);
  if (!file.task.is_object() ||
      (!file.task.empty() && (!file.task.contains("name") || !file.task["name"].is_string())))
    throw InputError(source, "task: expected an object with a name, or an empty one");
  if (file.model.read_out.kind == ReadOutKind::Accept &&
      file.model.embedding.vocabulary != static_cast<std::int64_t>(file.alphabet.size()) + 1)
    throw InputError(source,
                     fmt::format("an alphabet of {} letters and a vocabulary of {}: a recogniser has one "
                                 "token more, its EOS",
                                 file.alphabet.size(), file.model.embedding.vocabulary));
  if (file.model.read_out.kind != ReadOutKind::Accept && !file.alphabet.empty() &&
      file.model.embedding.vocabulary != std::ssize(file.alphabet))
    throw InputError(source, fmt::format("an alphabet of {} names and a vocabulary of {}: each token has one",
                                         file.alphabet.size(), file.model.embedding.vocabulary));
  return file;
}

/// Whether the description is that of a model with this tokenizer (empty: with none).
bool describes(const Json& description, const std::string& tokenizer) {
  return description.value(kTokenizerChecksum, Json()) ==
         (tokenizer.empty() ? Json() : Json(base::crc64_text(base::crc64(tokenizer))));
}

/// After the weights: the tokenizer, then the description. What is of the model that stood there is taken
/// away.
void write_beside_weights(const ModelFile& file, const std::filesystem::path& folder) {
  if (file.tokenizer.empty())
    std::filesystem::remove(folder / files::kTokenizer);
  else
    base::write_file(folder / files::kTokenizer, file.tokenizer);
  base::write_file(folder / files::kModelConfig, model_json(file));
  std::filesystem::remove(folder / files::kHeads);
}

// BF16 arrays as the F32 arrays that they stand for.
void widen(base::NamedArrays& content) {
  for (auto& [name, array] : content.arrays) {
    if (array.dtype != "BF16") continue;
    const std::string narrow = std::exchange(array.bytes, {});
    array.bytes.resize(2 * narrow.size());
    for (std::size_t at = 0; at < narrow.size(); at += sizeof(std::uint16_t)) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, narrow.data() + at, sizeof bits);
      const float x = base::from_bfloat16(bits);
      std::memcpy(array.bytes.data() + 2 * at, &x, sizeof x);
    }
    array.dtype = "F32";
  }
}

// That `arrays` (of either sort) are those of the model, of one of the types.
template <class Arrays>
void check_arrays(const Model& model, const Arrays& arrays, const std::set<std::string>& types,
                  const std::string& source) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(source, what + ": these are the weights of another model");
  };
  std::set<std::string> names;
  for (const mixers::ParameterSpec& parameter : parameters(model)) {
    const std::string& name = parameter.name;
    names.insert(name);
    const auto it = arrays.find(name);
    if (it == arrays.end()) refuse(fmt::format("there is no array {}", name));
    if (!types.contains(it->second.dtype) || it->second.shape != parameter.shape)
      refuse(fmt::format("array {} is {} {}, the model's is F32 {}", name, it->second.dtype,
                         shape_text(it->second.shape), shape_text(parameter.shape)));
  }
  for (const auto& entry : arrays)
    if (!names.contains(entry.first)) refuse(fmt::format("array {} is not part of the model", entry.first));
}

}  // namespace

std::string task_name(const ModelFile& file) {
  return file.task.value("name", "none");
}

Json recognition_of(const std::string& language, const std::string& alphabet) {
  return {{"name", kFormal}, {"language", language}, {"alphabet", alphabet}};
}

std::string language_of(const ModelFile& file, const std::string& source) {
  if (file.model.read_out.kind != ReadOutKind::Accept || file.task.value("name", "") != kFormal ||
      !file.task.contains("language") || !file.task["language"].is_string())
    throw InputError(
        source,
        fmt::format("is {}, expected one that recognises a language (yore train LANGUAGE, yore compile)",
                    file.task.contains("name")
                        ? "a model of the task " + task_name(file)
                        : std::string("a model without a task, such as one of circuits (yore "
                                      "circuit run)")));
  return file.task["language"].get<std::string>();
}

void require_model(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw InputError(path.string(),
                     "does not exist; expected a run's or a model's folder, or its model.safetensors");
}

void check_weights(const ModelFile& file, const std::string& source) {
  check_arrays(file.model, file.weights.arrays, {"F32"}, source);
}

std::string model_json(const ModelFile& file) {
  return describe(file).dump(2) + "\n";
}

base::NamedArrays model_safetensors(const ModelFile& file) {
  base::NamedArrays content = file.weights;
  content.metadata = {{kIdentity, describe(file).dump()}};
  if (!file.tokenizer.empty()) content.metadata[kTokenizerText] = file.tokenizer;
  return content;
}

ModelFile parse_model_json(const std::string& text, const std::string& source, std::string tokenizer) {
  const Json description = base::parse_json(text, source);
  ModelFile file = from_description(description, source);
  if (!describes(description, tokenizer))
    throw InputError(source, tokenizer.empty()
                                 ? "the tokenizer that its description speaks of is not in it; expected what "
                                   "yore export wrote"
                                 : "the tokenizer in it is not the one that its description speaks of: its "
                                   "checksum is another");
  file.tokenizer = std::move(tokenizer);
  return file;
}

ModelFile parse_model_safetensors(base::NamedArrays content, const std::string& source) {
  const auto identity = content.metadata.find(kIdentity);
  if (identity == content.metadata.end())
    throw InputError(source, "no yore description in the metadata: these are not the weights of a model");
  const auto tokenizer = content.metadata.find(kTokenizerText);
  ModelFile file = parse_model_json(identity->second, source,
                                    tokenizer == content.metadata.end() ? "" : tokenizer->second);
  file.weights.arrays = std::move(content.arrays);
  widen(file.weights);
  check_weights(file, source);
  return file;
}

void write_model(const ModelFile& file, const std::filesystem::path& folder) {
  base::NamedArrays content = model_safetensors(file);
  content.metadata.erase(kTokenizerText);
  base::write_safetensors(folder / files::kModel, content);
  write_beside_weights(file, folder);
}

void write_model(const ModelFile& file, const std::map<std::string, base::MadeArray>& weights,
                 const std::filesystem::path& folder) {
  base::write_safetensors(folder / files::kModel, weights, {{kIdentity, describe(file).dump()}});
  write_beside_weights(file, folder);
}

ModelFile read_model(const std::filesystem::path& path) {
  MappedModel mapped = map_model(path);
  for (const auto& [name, view] : mapped.weights.arrays)
    mapped.file.weights.arrays.emplace(name,
                                       base::NamedArray{view.dtype, view.shape, std::string(view.bytes)});
  widen(mapped.file.weights);
  return std::move(mapped.file);
}

MappedModel map_model(const std::filesystem::path& path) {
  const std::filesystem::path folder = std::filesystem::is_directory(path) ? path : path.parent_path();
  const std::filesystem::path json_path = folder / files::kModelConfig,
                              weights_path =
                                  std::filesystem::is_directory(path) ? folder / files::kModel : path;
  if (std::error_code ignored; !std::filesystem::exists(json_path, ignored))
    throw InputError(
        path.string(),
        std::filesystem::is_directory(path, ignored)
            ? fmt::format("holds no model: there is no {} in it (a run has one when it is complete)",
                          files::kModelConfig)
            : fmt::format(
                  "is no model: there is no {} beside it; expected a run's or a model's folder, or its "
                  "model.safetensors",
                  files::kModelConfig));
  const Json description = base::read_json(json_path);
  MappedModel mapped{from_description(description, json_path.string()), nullptr, {}};
  mapped.bytes = std::make_shared<const base::MappedFile>(weights_path);
  mapped.weights = base::view_safetensors(mapped.bytes->bytes(), weights_path.string());
  const auto identity = mapped.weights.metadata.find(kIdentity);
  if (identity == mapped.weights.metadata.end())
    throw InputError(weights_path.string(),
                     "these are not the weights of a model (no description in the metadata)");
  if (Json::parse(identity->second, nullptr, false) != description)
    throw InputError(
        weights_path.string(),
        fmt::format("these are the weights of another model than {} describes", json_path.string()));
  mapped.weights.metadata.clear();
  if (description.contains(kTokenizerChecksum)) {
    const std::filesystem::path tokenizer = folder / files::kTokenizer;
    mapped.file.tokenizer = base::read_file(tokenizer);
    if (!describes(description, mapped.file.tokenizer))
      throw InputError(
          tokenizer.string(),
          fmt::format("is not the tokenizer that {} describes: its checksum is another", json_path.string()));
  }
  check_arrays(mapped.file.model, mapped.weights.arrays, {"F32", "BF16"}, weights_path.string());
  return mapped;
}

}  // namespace yore::arch
