#include "yore/compiler/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "yore/compiler/html_label.h"
#include "yore/compiler/network_text.h"

namespace yore::compiler {

std::vector<std::string> picture_key(const Network& network) {
  std::vector<std::string> key = {
      "Columns are stages, left to right. A white box is a coordinate of the residual stream (x0, x1, ...) "
      "from the stage on that writes it, with the subformula whose truth it holds."};
  const HeadView::Kind kind = network.heads.empty() ? HeadView::Kind::Attention : network.heads[0].of;
  if (kind == HeadView::Kind::Steps) {
    key[0] =
        "Columns are stages, left to right. A white box is a coordinate of the residual stream (x0, x1, ...) "
        "from the stage on that writes it, with what it tells.";
    key.emplace_back(
        "The coloured box is a head of delta steps. Its state s has a number for each state of the "
        "automaton: "
        "a 1 where it is, less the same for its start, so that it begins with zeros. A row says what a "
        "coordinate that is 1 has it do, step by step: s becomes s - k (k . s - v). What it hands on is "
        "q . s, whether that state is accepting.");
    key.emplace_back(
        "A line stands exactly where weights are not 0: one for all that read a coordinate, or write one.");
    return key;
  }
  if (kind == HeadView::Kind::Latch)
    key.emplace_back(
        "A coloured box is a latch: one number that a head of the recurrence takes from token to token. It "
        "hands on what it holds before a token; then it is set to what its solid line reads, or kept where "
        "what its dashed line reads is above 0.");
  else if (!network.heads.empty())
    key.emplace_back(
        "A coloured box is an attention head: at earlier positions (lookback k: the k before; global: all) it"
        " takes what its rows say and hands it on. A sharp head weighs positions by what its dashed line "
        "reads, a uniform one takes the mean.");
  if (network.model.activation != "none")
    key.emplace_back(
        "A box in a feed-forward column lists the truth values (0 or 1) that it adds up, each with its "
        "weight, and from which sum on it is true; where it has several sums, the numbers they give are "
        "added. Lines of negative weights are red.");
  key.push_back(
      std::string(
          kind == HeadView::Kind::Latch
              ? "A line stands exactly where a number that is set, kept or summed has a weight that is not "
                "0; queries and keys, the same for every token, are not drawn. "
              : "A line stands exactly where a weight is not 0. ") +
      "Small grey boxes repeat a coordinate of a distant column; dashed ones are set back to false, for the "
      "next user.");
  return key;
}

namespace {

constexpr std::size_t kLineLength = 32, kLegendLength = 130;
/// Steps that a row of a head shows; `yore compile --explain` has all.
constexpr std::size_t kMostSteps = 8;
/// A coordinate that was written more stages before is repeated beside its reader.
constexpr int kLongestLine = 4;

// Okabe & Ito's blue, and darkened orange and vermilion, with light grounds.
constexpr const char* kLocal = "#0072b2";
constexpr const char* kLocalGround = "#e1f0fa";
constexpr const char* kGlobal = "#b35900";
constexpr const char* kGlobalGround = "#fdf0dc";
constexpr const char* kNegative = "#c0392b";
constexpr const char* kQuiet = "#8a8f96";

std::string text_cell(const std::string& text) {
  return label_lines(text, kLineLength);
}
std::string colour(const char* name) {
  return fmt::format("color=\"{}\"", name);
}
std::string sign_colour(double weight) {
  return weight < 0 ? colour(kNegative) : std::string();
}
bool any_read(const std::vector<HeadRow>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const HeadRow& row) { return !row.reads.empty(); });
}

class Drawing {
 public:
  explicit Drawing(const Network& network) : network_(network) {}

