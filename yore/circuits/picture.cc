#include "yore/circuits/picture.h"

#include <fmt/format.h>

#include <map>

#include "yore/base/error.h"
#include "yore/circuits/construct.h"
#include "yore/circuits/transformer.h"
#include "yore/compiler/html_label.h"

namespace yore::circuits {
namespace {

using compiler::label_escape;
using compiler::label_soft;
using compiler::LabelTable;

constexpr const char* kHead =
    "  rankdir=LR; newrank=true; ranksep=0.5; nodesep=0.16; outputorder=edgesfirst;\n"
    "  node [shape=plain, fontname=\"DejaVu Sans\", fontsize=12];\n"
    "  edge [color=\"#3d444c\", arrowsize=0.6, penwidth=1.1, fontname=\"DejaVu Sans\", fontsize=10];\n";
constexpr std::size_t kLongestValue = 24;

/// "+", "*", "sign": what stands in the node beside its name.
std::string symbol_of(const Gate& gate) {
  switch (gate.op) {
    case Op::Input:
      return "input";
    case Op::Constant:
      return to_text(gate.value);
    case Op::Sum:
      return "+";
    case Op::Product:
      return "*";
    case Op::Sign:
      return "sign";
  }
  return "";
}

std::string cut(const std::string& text) {
  return text.size() <= kLongestValue ? text : text.substr(0, kLongestValue - 2) + "..";
}

/// The first level's two blocks, column by column.
class ModelPicture {
 public:
  explicit ModelPicture(const HardTransformer& model) : model_(model) {}

  std::string run() {
    begin("tokens");
    for (std::int64_t c = 0; c < kWidth; ++c) {
      LabelTable table(kBox);
      const CoordinateName& name = kCoordinates[static_cast<std::size_t>(c)];
      table.row("", label_escape(fmt::format("x{} {}", c, name.name)) + "<BR/>" +
                        label_soft(label_escape(name.meaning)));
      place(c, table);
    }
    block(0, "edges read");
    block(1, "gates compute");
    return fmt::format("digraph network {{\n{}{}{}}}\n", kHead, nodes_, edges_);
  }

 private:
  static constexpr const char* kBox = "BORDER=\"1\" CELLPADDING=\"3\"";
  static constexpr const char* kRound = "BORDER=\"1\" STYLE=\"ROUNDED\" CELLPADDING=\"3\"";

  /// A new column, kept in its place by an invisible chain.
  void begin(const std::string& title) {
    ++column_;
    nodes_ += fmt::format("  c{} [shape=plaintext, label=\"{}\"];\n", column_, title);
    if (column_ > 0) nodes_ += fmt::format("  c{} -> c{} [style=invis, weight=10];\n", column_ - 1, column_);
  }
  void node(const std::string& name, const LabelTable& table) {
    nodes_ += fmt::format("  {} [label={}];\n  {{rank=same; c{}; {}}}\n", name, table.label(), column_, name);
  }
  void place(std::int64_t c, const LabelTable& table) {
    latest_[c] = fmt::format("s{}_x{}", column_, c);
    node(latest_[c], table);
  }
  void edge(const std::string& from, const std::string& to, float weight) {
    edges_ +=
        fmt::format("  {} -> {}{};\n", from, to, weight == 1 ? "" : fmt::format(" [label=\"{}\"]", weight));
  }
  void reads(const SparseRow& row, const std::string& reader) {
    for (const SparseRow::Term& term : row.terms) edge(latest_[term.column], reader, term.weight);
  }
  /// Coordinates that `map` writes, each from what `source` names of its columns.
  template <class Source>
  void writes(const SparseMap& map, const Source& source) {
    for (std::size_t c = 0; c < map.size(); ++c) {
      if (map[c].zero()) continue;
      LabelTable table(kBox);
      table.row("", label_escape(fmt::format("x{} {}", c, kCoordinates[c].name)));
      place(static_cast<std::int64_t>(c), table);
      for (const SparseRow::Term& term : map[c].terms)
        edge(source(term.column), latest_[static_cast<std::int64_t>(c)], term.weight);
    }
  }

