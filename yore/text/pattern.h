// Cutting a text where a pattern matches: regular expressions by PCRE2, with Unicode's classes.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace yore::text {

/// A part of a text.
struct Cut {
  std::size_t begin, end;
  bool matches;  ///< the pattern matches here
};

/// A literal text, or a regular expression. Copies share the compiled form; safe to use from several threads.
class Pattern {
 public:
  static Pattern literal(std::string text);
  /// The dialect is what tokenizers are written in: that of Oniguruma for Ruby, as far as PCRE2 can follow
  /// (dialect.h). Throws InputError(`source`), its message beginning with `field`.
  static Pattern regex(const std::string& text, const std::string& source, const std::string& field);

  bool is_regex() const { return code_ != nullptr; }
  const std::string& text() const { return text_; }

  /// The whole text from left to right as matches and what lies between. A match may be of no length, all
  /// else is not empty. An empty text has no parts. Bytes that are not UTF-8 match nothing. Throws InputError
  /// if the search for one match needs more steps than its budget (20 million).
  std::vector<Cut> cuts(std::string_view text) const;

 private:
  struct Code;
  std::string text_, source_;
  std::shared_ptr<const Code> code_;
};

/// What becomes of the matches when a text is cut (tokenizer.json: "behavior").
enum class SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

/// The parts of a text, in its order, none empty; with `invert` what the pattern does not match counts as its
/// match.
std::vector<std::string_view> split(std::string_view text, const Pattern& pattern, SplitBehavior behavior,
                                    bool invert);

}  // namespace yore::text
