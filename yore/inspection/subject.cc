#include "yore/inspection/subject.h"

namespace yore::inspection {

Subject read_subject(const std::filesystem::path& path) {
  runs::ModelFile file = runs::read_model(path);
  model::SavedModel saved = model::from_file(file, path.string());
  std::optional<compiler::Manifest> manifest;
  if (!file.compiled.is_null()) manifest = compiler::manifest_from_json(file.compiled, file, path.string());
  return {std::move(file), std::move(saved), std::move(manifest)};
}

}  // namespace yore::inspection
