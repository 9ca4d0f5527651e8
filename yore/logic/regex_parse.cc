// Recursive descent over the pattern. Without an alphabet the pattern is read twice: once to collect the
// letters that occur, once over the alphabet they make, so that `.`, [^..] and ! mean sets of symbols from
// the start.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "yore/base/error.h"
#include "yore/logic/regex.h"
#include "yore/logic/symbol_text.h"

namespace yore::logic {
namespace {

// Bounds both this parser's recursion and the height of the tree, hence the recursion of whoever walks it.
constexpr int kMaxRegexNesting = 1000;
// A range such as [a-z] adds every character between its ends to an inferred alphabet; wider ones are surely
// slips.
constexpr char32_t kMaxInferredRange = 256;

struct Tree {
  RegexPtr node;
  int height = 1;
};

class RegexParser {
 public:
  // Without an alphabet it only collects letters; the tree it returns is then of no use.
  RegexParser(std::string_view text, const Alphabet* alphabet, int max_repeat)
      : text_(text), alphabet_(alphabet), max_repeat_(max_repeat) {}

  RegexPtr parse() {
    if (text_.empty()) fail(0, "the pattern is empty; write () for the empty word or [] for no word at all");
    Tree tree = parse_union();
    if (!at_end()) unbalanced();
    return std::move(tree.node);
  }

  const std::set<std::string>& letters() const { return letters_; }
  bool depends_on_alphabet() const { return depends_on_alphabet_; }

 private:
  [[noreturn]] void fail(std::size_t position, const std::string& message) const {
    throw base::InputError("regex", message, std::string(text_), position);
  }
  // A closing sign here that closes nothing.
  [[noreturn]] void unbalanced() const {
    const char sign = text_[position_];
    const char opening = sign == ')' ? '(' : sign == ']' ? '[' : '{';
    fail(position_,
         fmt::format("unbalanced '{0}': no '{1}' is open; write \\{0} for the letter", sign, opening));
  }
  bool at_end() const { return position_ == text_.size(); }
  bool looking_at(char c) const { return !at_end() && text_[position_] == c; }
  bool accept(char c) {
    if (!looking_at(c)) return false;
    ++position_;
    return true;
  }

  Tree build(Regex node, int height) const {
    if (height > kMaxRegexNesting)
      fail(position_, fmt::format("the pattern nests deeper than {} levels", kMaxRegexNesting));
    return {std::make_shared<const Regex>(std::move(node)), height};
  }
  Tree letters_node(std::vector<Symbol> letters) const {
    return build({.kind = Regex::Kind::Letters, .letters = std::move(letters), .children = {}}, 1);
  }
  Tree inner(Regex::Kind kind, std::vector<Tree> parts, int min = 0, int max = -1) const {
    std::vector<RegexPtr> children;
    int height = 0;
    for (Tree& part : parts) {
      height = std::max(height, part.height);
      children.push_back(std::move(part.node));
    }
    return build({.kind = kind, .letters = {}, .children = std::move(children), .min = min, .max = max},
                 height + 1);
  }

  // One level of a binary operator: parts separated by `separator`.
  template <class ParsePart>
  Tree parse_separated(char separator, Regex::Kind kind, ParsePart parse_part) {
    std::vector<Tree> parts;
    do parts.push_back(parse_part());
    while (accept(separator));
    return parts.size() == 1 ? std::move(parts.front()) : inner(kind, std::move(parts));
  }
  Tree parse_union() {
    return parse_separated('|', Regex::Kind::Union, [this] {
      return parse_separated('&', Regex::Kind::Intersect, [this] { return parse_concat(); });
    });
  }

  Tree parse_concat() {
    std::vector<Tree> parts;
    while (!at_end() && std::string_view("|&)]}").find(text_[position_]) == std::string_view::npos)
      parts.push_back(parse_factor());
    if (parts.empty()) {
      if (looking_at(']') || looking_at('}') || (looking_at(')') && nesting_ == 0)) unbalanced();
      const std::string found = at_end() ? "the pattern ends" : fmt::format("'{}' stands", text_[position_]);
      fail(position_, fmt::format("expected an expression but {} here; write () for the empty word", found));
    }
    return parts.size() == 1 ? std::move(parts.front()) : inner(Regex::Kind::Concat, std::move(parts));
  }

