#include "yore/foreign/foreign.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "yore/foreign/hugging_face.h"

namespace yore::foreign {
namespace {

/// The tokens that begin and end a document, where they are known and the vocabulary has them, as
/// transformers keeps them.
void add_generation(const Json& bos, const Json& eos, std::int64_t vocabulary,
                    std::map<std::string, std::string>& companions) {
  const auto are_tokens = [&](const Json& of) {
    const Json list = of.is_array() ? of : Json::array({of});
    return !list.empty() && std::all_of(list.begin(), list.end(), [&](const Json& token) {
      return token.is_number_integer() && token >= 0 && token < vocabulary;
    });
  };
  Json json = Json::object();
  if (are_tokens(bos)) json["bos_token_id"] = bos;
  if (are_tokens(eos)) json["eos_token_id"] = eos;
  if (!json.empty()) companions[files::kGeneration] = json.dump(2) + "\n";
}

/// With the key of a token, which may be missing or no token at all.
Json token_in(const GgufFile& gguf, const char* key) {
  const GgufValue* value = gguf.find(key);
  return value != nullptr && value->is_whole() ? Json(value->whole()) : Json();
}

ForeignModel read_gguf(const std::filesystem::path& path) {
  ForeignModel foreign;
  foreign.format = Format::Gguf;
  const std::string source = path.string();
  const auto file = std::make_shared<const base::MappedFile>(path);
  GgufFile gguf = parse_gguf(file->bytes(), source);
  foreign.family = &family_of_gguf(gguf, source);
  foreign.model = foreign.family->model(config_of_gguf(gguf, *foreign.family, source));
  foreign.tensors = {{file}, std::move(gguf.tensors)};
  check_tensors(*foreign.family, foreign.format, foreign.model, foreign.tensors.all, source, "its metadata");
  add_generation(token_in(gguf, "tokenizer.ggml.bos_token_id"), token_in(gguf, "tokenizer.ggml.eos_token_id"),
                 foreign.model.embedding.vocabulary, foreign.companions);
  foreign.tokenizer = [file, gguf = std::move(gguf), source] {
    const auto tokenizer = tokenizer_of_gguf(gguf, source);
    return tokenizer ? tokenizer->to_json() : std::string();
  };
  return foreign;
}

/// A read-out that stands there with other numbers than the embedding is not tied to it, whatever the
/// configuration says: so transformers reads it.
void untie_what_differs(const Family& family, const TensorMap& tensors, arch::Model& model) {
  const auto weight = [&](const char* ours) {
    const auto name =
        std::find_if(family.names.begin(), family.names.end(), [&](const Name& n) { return n.ours == ours; });
    return tensors.find(name_in(family, tensors, name->hf.front() + ".weight"));
  };
  const auto embedding = weight("embedding"), out = weight("read_out");
  if (embedding != tensors.end() && out != tensors.end() && !same(embedding->second, out->second))
    model.read_out.tied = false;
}

ForeignModel read_folder(const std::filesystem::path& folder) {
  ForeignModel foreign;
  const std::filesystem::path config_path = folder / files::kConfig;
  const Fields config(base::read_json(config_path), config_path.string());
  foreign.family = &family_of_model_type(config);
  foreign.model = foreign.family->model(config);
  foreign.tensors = map_weights(folder);
  untie_what_differs(*foreign.family, foreign.tensors.all, foreign.model);
  check_tensors(*foreign.family, foreign.format, foreign.model, foreign.tensors.all, folder.string(),
                files::kConfig);
  const auto token = [&](const char* name) { return config.has(name) ? config.object()[name] : Json(); };
  foreign.companions = read_companions(folder);
  if (!foreign.companions.contains(files::kGeneration))
    add_generation(token("bos_token_id"), token("eos_token_id"), foreign.model.embedding.vocabulary,
                   foreign.companions);
  foreign.tokenizer = [file = folder / arch::files::kTokenizer] {
    std::error_code ignored;
    return std::filesystem::exists(file, ignored) ? base::read_file(file) : std::string();
  };
  return foreign;
}

}  // namespace

bool is_foreign(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return is_hugging_face(path);
  if (path.extension() == ".gguf") return true;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::array<char, 4> begin{};
  std::ifstream(path, std::ios::binary).read(begin.data(), begin.size());
  return is_gguf({begin.data(), begin.size()});
}

ForeignModel read_foreign(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? read_folder(path) : read_gguf(path);
}

}  // namespace yore::foreign
