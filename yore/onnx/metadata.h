// What writer and reader agree on.
#pragma once
#include <cstddef>

namespace yore::onnx {

/// Key in the metadata under which arch::model_json stands.
inline constexpr const char* kDescription = "yore";
/// Protocol buffers count bytes in an int.
inline constexpr std::size_t kMaxBytes = 0x7fffffff;

}  // namespace yore::onnx
