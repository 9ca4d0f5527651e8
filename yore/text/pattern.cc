#include "yore/text/pattern.h"

#include <fmt/format.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/utf8.h"
#include "yore/text/dialect.h"

namespace yore::text {
namespace {

constexpr std::uint32_t kMaxSteps = 20'000'000;
constexpr std::size_t kMaxPattern = 65'536;

std::string pcre_message(int code) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(code, buffer, sizeof(buffer));
  return reinterpret_cast<const char*>(buffer);
}

struct FreeMatchData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeMatchContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

std::vector<Cut> literal_cuts(std::string_view text, const std::string& literal) {
  std::vector<Cut> cuts;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t found = literal.empty() ? std::string_view::npos : text.find(literal, at);
    const std::size_t begin = std::min(found, text.size());
    if (begin > at) cuts.push_back({at, begin, false});
    if (found == std::string_view::npos) break;
    at = found + literal.size();
    cuts.push_back({found, at, true});
  }
  return cuts;
}

}  // namespace

struct Pattern::Code {
  explicit Code(pcre2_code* compiled) : code(compiled) {}
  ~Code() { pcre2_code_free(code); }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  pcre2_code* code;
};

Pattern Pattern::literal(std::string text) {
  Pattern pattern;
  pattern.text_ = std::move(text);
  return pattern;
}

Pattern Pattern::regex(const std::string& text, const std::string& source, const std::string& field) {
  if (text.size() > kMaxPattern)
    throw base::InputError(source, fmt::format("{}: expected a pattern of at most {} bytes, found {}", field,
                                               kMaxPattern, text.size()));
  const std::string dialect = in_pcre2(text, source, field);
  int error = 0;
  PCRE2_SIZE place = 0;
  pcre2_code* compiled = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(dialect.data()), dialect.size(),
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &error,
      &place, nullptr);
  if (compiled == nullptr)
    throw base::InputError(
        source, fmt::format("{}: PCRE2 cannot read the pattern \"{}\" as a regular expression: {}", field,
                            text.substr(0, 200), pcre_message(error)));
  // Without a compiler for this processor PCRE2 interprets the pattern: the same matches, only slower.
  pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
  Pattern pattern;
  pattern.text_ = text;
  pattern.source_ = source + ": " + field;
  pattern.code_ = std::make_shared<const Code>(compiled);
  return pattern;
}

std::vector<Cut> Pattern::cuts(std::string_view text) const {
  if (!code_) return literal_cuts(text, text_);
  std::vector<Cut> cuts;
  if (text.empty()) return cuts;
  const std::unique_ptr<pcre2_match_data, FreeMatchData> data(pcre2_match_data_create(1, nullptr));
  const std::unique_ptr<pcre2_match_context, FreeMatchContext> context(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(context.get(), kMaxSteps);
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  std::size_t done = 0;  // up to here the text is in parts
  for (std::size_t at = 0; at <= text.size();) {
    int rc = pcre2_match(code_->code, subject, text.size(), at, 0, data.get(), context.get());
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
      rc = pcre2_match(code_->code, subject, text.size(), at, PCRE2_NO_JIT, data.get(), context.get());
    if (rc == PCRE2_ERROR_NOMATCH) break;
    if (rc < 0)
      throw base::InputError(source_,
                             fmt::format("cannot be searched for in this text: {}", pcre_message(rc)));
    const PCRE2_SIZE* match = pcre2_get_ovector_pointer(data.get());
    const std::size_t begin = match[0], end = match[1];
    if (begin > done) cuts.push_back({done, begin, false});
    // A match of no length counts, but not right behind another match.
    const bool behind = begin == done && !cuts.empty() && cuts.back().matches;
    if (end > begin || !behind) cuts.push_back({begin, end, true});
    done = end;
    at = end > at ? end : at + std::max<std::size_t>(base::character_length(text, at), 1);
  }
  if (done < text.size()) cuts.push_back({done, text.size(), false});
  return cuts;
}

std::vector<std::string_view> split(std::string_view text, const Pattern& pattern, SplitBehavior behavior,
                                    bool invert) {
  std::vector<Cut> cuts = pattern.cuts(text);
  if (invert)
    for (Cut& cut : cuts) cut.matches = !cut.matches;
  std::vector<std::string_view> parts;
  const auto append = [&](const Cut& cut, bool joins) {
    if (joins && !parts.empty())
      parts.back() = text.substr(static_cast<std::size_t>(parts.back().data() - text.data()),
                                 parts.back().size() + cut.end - cut.begin);
    else
      parts.push_back(text.substr(cut.begin, cut.end - cut.begin));
  };
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const bool matches = cuts[i].matches, matched = i > 0 && cuts[i - 1].matches;
    switch (behavior) {
      case SplitBehavior::Removed:
        if (!matches) append(cuts[i], false);
        break;
      case SplitBehavior::Isolated:
        append(cuts[i], false);
        break;
      case SplitBehavior::Contiguous:
        append(cuts[i], matches == matched);
        break;
      case SplitBehavior::MergedWithPrevious:
        append(cuts[i], matches && !matched);
        break;
      case SplitBehavior::MergedWithNext: {
        // Of matches in a row the last goes with what follows; a match at the end stands alone.
        append(cuts[i], i > 0 && matched && !matches);
        break;
      }
    }
  }
  std::erase(parts, "");
  return parts;
}

}  // namespace yore::text
