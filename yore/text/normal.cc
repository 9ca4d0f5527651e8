#include "yore/text/normal.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "yore/base/error.h"
#include "yore/base/utf8.h"

namespace yore::text {
namespace {

/// Unicode's own forms make at most 11 times as many bytes; steps of a hostile file could double them each.
constexpr std::size_t kMostGrowth = 64;

utf8proc_option_t options_of(NormalForm form) {
  int options = UTF8PROC_STABLE;
  const bool composes = form == NormalForm::NFC || form == NormalForm::NFKC;
  options |= composes ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
  if (form == NormalForm::NFKC || form == NormalForm::NFKD) options |= UTF8PROC_COMPAT;
  return static_cast<utf8proc_option_t>(options);
}

struct Free {
  void operator()(utf8proc_uint8_t* p) const { std::free(p); }
};

void add_normal(std::string_view text, NormalForm form, std::string& out) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &result, options_of(form));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(result);
  if (size < 0) throw std::bad_alloc();  // the text is well-formed: nothing else can fail
  out.append(reinterpret_cast<const char*>(result), static_cast<std::size_t>(size));
}

}  // namespace

std::string normal_form(std::string_view text, NormalForm form) {
  // ASCII is in every form.
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return std::string(text);
  std::string out;
  std::size_t begin = 0, at = 0;
  while (at < text.size()) {
    const std::size_t length = base::character_length(text, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > begin) add_normal(text.substr(begin, at - begin), form, out);
    out += text[at++];
    begin = at;
  }
  if (at > begin) add_normal(text.substr(begin), form, out);
  return out;
}

std::string normalize(std::string_view text, const std::vector<NormalStep>& steps, bool* front_lost) {
  const std::size_t most = kMostGrowth * (text.size() + 16);
  const auto hold = [&](const std::string& made) {
    if (made.size() > most)
      throw base::InputError("normalizer",
                             fmt::format("makes more than {} bytes of a text of {}; expected no "
                                         "more than {} times as many",
                                         most, text.size(), kMostGrowth));
  };
  std::string result(text);
  for (const NormalStep& step : steps) {
    switch (step.kind) {
      case NormalStep::Kind::Form:
        result = normal_form(result, step.form);
        break;
      case NormalStep::Kind::Prepend:
        if (!result.empty()) result.insert(0, step.content);
        break;
      case NormalStep::Kind::Replace: {
        std::string replaced;
        for (const Cut& cut : step.pattern.cuts(result)) {
          if (front_lost != nullptr && replaced.empty() && step.content.empty() && cut.matches)
            *front_lost = *front_lost || cut.end > cut.begin;
          replaced += cut.matches ? std::string_view(step.content)
                                  : std::string_view(result).substr(cut.begin, cut.end - cut.begin);
          hold(replaced);
        }
        result = std::move(replaced);
        break;
      }
    }
    hold(result);
  }
  return result;
}

}  // namespace yore::text
