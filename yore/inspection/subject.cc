#include "yore/inspection/subject.h"

namespace yore::inspection {

Subject read_subject(const std::filesystem::path& path) {
  arch::ModelFile file = arch::read_model(path);
  model::SavedRecogniser saved = model::recogniser_from_file(file, path.string());
  std::optional<compiler::Manifest> manifest;
  if (!file.compiled.is_null()) manifest = compiler::manifest_from_json(file.compiled, file, path.string());
  return {std::move(file), std::move(saved), std::move(manifest)};
}

}  // namespace yore::inspection