  // Complement signs, then an atom with its postfix operators.
  Tree parse_factor() {
    int complements = 0;
    while (accept('!')) ++complements;
    depends_on_alphabet_ |= complements > 0;
    if (complements > 0 &&
        (at_end() || std::string_view("|&)").find(text_[position_]) != std::string_view::npos))
      fail(position_, "expected an expression after '!'");
    Tree tree = parse_atom();
    for (bool more = true; more;) {
      if (accept('*'))
        tree = repeat(std::move(tree), 0, -1);
      else if (accept('+'))
        tree = repeat(std::move(tree), 1, -1);
      else if (accept('?'))
        tree = repeat(std::move(tree), 0, 1);
      else if (looking_at('{'))
        tree = parse_counts(std::move(tree));
      else
        more = false;
    }
    for (; complements > 0; --complements) tree = one_child(Regex::Kind::Complement, std::move(tree));
    return tree;
  }
  Tree one_child(Regex::Kind kind, Tree child, int min = 0, int max = -1) const {
    std::vector<Tree> parts;
    parts.push_back(std::move(child));
    return inner(kind, std::move(parts), min, max);
  }
  Tree repeat(Tree child, int min, int max) const {
    return one_child(Regex::Kind::Repeat, std::move(child), min, max);
  }

  // {m} {m,} {m,n}
  Tree parse_counts(Tree child) {
    const std::size_t opening = position_++;
    const int min = parse_count();
    int max = min;
    if (accept(',')) max = looking_at('}') ? -1 : parse_count();
    if (!accept('}')) fail(position_, "expected '}' after the repetition counts, as in {2}, {2,} or {2,5}");
    if (max != -1 && min > max)
      fail(opening, fmt::format("the repetition asks for at least {} but at most {}", min, max));
    return repeat(std::move(child), min, max);
  }
  int parse_count() {
    const std::size_t begin = position_;
    long long count = 0;
    while (!at_end() && text_[position_] >= '0' && text_[position_] <= '9') {
      count = count * 10 + (text_[position_++] - '0');
      if (count > max_repeat_) fail(begin, fmt::format("a repetition count may be at most {}", max_repeat_));
    }
    if (position_ == begin) fail(begin, "expected a number, as in {2}, {2,} or {2,5}");
    return static_cast<int>(count);
  }

  Tree parse_atom() {
    const std::size_t begin = position_;
    const char c = text_[begin];
    switch (c) {
      case '*':
      case '+':
      case '?':
      case '{':
        fail(begin, fmt::format("nothing to repeat before '{0}'; write \\{0} for the letter", c));
      case ']':
      case '}':
        unbalanced();
      case '(':
        return parse_group();
      case '[':
        return parse_class();
      case '.':
        ++position_;
        depends_on_alphabet_ = true;
        return letters_node(without({}));
      default: {
        const std::string name = parse_symbol();
        return letters_node(alphabet_ ? std::vector{resolve(name, begin)} : std::vector<Symbol>{});
      }
    }
  }

  Tree parse_group() {
    const std::size_t opening = position_++;
    if (accept(')')) return build({.kind = Regex::Kind::Epsilon, .letters = {}, .children = {}}, 1);
    if (++nesting_ > kMaxRegexNesting)
      fail(opening, fmt::format("the pattern nests deeper than {} levels", kMaxRegexNesting));
    Tree tree = parse_union();
    --nesting_;
    if (!accept(')')) {
      if (at_end()) fail(opening, "this '(' is not closed; expected a ')'");
      unbalanced();
    }
    return tree;
  }

  // [ab] [^ab] [a-z] ['open'x] []; a '-' that is first or last stands for itself.
  Tree parse_class() {
    const std::size_t opening = position_++;
    const bool negated = accept('^');
    std::set<Symbol> members;
    while (!looking_at(']')) {
      if (at_end()) fail(opening, "this '[' is not closed; expected a ']'");
      const std::size_t begin = position_;
      const std::string name = parse_symbol();
      const bool range = looking_at('-') && position_ + 1 < text_.size() && text_[position_ + 1] != ']';
      if (range) {
        ++position_;
        const std::size_t end = position_;
        add_range(members, name, begin, parse_symbol(), end);
      } else if (alphabet_) {
        members.insert(resolve(name, begin));
      }
    }
    ++position_;
    depends_on_alphabet_ |= negated;
    return letters_node(negated ? without(members) : std::vector<Symbol>(members.begin(), members.end()));
  }

