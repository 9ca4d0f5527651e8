// Which arrays of another program's file make up one of ours, and the way between them.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "yore/base/safetensors.h"
#include "yore/foreign/family.h"
#include "yore/foreign/tensors.h"

namespace yore::foreign {

enum class Format { HuggingFace, Gguf };

/// How an array stands in a file, if not as it is here.
enum class Layout {
  Same,
  Transposed,  ///< [in, out]
  /// Rows of a head in the order of rotary pairs: row 2c + s there is row c + s * n here, of n pairs.
  Neighbours,
  PlusOne  ///< 1 added to each number
};

/// One array of a file.
struct Piece {
  std::string name;
  std::vector<std::int64_t> shape;  ///< in the file, row-major
  Layout layout = Layout::Same;
  std::int64_t heads = 1;  ///< of Neighbours
};

/// The arrays that, put together along the first dimension, are `ours`. Throws InputError("model") for an
/// array that the family has no name for.
std::vector<Piece> pieces_of(const Family& family, Format format, const arch::Model& model,
                             const mixers::ParameterSpec& ours);

/// The names of Hugging Face begin as the family writes them, or, in files of other classes, otherwise: puts
/// what these tensors have in front of the names' rest.
std::string name_in(const Family& family, const TensorMap& tensors, const std::string& name);

/// Throws InputError naming the first tensor that is missing, of another shape than the configuration asks
/// for, or of a type that is not known. `source`: the file or folder; `asking`: what asked for the shapes.
void check_tensors(const Family& family, Format format, const arch::Model& model, const TensorMap& tensors,
                   const std::string& source, const std::string& asking);

/// Types of the arrays of a model of ours.
enum class StoredType { F32, BF16 };

/// Our arrays, made when they are asked for from the tensors, which check_tensors let pass and which the
/// arrays keep.
std::map<std::string, base::MadeArray> arrays_from(const Family& family, Format format,
                                                   const arch::Model& model, const Tensors& tensors,
                                                   StoredType type);

/// Hugging Face's arrays, made when they are asked for from ours (F32), which must outlive them.
std::map<std::string, base::MadeArray> arrays_to(const Family& family, const arch::Model& model,
                                                 const base::NamedArrays& weights);

}  // namespace yore::foreign
