// Any bytes as a model in ONNX and in safetensors: an InputError, or a model that fits together and comes
// back from both formats to the bit (from ONNX if it can be exported at all).
#include <cstdint>
#include <optional>

#include "fuzz/property.h"
#include "yore/arch/model_file.h"
#include "yore/base/error.h"
#include "yore/base/safetensors.h"
#include "yore/onnx/onnx.h"

namespace {

using yore::fuzz::require;
using namespace yore;

template <class Read>
auto attempt(const Read& read) -> std::optional<decltype(read())> {
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
  arch::validate(file.model);
  arch::check_weights(file, "input");
  const std::string tensors = base::to_safetensors(arch::model_safetensors(file));
  require(same(arch::parse_model_safetensors(base::parse_safetensors(tensors, "input"), "input"), file),
          "safetensors read back");
  if (const auto exported = attempt([&] { return onnx::to_onnx(file); }))
    require(same(onnx::from_onnx(*exported, "input"), file), "ONNX reads back");
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
