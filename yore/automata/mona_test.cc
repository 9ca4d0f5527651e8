// MONA as an outside judge of dfa_from_formula: a formula's meaning is written out in WS1S with quantifiers
// over positions, MONA compiles that to an automaton, and the two automata are compared as languages.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <sstream>

#include "yore/automata/convert.h"
#include "yore/automata/test_support.h"
#include "yore/base/files.h"
#include "yore/base/process.h"
#include "yore/base/test_scratch.h"

namespace yore::automata {
namespace {

using logic::Formula;
using logic::FormulaGraph;
using logic::Node;
using logic::NodeId;
using logic::Op;

std::string letter_set(Symbol a) {
  return fmt::format("L{}", a);
}

// A word of length n is the number n and one set of positions a letter, which share out 0..n-1. One predicate
// a node says where it is true; the last line asks for the root at n, the end of string.
std::string in_ws1s(const Formula& formula) {
  const int letters = formula.alphabet.size();
  std::vector<std::string> sets;
  for (Symbol a = 0; a < letters; ++a) sets.push_back(letter_set(a));
  const std::string parameters = fmt::format("var2 {}", fmt::join(sets, ", var2 "));
  const auto at = [&](NodeId id, const char* position) {
    return fmt::format("node{}({}, {})", id, position, fmt::join(sets, ", "));
  };
  std::string text = fmt::format("ws1s;\nvar1 n;\nvar2 {};\n", fmt::join(sets, ", "));
  for (NodeId id = 0; id <= formula.root; ++id) {
    const Node& node = formula.graph.node(id);
    std::string meaning;
    switch (node.op) {
      case Op::False:
        meaning = "false";
        break;
      case Op::True:
        meaning = "true";
        break;
      case Op::Letter:
        meaning = fmt::format("p in {}", letter_set(node.value));
        break;
      case Op::Position:
        throw std::logic_error("these formulas ask for no positions");
      case Op::Not:
        meaning = fmt::format("~{}", at(node.args[0], "p"));
        break;
      case Op::And:
      case Op::Or:
        for (NodeId arg : node.args)
          meaning += (meaning.empty() ? "" : node.op == Op::And ? " & " : " | ") + at(arg, "p");
        break;
      case Op::Before:
        meaning = fmt::format("ex1 q: q < p & {}", at(node.args[0], "q"));
        break;
      case Op::Yesterday:
        meaning = fmt::format("ex1 q: q < p & p <= q + {} & {}", node.value, at(node.args[0], "q"));
        break;
      case Op::Since:
        meaning = fmt::format("ex1 q: q < p & {} & (all1 r: (q < r & r < p) => {})", at(node.args[1], "q"),
                              at(node.args[0], "r"));
        break;
    }
    text += fmt::format("pred node{}(var1 p, {}) = {};\n", id, parameters, meaning);
  }
  for (Symbol a = 0; a < letters; ++a) {
    text += fmt::format("all1 p: p in {} => p < n;\n", letter_set(a));
    for (Symbol b = 0; b < a; ++b)
      text += fmt::format("{} inter {} = empty;\n", letter_set(a), letter_set(b));
  }
  text += fmt::format("all1 p: p < n => (p in {});\n", fmt::join(sets, " | p in "));
  return text + at(formula.root, "n") + ";\n";
}

// The automaton `mona -w` prints.
class MonaAutomaton {
 public:
  explicit MonaAutomaton(const std::string& printed) {
    std::istringstream lines(printed);
    std::smatch match;
    const std::regex move("State (\\d+): ([01X]*) -> state (\\d+)");
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("A counter-example") || line.starts_with("A satisfying")) break;
      read_list(line, "DFA for formula with free variables:", variables_);
      read_list(line, "Initial state:", initial_);
      read_list(line, "Accepting states:", accepting_);
      read_list(line, "Rejecting states:", rejecting_);
      if (std::regex_search(line, match, move))
        moves_[std::stoi(match[1])].push_back({match[2], std::stoi(match[3])});
    }
    if (initial_.size() != 1 || moves_.empty()) throw std::runtime_error("not an automaton: " + printed);
  }

  // Words as letters in a row: the first step of a MONA automaton reads no position, and a word ends where n
  // is.
  Dfa words(const Alphabet& alphabet) const {
    Dfa dfa{alphabet, static_cast<State>(moves_.size()), step(std::stoi(initial_[0]), ""), {}, {}};
    for (State q = 0; q < dfa.states; ++q) {
      const std::string end = std::to_string(step(q, "n"));
      const bool yes = std::find(accepting_.begin(), accepting_.end(), end) != accepting_.end();
      const bool no = std::find(rejecting_.begin(), rejecting_.end(), end) != rejecting_.end();
      // MONA may leave states that no encoding of a word reaches undecided; the sum of both answers is then
      // 0.
      decided_.push_back(yes || no);
      dfa.accepting.push_back(yes);
      for (Symbol a = 0; a < alphabet.size(); ++a) dfa.next.push_back(step(q, letter_set(a)));
    }
    for (State q : reachable(dfa)) EXPECT_TRUE(decided_[q]) << "undecided after state " << q;
    return dfa;
  }

