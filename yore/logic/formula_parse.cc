// Reads a formula: tokens first, then operators by precedence on explicit stacks. Only parentheses and
// let-definitions recurse; chains of operators, of prefixes and of lets are loops, so that whatever the
// printer writes can be read back.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "yore/base/error.h"
#include "yore/logic/formula.h"
#include "yore/logic/formula_words.h"
#include "yore/logic/symbol_text.h"

namespace yore::logic {
namespace {

constexpr int kMaxFormulaNesting = 1000;
constexpr long long kMaxLookback = 1'000'000;

struct Token {
  enum class Kind { Word, Quoted, Sign, End } kind;
  std::string text;  // a word or sign as written; the name inside quotes
  std::size_t position;

  // A sign or unquoted word of exactly this text.
  bool is(std::string_view what) const { return kind != Kind::Quoted && kind != Kind::End && text == what; }
};

[[noreturn]] void fail(std::string_view text, std::size_t position, const std::string& message) {
  throw base::InputError("formula", message, std::string(text), position);
}

Token next_token(std::string_view text, std::size_t& i) {
  const std::size_t begin = i;
  for (const std::string_view sign : {"<->", "<=", "->", "!", "&", "|", "(", ")", "="}) {
    if (!text.substr(begin).starts_with(sign)) continue;
    i += sign.size();
    return {Token::Kind::Sign, std::string(sign), begin};
  }
  if (text[begin] == '\'') return {Token::Kind::Quoted, read_quoted_symbol(text, i, "formula"), begin};
  while (i < text.size() && is_word_character(text[i])) ++i;
  if (i == begin) {
    i += code_point_length(text, i);
    const std::string name(text.substr(begin, i - begin));
    if (const auto fault = symbol_name_fault(name))
      fail(text, begin, "no letter is written like this: it " + *fault);
    if (std::string_view("<>-\\").find(name) != std::string_view::npos)
      fail(text, begin,
           fmt::format("stray '{0}'; the arrows are -> and <->, and the letter is written in quotes", name));
  }
  return {Token::Kind::Word, std::string(text.substr(begin, i - begin)), begin};
}

std::vector<Token> tokens(std::string_view text) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < text.size();) {
    if (std::string_view(" \t\r\n").find(text[i]) != std::string_view::npos)
      ++i;
    else
      out.push_back(next_token(text, i));
  }
  out.push_back({Token::Kind::End, "", text.size()});
  return out;
}

// What to write instead of a word that is an operator elsewhere, as the end of a message; else empty.
std::string other_spelling(const std::string& word) {
  for (const char* future : {"F", "G", "X", "U", "W", "R", "V", "M"})
    if (word == future)
      return fmt::format(
          "; if {} is meant as an operator: future operators are not supported, formulas speak of the past "
          "of the "
          "end of the word (P f: f held before, O f: before or now, H f: always so far, Y f: just before, f "
          "S g: "
          "since)",
          word);
  if (word == "~" || word == "¬" || word == "not") return "; not is written !";
  if (word == "∧" || word == "and") return "; and is written &";
  if (word == "∨" || word == "or") return "; or is written |";
  if (word == "→" || word == "⇒") return "; implies is written ->";
  if (word == "↔" || word == "⇔") return "; if and only if is written <->";
  return "";
}

enum class Binary { Iff, Implies, Or, And, Since };  // loosest first

std::optional<Binary> binary_operator(const Token& token) {
  if (token.is("<->")) return Binary::Iff;
  if (token.is("->")) return Binary::Implies;
  if (token.is("|")) return Binary::Or;
  if (token.is("&")) return Binary::And;
  if (token.is("S")) return Binary::Since;
  return std::nullopt;
}

// Operands and operators of one expression whose place in the tree is not settled yet.
class OperatorStack {
 public:
  explicit OperatorStack(FormulaGraph& graph) : graph_(graph) {}

  void operand(NodeId f) { operands_.push_back(f); }
  void binary(Binary op) {
    // -> and S lean to the right; & and | wait so that a whole chain becomes one node.
    while (!operators_.empty() && (operators_.back() > op || (operators_.back() == op && op == Binary::Iff)))
      reduce();
    operators_.push_back(op);
  }
  NodeId finish() {
    while (!operators_.empty()) reduce();
    return operands_.back();
  }

 private:
  void reduce() {
    const Binary op = operators_.back();
    std::size_t parts = 1;
    do {
      operators_.pop_back();
      ++parts;
    } while ((op == Binary::And || op == Binary::Or) && !operators_.empty() && operators_.back() == op);
    const std::vector<NodeId> args(operands_.end() - static_cast<std::ptrdiff_t>(parts), operands_.end());
    operands_.resize(operands_.size() - parts);
    operands_.push_back(join(op, args));
  }
  NodeId join(Binary op, const std::vector<NodeId>& args) {
    switch (op) {
      case Binary::Iff:
        return graph_.iff(args[0], args[1]);
      case Binary::Implies:
        return graph_.implies(args[0], args[1]);
      case Binary::Or:
        return graph_.disjunction(args);
      case Binary::And:
        return graph_.conjunction(args);
      case Binary::Since:
        return graph_.since(args[0], args[1]);
    }
    return args[0];
  }

