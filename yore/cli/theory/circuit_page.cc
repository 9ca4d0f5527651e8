#include "yore/cli/theory/circuit_page.h"

#include <fmt/format.h>

#include "yore/circuits/construct.h"
#include "yore/circuits/picture.h"
#include "yore/report/html.h"
#include "yore/report/svg.h"

namespace yore::cli {
namespace {

using report::Html;

Html drawn(const std::string& dot, const std::string& file, const std::string& label) {
  const std::string svg = report::draw_graph(dot, "circuit-", label, report::Fit::Natural);
  return report::element("div", report::figure(Html::raw(svg), ""), {{"class", "bleed"}}) +
         report::download(file, "text/vnd.graphviz", dot, "Graphviz text of this picture");
}

}  // namespace

std::string circuit_page(const circuits::Circuit& circuit, const std::vector<std::string>& values) {
  report::require_program("dot", "graphviz");
  report::Page page;
  page.title = "An arithmetic circuit";
  page.heading = "An arithmetic circuit";
  page.lead =
      report::element("div",
                      fmt::format("{} gates, {} edges, depth {}, at most {} gates a level.",
                                  circuit.gates.size(), circuit.edges(), circuit.depth(), circuit.width()),
                      {{"class", "lead"}});
  report::Table table;
  table.caption = "Every gate, by level: a gate needs gates of lower levels only. sign(0) is 0.";
  table.columns = {{"level", true}, {"gate", false, true}};
  if (!values.empty()) table.columns.push_back({"value", false, true});
  for (const int g : circuit.order) {
    const auto at = static_cast<std::size_t>(g);
    std::vector<Html> row = {std::to_string(circuit.level[at]),
                             report::code(circuits::definition(circuit, g))};
    if (!values.empty()) row.push_back(report::word(values[at]));
    table.rows.push_back(std::move(row));
  }
  page.sections = {
      {"picture", "Picture",
       report::paragraph("Columns are levels; outputs have a thicker border, the factors of a product "
                         "are numbered.") +
           drawn(circuits::dot_of(circuit, values), "circuit.dot", "The circuit's gates and edges")},
      {"gates", "Gates", report::table(table)},
      {"text", "As text", report::preformatted(circuits::to_text(circuit))}};
  page.footer = Html("Written by ") + report::code("yore circuit show") + ".";
  return report::to_html(page);
}

std::string circuit_model_page(const arch::ModelFile& file, const std::string& source) {
  report::require_program("dot", "graphviz");
  const int depth = circuits::depth_of(file, source);
  report::Page page;
  page.title = "A transformer for circuits";
  page.heading = fmt::format("A transformer for every circuit of depth {}", depth);
  page.lead = report::element(
      "div",
      fmt::format(
          "{} blocks, two a level, which all levels have alike. It reads a circuit as tokens, one a gate and "
          "one an edge.",
          file.model.blocks.size()),
      {{"class", "lead"}});
  page.sections = {
      {"picture", "Picture of a level",
       report::paragraph("From left to right: a token's coordinates, the head and the hidden units of "
                         "both blocks with what they write. An edge stands where a weight of level 1 "
                         "is not 0, with the weight unless that is 1.") +
           drawn(circuits::dot_of(file, source), "network.dot", "The two blocks of a level")},
      {"words", "In words", report::preformatted(circuits::explain(file, source))}};
  page.footer =
      Html("Written by ") + report::code("yore picture") + ". The picture was read from the weights.";
  return report::to_html(page);
}

}  // namespace yore::cli