  void block(std::size_t number, const std::string& title) {
    const HardBlock& b = model_.blocks[number];
    begin(title);
    LabelTable head(kRound);
    head.row("", "attention: the largest<BR/>query * key; ties alike");
    const std::string name = fmt::format("h{}", number + 1);
    const std::pair<const char*, const SparseMap*> maps[] = {
        {"query", &b.query}, {"key", &b.key}, {"value", &b.value}};
    for (const auto& [what, map] : maps)
      for (std::size_t d = 0; d < map->size(); ++d)
        if (!(*map)[d].zero()) {
          head.row(fmt::format("{}{}", what, d), fmt::format("{} {}", what, d + 1));
          reads((*map)[d], fmt::format("{}:{}{}", name, what, d));
        }
    node(name, head);
    begin("");
    writes(b.out, [&](std::int64_t d) { return fmt::format("{}:value{}", name, d); });
    begin("feed-forward");
    for (std::size_t u = 0; u < b.up.size(); ++u) {
      if (b.gate[u].zero() || b.up[u].zero()) continue;
      LabelTable unit(kRound);
      unit.row("a", u < b.up.size() / 2 ? "factor" : "sign of");
      unit.row("b", u < b.up.size() / 2 ? "factor" : "times");
      const std::string unit_name = fmt::format("u{}_{}", number + 1, u);
      reads(b.gate[u], unit_name + ":a");
      reads(b.up[u], unit_name + ":b");
      node(unit_name, unit);
    }
    begin("");
    writes(b.down, [&](std::int64_t u) { return fmt::format("u{}_{}", number + 1, u); });
  }

  const HardTransformer& model_;
  std::string nodes_, edges_;
  std::map<std::int64_t, std::string> latest_;  // node of what stands in a coordinate by now
  int column_ = -1;
};

}  // namespace

std::string dot_of(const Circuit& circuit, const std::vector<std::string>& values) {
  if (circuit.gates.size() > kMostDrawn)
    throw base::InputError(
        "picture", fmt::format("{} gates; expected at most {} to draw", circuit.gates.size(), kMostDrawn));
  std::string text = fmt::format("digraph circuit {{\n{}", kHead);
  for (int level = 0; level <= circuit.depth(); ++level) {
    std::string names;
    for (std::size_t g = 0; g < circuit.gates.size(); ++g) {
      if (circuit.level[g] != level) continue;
      const Gate& gate = circuit.gates[g];
      const bool output = std::find(circuit.outputs.begin(), circuit.outputs.end(), static_cast<int>(g)) !=
                          circuit.outputs.end();
      LabelTable table(fmt::format("BORDER=\"{}\" STYLE=\"ROUNDED\" CELLPADDING=\"3\"", output ? 2 : 1));
      table.row("", label_escape(name_of(gate)), label_escape(cut(symbol_of(gate))));
      if (!values.empty() && gate.op != Op::Constant)
        table.row("", label_soft(label_escape("= " + cut(values[g]))));
      text += fmt::format("  g{} [label={}];\n", gate.id, table.label());
      names += fmt::format(" g{};", gate.id);
    }
    text += fmt::format("  {{rank=same;{}}}\n", names);
  }
  for (const Gate& gate : circuit.gates)
    for (std::size_t i = 0; i < gate.inputs.size(); ++i)
      text += fmt::format("  g{} -> g{}{};\n", circuit.gate(gate.inputs[i]).id, gate.id,
                          gate.op == Op::Product ? fmt::format(" [label=\"{}\"]", i + 1) : "");
  return text + "}\n";
}

std::string dot_of(const arch::ModelFile& file, const std::string& source) {
  depth_of(file, source);
  const HardTransformer model = hard_transformer(file, source);
  for (const std::size_t b : {0, 1})
    if (model.blocks[b].feed_forward.activation != arch::Activation::Arithmetic)
      throw base::InputError(source, "its manifest does not fit its description");
  return ModelPicture(model).run();
}

}  // namespace yore::circuits
