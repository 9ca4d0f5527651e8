#include "yore/foreign/foreign.h"

#include <array>
#include <fstream>

#include "yore/foreign/hugging_face.h"

namespace yore::foreign {
namespace {

ForeignModel read_gguf(const std::filesystem::path& path) {
  ForeignModel foreign;
  foreign.format = Format::Gguf;
  const std::string source = path.string();
  const auto file = std::make_shared<const base::MappedFile>(path);
  GgufFile gguf = parse_gguf(file->bytes(), source);
  foreign.family = &family_of_gguf(gguf, source);
  foreign.model = foreign.family->model(config_of_gguf(gguf, *foreign.family, source));
  foreign.tokenizer = tokenizer_of_gguf(gguf, source);
  foreign.tensors = {{file}, std::move(gguf.tensors)};
  check_tensors(*foreign.family, foreign.format, foreign.model, foreign.tensors.all, source, "its metadata");
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
  std::error_code ignored;
  if (std::filesystem::is_regular_file(folder / files::kTokenizer, ignored))
    foreign.tokenizer_file = folder / files::kTokenizer;
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
