// What a command says of the model that it wrote.
#pragma once
#include <filesystem>

#include "yore/arch/model.h"

namespace yore::cli {

/// Prints one line: "models/copy: 2 layers, 1234 parameters, 5.1 KB", or with `json` {"path", "layers",
/// "parameters", "bytes"}; the bytes are those of the file, or of the weights in a folder. What was written
/// to no regular file, such as a pipe, or to what standard output is: the line goes to standard error then,
/// without a size.
void say_written(const arch::Model& model, const std::filesystem::path& path, bool json);

}  // namespace yore::cli
