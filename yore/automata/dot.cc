#include <fmt/format.h>

#include <map>

#include "yore/automata/formats.h"

namespace yore::automata {
namespace {

std::string in_quotes(const std::string& text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

// A rejecting state that is never left, other than the start.
bool is_sink(const Dfa& dfa, State q) {
  if (q == dfa.start || dfa.accepting[q]) return false;
  for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
    if (dfa.step(q, a) != q) return false;
  return true;
}

}  // namespace

std::string dot_from_dfa(const Dfa& dfa, const DotOptions& options) {
  std::vector<char> hidden(static_cast<std::size_t>(dfa.states), 0);
  bool hides = false;
  for (State q = 0; q < dfa.states; ++q) {
    hidden[q] = options.hide_sink && is_sink(dfa, q);
    hides = hides || hidden[q];
  }
  std::string caption = options.title;
  if (hides)
    caption +=
        std::string(caption.empty() ? "" : " ") + "(moves that are not drawn lead to a rejecting sink)";

  std::string text = "digraph dfa {\n  rankdir=LR;\n  node [shape=circle];\n";
  if (!caption.empty()) text += fmt::format("  label={};\n", in_quotes(caption));
  text += fmt::format("  start [shape=point, label=\"\"];\n  start -> {};\n", dfa.start);
  for (State q = 0; q < dfa.states; ++q)
    if (!hidden[q])
      text += fmt::format("  {} [shape={}];\n", q, dfa.accepting[q] ? "doublecircle" : "circle");
  for (State q = 0; q < dfa.states; ++q) {
    if (hidden[q]) continue;
    std::map<State, std::string> labels;
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      std::string& label = labels[dfa.step(q, a)];
      label += (label.empty() ? "" : ", ") + dfa.alphabet.name(a);
    }
    for (const auto& [r, label] : labels)
      if (!hidden[r]) text += fmt::format("  {} -> {} [label={}];\n", q, r, in_quotes(label));
  }
  return text + "}\n";
}

}  // namespace yore::automata
