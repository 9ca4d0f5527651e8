#include "yore/compiler/trace_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/text.h"

namespace yore::compiler {
namespace {

constexpr std::size_t kLongestName = 60;

std::string formula_text(const Manifest& manifest, logic::NodeId node) {
  if (node == kNever) return "a word so far";
  logic::Formula part = manifest.formula;
  part.root = node;
  return logic::format_formula(part);
}

}  // namespace

std::string to_text(const Trace& trace, const Manifest& manifest, const logic::Word& word) {
  const logic::Alphabet& alphabet = manifest.formula.alphabet;
  std::vector<std::string> names;
  std::size_t widest = 8;
  for (const TraceRow& row : trace.rows) {
    names.push_back(base::shortened(formula_text(manifest, row.node), kLongestName));
    widest = std::max(widest, names.back().size());
  }
  std::size_t cell = 1;
  for (const std::string& name : alphabet.names()) cell = std::max(cell, name.size());
  const auto pad = [&](const std::string& text) { return fmt::format(" {:>{}}", text, cell); };
  std::string text = fmt::format("  {:<{}}        ", "", widest);
  for (const logic::Symbol s : word) text += pad(alphabet.name(s));
  text += "  EOS\n";
  for (std::size_t r = 0; r < trace.rows.size(); ++r) {
    const TraceRow& row = trace.rows[r];
    text += fmt::format("  {:<{}}  x{:<4} ", names[r], widest, row.coordinate);
    for (std::size_t i = 0; i < row.read.size(); ++i) {
      const std::string mark = row.read[i] != row.truth[i] ? "!" : row.read[i] != 0 ? "1" : ".";
      text += i + 1 == row.read.size() ? "  " + mark : pad(mark);
    }
    text += "\n";
  }
  if (!trace.agrees)
    text += "  ! = the model's number says the opposite of what the formula's definition says\n";
  return text;
}

base::Json to_json(const Trace& trace, const Manifest& manifest) {
  base::Json rows = base::Json::array();
  for (const TraceRow& row : trace.rows)
    rows.push_back({{"formula", formula_text(manifest, row.node)},
                    {"stage", row.stage},
                    {"coordinate", row.coordinate},
                    {"numbers", row.numbers},
                    {"read", std::vector<int>(row.read.begin(), row.read.end())},
                    {"truth", std::vector<int>(row.truth.begin(), row.truth.end())}});
  return rows;
}

}  // namespace yore::compiler
