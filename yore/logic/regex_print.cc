// Writes a tree as a pattern. An explicit stack of pending pieces instead of recursion: trees that state
// elimination builds may be deeper than what the parser accepts.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "yore/logic/regex.h"
#include "yore/logic/symbol_text.h"

namespace yore::logic {
namespace {

// How tightly an expression binds; a child that binds more loosely than its place asks for gets parentheses.
enum RegexBinding { kUnion, kIntersect, kConcat, kComplement, kPostfix };

RegexBinding binding(const Regex& regex) {
  switch (regex.kind) {
    case Regex::Kind::Union:
      return kUnion;
    case Regex::Kind::Intersect:
      return kIntersect;
    case Regex::Kind::Concat:
      return kConcat;
    case Regex::Kind::Complement:
      return kComplement;
    default:
      return kPostfix;
  }
}

std::string symbol_text(const std::string& name, std::string_view special) {
  if (!single_code_point(name)) return quoted_symbol(name);
  return special.find(name) == std::string_view::npos ? name : "\\" + name;
}

std::string outside_class(const std::string& name) {
  return symbol_text(name, "|&!*+?{}()[].'\\");
}
std::string inside_class(const std::string& name) {
  return symbol_text(name, "]-^'\\");
}

// The members in the order of their names' code points, runs of four and more as ranges: such a run has no
// gap, so that it means the same when the alphabet is inferred from it.
std::string class_members(std::vector<Symbol> members, const Alphabet& alphabet) {
  std::sort(members.begin(), members.end(),
            [&](Symbol a, Symbol b) { return alphabet.name(a) < alphabet.name(b); });
  const auto follows = [&](Symbol a, Symbol b) {
    const auto p = single_code_point(alphabet.name(a)), q = single_code_point(alphabet.name(b));
    return p && q && *p + 1 == *q;
  };
  std::string out;
  for (std::size_t i = 0; i < members.size();) {
    std::size_t last = i;
    while (last + 1 < members.size() && follows(members[last], members[last + 1])) ++last;
    if (last - i >= 3) {
      out += inside_class(alphabet.name(members[i])) + "-" + inside_class(alphabet.name(members[last]));
      i = last + 1;
    } else {
      out += inside_class(alphabet.name(members[i++]));
    }
  }
  return out;
}

std::string letters_text(const std::vector<Symbol>& letters, const Alphabet& alphabet) {
  if (letters.size() == 1) return outside_class(alphabet.name(letters.front()));
  if (letters.empty()) return "[]";
  const std::size_t all = static_cast<std::size_t>(alphabet.size());
  if (letters.size() == all) return ".";
  if (letters.size() <= all - letters.size() || letters.size() == 2)
    return fmt::format("[{}]", class_members(letters, alphabet));
  std::vector<Symbol> others;
  for (Symbol s = 0; s < alphabet.size(); ++s)
    if (!std::binary_search(letters.begin(), letters.end(), s)) others.push_back(s);
  return fmt::format("[^{}]", class_members(std::move(others), alphabet));
}

std::string counts_text(int min, int max) {
  if (max == -1) return min == 0 ? "*" : min == 1 ? "+" : fmt::format("{{{},}}", min);
  if (min == 0 && max == 1) return "?";
  return min == max ? fmt::format("{{{}}}", min) : fmt::format("{{{},{}}}", min, max);
}

struct Expression {
  const Regex* regex;
  RegexBinding place;  // the loosest binding allowed here without parentheses
};
using Piece = std::variant<std::string, Expression>;

// The pieces a node's text consists of, left to right.
std::vector<Piece> pieces(const Regex& regex, const Alphabet& alphabet) {
  std::vector<Piece> out;
  const auto separated = [&](const char* separator, RegexBinding place) {
    for (const RegexPtr& child : regex.children) {
      if (!out.empty()) out.emplace_back(separator);
      out.emplace_back(Expression{child.get(), place});
    }
  };
  switch (regex.kind) {
    case Regex::Kind::Letters:
      out.emplace_back(letters_text(regex.letters, alphabet));
      break;
    case Regex::Kind::Epsilon:
      out.emplace_back("()");
      break;
    case Regex::Kind::Concat:
      separated("", kConcat);
      break;
    case Regex::Kind::Union:
      separated("|", kUnion);
      break;
    case Regex::Kind::Intersect:
      separated("&", kIntersect);
      break;
    case Regex::Kind::Complement:
      out.emplace_back("!");
      separated("", kComplement);
      break;
    case Regex::Kind::Repeat:
      separated("", kPostfix);
      out.emplace_back(counts_text(regex.min, regex.max));
      break;
  }
  return out;
}

}  // namespace

std::string format_regex(const RegexPtr& regex, const Alphabet& alphabet) {
  std::string out;
  std::vector<Piece> pending{Expression{regex.get(), kUnion}};
  while (!pending.empty()) {
    const Piece piece = std::move(pending.back());
    pending.pop_back();
    if (const auto* text = std::get_if<std::string>(&piece)) {
      out += *text;
      continue;
    }
    const Expression expression = std::get<Expression>(piece);
    const bool enclosed = binding(*expression.regex) < expression.place;
    if (enclosed) {
      out += '(';
      pending.emplace_back(")");
    }
    std::vector<Piece> parts = pieces(*expression.regex, alphabet);
    std::move(parts.rbegin(), parts.rend(), std::back_inserter(pending));
  }
  return out;
}

}  // namespace yore::logic
