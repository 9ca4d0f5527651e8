// What writer and reader agree on.
#pragma once
#include <cstddef>

#include "yore/onnx/onnx.h"

namespace yore::onnx {

/// Key in the metadata under which arch::model_json stands.
inline constexpr const char* kDescription = "yore";
/// And that of tokenizer.json, of a model that has one.
inline constexpr const char* kTokenizer = "yore.tokenizer";
/// The domain of ONNX Runtime's own operators.
inline constexpr const char* kMicrosoft = "com.microsoft";
/// Version of the standard domain: the first that has the operators, or one that old runtimes read.
constexpr int opset(Operators operators) {
  return operators == Operators::Onnx ? 27 : 17;
}
/// Version of the file's format that came with it, or a later one that has what it needs.
constexpr int ir_version(Operators operators) {
  return operators == Operators::Onnx ? 10 : 8;
}
/// Protocol buffers count bytes in an int.
inline constexpr std::size_t kMaxBytes = 0x7fffffff;

}  // namespace yore::onnx
