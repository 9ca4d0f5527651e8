#include "yore/compiler/explain.h"

#include <fmt/format.h>

#include "yore/base/text.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/names.h"

namespace yore::compiler {
namespace {

class Explainer {
 public:
  explicit Explainer(const Plan& plan) : plan_(plan), names_(node_names(plan)) {}

  std::string run() const {
    if (plan_.machine) return machine();
    std::string text = fmt::format(
        "Formula    {}\n"
        "Model      {}, width {}, {} of {}, {}, {} parameters\n"
        "Encoding   {} ({}), {}\n",
        logic::format_formula(plan_.formula), base::counted(std::ssize(plan_.blocks), "block"), plan_.width,
        base::counted(plan_.heads, "head"), plan_.head_width, base::counted(plan_.mlp_width, "hidden unit"),
        plan_.parameters(), name(plan_.options.encoding),
        plan_.options.encoding == Encoding::ZeroOne ? "no norm" : "RMSNorm",
        plan_.recurrent() ? fmt::format("latches of {}, for words of every length", plan_.options.mixer)
                          : fmt::format("P by {} heads, for words of at most {} letters",
                                        name(plan_.options.once), plan_.options.length));
    text += definitions();
    text += "\nEmbedding  what a letter tells about itself (at EOS: no letter)\n";
    if (plan_.one != kNever) text += line(plan_.one, "true, always");
    text += embedded(false);
    if (plan_.period > 1)
      text += fmt::format("\nPositions  what position i tells by i modulo {} (EOS: the word's length)\n{}",
                          plan_.period, embedded(true));
    for (std::size_t b = 0; b < plan_.blocks.size(); ++b) text += block(static_cast<int>(b));
    const Literal root = literal(plan_.formula.graph, plan_.formula.root);
    text += fmt::format("\nRead-out   at EOS: accept where {}{}\n", root.negated ? "not " : "",
                        name_of(root.node));
    return text;
  }

 private:
  /// Of delta steps: what each letter does to the state.
  std::string machine() const {
    const Machine& m = *plan_.machine;
    std::string text = fmt::format(
        "Automaton  {} over {}\n"
        "Model      1 block of {}, width {}, 1 head, {} parameters, for words of every length\n"
        "State      {} numbers: a 1 where the automaton is (less the same for its start, so that it begins "
        "with zeros)\n\nLetters    steps s - k (k . s - v), at most {} a letter\n",
        base::counted(m.dfa.states, "state"), base::counted(m.dfa.alphabet.size(), "letter"),
        plan_.options.mixer, plan_.width, plan_.parameters(), m.dim, m.steps);
    for (int a = 0; a < m.dfa.alphabet.size(); ++a) {
      text += fmt::format("  {}\n", m.dfa.alphabet.name(a));
      for (const DeltaStep& write : m.letters[static_cast<std::size_t>(a)]) {
        std::string key;
        for (const auto& [place, number] : write.key)
          key += fmt::format("{}{}s{}",
                             key.empty()  ? (number < 0 ? "-" : "")
                             : number < 0 ? " - "
                                          : " + ",
                             std::abs(number) == 1 ? "" : fmt::format("{} ", std::abs(number)), place);
        text += fmt::format("    k = {}, v = {}\n", key, write.value);
      }
    }
    std::string accepting;
    for (automata::State q = 0; q < m.dfa.states; ++q)
      if (m.dfa.accepting[static_cast<std::size_t>(q)] != 0)
        accepting += fmt::format("{}{}", accepting.empty() ? " " : " or ",
                                 m.place[static_cast<std::size_t>(q)] == kNever
                                     ? std::string("nowhere")
                                     : fmt::format("at s{}", m.place[static_cast<std::size_t>(q)]));
    return text + fmt::format("\nRead-out   at EOS: accept where the 1 is{}\n", accepting);
  }

  std::string name_of(NodeId id) const {
    const Literal lit = literal(plan_.formula.graph, id);
    const logic::Node& node = plan_.node(lit.node);
    const std::string own = node.op == logic::Op::True    ? "true"
                            : node.op == logic::Op::False ? "false"
                                                          : names_[static_cast<std::size_t>(lit.node)];
    return (lit.negated ? "!" : "") + own;
  }

  static std::string line(int coordinate, const std::string& what) {
    return fmt::format("  x{:<4} {}\n", coordinate, what);
  }

  /// What the table of letters tells, or that of positions.
  std::string embedded(bool positions) const {
    const std::vector<Dependence> dependence = dependences(plan_.formula.graph);
    std::string text;
    for (std::size_t i = 0; i < plan_.stage.size(); ++i)
      if (plan_.stage[i] == 0 && dependence[i].position == positions)
        text += line(plan_.coordinate[i], names_[i]);
    return text;
  }