 private:
  static void read_list(const std::string& line, const std::string& label, std::vector<std::string>& into) {
    if (!line.starts_with(label)) return;
    std::istringstream words(line.substr(label.size()));
    for (std::string word; words >> word;) into.push_back(word);
  }
  static std::vector<State> reachable(const Dfa& dfa) {
    std::vector<State> queue{dfa.start};
    for (std::size_t head = 0; head < queue.size(); ++head)
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
        if (const State r = dfa.step(queue[head], a); std::find(queue.begin(), queue.end(), r) == queue.end())
          queue.push_back(r);
    return queue;
  }
  // The move on the column in which exactly the named variable is 1.
  State step(State q, const std::string& set) const {
    for (const auto& [bits, target] : moves_.at(q)) {
      bool fits = true;
      for (std::size_t i = 0; i < bits.size(); ++i)
        fits = fits && (bits[i] == 'X' || (bits[i] == '1') == (variables_.at(i) == set));
      if (fits) return target;
    }
    throw std::runtime_error("no move");
  }

  std::vector<std::string> variables_, initial_, accepting_, rejecting_;
  std::map<State, std::vector<std::pair<std::string, State>>> moves_;
  mutable std::vector<char> decided_;
};

Dfa by_mona(const Formula& formula) {
  const base::Scratch scratch;
  const std::string path = scratch / "formula.mona";
  base::write_file(path, in_ws1s(formula));
  const base::ProcessResult result = base::run_process({"mona", "-w", "-q", path});
  if (result.exit_code != 0) throw std::runtime_error(result.out + result.err + in_ws1s(formula));
  return minimise(MonaAutomaton(result.out).words(formula.alphabet));
}

Formula random_parts(base::Random& random, int letters, int steps) {
  Formula formula{FormulaGraph(), 0, testing::first_letters(letters)};
  FormulaGraph& graph = formula.graph;
  std::vector<NodeId> pool;
  for (Symbol a = 0; a < letters; ++a) pool.push_back(graph.letter(a));
  const auto pick = [&] { return pool[random.below(pool.size())]; };
  for (int i = 0; i < steps; ++i) {
    NodeId f = 0;
    switch (random.below(7)) {
      case 0:
        f = graph.negation(pick());
        break;
      case 1:
        f = graph.conjunction({pick(), pick()});
        break;
      case 2:
        f = graph.disjunction({pick(), pick()});
        break;
      case 3:
        f = graph.before(pick());
        break;
      case 4:
        f = graph.yesterday(pick());
        break;
      case 5:
        f = graph.yesterday(pick(), 2 + static_cast<int>(random.below(3)));
        break;
      default:
        f = graph.since(pick(), pick());
    }
    // Constants swallow what is built on them.
    if (graph.node(f).op != Op::True && graph.node(f).op != Op::False) pool.push_back(f);
  }
  // The root must speak of the past: letters do not hold at the end of string.
  formula.root = graph.disjunction({graph.yesterday(pool.back()), graph.before(pool[pool.size() - 2])});
  return formula;
}

TEST(Mona, JudgesFormulasNeedsMona) {
  if (!base::find_program("mona"))
    GTEST_SKIP()
        << "the program `mona` is not installed (Debian package mona); formulas go unjudged from outside";
  const Alphabet ab = testing::first_letters(2);
  std::vector<Formula> sample;
  for (const char* text : {"true", "false", "first", "a", "P a", "Y a", "Z a", "Y<=3 a", "a S b", "O a",
                           "H a", "P (b & Y a)", "!P (a & Y a) & !P (b & Z b) & !Y a", "(a S b) S (b S a)",
                           "Y<=2 (P a & !Y<=3 b)", "P (a & !(first S b))"})
    sample.push_back(logic::parse_formula(text, ab, false));
  base::Random random({5, 1});
  for (int i = 0; i < 120; ++i) sample.push_back(random_parts(random, 2 + i % 2, 10));
  std::map<std::string, int> languages;
  int most = 0;
  for (const Formula& formula : sample) {
    const Dfa dfa = dfa_from_formula(formula);
    ASSERT_EQ(by_mona(formula), dfa) << format_formula(formula);
    ++languages[json_from_dfa(dfa)];
    most = std::max(most, dfa.states);
  }
  EXPECT_GT(languages.size(), 50u);
  std::cout << sample.size() << " formulas, " << languages.size() << " languages, up to " << most
            << " states\n";
}

}  // namespace
}  // namespace yore::automata
