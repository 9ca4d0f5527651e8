// The types in which model files keep numbers, widened to float: the plain ones and ggml's blocks of small
// integers with a scale each (as ggml's own dequantize_row_* defines them).
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace yore::foreign {

/// A type: `bytes` bytes hold `numbers` numbers.
struct NumberType {
  const char* name;  ///< as safetensors and ggml have it: "BF16", "Q4_K"
  std::size_t numbers, bytes;
  void (*widen)(const unsigned char* block, float* out);  ///< one block
};

/// All that can be widened: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K.
std::span<const NumberType> number_types();
/// Null for another name.
const NumberType* find_number_type(std::string_view name);
/// Their names, for messages: "F32, F16, ..".
std::string number_type_names();

/// Whole blocks to floats; `out` has room for bytes.size() / type.bytes * type.numbers.
void widen(const NumberType& type, std::string_view bytes, float* out);

}  // namespace yore::foreign