  void add_range(std::set<Symbol>& members, const std::string& low, std::size_t low_position,
                 const std::string& high, std::size_t high_position) {
    const std::optional<char32_t> from = single_code_point(low), to = single_code_point(high);
    if (!from || !to)
      fail(from ? high_position : low_position, "a range needs single characters at both ends");
    if (*from > *to)
      fail(low_position, fmt::format("the range {}-{} is empty: its ends are swapped", low, high));
    if (alphabet_) {
      resolve(low, low_position), resolve(high, high_position);
      for (Symbol s = 0; s < alphabet_->size(); ++s) {
        const std::optional<char32_t> point = single_code_point(alphabet_->name(s));
        if (point && *point >= *from && *point <= *to) members.insert(s);
      }
      return;
    }
    if (*to - *from >= kMaxInferredRange)
      fail(low_position, fmt::format("a range of {} letters; without a given alphabet it may have at most {}",
                                     std::uint32_t{*to - *from + 1}, std::uint32_t{kMaxInferredRange}));
    for (char32_t point = *from; point <= *to; ++point) {
      if (point >= 0xD800 && point <= 0xDFFF) continue;  // surrogates are no characters
      const std::string name = encode_code_point(point);
      if (const auto fault = symbol_name_fault(name))
        fail(low_position, fmt::format("the range holds a letter that {}", *fault));
      letters_.insert(name);
    }
  }

  // A character, an escaped character or a quoted name; moves past it.
  std::string parse_symbol() {
    const std::size_t begin = position_;
    std::string name;
    if (looking_at('\'')) {
      name = read_quoted_symbol(text_, position_, "regex");
    } else {
      if (accept('\\') && at_end()) fail(begin, "expected a character after the escape '\\'");
      const std::size_t length = code_point_length(text_, position_);
      name = text_.substr(position_, length);
      if (name == " ")
        fail(position_, "a blank is no symbol; symbols follow each other without, as in 'open''close'*");
      if (const auto fault = symbol_name_fault(name))
        fail(position_, "no symbol can be written like this: it " + *fault);
      position_ += length;
    }
    if (!alphabet_) letters_.insert(name);
    return name;
  }

  Symbol resolve(const std::string& name, std::size_t position) const {
    if (const std::optional<Symbol> symbol = alphabet_->find(name)) return *symbol;
    std::string hint;
    if (name == "^" || name == "$") hint = "; a pattern is about whole words, there are no anchors";
    if (text_[position] == '\\')
      hint = fmt::format("; \\{0} is the letter {0}, there are no classes like \\d", name);
    fail(position, fmt::format("'{}' is not in the alphabet {}{}", name, listed_symbols(*alphabet_), hint));
  }

  std::vector<Symbol> without(const std::set<Symbol>& members) const {
    std::vector<Symbol> rest;
    for (Symbol s = 0; alphabet_ && s < alphabet_->size(); ++s)
      if (!members.contains(s)) rest.push_back(s);
    return rest;
  }

  std::string_view text_;
  const Alphabet* alphabet_;
  int max_repeat_;
  std::size_t position_ = 0;
  int nesting_ = 0;
  std::set<std::string> letters_;
  bool depends_on_alphabet_ = false;
};

}  // namespace

ParsedRegex parse_regex(std::string_view pattern, const std::optional<Alphabet>& alphabet, int max_repeat) {
  if (alphabet) return {RegexParser(pattern, &*alphabet, max_repeat).parse(), *alphabet, false};
  RegexParser collector(pattern, nullptr, max_repeat);
  collector.parse();
  if (collector.letters().empty())
    throw base::InputError("regex", "no letter occurs in the pattern, so the alphabet must be given",
                           std::string(pattern), 0);
  const Alphabet inferred({collector.letters().begin(), collector.letters().end()});
  return {RegexParser(pattern, &inferred, max_repeat).parse(), inferred, collector.depends_on_alphabet()};
}

}  // namespace yore::logic
