// Arrays of numbers as they stand in files of other programs.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yore/base/mapped_file.h"

namespace yore::foreign {

/// One array, row-major: the last dimension is that of neighbours.
struct Tensor {
  std::string type;  ///< as the file names it: "F32", "BF16", "Q4_K"; see dequantise.h
  std::vector<std::int64_t> shape;
  std::string_view bytes;
  std::string source;  ///< the file it stands in, for messages
};

/// Whether the two arrays hold the same bytes.
inline bool same(const Tensor& a, const Tensor& b) {
  return a.type == b.type && a.shape == b.shape && a.bytes == b.bytes;
}

using TensorMap = std::map<std::string, Tensor, std::less<>>;

/// Arrays and the files that hold their bytes.
struct Tensors {
  std::vector<std::shared_ptr<const base::MappedFile>> files;
  TensorMap all;
};

}  // namespace yore::foreign