  FormulaGraph& graph_;
  std::vector<NodeId> operands_;
  std::vector<Binary> operators_;
};

class FormulaParser {
 public:
  // Without an alphabet it only collects letters; the graph it builds is then of no use.
  FormulaParser(std::string_view text, const std::vector<Token>& tokens, const Alphabet* alphabet,
                FormulaGraph& graph)
      : text_(text), tokens_(tokens), alphabet_(alphabet), graph_(graph) {}

  NodeId parse() {
    if (token().kind == Token::Kind::End)
      stop("the formula is empty; expected a letter, a constant or an operator");
    const NodeId root = parse_expression();
    if (token().is(")")) stop("unbalanced ')': nothing is open here");
    if (token().kind != Token::Kind::End)
      stop("expected an operator or the end, found " + found() + spelling_hint());
    return root;
  }
  const std::set<std::string>& letters() const { return letters_; }

 private:
  const Token& token() const { return tokens_[next_]; }
  [[noreturn]] void stop(const std::string& message) const { fail(text_, token().position, message); }
  std::string found() const {
    return token().kind == Token::Kind::End ? "the end" : fmt::format("'{}'", token().text);
  }
  // For a word here, or just before, that was not meant as a letter.
  std::string spelling_hint() const {
    for (std::size_t i = next_ + 1; i-- > (next_ > 0 ? next_ - 1 : 0);) {
      const Token& word = tokens_[i];
      if (word.kind != Token::Kind::Word || (alphabet_ != nullptr && alphabet_->find(word.text))) continue;
      if (std::string hint = other_spelling(word.text); !hint.empty()) return hint;
    }
    return "";
  }
  // For && and ||.
  std::string doubled_hint() const {
    if (next_ == 0 || !(token().is("&") || token().is("|"))) return "";
    const Token& before = tokens_[next_ - 1];
    return before.is(token().text) && before.position + 1 == token().position
               ? fmt::format("; {0} is written once, not {0}{0}", token().text)
               : "";
  }
  bool accept(std::string_view what) {
    if (!token().is(what)) return false;
    ++next_;
    return true;
  }
  void enter() {
    if (++nesting_ > kMaxFormulaNesting)
      stop(fmt::format("the formula nests deeper than {} levels", kMaxFormulaNesting));
  }

  // Any number of lets, then operands joined by binary operators.
  NodeId parse_expression() {
    std::vector<std::string> bound;
    while (accept("let")) bound.push_back(parse_definition());
    OperatorStack stack(graph_);
    for (;;) {
      stack.operand(parse_operand());
      const std::optional<Binary> op = binary_operator(token());
      if (!op) break;
      stack.binary(*op);
      ++next_;
    }
    for (const std::string& name : bound) variables_[name].pop_back();
    return stack.finish();
  }

  // "x = f in", after the let. From here on x stands for f.
  std::string parse_definition() {
    const Token name = token();
    if (name.kind != Token::Kind::Word || is_formula_keyword(name.text))
      stop(fmt::format("expected a name after 'let', as in let x = P a in x, found {}", found()));
    ++next_;
    if (!accept("=")) stop(fmt::format("expected '=' after 'let {}', found {}", name.text, found()));
    enter();
    const NodeId definition = parse_expression();
    --nesting_;
    if (!accept("in"))
      stop(fmt::format("expected an operator or the 'in' of 'let {}', found {}", name.text, found()));
    variables_[name.text].push_back(definition);
    return name.text;
  }

  struct Prefix {
    char op;
    int within = 1;
  };

  // Prefix operators, then an atom.
  NodeId parse_operand() {
    std::vector<Prefix> prefixes;
    while (token().text.size() == 1 &&
           std::string_view("!PYZOH").find(token().text) != std::string_view::npos &&
           token().kind != Token::Kind::Quoted) {
      prefixes.push_back({token().text[0]});
      ++next_;
      if (prefixes.back().op == 'Y' && accept("<=")) prefixes.back().within = parse_lookback();
    }
    NodeId f = parse_atom();
    for (; !prefixes.empty(); prefixes.pop_back()) f = apply(prefixes.back(), f);
    return f;
  }
  NodeId apply(const Prefix& prefix, NodeId f) {
    switch (prefix.op) {
      case '!':
        return graph_.negation(f);
      case 'P':
        return graph_.before(f);
      case 'Y':
        return graph_.yesterday(f, prefix.within);
      case 'Z':
        return graph_.negation(graph_.yesterday(graph_.negation(f)));
      case 'O':
        return once(f);
      default:
        return graph_.negation(once(graph_.negation(f)));  // H
    }
  }
  NodeId once(NodeId f) { return graph_.disjunction({f, graph_.before(f)}); }

