// onnx_layers FOLDER: writes an ONNX file with the standard operators for every layer of the conformance
// suite, and prints a line of JSON for each: {"name", "file", "words" [[tokens]], "logits", "allowed"}, the
// logits by the layer's definition.
#include <fmt/format.h>

#include "tests/onnx_layers.h"
#include "yore/base/files.h"
#include "yore/onnx/onnx.h"

int main(int count, char** arguments) {
  using namespace yore;
  if (count != 2) {
    fmt::print(stderr, "usage: onnx_layers FOLDER\n");
    return 2;
  }
  const std::vector<onnx::Word> words = onnx::some_words();
  const auto& cases = mixers::conformance::all_layer_cases();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const arch::ModelFile file = onnx::file_of(i);
    const std::string path = fmt::format("{}/{}.onnx", arguments[1], i);
    base::write_file(path, onnx::to_onnx(file, onnx::Operators::Onnx));
    base::Json logits = base::Json::array(), allowed = base::Json::array();
    for (const onnx::Judged& logit : onnx::logits_by_definition(i, file, words)) {
      logits.push_back(logit.value);
      allowed.push_back(logit.allowed(mixers::conformance::kUnit<float>));
    }
    const base::Json line = {{"name", cases[i].mechanism + ", " + cases[i].name},
                             {"file", path},
                             {"words", words},
                             {"logits", logits},
                             {"allowed", allowed}};
    fmt::print("{}\n", line.dump());
  }
}
