#include "yore/compiler/trace_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "yore/compiler/names.h"

namespace yore::compiler {
namespace {

constexpr std::size_t kLongestName = 60;  ///< if a row's formula is longer, all get short names

std::string formula_text(const Manifest& manifest, logic::NodeId node) {
  if (node == kNever) return kAcceptedSoFar;
  logic::Formula part = manifest.formula;
  part.root = node;
  return logic::format_formula(part);
}

/// A name for each row, and below the table what the names of long formulas stand for.
struct RowNames {
  std::vector<std::string> names;
  std::string definitions;
};

RowNames row_names(const Trace& trace, const Manifest& manifest) {
  RowNames rows;
  std::vector<logic::NodeId> kept;
  bool short_enough = true;
  for (const TraceRow& row : trace.rows) {
    rows.names.push_back(formula_text(manifest, row.node));
    short_enough = short_enough && rows.names.back().size() <= kLongestName;
    if (row.node != kNever) kept.push_back(row.node);
  }
  if (short_enough) return rows;
  // The names that --explain and the picture give, in the same order.
  const std::vector<std::string> names = short_names(manifest.formula, kept);
  std::set<logic::NodeId> defined;
  for (std::size_t r = 0; r < rows.names.size(); ++r) {
    const logic::NodeId node = trace.rows[r].node;
    if (node == kNever || rows.names[r] == names[static_cast<std::size_t>(node)]) continue;
    rows.names[r] = names[static_cast<std::size_t>(node)];
    if (defined.insert(node).second)
      rows.definitions +=
          fmt::format("  {} = {}\n", rows.names[r], definition(manifest.formula, names, node));
  }
  return rows;
}

}  // namespace

std::string to_text(const Trace& trace, const Manifest& manifest, const logic::Word& word) {
  const logic::Alphabet& alphabet = manifest.formula.alphabet;
  const auto [names, definitions] = row_names(trace, manifest);
  std::size_t widest = 8;
  for (const std::string& name : names) widest = std::max(widest, name.size());
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
  return text + definitions;
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
