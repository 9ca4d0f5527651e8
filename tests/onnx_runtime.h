// ONNX Runtime, asked by tests through node.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/base/process.h"

namespace yore::onnx {

/// Why ONNX Runtime cannot be asked here, for GTEST_SKIP; empty if it can.
std::string runtime_missing();

/// A row of tokens as a line of input. An empty line ends a batch; see onnx_verdicts.js.
std::string row(const std::vector<std::int32_t>& tokens);

/// Every model's logits for all rows, model after model, one a line.
base::ProcessResult ask_runtime(const std::vector<std::string>& models, const std::string& rows);
/// What it printed; NaN where it says so.
std::vector<double> logits_of(const base::ProcessResult& answer);

/// What single operators give: a line of JSON a question, {"model": path, "feeds": {name: {"shape",
/// "data"}}}, answered by a line {output: [numbers]}; see onnx_operators.js.
base::ProcessResult ask_operators(const std::string& questions);

}  // namespace yore::onnx
