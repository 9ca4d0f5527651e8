// Automata as AT&T text (OpenFst, HFST and foma acceptors), read line by line.
#include <fmt/format.h>

#include <charconv>
#include <unordered_map>

#include "yore/automata/formats.h"
#include "yore/automata/nfa.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using base::InputError;

bool is_empty_move(std::string_view name) {
  return name == "<eps>" || name == "@0@";
}

class Reader {
 public:
  Reader(const std::string& text, const std::string& source, const std::optional<Alphabet>& alphabet,
         std::size_t max_states)
      : text_(text), source_(source), given_(alphabet), max_states_(max_states) {}

  Nfa read() {
    for (std::size_t begin = 0; begin < text_.size();) {
      std::size_t end = text_.find('\n', begin);
      if (end == std::string::npos) end = text_.size();
      ++line_;
      read_line(begin, end);
      begin = end + 1;
    }
    if (nfa_.states == 0) throw InputError(source_, "no line with a transition or a final state");
    if (given_)
      nfa_.alphabet = *given_;
    else if (names_.empty())
      throw InputError(source_, "no transition carries a symbol, so the alphabet must be given");
    else
      nfa_.alphabet = Alphabet(names_);
    return std::move(nfa_);
  }

 private:
  struct Field {
    std::size_t begin;
    std::string_view text;
  };

  [[noreturn]] void fail(std::size_t position, const std::string& what) const {
    throw InputError(source_, fmt::format("line {}: {}", line_, what), text_, position);
  }

  std::vector<Field> fields(std::size_t begin, std::size_t end) const {
    const auto blank = [&](std::size_t i) { return text_[i] == ' ' || text_[i] == '\t' || text_[i] == '\r'; };
    std::vector<Field> result;
    for (std::size_t i = begin; i < end;) {
      if (blank(i)) {
        ++i;
        continue;
      }
      const std::size_t first = i;
      while (i < end && !blank(i)) ++i;
      result.push_back({first, std::string_view(text_).substr(first, i - first)});
    }
    return result;
  }

  void read_line(std::size_t begin, std::size_t end) {
    const std::vector<Field> line = fields(begin, end);
    if (line.empty()) return;
    if (line.size() > 4) fail(line[4].begin, "expected at most 4 fields: from, to, symbol, weight 0");
    const State from = state(line[0]);
    if (nfa_.starts.empty()) nfa_.starts = {from};
    if (line.size() <= 2) {
      // A second field is a weight, unless a symbol was forgotten: weights other than 0 are refused either
      // way.
      if (line.size() == 2)
        weight(line[1], "the weight 0 of a final state, or a transition \"from to symbol\"");
      nfa_.accepting[from] = 1;
      return;
    }
    const State to = state(line[1]);
    const Symbol symbol = is_empty_move(line[2].text) ? kEpsilon : symbol_of(line[2]);
    if (line.size() == 4) weight(line[3], "the weight 0 (weights and outputs are not supported)");
    nfa_.edges.push_back({from, symbol, to});
  }

  State state(const Field& field) {
    std::int64_t number = -1;
    const char* last = field.text.data() + field.text.size();
    const auto [stop, error] = std::from_chars(field.text.data(), last, number);
    if (error != std::errc() || stop != last || number < 0)
      fail(field.begin, fmt::format("expected a state (a number from 0), got \"{}\"", field.text));
    const auto [it, fresh] = number_.try_emplace(number, nfa_.states);
    if (fresh) {
      if (number_.size() > max_states_)
        fail(field.begin, fmt::format("more than {} states (--max-states)", max_states_));
      ++nfa_.states;
      nfa_.accepting.push_back(0);
    }
    return it->second;
  }

  Symbol symbol_of(const Field& field) {
    const std::string name(field.text);
    if (given_) {
      const std::optional<Symbol> known = given_->find(name);
      if (!known) fail(field.begin, fmt::format("the symbol \"{}\" is not in the alphabet", name));
      return *known;
    }
    const auto [it, fresh] = symbols_.try_emplace(name, static_cast<Symbol>(names_.size()));
    if (fresh) {
      try {
        (void)Alphabet({name});
      } catch (const InputError& error) {
        fail(field.begin, error.message());
      }
      names_.push_back(name);
    }
    return it->second;
  }

  void weight(const Field& field, const char* expected) const {
    double value = 1;
    const char* last = field.text.data() + field.text.size();
    const auto [stop, error] = std::from_chars(field.text.data(), last, value);
    if (error != std::errc() || stop != last || value != 0)
      fail(field.begin, fmt::format("expected {}, got \"{}\"", expected, field.text));
  }

  const std::string& text_;
  const std::string& source_;
  const std::optional<Alphabet>& given_;
  std::size_t max_states_;
  int line_ = 0;
  Nfa nfa_;
  std::unordered_map<std::int64_t, State> number_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, Symbol> symbols_;
};

}  // namespace

Dfa dfa_from_att(const std::string& text, const std::string& source, const std::optional<Alphabet>& alphabet,
                 std::size_t max_states) {
  return minimise(determinise(Reader(text, source, alphabet, max_states).read(), max_states));
}

std::string att_from_dfa(const Dfa& dfa) {
  for (const std::string& name : dfa.alphabet.names())
    if (is_empty_move(name))
      throw InputError("alphabet", "AT&T text reads the symbol " + name + " as the empty move");
  std::string text, finals;
  const auto write = [&](State q) {
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
      text += fmt::format("{}\t{}\t{}\n", q, dfa.step(q, a), dfa.alphabet.name(a));
    if (dfa.accepting[q]) finals += fmt::format("{}\n", q);
  };
  // The source of the first line is the start.
  write(dfa.start);
  for (State q = 0; q < dfa.states; ++q)
    if (q != dfa.start) write(q);
  return text + finals;
}

}  // namespace yore::automata
