#include "yore/cli/theory/picture_page.h"

#include <fmt/format.h>

#include <map>

#include "yore/base/text.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/names.h"
#include "yore/compiler/network_text.h"
#include "yore/compiler/picture.h"
#include "yore/compiler/shape.h"
#include "yore/report/html.h"
#include "yore/report/svg.h"

namespace yore::cli {
namespace {

using compiler::Network;
using compiler::Place;
using report::Html;

/// A formula whose tree is larger is written in short names: with `let x1 = ...` for its parts it would look
/// as if it spoke of coordinates.
constexpr double kLargestTree = 200;

std::string capital(std::string text) {
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

class Page {
 public:
  Page(const compiler::Manifest& manifest, const arch::ModelFile& file)
      : file_(file), network_(compiler::network_of(manifest, file)) {}

  std::string run() const {
    report::require_program("dot", "graphviz");
    const compiler::Proof proof = compiler::prove(file_, network_.manifest, network_.manifest.length);
    report::Page page;
    page.title = "Compiled: " + arch::language_of(file_, "model");
    page.heading = Html(compiler::is_recurrent(file_.model) ? "A recurrence for " : "A transformer for ") +
                   report::code(arch::language_of(file_, "model"));
    page.lead = report::element("div", lead(proof), {{"class", "lead"}});
    page.sections = {{"picture", "Picture", picture()},
                     {"names", "Names", names()},
                     {"blocks", "Stage by stage", stages()},
                     {"words", "In words", report::preformatted(compiler::to_text(network_))},
                     {"proof", "Proof", proof_text(proof)}};
    page.footer = Html("Written by ") + report::code("yore picture") +
                  ". Everything here was read from the model's weights; its manifest only gives the names.";
    return report::to_html(page);
  }

 private:
  std::string formula_text() const {
    const logic::Formula& formula = network_.manifest.formula;
    if (network_.manifest.automaton)
      return fmt::format("its automaton of {} accepts",
                         base::counted(network_.manifest.automaton->states, "state"));
    const logic::FormulaMeasure size = logic::measure(formula);
    if (size.tree_nodes <= kLargestTree)
      return logic::format_formula(formula, static_cast<int>(kLargestTree));
    return compiler::definition(formula, network_.names, formula.root);
  }

  Html lead(const compiler::Proof& proof) const {
    const arch::ModelOptions& m = network_.model;
    const bool automaton = network_.manifest.automaton.has_value();
    return Html("It accepts a word where, at its end, ") +
           (automaton ? Html(formula_text()) : report::code(formula_text()) + " holds") + ". The model: " +
           fmt::format(
               "{}, width {}, {} of width {}, {}; truth values are {}. ", base::counted(m.layers, "block"),
               m.width, base::counted(m.heads, "head"), m.width_of_head(),
               m.activation == "none" ? "no feed-forward net" : base::counted(m.mlp_width, "hidden unit"),
               network_.manifest.encoding == compiler::Encoding::ZeroOne ? "0 and 1, without a norm"
                                                                         : "-1 and +1, under RMSNorm") +
           (proof.proven
                ? report::badge(proof.every_length ? std::string("proven for every length")
                                                   : fmt::format("proven up to {} letters", proof.length),
                                report::Tone::Good)
                : report::badge("not proven", report::Tone::Bad));
  }

  Html picture() const {
    const std::string dot = compiler::dot_of(network_, {.legend = false});
    const std::vector<std::string> points = compiler::picture_key(network_);
    const std::vector<Html> key(points.begin(), points.end());
    const std::string drawn = report::draw_graph(
        dot, "network-", "The compiled network: coordinates, heads and gates", report::Fit::Natural);
    return report::bullets(key) +
           report::element("div", report::figure(Html::raw(drawn), ""), {{"class", "bleed"}}) +
           report::download("network.dot", "text/vnd.graphviz", compiler::dot_of(network_),
                            "Graphviz text of this picture");
  }

  std::string coordinate_text(const Place& place) const {
    return fmt::format("{} ({})", Network::coordinate_name(place),
                       compiler::stage_name(network_, place.stage));
  }

  Html names() const {
    std::map<logic::NodeId, std::string> where;
    for (const Place& place : network_.places)
      if (place.kind == Place::Kind::Truth)
        where[place.node] += (where[place.node].empty() ? "" : "; ") + coordinate_text(place);
    // What else the model keeps, each by what stands there.
    std::map<std::string, std::string> others;
    for (const Place& place : network_.places)
      if (place.kind == Place::Kind::Always || place.kind == Place::Kind::Accepted ||
          place.kind == Place::Kind::Mean)
        others[network_.content(place)] +=
            (others[network_.content(place)].empty() ? "" : "; ") + coordinate_text(place);
    report::Table table;
    table.caption = network_.manifest.automaton
                        ? "What the model keeps."
                        : "Every subformula that the model keeps. P f: f held at some earlier position; Y f: "
                          "at the previous "
                          "one; Y<=k f: at one of the previous k; first: there is no earlier one; Z f: "
                          "first, or Y f; O f: f "
                          "or "
                          "P f; H f: f held at every position up to this one; !, & and | are not, and, or.";
    table.columns = {{"name"}, {"stands for", false, true}, {"coordinate, and what writes it"}};
    for (const compiler::Name& name : compiler::names_of(network_))
      table.rows.push_back({report::code(name.name), report::word(name.definition), where[name.node]});
    for (const auto& [content, coordinates] : others)
      table.rows.push_back({content,
                            content == compiler::kAcceptedSoFar
                                ? "whether the letters so far, this one included, are a word of the automaton"
                                : "",
                            coordinates});
    return report::table(table);
  }

  Html stages() const {
    Html body =
        report::paragraph(Html("A weighted sum in brackets, such as ") + report::code("[2 a - b >= 1]") +
                          ", is 1 where the comparison holds and 0 elsewhere.");
    for (int stage = 0; stage < network_.read_out_stage(); ++stage) {
      if (stage > 0 && stage % 2 == 0 && network_.model.activation == "none") continue;
      report::Table table;
      table.columns = {{"coordinate"}, {"holds"}, {"by"}, {"computed as", false, true}};
      for (const compiler::Line& line : compiler::lines_of(network_, stage)) {
        const Place& place = network_.places[static_cast<std::size_t>(line.place)];
        table.rows.push_back({report::code(Network::coordinate_name(place)),
                              place.kind == Place::Kind::Truth ? report::code(network_.content(place))
                                                               : Html(network_.content(place)),
                              line.who + (line.kind.empty() ? "" : ", " + line.kind),
                              report::word(line.computes)});
      }
      body += report::element("h3", capital(compiler::stage_name(network_, stage)));
      body += table.rows.empty() ? report::paragraph("Does nothing.") : report::table(table);
    }
    body += report::element("h3", "Read-out");
    return body + report::paragraph(Html("At EOS, accepts where ") +
                                    report::code(compiler::read_out_text(network_)) + ".");
  }

  Html proof_text(const compiler::Proof& proof) const {
    if (!proof.proven) return report::paragraph(capital(compiler::to_text(proof)) + ".");
    const bool automaton = network_.manifest.automaton.has_value();
    return report::paragraph(capital(compiler::to_text(proof)) + ".") +
           report::paragraph(
               Html(fmt::format(
                   "Run again for this page, over {} cases: the model's weights {} above. "
                   "That {} is decided on automata: ",
                   proof.cases, automaton ? "follow the automaton" : "decide the formula",
                   automaton ? "its language is the one above" : "the formula says the language")) +
               report::code("yore verify") + ".");
  }

  const arch::ModelFile& file_;
  Network network_;
};

}  // namespace

std::string picture_page(const compiler::Manifest& manifest, const arch::ModelFile& file) {
  return Page(manifest, file).run();
}

}  // namespace yore::cli
