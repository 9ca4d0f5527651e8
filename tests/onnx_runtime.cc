#include "tests/onnx_runtime.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace yore::onnx {

std::string runtime_missing() {
  if (!base::find_program("node")) return "skipped: there is no node on this machine";
  if (!std::filesystem::exists(std::filesystem::path(YORE_ONNXRUNTIME) / "node_modules/onnxruntime-node"))
    return "skipped: ONNX Runtime is not in " YORE_ONNXRUNTIME " (scripts/onnxruntime installs it)";
  return "";
}

std::string row(const std::vector<std::int32_t>& tokens) {
  return fmt::format("{}\n", fmt::join(tokens, " "));
}

base::ProcessResult ask_runtime(const std::vector<std::string>& models, const std::string& rows) {
  std::vector<std::string> argv = {base::find_program("node")->string(),
                                   YORE_SOURCE "/tests/onnx_verdicts.js", YORE_ONNXRUNTIME};
  argv.insert(argv.end(), models.begin(), models.end());
  return base::run_process(argv, rows);
}

base::ProcessResult ask_operators(const std::string& questions) {
  return base::run_process(
      {base::find_program("node")->string(), YORE_SOURCE "/tests/onnx_operators.js", YORE_ONNXRUNTIME},
      questions);
}

std::vector<double> logits_of(const base::ProcessResult& answer) {
  std::vector<double> list;
  std::istringstream in(answer.out);
  for (std::string word; in >> word;) list.push_back(word == "NaN" ? std::nan("") : std::stod(word));
  return list;
}

}  // namespace yore::onnx
