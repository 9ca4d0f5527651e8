// A walk over the pattern that writes it anew, element by element: what it does not know is refused.
#include "yore/text/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "yore/base/error.h"
#include "yore/base/utf8.h"

namespace yore::text {
namespace {

/// PCRE2 has the same limit for groups.
constexpr int kDeepest = 250;

/// Characters, as they are written within brackets. Outside of them Oniguruma's \w has six numerals more.
constexpr const char* kBlanks = "\\p{White_Space}";
constexpr const char* kWord = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
constexpr const char* kNumeralsToo = "\\x{B2}\\x{B3}\\x{B9}\\x{BC}\\x{BD}\\x{BE}";
constexpr const char* kHexadecimal = "0-9A-Fa-f";

const std::vector<std::pair<std::string_view, std::string>>& named_classes() {
  static const std::vector<std::pair<std::string_view, std::string>> all = {
      {"alpha", "\\p{Alphabetic}"},
      {"digit", "\\p{Nd}"},
      {"alnum", "\\p{Alphabetic}\\p{Nd}"},
      {"upper", "\\p{Uppercase}"},
      {"lower", "\\p{Lowercase}"},
      {"punct", "\\p{P}\\p{S}"},
      {"space", kBlanks},
      {"word", kWord},
      {"xdigit", kHexadecimal}};
  return all;
}

/// Pairs that one character stands for where case is ignored, or begins to: PCRE2 has no such folding.
bool fold_together(char a, char b) {
  for (const char* letters : {"ss", "st", "ff", "fi", "fl"})
    if (letters[0] == a && letters[1] == b) return true;
  return false;
}

class Rewriting {
 public:
  Rewriting(const std::string& pattern, const std::string& source, const std::string& field)
      : in_(pattern), source_(source), field_(field) {}

  std::string run() {
    while (!ended()) {
      alternatives(false);
      if (!ended()) out_ += in_[at_++];  // a parenthesis too many, which PCRE2 refuses
    }
    return std::move(out_);
  }

 private:
  bool ended() const { return at_ == in_.size(); }
  bool next_is(std::string_view text) const { return in_.compare(at_, text.size(), text) == 0; }
  bool take(std::string_view text) {
    if (!next_is(text)) return false;
    at_ += text.size();
    return true;
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw base::InputError(source_, fmt::format("{}: the pattern \"{}\" has {}, which is not supported",
                                                field_, in_.substr(0, 200), what));
  }

  /// Up to the end of the group. An option such as (?i) holds up to there, in all alternatives that follow.
  void alternatives(bool fold) {
    std::string ends;
    while (!ended() && in_[at_] != ')') {
      const std::size_t begin = out_.size();
      const char before = std::exchange(letter_, '\0');
      bool repeatable = false;
      switch (in_[at_]) {
        case '|':
        case '^':
        case '$':
          out_ += in_[at_++];
          break;
        case '.':
          out_ += in_[at_++];
          repeatable = true;
          break;
        case '(':
          repeatable = group(fold, before, ends);
          break;
        case '[':
          ++at_;
          out_ += set(fold, 0);
          repeatable = true;
          break;
        case '\\':
          repeatable = escape(fold, before);
          break;
        default:
          if (repeats()) refuse("a repetition of nothing");
          literal(character(fold), fold, before);
          repeatable = true;
      }
      if (repeats()) {
        if (!repeatable) refuse("a repetition of nothing");
        repeat(begin);
      }
    }
    out_ += ends;
  }

