// Automata as AT&T text: what foma, HFST, OpenFst, pyfoma and MLRegTest print for acceptors.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "yore/automata/formats.h"
#include "yore/automata/nfa.h"
#include "yore/base/error.h"
#include "yore/base/text.h"

namespace yore::automata {
namespace {

using base::InputError;

// Cells of the tables that determinising needs: states x symbols. Without a bound a file of 50,000 lines with
// a symbol each would ask for gigabytes.
constexpr std::size_t kMaxCells = 100'000'000;

bool is_empty_move(std::string_view name) {
  return name == "<eps>" || name == "<epsilon>" || name == "@0@" || name == "@_EPSILON_SYMBOL_@";
}

// Why a name cannot be a symbol: to the programs that write these files it stands for something else.
std::optional<std::string> reserved(std::string_view name) {
  if (name == "@_IDENTITY_SYMBOL_@" || name == "@_UNKNOWN_SYMBOL_@")
    return fmt::format(
        "{} stands for every symbol that is not named, and yore needs the whole alphabet: restrict the "
        "automaton to it before printing (in foma: regex R & [a|b|c]*;)",
        name);
  const bool flag = name.size() >= 5 && name.front() == '@' && name.back() == '@' && name[2] == '.' &&
                    std::string_view("PNRDCU").find(name[1]) != std::string_view::npos;
  if (flag)
    return fmt::format(
        "{} is a flag diacritic, which is no symbol of the words: remove flags before printing (in foma: "
        "eliminate flags)",
        name);
  return std::nullopt;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_zero(std::string_view text) {
  return number(text) == 0.0;
}

// An acceptor's output: the input once more. All spellings of the empty move are the same.
bool repeats(std::string_view input, std::string_view output) {
  return input == output || (is_empty_move(input) && is_empty_move(output));
}

class AttReader {
 public:
  AttReader(const std::string& text, const std::string& source, const std::optional<Alphabet>& alphabet,
            std::size_t max_states)
      : text_(text), source_(source), given_(alphabet), max_states_(max_states) {
    if (!given_) return;
    for (Symbol a = 0; a < given_->size(); ++a) symbols_.emplace(given_->name(a), a);
  }

  Nfa read() {
    each_line([&] { look_at_columns(); });
    each_line([&] { read_line(); });
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
    throw InputError(source_, fmt::format("line {}: {}", line_number_, what), text_, position);
  }

  // Cuts every line that is not blank into line_, and calls visit().
  template <class Visit>
  void each_line(Visit&& visit) {
    line_number_ = 0;
    std::size_t begin = text_.size() - base::after_byte_order_mark(text_).size();
    while (begin < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      ++line_number_;
      cut(begin, end);
      if (!line_.empty()) visit();
      begin = end + 1;
    }
  }

  // Fields are separated by one tab or by blanks. foma and HFST print the symbol that is a blank or a tab as
  // such, and the line would then be taken for a shorter one: where a tab is followed by no field, or only by
  // a blank, the line is refused.
  void cut(std::size_t begin, std::size_t end) {
    line_.clear();
    bool tab = false;
    std::size_t lost = 0;  // where a field should be, or 0
    const auto refuse = [&](std::size_t at) {
      fail(at,
           "nothing, or a blank, stands after a tab: expected a field (a symbol that is a blank needs a "
           "name)");
    };
    for (std::size_t i = begin; i < end; ++i) {
      const char c = text_[i];
      if (c == '\r') continue;
      if (c == ' ' || c == '\t') {
        if (tab && lost == 0) lost = i;
        if (tab && c == '\t' && !line_.empty()) refuse(lost);
        tab = tab || c == '\t';
        continue;
      }
      const std::size_t first = i;
      while (i < end && text_[i] != ' ' && text_[i] != '\t' && text_[i] != '\r') ++i;
      line_.push_back({first, std::string_view(text_).substr(first, i - first)});
      --i;
      tab = false;
      lost = 0;
    }
    if (lost != 0 && !line_.empty()) refuse(lost);
  }

  // First pass: is a fourth column the output or a weight? `0 1 a a` and `0 1 a 0` are both in use, and
  // symbols may be digits, so that only the whole file tells.
  void look_at_columns() {
    if (line_.size() == 3) one_label_ = true;
    if (line_.size() == 5) output_and_weight_ = true;
    if (line_.size() != 4) return;
    all_repeat_ = all_repeat_ && repeats(line_[2].text, line_[3].text);
    all_numbers_ = all_numbers_ && number(line_[3].text);
  }
  bool fourth_is_weight() const {
    if (output_and_weight_) return false;
    return all_numbers_ && (one_label_ || !all_repeat_);
  }

  void read_line() {
    if (line_.size() > 5)
      fail(line_[5].begin, "expected at most 5 fields: from, to, input, output, weight 0");
    if (line_[0].text.starts_with("--"))
      fail(line_[0].begin, "a line of dashes separates automata: expected one automaton in the file");
    const State from = state(line_[0]);
    if (nfa_.starts.empty()) nfa_.starts = {from};
    if (line_.size() <= 2) {
      // A second field is a weight, unless a symbol was forgotten: weights other than 0 are refused either
      // way.
      if (line_.size() == 2)
        weight(line_[1], "the weight 0 of a final state, or a transition \"from to symbol\"");
      nfa_.accepting[from] = 1;
      return;
    }
    const State to = state(line_[1]);
    const Symbol symbol = is_empty_move(line_[2].text) ? kEpsilon : symbol_of(line_[2]);
    if (line_.size() >= 4) {
      if (line_.size() == 4 && fourth_is_weight())
        weight(line_[3], "the weight 0");
      else
        output(line_[2], line_[3]);
    }
    if (line_.size() == 5) weight(line_[4], "the weight 0");
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
    std::string name(field.text);
    if (const auto known = symbols_.find(name); known != symbols_.end()) return known->second;
    if (const auto why = reserved(name)) fail(field.begin, *why);
    if (given_) fail(field.begin, fmt::format("the symbol \"{}\" is not in the alphabet", name));
    try {
      (void)Alphabet({name});
    } catch (const InputError& error) {
      fail(field.begin, error.message());
    }
    names_.push_back(name);
    return symbols_.emplace(std::move(name), static_cast<Symbol>(names_.size() - 1)).first->second;
  }

  void output(const Field& input, const Field& field) const {
    if (repeats(input.text, field.text)) return;
    fail(field.begin,
         fmt::format(
             "the input is \"{}\", the output \"{}\": transducers are not supported; expected the input once "
             "more{}",
             input.text, field.text,
             number(field.text) ? " (a weight would have to be 0, and stand on every line)" : ""));
  }

  void weight(const Field& field, const char* expected) const {
    if (is_zero(field.text)) return;
    fail(field.begin,
         fmt::format("expected {}, got \"{}\"{}", expected, field.text,
                     number(field.text)
                         ? " (weights are not supported; without them it is the language of all paths)"
                         : ""));
  }

  const std::string& text_;
  const std::string& source_;
  const std::optional<Alphabet>& given_;
  std::size_t max_states_;
  int line_number_ = 0;
  std::vector<Field> line_;
  bool one_label_ = false, output_and_weight_ = false, all_repeat_ = true, all_numbers_ = true;
  Nfa nfa_;
  std::unordered_map<std::int64_t, State> number_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, Symbol> symbols_;
};

}  // namespace

Dfa dfa_from_att(const std::string& text, const std::string& source, const std::optional<Alphabet>& alphabet,
                 std::size_t max_states) {
  const Nfa nfa = AttReader(text, source, alphabet, max_states).read();
  const std::size_t affordable = kMaxCells / static_cast<std::size_t>(std::max(1, nfa.alphabet.size()));
  if (static_cast<std::size_t>(nfa.states) > affordable)
    throw InputError(
        source, fmt::format("{} states over {} symbols: with so many symbols, expected at most {} states",
                            nfa.states, nfa.alphabet.size(), affordable));
  return minimise(determinise(nfa, std::min(max_states, affordable)));
}

std::string att_from_dfa(const Dfa& dfa, AttColumns columns) {
  for (const std::string& name : dfa.alphabet.names()) {
    if (is_empty_move(name))
      throw InputError("alphabet", "AT&T text reads the symbol " + name + " as the empty move");
    if (const auto why = reserved(name)) throw InputError("alphabet", *why);
  }
  std::string text, finals;
  const auto write = [&](State q) {
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      const std::string& name = dfa.alphabet.name(a);
      text += fmt::format("{}\t{}\t{}", q, dfa.step(q, a), name);
      text += columns == AttColumns::InputOutput ? "\t" + name + "\n" : "\n";
    }
    if (dfa.accepting[q]) finals += fmt::format("{}\n", q);
  };
  // The source of the first line is the start.
  write(dfa.start);
  for (State q = 0; q < dfa.states; ++q)
    if (q != dfa.start) write(q);
  return text + finals;
}

}  // namespace yore::automata