  int parse_lookback() {
    const long long k = parse_number("a whole number after 'Y<=', as in Y<=2 a");
    if (k < 1 || k > kMaxLookback) {
      --next_;
      stop(fmt::format("the lookback of Y<= must be from 1 to {}, found {}", kMaxLookback, token().text));
    }
    return static_cast<int>(k);
  }

  NodeId parse_atom() {
    if (accept("true")) return graph_.constant(true);
    if (accept("false")) return graph_.constant(false);
    if (accept("first")) return graph_.first();
    if (token().is("pos") && tokens_[next_ + 1].is("=")) return parse_position();
    if (token().is("(")) return parse_group();
    if (token().kind == Token::Kind::Quoted) return letter();
    if (token().kind != Token::Kind::Word || is_formula_keyword(token().text))
      stop(fmt::format("expected a letter, a constant, a prefix operator or '(', found {}{}", found(),
                       doubled_hint()));
    const auto variable = variables_.find(token().text);
    if (variable == variables_.end() || variable->second.empty()) return letter();
    ++next_;
    return variable->second.back();
  }

  // "pos=r/m". A letter called pos is one unless = follows.
  NodeId parse_position() {
    next_ += 2;
    const std::size_t at = next_;
    const long long residue = parse_number("a remainder after 'pos=', as in pos=0/2");
    if (!accept("/")) stop(fmt::format("expected '/' and the period, as in pos=0/2, found {}", found()));
    const long long period = parse_number("the period after 'pos=r/', as in pos=0/2");
    if (period < 1 || period > kMaxPeriod) {
      --next_;
      stop(fmt::format("the period of pos= must be from 1 to {}, found {}", kMaxPeriod, token().text));
    }
    if (residue >= period) {
      next_ = at;
      stop(fmt::format("the remainder modulo {} must be from 0 to {}, found {}", period, period - 1,
                       token().text));
    }
    return graph_.position(static_cast<int>(residue), static_cast<int>(period));
  }
  long long parse_number(const std::string& what) {
    const std::string& digits = token().text;
    const bool number =
        token().kind == Token::Kind::Word &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number) stop(fmt::format("expected {}, found {}", what, found()));
    const long long value = digits.size() > 9 ? kMaxLookback + 1 : std::stoll(digits);
    ++next_;
    return value;
  }

  NodeId parse_group() {
    const std::size_t opening = token().position;
    enter();
    ++next_;
    const NodeId f = parse_expression();
    --nesting_;
    if (accept(")")) return f;
    if (token().kind == Token::Kind::End) fail(text_, opening, "this '(' is not closed; expected a ')'");
    stop(fmt::format("expected an operator or ')', found {}{}", found(), spelling_hint()));
  }

  NodeId letter() {
    const std::string& name = token().text;
    const bool bare = token().kind == Token::Kind::Word;
    const std::optional<std::string> spaced = bare ? spaced_operators(name) : std::nullopt;
    if (!alphabet_) {
      if (spaced) stop(fmt::format("write '{}', or quote the letter '{}'", *spaced, name));
      letters_.insert(name);
      ++next_;
      return graph_.letter(0);
    }
    const std::optional<Symbol> symbol = alphabet_->find(name);
    if (!symbol) {
      std::string hint;
      if (spaced)
        hint = fmt::format("; write '{}'", *spaced);
      else if (bare && !other_spelling(name).empty())
        hint = other_spelling(name);
      else if (!single_code_point(name) && alphabet_->single_characters())
        hint = "; every letter here is one character, and operators stand between letters";
      stop(fmt::format("'{}' is not in the alphabet {}{}", name, listed_symbols(*alphabet_), hint));
    }
    ++next_;
    return graph_.letter(*symbol);
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const Alphabet* alphabet_;
  FormulaGraph& graph_;
  std::size_t next_ = 0;
  int nesting_ = 0;
  std::unordered_map<std::string, std::vector<NodeId>> variables_;  // innermost binding last
  std::set<std::string> letters_;
};

}  // namespace

Formula parse_formula(std::string_view text, const std::optional<Alphabet>& alphabet, bool simplify) {
  const std::vector<Token> read = tokens(text);
  Formula formula{FormulaGraph(simplify), 0, {}};
  if (alphabet) {
    formula.alphabet = *alphabet;
  } else {
    FormulaGraph scratch(simplify);
    FormulaParser collector(text, read, nullptr, scratch);
    collector.parse();
    if (collector.letters().empty())
      fail(text, 0, "no letter occurs in the formula, so the alphabet must be given");
    formula.alphabet = Alphabet({collector.letters().begin(), collector.letters().end()});
  }
  formula.root = FormulaParser(text, read, &formula.alphabet, formula.graph).parse();
  return formula;
}

}  // namespace yore::logic