  std::string run(const PictureOptions& options) {
    for (stage_ = 0; stage_ <= network_.read_out_stage(); ++stage_) column();
    std::string text =
        "digraph network {\n"
        "  rankdir=LR; newrank=true; ranksep=0.5; nodesep=0.16; outputorder=edgesfirst;\n"
        "  fontname=\"DejaVu Sans\"; fontsize=13; labeljust=l; labelloc=b;\n"
        "  node [shape=plain, fontname=\"DejaVu Sans\", fontsize=12];\n"
        "  edge [color=\"#3d444c\", arrowsize=0.6, penwidth=1.1, fontname=\"DejaVu Sans\", fontsize=10];\n";
    if (options.legend) text += fmt::format("  label={};\n", legend());
    text += columns_;
    // A chain of invisible points, one in each rank, keeps the ranks in order.
    for (std::size_t i = 0; i < ranks_.size(); ++i)
      text += fmt::format("  c{} [shape=point, width=0, style=invis];\n", i);
    for (std::size_t i = 0; i + 1 < ranks_.size(); ++i)
      text += fmt::format("  c{} -> c{} [style=invis, weight=10];\n", i, i + 1);
    for (std::size_t i = 0; i < ranks_.size(); ++i)
      text += fmt::format("  {{rank=same; c{};{}}}\n", i, ranks_[i]);
    return text + edges_ + "}\n";
  }

 private:
  std::string legend() const {
    LabelTable table("BORDER=\"0\" CELLPADDING=\"2\"");
    const auto line = [&](const std::string& text) { table.row("", label_lines(text, kLegendLength)); };
    for (const Name& entry : names_of(network_))
      if (entry.shortened) line(fmt::format("{} = {}", entry.name, entry.definition));
    for (const std::string& sentence : picture_key(network_)) line(sentence);
    return table.label();
  }

  // ----- columns

  void column() {
    nodes_.clear();
    copies_.clear();
    std::string first, second;  // the nodes of the column's ranks
    if (stage_ == network_.read_out_stage()) {
      read_out();
    } else {
      for (const HeadView& head : network_.heads)
        if (attention_stage(head.block) == stage_) draw(head);
      std::swap(first, rank_);
      for (const Place& place : network_.places)
        if (place.stage == stage_) draw(place);
      idle_units();
    }
    std::swap(second, rank_);
    if (nodes_.empty()) return;
    std::string copies;
    for (const auto& [id, place] : copies_) {
      copies += fmt::format(" {};", id);
      nodes_ += fmt::format(
          "    {} [shape=box, style=rounded, height=0.2, width=0.2, margin=\"0.06,0.03\", "
          "{}, fontcolor=\"#56606b\", fontsize=11, label=<{} {}>];\n",
          id, colour(kQuiet), Network::coordinate_name(*place), text_cell(network_.content(*place)));
    }
    for (std::string* rank : {&copies, &first, &second})
      if (!rank->empty()) ranks_.push_back(std::move(*rank));
    std::string name = stage_name(network_, stage_);
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    columns_ += fmt::format(
        "  subgraph cluster_{} {{\n    label=<<B>{}</B>>; labeljust=c; labelloc=t; style=\"filled,rounded\"; "
        "color=\"{}\"; margin=10;\n{}  }}\n",
        stage_, name, stage_ % 2 == 1 ? "#f3f0e8" : "#eef1f4", nodes_);
  }

  void node(const std::string& id, const std::string& attributes) {
    nodes_ += fmt::format("    {} [{}];\n", id, attributes);
    rank_ += fmt::format(" {};", id);
  }

  static std::string id_of(const Place& place) {
    return fmt::format("s{}_x{}", place.stage, place.coordinate);
  }

  // ----- edges

  void edge(const std::string& from, const std::string& to, double weight, const std::string& attributes) {
    edges_ += fmt::format("  {} -> {} [comment=\"{}\"{}{}];\n", from, to, number_text(weight),
                          attributes.empty() ? "" : ", ", attributes);
  }

  /// What a weight reads, drawn to the port of its reader; `shown`: the weight as the reader's row has it.
  void read(const Read& read, const std::string& to, double shown, const std::string& attributes = "") {
    const Place& place = network_.place(read);
    std::string from = id_of(place);
    const bool always = place.kind == Place::Kind::Always;
    if (always || stage_ - place.stage > kLongestLine) {
      from += fmt::format("_at{}", stage_);
      copies_.emplace(from, &place);
    }
    edge(from + ":e", to + ":w", shown, always ? "style=dotted, " + colour(kQuiet) : attributes);
  }

  // ----- heads