  /// A group, or an option; false if nothing is there that may be repeated.
  bool group(bool fold, char before, std::string& ends) {
    for (const std::string_view head : {"(?:", "(?>", "(?=", "(?!", "(?<=", "(?<!"})
      if (take(head)) {
        out_ += head;
        if (head == "(?:") letter_ = before;
        inside(fold);
        return head == "(?:" || head == "(?>";
      }
    if (!next_is("(?") && !next_is("(*")) {
      out_ += in_[at_++];
      inside(fold);
      return true;
    }
    const std::size_t end = std::min(in_.find_first_not_of("imx-", at_ + 2), in_.size());
    const bool holds_on = end < in_.size() && in_[end] == ')';
    if (next_is("(*") || end == at_ + 2 || end == in_.size() || (!holds_on && in_[end] != ':'))
      refuse(fmt::format("the group {}", in_.substr(at_, 3)));
    out_ += "(?";
    bool on = true;
    for (const char c : in_.substr(at_ + 2, end - at_ - 2)) {
      if (c == 'x') refuse("the option x");
      if (c == 'i') fold = on;
      on = on && c != '-';
      out_ += c == 'm' ? 's' : c;
    }
    out_ += ':';
    at_ = end + 1;
    if (!holds_on) {
      inside(fold);
      return true;
    }
    ends += ')';
    deeper(fold);
    return false;
  }
  void inside(bool fold) {
    deeper(fold);
    if (take(")")) out_ += ')';
  }
  void deeper(bool fold) {
    if (++depth_ > kDeepest) refuse(fmt::format("more than {} groups in one another", kDeepest));
    alternatives(fold);
    --depth_;
  }

  /// Whether a repetition comes next, which is not taken.
  bool repeats() const {
    return !ended() && (std::string_view("*+?").find(in_[at_]) != std::string_view::npos || interval());
  }
  struct Interval {
    std::string low, high;
    bool exact;
    std::size_t end;
  };
  /// {n}, {n,}, {,m} or {n,m}; other braces stand for themselves.
  std::optional<Interval> interval() const {
    if (!next_is("{")) return std::nullopt;
    const auto digits = [&](std::size_t from) {
      return in_.substr(from, std::min(in_.find_first_not_of("0123456789", from), in_.size()) - from);
    };
    Interval result{digits(at_ + 1), "", true, 0};
    std::size_t end = at_ + 1 + result.low.size();
    if (end < in_.size() && in_[end] == ',') {
      result.exact = false;
      result.high = digits(++end);
      end += result.high.size();
    }
    if (end >= in_.size() || in_[end] != '}' || (result.low.empty() && result.high.empty()))
      return std::nullopt;
    result.end = end + 1;
    return result;
  }
  /// What was written since `begin`, repeated.
  void repeat(std::size_t begin) {
    letter_ = '\0';
    if (const std::optional<Interval> times = interval()) {
      at_ = times->end;
      out_ += fmt::format("{{{}{}}}", times->low.empty() ? "0" : times->low,
                          times->exact ? "" : "," + times->high);
      if (next_is("+") || (next_is("?") && times->exact)) {  // neither possessive nor lazy: repeated again
        out_.insert(begin, "(?:");
        (out_ += ')') += in_[at_++];
      } else if (take("?")) {
        out_ += '?';
      }
    } else {
      out_ += in_[at_++];
      if (next_is("?") || next_is("+")) out_ += in_[at_++];
    }
    if (repeats()) refuse("a repetition of a repetition");
  }

  /// One character that stands for itself, as it comes; `fold`: in any case.
  std::string character(bool fold) {
    const std::size_t length = std::max<std::size_t>(base::character_length(in_, at_), 1);
    if (fold && static_cast<unsigned char>(in_[at_]) >= 0x80) refuse("a character beyond ASCII under (?i)");
    at_ += length;
    return in_.substr(at_ - length, length);
  }
  static std::string quoted(const std::string& character) {
    const bool plain = character.size() > 1 || std::ispunct(static_cast<unsigned char>(character[0])) == 0;
    return plain ? character : "\\" + character;
  }
  void literal(const std::string& character, bool fold, char before) {
    if (fold) {
      letter_ = static_cast<char>(std::tolower(static_cast<unsigned char>(character[0])));
      if (fold_together(before, letter_))
        refuse(fmt::format("\"{}{}\" under (?i), for which one character may stand", before, letter_));
    }
    out_ += quoted(character);
  }

