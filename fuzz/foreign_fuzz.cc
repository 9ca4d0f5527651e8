// Any bytes as another program's model: a GGUF file, which is an InputError or a file whose tensors lie
// within it and whose model, if it is one, can be made; and the index of a Hugging Face folder.
#include <cstdint>
#include <functional>
#include <string>

#include "fuzz/property.h"
#include "yore/base/error.h"
#include "yore/foreign/arrays.h"
#include "yore/foreign/dequantise.h"
#include "yore/foreign/gguf_model.h"
#include "yore/foreign/hugging_face.h"

namespace {

using yore::fuzz::require;
using namespace yore;
using namespace yore::foreign;

void attempt(const auto& act) {
  try {
    act();
  } catch (const base::InputError&) {
  }
}

void check_gguf(const std::string& bytes) {
  GgufFile file = parse_gguf(bytes, "input");
  for (const auto& [name, tensor] : file.tensors) {
    if (tensor.bytes.empty()) continue;
    require(tensor.bytes.data() >= bytes.data() &&
                tensor.bytes.data() + tensor.bytes.size() <= bytes.data() + bytes.size(),
            "a tensor lies within the file", name);
  }
  attempt([&] { tokenizer_of_gguf(file, "input"); });
  const std::string where = "input";  // GCC 14 takes the result for a part of what is given
  const Family& family = family_of_gguf(file, where);
  const arch::Model model = family.model(config_of_gguf(file, family, "input"));
  check_tensors(family, Format::Gguf, model, file.tensors, "input", "its metadata");
  Tensors tensors;
  tensors.all = std::move(file.tensors);
  for (const auto& [name, array] : arrays_from(family, Format::Gguf, model, tensors, StoredType::F32)) {
    std::size_t count = sizeof(float);
    for (const std::int64_t n : array.shape) count *= static_cast<std::size_t>(n);
    require(array.make().size() == count, "an array has its size", name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  attempt([&] { check_gguf(bytes); });
  attempt([&] {
    for (const auto& [name, file] : parse_index(bytes, "input"))
      require(file.find('/') == std::string::npos && file != ".." && !file.empty(),
              "a shard is a file's name", file);
  });
  return 0;
}
