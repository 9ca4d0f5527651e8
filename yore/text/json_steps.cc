#include "yore/text/json_steps.h"

#include <limits>
#include <set>

#include "yore/base/utf8.h"

namespace yore::text {
namespace {

/// More would be hostile: published tokenizers have at most 4 steps of a kind.
constexpr std::size_t kMostSteps = 32;
/// What a step may put in the place of a match. "▁" has 3.
constexpr std::size_t kMostContent = 64;
constexpr std::size_t kLongestAdded = 1024;

/// The steps of a field: those of a Sequence, under `list`, or it alone; none if it is null.
std::vector<JsonField> steps_of(const JsonField& field, const char* list) {
  std::vector<JsonField> all;
  if (field.json().is_null()) return all;
  if (field.at("type").text() != "Sequence") return {field};
  field.only({"type", list});
  for (const JsonField& step : field.at(list).items()) {
    for (const JsonField& inner : steps_of(step, list)) all.push_back(inner);
    if (all.size() > kMostSteps) field.refuse(fmt::format("at most {} steps", kMostSteps));
  }
  return all;
}

std::string one_character(const JsonField& field) {
  std::string text = field.text();
  if (text.empty() || base::character_length(text, 0) != text.size()) field.refuse("one character");
  return text;
}

CutStep read_split(const JsonField& field) {
  field.only({"type", "pattern", "behavior", "invert"});
  CutStep step;
  step.pattern = read_pattern(field.at("pattern"));
  step.behavior = static_cast<SplitBehavior>(
      field.at("behavior")
          .choice({"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"}));
  step.invert = field.at("invert").flag(false);
  return step;
}

CutStep read_digits(const JsonField& field) {
  field.only({"type", "individual_digits"});
  CutStep step;
  step.pattern = Pattern::regex("\\p{N}", field.source(), field.path());
  step.behavior =
      field.at("individual_digits").flag(false) ? SplitBehavior::Isolated : SplitBehavior::Contiguous;
  return step;
}

/// What Metaspace says, as pre-tokenizer and as decoder; `str_rep` and `add_prefix_space` are its older
/// spelling.
CutStep read_metaspace(const JsonField& field) {
  field.only({"type", "replacement", "prepend_scheme", "split", "str_rep", "add_prefix_space"});
  CutStep step;
  step.kind = CutStep::Kind::Metaspace;
  step.replacement = one_character(field.at("replacement"));
  step.pattern = Pattern::literal(step.replacement);
  step.behavior = SplitBehavior::MergedWithNext;
  step.cuts = field.at("split").flag(true);
  step.scheme = field.at("add_prefix_space").flag(true) ? CutStep::Scheme::Always : CutStep::Scheme::Never;
  if (field.has("prepend_scheme"))
    step.scheme =
        static_cast<CutStep::Scheme>(field.at("prepend_scheme").choice({"never", "first", "always"}));
  return step;
}

void read_byte_level(const JsonField& field, Cutting& cutting) {
  field.only({"type", "add_prefix_space", "trim_offsets", "use_regex"});
  if (field.at("add_prefix_space").flag(true)) {
    CutStep step;
    step.kind = CutStep::Kind::Blank;
    cutting.steps.push_back(std::move(step));
  }
  if (field.at("use_regex").flag(true)) {
    CutStep step;
    step.pattern = Pattern::regex(kGpt2Pattern, field.source(), field.path());
    cutting.steps.push_back(std::move(step));
  }
  cutting.byte_level = true;
}

void read_template(const JsonField& field, std::size_t vocabulary, Markers& markers) {
  field.only({"type", "single", "pair", "special_tokens"});
  bool behind = false;
  for (const JsonField& item : field.at("single").items()) {
    if (item.has("Sequence")) {
      if (std::exchange(behind, true)) item.refuse("the text once");
      continue;
    }
    const std::string name = item.at("SpecialToken").at("id").text();
    const JsonField tokens = field.at("special_tokens");
    if (!tokens.has(name.c_str())) item.refuse("a token that special_tokens lists");
    for (const JsonField& id : tokens.at(name.c_str()).at("ids").items()) {
      std::vector<Token>& side = behind ? markers.behind : markers.front;
      if (side.size() == kMostSteps)
        field.at("single").refuse(fmt::format("at most {} tokens on a side", kMostSteps));
      side.push_back(static_cast<Token>(id.whole(0, static_cast<std::int64_t>(vocabulary) - 1)));
    }
  }
  if (!behind) field.at("single").refuse("the text between the tokens around it");
}

}  // namespace

Pattern read_pattern(const JsonField& field) {
  field.only({"String", "Regex"});
  if (field.has("Regex"))
    return Pattern::regex(field.at("Regex").text(), field.source(), field.path() + ".Regex");
  return Pattern::literal(field.at("String").short_text(kLongestAdded));
}

std::vector<NormalStep> read_normalizer(const JsonField& field) {
  std::vector<NormalStep> all;
  for (const JsonField& step : steps_of(field, "normalizers")) {
    NormalStep one;
    switch (step.at("type").choice({"NFC", "NFD", "NFKC", "NFKD", "Replace", "Prepend"})) {
      case 4:
        step.only({"type", "pattern", "content"});
        one.kind = NormalStep::Kind::Replace;
        one.pattern = read_pattern(step.at("pattern"));
        one.content = step.at("content").text();
        if (one.content.size() > kMostContent)
          step.at("content").refuse(fmt::format("a text of at most {} bytes", kMostContent));
        break;
      case 5:
        step.only({"type", "prepend"});
        one.kind = NormalStep::Kind::Prepend;
        one.content = step.at("prepend").short_text(kMostContent);
        break;
      default:
        step.only({"type"});
        one.form = static_cast<NormalForm>(step.at("type").choice({"NFC", "NFD", "NFKC", "NFKD"}));
    }
    all.push_back(std::move(one));
  }
  return all;
}

Cutting read_pre_tokenizer(const JsonField& field) {
  Cutting cutting;
  for (const JsonField& step : steps_of(field, "pretokenizers")) {
    if (cutting.byte_level) step.refuse("nothing behind ByteLevel");
    switch (step.at("type").choice({"ByteLevel", "Split", "Digits", "Metaspace"})) {
      case 0:
        read_byte_level(step, cutting);
        break;
      case 1:
        cutting.steps.push_back(read_split(step));
        break;
      case 2:
        cutting.steps.push_back(read_digits(step));
        break;
      default:
        cutting.steps.push_back(read_metaspace(step));
    }
  }
  return cutting;
}

Decoding read_decoder(const JsonField& field, bool byte_level) {
  Decoding decoding;
  const std::vector<JsonField> steps = steps_of(field, "decoders");
  if (byte_level) {
    if (steps.size() != 1 || steps[0].at("type").json() != "ByteLevel")
      field.refuse("ByteLevel, since the pre-tokenizer has it");
    return decoding;
  }
  // Without a decoder Hugging Face writes a blank between pieces, which gives back no text.
  if (steps.empty()) field.refuse("Replace, ByteFallback, Fuse and Strip in this order, or Metaspace");
  // Where each stands in the order in which they work together.
  std::size_t stage = 0;
  for (const JsonField& step : steps) {
    const std::size_t kind =
        step.at("type").choice({"Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"});
    if (kind < stage || (kind == 4 && steps.size() > 1))
      field.refuse("Replace, ByteFallback, Fuse and Strip in this order, or Metaspace alone");
    if (kind == 3 && stage != 2) step.refuse("Fuse before it");
    stage = std::max(stage, kind);
    if (kind == 0) {
      step.only({"type", "pattern", "content"});
      const JsonField pattern = step.at("pattern");
      if (!pattern.has("String")) pattern.refuse("{\"String\": ..}");
      const JsonField content = step.at("content");
      if (content.text().size() > kMostContent) content.refuse(fmt::format("at most {} bytes", kMostContent));
      decoding.replacements.emplace_back(pattern.at("String").short_text(kMostContent), content.text());
    } else if (kind == 1) {
      step.only({"type"});
      decoding.bytes = true;
    } else if (kind == 3) {
      step.only({"type", "content", "start", "stop"});
      step.at("stop").whole(0, 0);
      decoding.front = one_character(step.at("content"));
      decoding.front_times = step.at("start").whole(0, std::numeric_limits<std::int32_t>::max());
      stage = 4;  // nothing comes after it
    } else if (kind == 4) {
      const CutStep metaspace = read_metaspace(step);
      decoding.replacements.emplace_back(metaspace.replacement, " ");
      if (metaspace.scheme != CutStep::Scheme::Never) decoding.first_drops = metaspace.replacement;
    }
  }
  return decoding;
}

Markers read_post_processor(const JsonField& field, std::size_t vocabulary) {
  Markers markers;
  bool has_template = false;
  for (const JsonField& step : steps_of(field, "processors")) {
    // ByteLevel moves the places that tokens are said to come from, nothing else.
    if (step.at("type").choice({"ByteLevel", "TemplateProcessing"}) == 0) continue;
    if (std::exchange(has_template, true)) step.refuse("one TemplateProcessing");
    read_template(step, vocabulary, markers);
  }
  return markers;
}

std::vector<AddedToken> read_added_tokens(const JsonField& field) {
  std::vector<AddedToken> all;
  std::set<std::string> seen;
  for (const JsonField& item : field.items()) {
    item.only({"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
    AddedToken token;
    token.id = static_cast<Token>(item.at("id").whole(0, std::numeric_limits<Token>::max()));
    token.content = item.at("content").short_text(kLongestAdded);
    token.special = item.at("special").flag(false);
    token.normalized = item.at("normalized").flag(!token.special);
    token.single_word = item.at("single_word").flag(false);
    token.lstrip = item.at("lstrip").flag(false);
    token.rstrip = item.at("rstrip").flag(false);
    if (!seen.insert(token.content).second) item.at("content").refuse("each added token once");
    all.push_back(std::move(token));
  }
  return all;
}

}  // namespace yore::text
