// Any bytes as a model in ONNX and in safetensors: an InputError, or a model that fits together and comes
// back from both formats to the bit.
#include <cstdint>
#include <optional>

#include "fuzz/property.h"
#include "yore/base/error.h"
#include "yore/base/safetensors.h"
#include "yore/onnx/onnx.h"
#include "yore/arch/model_file.h"

namespace {

using yore::fuzz::require;
using namespace yore;

template <class Read>
std::optional<arch::ModelFile> attempt(const Read& read) {
  try {
    return read();
  } catch (const base::InputError&) {
    return std::nullopt;
  }
}

bool same(const arch::ModelFile& a, const arch::ModelFile& b) {
  return arch::model_json(a) == arch::model_json(b) && a.weights == b.weights;
}

void check_read(const arch::ModelFile& file) {
  runs::validate(file.model);
  arch::check_weights(file, "input");
  const std::string tensors = base::to_safetensors(arch::model_safetensors(file));
  require(same(arch::parse_model_safetensors(base::parse_safetensors(tensors, "input"), "input"), file),
          "safetensors read back");
  require(same(onnx::from_onnx(onnx::to_onnx(file), "input"), file), "ONNX reads back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  if (const auto file = attempt([&] { return onnx::from_onnx(bytes, "input"); })) check_read(*file);
  if (const auto file = attempt(
          [&] { return arch::parse_model_safetensors(base::parse_safetensors(bytes, "input"), "input"); }))
    check_read(*file);
  return 0;
}