  std::string definitions() const {
    std::string text;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i].empty()) continue;
      Formula part = plan_.formula;
      part.root = static_cast<NodeId>(i);
      const std::string full = logic::format_formula(part);
      if (full != names_[i]) text += fmt::format("  {} = {}\n", names_[i], full);
    }
    return text.empty() ? "" : "\nNames\n" + text;
  }

  std::string block(int b) const {
    const Block& block = plan_.blocks[static_cast<std::size_t>(b)];
    std::string text;
    for (std::size_t h = 0; h < block.heads.size(); ++h) {
      const Head& head = block.heads[h];
      text += fmt::format("  head {} ({}{})\n", h + 1,
                          head.lookback < 0 ? "global" : fmt::format("lookback {}", head.lookback),
                          head.sharp           ? ", looks where its argument holds"
                          : head.lookback == 1 ? ""
                                               : ", looks everywhere alike");
      for (const NodeId id : head.nodes) {
        const int mean = plan_.mean[static_cast<std::size_t>(id)];
        const std::string argument = name_of(plan_.node(id).args[0]);
        text += mean == kNever ? "  " + line(plan_.coordinate[static_cast<std::size_t>(id)],
                                             fmt::format("{}   from {}", name_of(id), argument))
                               : "  " + line(mean, fmt::format("mean of {} so far", argument));
      }
    }
    for (std::size_t h = 0; h < block.latches.size(); ++h) {
      const NodeId id = block.latches[h];
      const Since since = as_since(plan_.node(id));
      const std::string keep = since.hold     ? "kept where " + name_of(*since.hold)
                               : since.always ? "kept for good"
                                              : "kept for one token";
      text += fmt::format("  head {} (latch)\n", h + 1);
      text += "  " + line(plan_.coordinate[static_cast<std::size_t>(id)],
                          fmt::format("{}   set where {}, {}", name_of(id), name_of(since.target), keep));
    }
    if (block.heads.empty() && block.latches.empty())
      text += "  no head: only the feed-forward net works in this block\n";
    std::string net;
    for (const NodeId id : block.thresholds)
      net += "  " +
             line(plan_.coordinate[static_cast<std::size_t>(id)],
                  fmt::format("{}   where x{} > 0", name_of(id), plan_.mean[static_cast<std::size_t>(id)]));
    for (const NodeId id : block.formed)
      net += "  " + line(plan_.coordinate[static_cast<std::size_t>(id)],
                         fmt::format("{}   {}", name_of(id), form(plan_.form[static_cast<std::size_t>(id)])));
    std::string cleared;
    for (const Clearing& c : block.cleared) cleared += fmt::format(" x{}", c.coordinate);
    if (!cleared.empty()) net += "    cleared for others:" + cleared + "\n";
    if (!net.empty()) net = "  feed-forward\n" + net;
    return fmt::format("\nBlock {}\n{}{}", b + 1, text, net);
  }

  std::string form(const Form& form) const {
    std::vector<std::string> gates;
    for (const Gate& gate : form.gates) {
      std::string sum;
      for (const Term& term : gate.terms) {
        const int weight = std::abs(term.weight);
        sum += fmt::format("{}{}{}",
                           sum.empty() ? (term.weight < 0 ? "-" : "") : (term.weight < 0 ? " - " : " + "),
                           weight == 1 ? "" : fmt::format("{} ", weight), name_of(term.node));
      }
      gates.push_back(fmt::format("[{} >= {}]", sum, gate.threshold));
    }
    return fmt::format("{}{}", form.complement ? "1 - " : "",
                       fmt::join(gates, form.complement ? " - " : " + "));
  }

  const Plan& plan_;
  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string> node_names(const Plan& plan) {
  std::vector<NodeId> kept;
  for (std::size_t i = 0; i < plan.stage.size(); ++i)
    if (plan.stage[i] != kNever) kept.push_back(static_cast<NodeId>(i));
  std::stable_sort(kept.begin(), kept.end(), [&](NodeId a, NodeId b) {
    return plan.stage[static_cast<std::size_t>(a)] < plan.stage[static_cast<std::size_t>(b)];
  });
  return short_names(plan.formula, kept);
}

std::string explain(const Plan& plan) {
  return Explainer(plan).run();
}

std::string to_text(const Proof& proof) {
  if (!proof.proven && proof.every_length) return "not proven: " + proof.failure;
  if (!proof.proven)
    return fmt::format("not proven for words of {} letters: {}", proof.length, proof.failure);
  std::string text;
  if (proof.every_length)
    text =
        "proven for words of every length: float32 computes every number exactly, and every truth value is 0 "
        "or 1";
  else
    text = fmt::format(
        "proven for every word of at most {} letters, in float32 arithmetic of any order: every truth value "
        "stays within {:.2g} of its ideal (0.5 would be a tie)",
        proof.length, proof.error);
  if (std::isfinite(proof.least_accepting))
    text += fmt::format("; accepted words' logits are at least {:.4g}", proof.least_accepting);
  if (std::isfinite(proof.largest_rejecting))
    text += fmt::format("; rejected words' logits are at most {:.4g}", proof.largest_rejecting);
  return text;
}

}  // namespace yore::compiler