  void draw(const HeadView& head) {
    const bool recurrent = head.of != HeadView::Kind::Attention, global = recurrent || head.lookback < 0;
    const std::string line = colour(global ? kGlobal : kLocal);
    const std::string id = fmt::format("b{}_h{}", head.block + 1, head.number);
    LabelTable table(fmt::format("BORDER=\"2\" CELLPADDING=\"3\" COLOR=\"{}\" BGCOLOR=\"{}\"",
                                 global ? kGlobal : kLocal, global ? kGlobalGround : kLocalGround));
    const char* const sharpness = recurrent || head.lookback == 1 ? "" : head.sharp ? ", sharp" : ", uniform";
    table.row("", fmt::format("<B>head {}</B> {}", head.number, label_soft(kind_text(head) + sharpness)));
    const auto reads = [&](const HeadRow& row, const std::string& port, const std::string& attributes) {
      const std::string to = fmt::format("{}:{}", id, port);
      for (const Read& r : row.reads) read(r, to, r.weight, attributes);
    };
    if (recurrent && !head.keys.empty())
      table.row("k", text_cell(focus_text(network_, head)));
    else if (head.sharp)
      table.row("k", text_cell(head.lookback == 1 ? "has scores" : "looks " + focus_text(network_, head)));
    else if (any_read(head.keys) || any_read(head.queries))
      table.row("k", "has scores of no effect");
    for (const auto* rows : {&head.queries, &head.keys})
      for (const HeadRow& row : *rows) reads(row, "k", "style=dashed, " + line);
    for (const HeadRow& row : head.values) {
      const std::string port = fmt::format("v{}", row.dimension);
      const TruthSum sum = network_.in_truths(row.reads, row.bias);
      table.row(port,
                text_cell((recurrent ? "set to " : "takes ") +
                          (sum.terms.empty() && sum.constant == 1 ? std::string("1 (if there is a position)")
                                                                  : sum_text(network_, sum))));
      reads(row, port, line);
    }
    for (const StepRow& row : head.step_rows) draw(row, id, table, line);
    for (const Write& write : head.writes) {
      const Place& place = network_.places[static_cast<std::size_t>(write.place)];
      const bool known = std::any_of(head.values.begin(), head.values.end(),
                                     [&](const HeadRow& row) { return row.dimension == write.dimension; });
      edge(known ? fmt::format("{}:v{}:e", id, write.dimension) : id, id_of(place) + ":w", write.weight,
           line + ", penwidth=1.6" +
               (write.weight == 1 ? "" : fmt::format(", label=\"&times; {}\"", number_text(write.weight))));
    }
    node(id, "label=" + table.label());
  }

  /// What one coordinate has a head of delta steps do, and the line that says so.
  void draw(const StepRow& row, const std::string& head, LabelTable& table, const std::string& line) {
    const Place& place = network_.places[static_cast<std::size_t>(row.place)];
    const std::string port = fmt::format("r{}", place.coordinate);
    std::vector<std::string> texts = step_texts(row);
    const std::size_t left = texts.size() > kMostSteps ? texts.size() - (kMostSteps - 1) : 0;
    if (left > 0) {
      texts.resize(kMostSteps - 1);
      texts.push_back(fmt::format("and {} more", left));
    }
    std::string cell;
    for (const std::string& text : texts) cell += (cell.empty() ? "" : "<BR/>") + text_cell(text);
    table.row(port, text_cell(place.kind == Place::Kind::Always ? "each token" : network_.operand(place)),
              cell);
    read({row.place, 0}, fmt::format("{}:{}", head, port), row.weights, line);
  }

  // ----- coordinates

  void draw(const Place& place) {
    const bool dead = place.kind == Place::Kind::Cleared || place.kind == Place::Kind::Unclaimed;
    LabelTable table(fmt::format("BORDER=\"1\" CELLPADDING=\"3\" COLOR=\"{}\" BGCOLOR=\"{}\" STYLE=\"{}\"",
                                 dead ? kQuiet : "#1b1f24", dead ? "#f5f6f8" : "#ffffff",
                                 dead ? "DASHED" : "ROUNDED"));
    const char* const tag = dead ? "I" : "B";
    table.row("", fmt::format("{} <{}>{}</{}>", label_soft(Network::coordinate_name(place)), tag,
                              text_cell(network_.content(place)), tag));
    if (stage_ == 0 && place.kind == Place::Kind::Truth)
      table.row("", label_soft(text_cell(letters_text(network_, place))));
    double constant = place.constant;
    int added = 0;
    bool complement = false;
    for (const Part& part : place.parts) {
      constant -= part.kind == Part::Kind::Positive;  // 1 - relu(1 - gain * mean)
      added += part.kind != Part::Kind::Forget;
      complement |= part.kind == Part::Kind::Gate && part.factor == -1;
    }
    // 1 - [sum >= t] is said as sum < t.
    complement &= constant == 1 && added == 1;
    if (constant != 0 && !complement) {
      table.rule();
      table.row("", number_text(constant) + " in any case");
    }
    for (std::size_t p = 0; p < place.parts.size(); ++p) {
      table.rule();
      draw(place.parts[p], table, id_of(place), fmt::format("p{}", p), added == 1, complement);
    }
    node(id_of(place), "label=" + table.label());
  }

