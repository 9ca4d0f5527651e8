#include "yore/text/added.h"

#include <algorithm>

#include "yore/base/utf8.h"
#include "yore/text/pattern.h"

namespace yore::text {
namespace {

bool matches_at_start(const Pattern& pattern, std::string_view text) {
  const std::vector<Cut> cuts = pattern.cuts(text);
  return !cuts.empty() && cuts.front().matches;
}

/// The character that ends at `end`, alone.
std::string_view last_character(std::string_view text, std::size_t end) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(4, end); ++back)
    if (base::character_length(text.substr(0, end), end - back) == back) return text.substr(end - back, back);
  return {};
}

std::string_view first_character(std::string_view text, std::size_t at) {
  return text.substr(std::min(at, text.size()), base::character_length(text, at));
}

/// What \w is in the patterns of Hugging Face's library (Unicode's annex 18).
bool is_word_character(std::string_view character) {
  static const Pattern word = Pattern::regex("^[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}]",
                                             "added tokens", "single_word");
  return matches_at_start(word, character);
}

bool is_blank(std::string_view character) {
  static const Pattern blank = Pattern::regex("^\\s", "added tokens", "lstrip");
  return matches_at_start(blank, character);
}

}  // namespace

AddedFinder::AddedFinder(const std::vector<AddedToken>& tokens, std::vector<std::string> contents) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (contents[i].empty()) continue;
    begins_[static_cast<unsigned char>(contents[i][0])] = true;
    entries_.push_back({std::move(contents[i]), tokens[i]});
  }
  // Normalizing may have made two of them equal: the first stays.
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.content < b.content; });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.content == b.content; }),
                 entries_.end());
}

// Entries that agree with the text's next bytes stand in a row, which each further byte narrows.
const AddedFinder::Entry* AddedFinder::longest_at(std::string_view text, std::size_t at) const {
  const Entry* longest = nullptr;
  auto low = entries_.begin(), high = entries_.end();
  for (std::size_t depth = 0; low != high && at + depth < text.size(); ++depth) {
    const auto byte = static_cast<unsigned char>(text[at + depth]);
    const auto byte_of = [&](const Entry& e) {  // an entry that ends before is less than all that go on
      return depth < e.content.size() ? static_cast<int>(static_cast<unsigned char>(e.content[depth])) : -1;
    };
    low = std::lower_bound(low, high, byte, [&](const Entry& e, int b) { return byte_of(e) < b; });
    high = std::upper_bound(low, high, byte, [&](int b, const Entry& e) { return b < byte_of(e); });
    if (low != high && low->content.size() == depth + 1) longest = &*low;
  }
  return longest;
}

std::vector<AddedPart> AddedFinder::parts(std::string_view text, bool special) const {
  std::vector<AddedPart> parts;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Entry* found = begins_[static_cast<unsigned char>(text[at])] ? longest_at(text, at) : nullptr;
    if (found == nullptr) {
      ++at;
      continue;
    }
    const AddedToken& token = found->token;
    std::size_t begin = at, end = at + found->content.size();
    at = end;
    if (token.special && !special) continue;
    if (token.single_word &&
        (is_word_character(last_character(text, begin)) || is_word_character(first_character(text, end))))
      continue;
    if (token.lstrip)
      for (std::string_view last; begin > done && is_blank(last = last_character(text, begin));)
        begin -= last.size();
    if (token.rstrip)
      for (std::string_view next; is_blank(next = first_character(text, end));) end += next.size();
    begin = std::max(begin, done);
    end = std::max(end, done);
    if (begin > done) parts.push_back({done, begin, -1});
    parts.push_back({begin, end, token.id});
    done = end;
  }
  if (done < text.size()) parts.push_back({done, text.size(), -1});
  return parts;
}

}  // namespace yore::text
