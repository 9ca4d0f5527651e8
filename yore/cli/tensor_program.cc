#include "yore/base/process.h"
#include "yore/cli/tensor.h"

namespace yore::cli {

std::optional<std::filesystem::path> tensor_program() {
  const std::filesystem::path here = base::own_folder();
  for (const std::filesystem::path& candidate :
       {here / "yore-tensor", here / "../libexec/yore/yore-tensor"}) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(candidate, ignored))
      return std::filesystem::weakly_canonical(candidate);
  }
  return std::nullopt;
}

}  // namespace yore::cli
