#include "yore/foreign/foreign.h"

#include <array>
#include <fstream>

#include "yore/foreign/hugging_face.h"

namespace yore::foreign {
namespace {

/// Its tokens that begin and end a document, as transformers keeps them.
std::string generation_config(const Json& bos, const Json& eos) {
  Json json = Json::object();
  if (!bos.is_null()) json["bos_token_id"] = bos;
  if (!eos.is_null()) json["eos_token_id"] = eos;
  return json.empty() ? "" : json.dump(2) + "\n";
}

std::map<std::string, std::string> companions_of_gguf(const GgufFile& gguf, const std::string& source) {
  std::map<std::string, std::string> all;
  const auto tokenizer = tokenizer_of_gguf(gguf, source);
  if (!tokenizer) return all;
  const auto json = [](const std::optional<text::Token>& token) { return token ? Json(*token) : Json(); };
  all[files::kTokenizer] = tokenizer->to_json();
  if (std::string text = generation_config(json(tokenizer->bos()), json(tokenizer->eos())); !text.empty())
    all[files::kGeneration] = std::move(text);
  return all;
}

std::map<std::string, std::string> companions_of_folder(const std::filesystem::path& folder,
                                                        const Json& config) {
  std::map<std::string, std::string> all = read_companions(folder);
  if (all.contains(files::kGeneration)) return all;
  const auto token = [&](const char* name) { return config.contains(name) ? config[name] : Json(); };
  if (std::string text = generation_config(token("bos_token_id"), token("eos_token_id")); !text.empty())
    all[files::kGeneration] = std::move(text);
  return all;
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
  foreign.companions = [file, gguf = std::move(gguf), source] { return companions_of_gguf(gguf, source); };
  return foreign;
}

ForeignModel read_folder(const std::filesystem::path& folder) {
  ForeignModel foreign;
  const std::filesystem::path config_path = folder / files::kConfig;
  const Fields config(base::read_json(config_path), config_path.string());
  foreign.family = &family_of_model_type(config);
  foreign.model = foreign.family->model(config);
  foreign.tensors = map_weights(folder);
  check_tensors(*foreign.family, foreign.format, foreign.model, foreign.tensors.all, folder.string(),
                files::kConfig);
  foreign.companions = [folder, json = config.object()] { return companions_of_folder(folder, json); };
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