  /// The character behind the backslash at at_, if one is: taken then.
  std::optional<std::string> escaped_character(bool fold) {
    if (at_ + 1 == in_.size()) refuse("a backslash at its end");
    const char name = in_[at_ + 1];
    constexpr std::string_view kNames = "nrtfae", kCodes = "\n\r\t\f\a\x1B";
    if (const std::size_t i = kNames.find(name); i != std::string_view::npos) {
      at_ += 2;
      return std::string(1, kCodes[i]);
    }
    if (name == 'v') {
      at_ += 2;
      return "\v";
    }
    if (name == 'x' || name == 'u') return numbered_character(fold);
    if (std::isalnum(static_cast<unsigned char>(name)) != 0) return std::nullopt;
    ++at_;
    return character(fold);
  }
  /// \xHH (of ASCII: beyond, it is a byte there), \x{H..}, \uHHHH.
  std::string numbered_character(bool fold) {
    const std::size_t begin = at_;
    const bool braces = in_.compare(at_, 3, "\\x{") == 0;
    const std::size_t from = at_ + (braces ? 3 : 2), most = braces ? 6 : in_[at_ + 1] == 'u' ? 4 : 2;
    std::size_t end = from;
    while (end < in_.size() && end < from + most && std::isxdigit(static_cast<unsigned char>(in_[end])) != 0)
      ++end;
    const std::string digits = in_.substr(from, end - from);
    const bool whole =
        braces ? !digits.empty() && end < in_.size() && in_[end] == '}' : digits.size() == most;
    const unsigned long code = whole ? std::stoul(digits, nullptr, 16) : 0;
    if (!whole || (most == 2 && code >= 0x80)) refuse(fmt::format("the escape {}", in_.substr(begin, 4)));
    if (fold && code >= 0x80) refuse("a character beyond ASCII under (?i)");
    at_ = end + (braces ? 1 : 0);
    return code < 0x80 ? std::string(1, static_cast<char>(code)) : fmt::format("\\x{{{:X}}}", code);
  }

