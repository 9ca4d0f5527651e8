#include "yore/compiler/network_text.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "yore/base/text.h"
#include "yore/compiler/names.h"

namespace yore::compiler {
namespace {

/// Adds "+ 2 x" to a text, or begins it.
void append(std::string& text, double weight, const std::string& what) {
  text += text.empty() ? (weight < 0 ? "-" : "") : (weight < 0 ? " - " : " + ");
  const double size = std::abs(weight);
  if (what.empty())
    text += number_text(size);
  else
    text += size == 1 ? what : number_text(size) + " " + what;
}

/// A place where nothing else is added to it.
std::string alone_text(const Network& network, const Place& place) {
  return place.kind == Place::Kind::Truth ? network.content(place) : network.operand(place);
}

/// All that a feed-forward net adds to a place: "1 - [a + Y a >= 2]".
std::string place_text(const Network& network, const Place& place) {
  std::string text;
  double constant = place.constant;
  std::string forgets;
  for (const Part& part : place.parts) {
    if (part.kind == Part::Kind::Forget)
      forgets = "forgets what stood there";
    else if (part.kind == Part::Kind::Positive)
      constant -= 1;  // 1 - relu(1 - gain * mean)
  }
  if (constant != 0) append(text, constant, "");
  for (const Part& part : place.parts)
    if (part.kind == Part::Kind::Gate)
      append(text, part.factor, part_text(network, part));
    else if (part.kind == Part::Kind::Positive)
      append(text, 1, part_text(network, part));
    else if (part.kind == Part::Kind::Other)
      text += (text.empty() ? "" : " + ") + part_text(network, part);
  if (place.kind == Place::Kind::Cleared && text.empty()) return forgets.empty() ? "nothing" : forgets;
  if (!forgets.empty()) text += (text.empty() ? "" : ", ") + forgets;
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::string letters_text(const Network& network, const Place& place) {
  if (place.letters.empty() && place.remainders.empty()) return "true at no letter";
  const logic::Alphabet& alphabet = network.manifest.formula.alphabet;
  std::vector<std::string> list;
  for (const int t : place.letters) list.push_back(t < alphabet.size() ? alphabet.name(t) : "EOS");
  if (!place.remainders.empty())
    list.push_back(fmt::format("positions {} modulo {}", fmt::join(place.remainders, ", "),
                               *arch::period_of_positions(network.model.positions)));
  return fmt::format("true at {}", fmt::join(list, ", "));
}

TruthSum Network::in_truths(const std::vector<Read>& reads, double bias) const {
  TruthSum sum;
  sum.constant = bias;
  for (const Read& read : reads) {
    const Place::Kind kind = place(read).kind;
    if (kind == Place::Kind::Always) {
      sum.constant += read.weight;
    } else if (manifest.encoding == Encoding::ZeroOne || kind == Place::Kind::Mean) {
      sum.terms.push_back(read);
    } else {  // 2 truth - 1
      sum.terms.push_back({read.place, 2 * read.weight});
      sum.constant -= read.weight;
    }
  }
  return sum;
}

std::string Network::coordinate_name(const Place& place) {
  return fmt::format("x{}", place.coordinate);
}

std::string Network::content(const Place& place) const {
  switch (place.kind) {
    case Place::Kind::Truth:
      return names[static_cast<std::size_t>(place.node)];
    case Place::Kind::Mean: {
      const logic::Node& node = manifest.formula.graph.node(place.node);
      if (node.args.empty()) return "mean";  // a manifest may claim nonsense
      const Literal argument = literal(manifest.formula.graph, node.args[0]);
      std::string name = names[static_cast<std::size_t>(argument.node)];
      if (name.empty()) name = definition(manifest.formula, names, argument.node);
      return "mean of " + std::string(argument.negated ? "!" : "") +
             as_operand(manifest.formula, argument.node, name);
    }
    case Place::Kind::Cleared:
      return "cleared";
    case Place::Kind::Always:
      return "true, always";
    case Place::Kind::Accepted:
      return kAcceptedSoFar;
    case Place::Kind::Unclaimed:
      return "not in the manifest";
  }
  return "";
}

std::string Network::operand(const Place& place) const {
  return place.kind == Place::Kind::Truth ? as_operand(manifest.formula, place.node, content(place))
                                          : coordinate_name(place);
}

std::string number_text(double x) {
  return fmt::format("{}", static_cast<float>(x));
}

std::string sum_text(const Network& network, const TruthSum& sum) {
  if (sum.terms.size() == 1 && sum.terms[0].weight == 1 && sum.constant == 0)
    return alone_text(network, network.place(sum.terms[0]));
  std::string text;
  for (const Read& term : sum.terms) append(text, term.weight, network.operand(network.place(term)));
  if (sum.constant != 0) append(text, sum.constant, "");
  return text.empty() ? "0" : text;
}

std::string part_text(const Network& network, const Part& part) {
  switch (part.kind) {
    case Part::Kind::Gate:
      return fmt::format("[{} >= {}]", sum_text(network, {part.sum.terms, 0}), number_text(part.threshold));
    case Part::Kind::Positive:
      return fmt::format("[{} > 0]", sum_text(network, {{{part.sum.terms[0].place, 1}}, 0}));
    case Part::Kind::Forget:
      return fmt::format("-{}", network.operand(network.place(part.sum.terms[0])));
    case Part::Kind::Other:
      break;
  }
  std::string text;
  for (const Part::Unit& unit : part.units)
    append(text, unit.weight, fmt::format("relu({})", sum_text(network, {part.sum.terms, unit.bias})));
  return text;
}

std::string kind_text(const HeadView& head) {
  if (head.of == HeadView::Kind::Latch) return "latch";
  if (head.of == HeadView::Kind::Steps)
    return fmt::format("at most {} a letter", base::counted(head.steps, "delta step"));
  return head.lookback < 0 ? "global" : fmt::format("lookback {}", head.lookback);
}

std::vector<std::string> step_texts(const StepRow& row) {
  const auto vector = [](const StepRow::Vector& numbers) {
    std::string text;
    for (const auto& [place, number] : numbers) append(text, number, fmt::format("s{}", place));
    return text.empty() ? "0" : text;
  };
  std::vector<std::string> lines;
  for (const StepRow::Step& step : row.steps)
    lines.push_back(fmt::format("k = {}, v = {}", vector(step.key), number_text(step.value)));
  if (!row.query.empty()) lines.push_back("read by q = " + vector(row.query));
  if (row.strength) lines.push_back("strength of the steps");
  return lines;
}

std::string focus_text(const Network& network, const HeadView& head) {
  if (head.of == HeadView::Kind::Steps) return "";
  if (head.of == HeadView::Kind::Latch)
    return head.keys.empty()
               ? "kept nowhere"
               : fmt::format("kept where {} > 0",
                             sum_text(network, network.in_truths(head.keys[0].reads, head.keys[0].bias)));
  if (head.lookback == 1) return "";
  if (!head.sharp) return "everywhere alike";
  // One key against a constant query: the score grows with a truth value.
  if (head.keys.size() == 1 && head.queries.size() == 1 && head.queries[0].reads.empty()) {
    TruthSum score = network.in_truths(head.keys[0].reads, 0);
    if (score.terms.size() == 1) {
      const bool wanted = score.terms[0].weight * head.queries[0].bias > 0;
      return fmt::format("where {} is {}", alone_text(network, network.place(score.terms[0])), wanted);
    }
  }
  std::string text;
  for (const HeadRow& key : head.keys)
    for (const HeadRow& query : head.queries)
      if (query.dimension == key.dimension)
        text += fmt::format("{}({}) * ({})", text.empty() ? "by " : " + ",
                            sum_text(network, network.in_truths(query.reads, query.bias)),
                            sum_text(network, network.in_truths(key.reads, key.bias)));
  return text;
}

std::string stage_name(const Network& network, int stage) {
  if (stage == 0) return "embedding";
  if (stage >= network.read_out_stage()) return "read-out";
  return fmt::format("block {}: {}", (stage - 1) / 2 + 1,
                     stage % 2 == 0                ? "feed-forward net"
                     : network.model.mixer.empty() ? "attention"
                                                   : network.model.mixer);
}

std::vector<Line> lines_of(const Network& network, int stage) {
  std::vector<Line> lines;
  for (const HeadView& head : network.heads) {
    if (attention_stage(head.block) != stage) continue;
    const std::string focus = focus_text(network, head);
    const bool attention = head.of == HeadView::Kind::Attention;
    const std::string kind = kind_text(head) + (focus.empty() ? ""
                                                : attention   ? ", looks " + focus
                                                              : ", " + focus);
    for (const Write& write : head.writes) {
      std::string value = "0";
      for (const HeadRow& row : head.values)
        if (row.dimension == write.dimension)
          value = sum_text(network, network.in_truths(row.reads, row.bias));
      if (write.weight != 1 &&
          network.places[static_cast<std::size_t>(write.place)].kind != Place::Kind::Mean)
        value = fmt::format("{} ({})", number_text(write.weight), value);
      if (head.of == HeadView::Kind::Steps) value = "whether its state is accepting";
      lines.push_back({fmt::format("head {}", head.number), kind,
                       (head.of == HeadView::Kind::Latch ? "set to " : "takes ") + value, write.place});
    }
  }
  for (std::size_t i = 0; i < network.places.size(); ++i) {
    const Place& place = network.places[i];
    if (place.stage != stage) continue;
    if (stage == 0)
      lines.push_back({"embedding", "",
                       place.kind == Place::Kind::Always      ? "always"
                       : place.kind == Place::Kind::Unclaimed ? "not said"
                                                              : letters_text(network, place),
                       static_cast<int>(i)});
    else if (stage % 2 == 0)
      lines.push_back({"feed-forward net", "", place_text(network, place), static_cast<int>(i)});
    else if (place.constant != 0)
      lines.push_back({"constant", "", number_text(place.constant), static_cast<int>(i)});
  }
  return lines;
}

std::vector<Name> names_of(const Network& network) {
  std::vector<Name> list;
  std::set<NodeId> seen;
  Formula part = network.manifest.formula;
  for (const Place& place : network.places) {
    if (place.kind != Place::Kind::Truth || !seen.insert(place.node).second) continue;
    const std::string& name = network.names[static_cast<std::size_t>(place.node)];
    Name entry{place.node, name, definition(network.manifest.formula, network.names, place.node), false};
    part.root = place.node;
    entry.shortened = logic::format_formula(part) != name;
    list.push_back(std::move(entry));
  }
  return list;
}

std::string read_out_text(const Network& network) {
  const TruthSum sum = network.in_truths(network.read_out, network.read_out_bias);
  // Halfway between the two logits lies 0: the sign is the answer.
  if (sum.terms.size() == 1 && 2 * sum.constant == -sum.terms[0].weight) {
    const Place& place = network.place(sum.terms[0]);
    return fmt::format("{} ({}) is {}", Network::coordinate_name(place), network.content(place),
                       sum.terms[0].weight > 0);
  }
  return sum_text(network, sum) + " > 0";
}

std::string to_text(const Network& network) {
  std::string text;
  for (int stage = 0; stage < network.read_out_stage(); ++stage) {
    const std::vector<Line> lines = lines_of(network, stage);
    if (lines.empty()) continue;
    std::string name = stage_name(network, stage);
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    text += (text.empty() ? "" : "\n") + name + "\n";
    std::string who;
    for (const Line& line : lines) {
      if (!line.kind.empty() && line.who != who) text += fmt::format("  {} ({})\n", line.who, line.kind);
      who = line.who;
      const Place& place = network.places[static_cast<std::size_t>(line.place)];
      text += fmt::format("  {:<6}{:<18} {}\n", Network::coordinate_name(place), network.content(place),
                          line.computes);
    }
  }
  return text + fmt::format("\nRead-out, at EOS\n  accepts where {}\n", read_out_text(network));
}

}  // namespace yore::compiler
