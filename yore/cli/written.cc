#include "yore/cli/written.h"

#include <fmt/format.h>

#include <cstdio>

#include "yore/arch/model_file.h"
#include "yore/base/budget.h"
#include "yore/base/files.h"
#include "yore/base/text.h"
#include "yore/cli/output.h"

namespace yore::cli {

void say_written(const arch::Model& model, const std::filesystem::path& path, bool json) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(path, error);
  const bool kept = folder || stands_beside_output(path);
  const auto bytes = std::filesystem::file_size(folder ? path / arch::files::kModel : path, error);
  const auto layers = std::ssize(model.blocks);
  const std::int64_t parameters = arch::parameter_count(model);
  base::Json all = {{"path", path.string()}, {"layers", layers}, {"parameters", parameters}};
  std::string text =
      fmt::format("{}: {}, {} parameters", path.string(), base::counted(layers, "layer"), parameters);
  if (kept) {
    all["bytes"] = bytes;
    text += ", " + base::format_bytes(static_cast<double>(bytes));
  }
  fmt::print(kept ? stdout : stderr, "{}\n",
             json ? all.dump(-1, ' ', false, base::Json::error_handler_t::replace) : text);
}

}  // namespace yore::cli