  /// Of an escape that stands for one of several characters: these, within brackets, and whether all others
  /// are meant. Taken if it is one.
  std::optional<std::pair<std::string, bool>> escaped_class() {
    const char name = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
    for (const auto& [letter, content, others] : {std::tuple('s', kBlanks, false),
                                                  {'S', "\\P{White_Space}", false},
                                                  {'d', "\\p{Nd}", false},
                                                  {'D', "\\P{Nd}", false},
                                                  {'w', kWord, false},
                                                  {'W', kWord, true},
                                                  {'h', kHexadecimal, false},
                                                  {'H', kHexadecimal, true}})
      if (name == letter) {
        at_ += 2;
        return std::pair(std::string(content), others);
      }
    if (name == 'p' || name == 'P') return std::pair(property(), false);
    return std::nullopt;
  }
  /// \p{NAME}: two letters are a general category, others a script but for the properties that both know.
  std::string property() {
    const std::size_t end = in_.find('}', at_);
    const std::string whole = in_.substr(at_, end == std::string::npos ? 2 : end + 1 - at_);
    if (end == std::string::npos || in_[at_ + 2] != '{') refuse(fmt::format("{} without braces", whole));
    const bool negated = in_[at_ + 3] == '^';
    const std::string name = whole.substr(negated ? 4 : 3, whole.size() - (negated ? 5 : 4));
    if (name.empty() || (negated && whole[1] == 'P') ||
        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") != std::string::npos)
      refuse(whole);
    at_ = end + 1;
    const std::vector<std::string_view> known = {"Alphabetic", "Uppercase", "Lowercase", "White_Space",
                                                 "Emoji",      "Any",       "ASCII"};
    const bool script =
        !(name.size() <= 2 && name != "Yi") && std::find(known.begin(), known.end(), name) == known.end();
    return fmt::format("\\{}{{{}{}{}}}", whole[1], negated ? "^" : "", script ? "sc:" : "", name);
  }

  /// Outside brackets; false if nothing is there that may be repeated.
  bool escape(bool fold, char before) {
    if (const auto some = escaped_class()) {
      out_ += fmt::format("[{}{}{}]", some->second ? "^" : "", some->first,
                          some->first == kWord ? kNumeralsToo : "");
      return true;
    }
    if (const std::optional<std::string> one = escaped_character(fold)) {
      if (one->size() > 1 && (*one)[0] == '\\')
        out_ += *one;
      else
        literal(*one, fold, before);
      return true;
    }
    const char name = in_[at_ + 1];
    at_ += 2;
    switch (name) {
      case 'A':
      case 'z':
      case 'Z':
        (out_ += '\\') += name;
        return false;
      case 'R':  // PCRE2 10.42's own is not found behind .{1,2}?
        out_ += "(?>\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])";
        return true;
      case 'b':
        out_ += fmt::format("(?:(?<=[{0}{1}])(?![{0}{1}])|(?<![{0}{1}])(?=[{0}{1}]))", kWord, kNumeralsToo);
        return false;
      case 'B':
        out_ += fmt::format("(?:(?<=[{0}{1}])(?=[{0}{1}])|(?<![{0}{1}])(?![{0}{1}]))", kWord, kNumeralsToo);
        return false;
      default:
        if ('1' <= name && name <= '9' &&
            (ended() || std::isdigit(static_cast<unsigned char>(in_[at_])) == 0)) {
          (out_ += '\\') += name;
          return true;
        }
        refuse(fmt::format("the escape \\{}", name));
    }
  }

  /// What is left of [..] behind its first bracket, as a pattern of one character.
  std::string set(bool fold, int depth) {
    if (depth > kDeepest) refuse(fmt::format("more than {} classes in one another", kDeepest));
    const bool negated = take("^");
    std::vector<std::string> sides;  // of &&, each a pattern of one character
    std::string plain;               // characters and ranges of this side
    std::vector<std::string> parts;  // the classes that it has beside them
    const auto end_side = [&] {
      if (!plain.empty()) parts.insert(parts.begin(), "[" + plain + "]");
      if (parts.empty()) refuse("a class of nothing");
      sides.push_back(parts.size() == 1 ? parts[0] : fmt::format("(?:{})", fmt::join(parts, "|")));
    };
    for (bool first = true; !next_is("]") || first; first = false) {
      if (ended()) refuse("a class without its end");
      if (fold)  // there a class has all cases of what is in it, of which these say too little here
        for (const char* part : {"\\p", "\\P", "&&", "["})
          if (next_is(part)) refuse(fmt::format("{} in a class under (?i)", part));
      if (take("&&")) {
        if (next_is("&")) refuse("&&&");
        end_side();
        plain.clear();
        parts.clear();
      } else if (next_is("[:")) {
        plain += named_class();
      } else if (take("[")) {
        parts.push_back(set(fold, depth + 1));
      } else if (const auto some = next_is("\\") ? escaped_class() : std::nullopt) {
        if (some->second)
          parts.push_back("[^" + some->first + "]");
        else
          plain += some->first;
      } else {
        const bool hyphen = next_is("-");
        plain += one_of_class(fold);
        if (hyphen && !first && !next_is("]")) refuse("a - that is neither first nor last nor between two");
        if (!hyphen && next_is("-") && at_ + 1 < in_.size() && in_[at_ + 1] != ']') {
          ++at_;
          if (next_is("[") || next_is("&&")) refuse("a range without its end");
          (plain += '-') += one_of_class(fold);
        }
      }
    }
    ++at_;
    const bool simple = sides.empty() && parts.empty();
    if (simple && !plain.empty()) return fmt::format("[{}{}]", negated ? "^" : "", plain);
    end_side();
    std::string result = sides.back();
    sides.pop_back();
    for (const std::string& side : sides) result = fmt::format("(?={}){}", side, result);
    return negated ? fmt::format("(?:(?!{})(?s:.))", result) : fmt::format("(?:{})", result);
  }
  /// One character within brackets, as it is written there.
  std::string one_of_class(bool fold) {
    if (!next_is("\\")) return quoted(character(fold));
    if (take("\\b")) return "\\x08";
    const std::optional<std::string> one = escaped_character(fold);
    if (!one) refuse(fmt::format("the escape {} in a class", in_.substr(at_, 2)));
    return one->size() > 1 && (*one)[0] == '\\' ? *one : quoted(*one);
  }
  std::string named_class() {
    const std::size_t end = in_.find(":]", at_ + 2);
    const std::string name = end == std::string::npos ? "" : in_.substr(at_ + 2, end - at_ - 2);
    for (const auto& [known, content] : named_classes())
      if (name == known) {
        at_ = end + 2;
        return content;
      }
    refuse(fmt::format("the class {}", in_.substr(at_, 12)));
  }

  const std::string& in_;
  const std::string& source_;
  const std::string& field_;
  std::size_t at_ = 0;
  std::string out_;
  char letter_ = '\0';  ///< under (?i): the one just written, in lower case
  int depth_ = 0;
};

}  // namespace

std::string in_pcre2(const std::string& pattern, const std::string& source, const std::string& field) {
  return Rewriting(pattern, source, field).run();
}

}  // namespace yore::text