  /// The rows of one part, with its edges.
  void draw(const Part& part, LabelTable& table, const std::string& id, const std::string& port, bool alone,
            bool complement) {
    const std::string whole = id + ":" + port;
    if (part.kind == Part::Kind::Forget || part.kind == Part::Kind::Positive) {
      for (const Read& r : part.reads) read(r, whole, r.weight, colour(kQuiet));
      table.row(port, part.kind == Part::Kind::Forget
                          ? label_soft("forgets its old value")
                          : "true where " + text_cell(network_.operand(network_.place(part.sum.terms[0]))) +
                                " &gt; 0");
      return;
    }
    terms(part.reads, part.sum, table, id, port, whole);
    if (part.kind == Part::Kind::Gate) {
      const std::string factor =
          fmt::format("{}{} where ", part.factor < 0 ? "" : "+", number_text(part.factor));
      const bool plain = complement || (alone && part.factor == 1);
      table.row(port, fmt::format("{}sum {} {}", plain ? "" : factor, complement ? "&lt;" : "&ge;",
                                  number_text(part.threshold)));
      return;
    }
    for (std::size_t u = 0; u < part.units.size(); ++u)
      table.row(u == 0 ? port : "", fmt::format("{} relu(sum + {})", number_text(part.units[u].weight),
                                                number_text(part.units[u].bias)));
  }

  /// A row for each term of a sum, and the edge that ends there; the constant's ends at the whole sum.
  void terms(const std::vector<Read>& reads, const TruthSum& sum, LabelTable& table, const std::string& id,
             const std::string& port, const std::string& whole) {
    std::size_t term = 0;
    for (const Read& r : reads) {
      const Place& place = network_.place(r);
      if (place.kind == Place::Kind::Always) {
        read(r, whole, r.weight);
        continue;
      }
      const double weight = sum.terms[term].weight;
      const std::string own = fmt::format("{}t{}", port, term++);
      table.row(own, number_text(weight) + " &times;", text_cell(network_.operand(place)));
      read(r, fmt::format("{}:{}", id, own), weight, sign_colour(weight));
    }
  }

  void idle_units() {
    int number = 0;
    for (const IdleUnits& units : network_.idle) {
      if (units.stage != stage_) continue;
      const std::string id = fmt::format("s{}_idle{}", stage_, ++number);
      node(id, "shape=box, style=dashed, label=\"hidden unit\\nthat writes nowhere\"");
      for (const Read& r : units.reads) read(r, id, r.weight);
    }
  }

  void read_out() {
    const TruthSum sum = network_.in_truths(network_.read_out, network_.read_out_bias);
    LabelTable table("BORDER=\"2\" CELLPADDING=\"3\" BGCOLOR=\"#ffffff\"");
    table.row("", "<B>logit</B> " + label_soft("at EOS, the word's end"));
    table.rule();
    terms(network_.read_out, sum, table, "read_out", "", "read_out:total");
    if (sum.constant != 0 || sum.terms.empty())
      table.row("", number_text(sum.constant), label_soft("in any case"));
    table.rule();
    table.row("total", "accepts where<BR/>" + text_cell(read_out_text(network_)));
    node("read_out", "label=" + table.label());
  }

  const Network& network_;
  int stage_ = 0;
  std::map<std::string, const Place*> copies_;  ///< of the column: places repeated in it
  std::string columns_, nodes_, rank_, edges_;  ///< of all, of the column, of the rank, of all
  std::vector<std::string> ranks_;
};

}  // namespace

std::string dot_of(const Network& network, const PictureOptions& options) {
  return Drawing(network).run(options);
}

std::string dot_of(const Manifest& manifest, const arch::ModelFile& file, const PictureOptions& options) {
  return dot_of(network_of(manifest, file), options);
}

}  // namespace yore::compiler
