// A tokenizer as a tokenizer.json.
#include <fmt/format.h>

#include "yore/base/files.h"
#include "yore/text/data.h"

namespace yore::text {
namespace {

using base::Json;

Json pattern_json(const Pattern& pattern) {
  return {{pattern.is_regex() ? "Regex" : "String", pattern.text()}};
}

Json sequence(const char* list, Json steps) {
  if (steps.empty()) return nullptr;
  if (steps.size() == 1) return steps[0];
  return {{"type", "Sequence"}, {list, std::move(steps)}};
}

Json normalizer(const Tokenizer::Data& data) {
  if (data.model->kind == Model::Kind::Words) {
    if (data.model->end_of_line < 0) return nullptr;
    return {{"type", "Replace"}, {"pattern", {{"String", "\n"}}}, {"content", " <eos> "}};
  }
  static const char* const forms[] = {"NFC", "NFD", "NFKC", "NFKD"};
  Json steps = Json::array();
  for (const NormalStep& step : data.normal) switch (step.kind) {
      case NormalStep::Kind::Form:
        steps.push_back({{"type", forms[static_cast<int>(step.form)]}});
        break;
      case NormalStep::Kind::Prepend:
        steps.push_back({{"type", "Prepend"}, {"prepend", step.content}});
        break;
      case NormalStep::Kind::Replace:
        steps.push_back(
            {{"type", "Replace"}, {"pattern", pattern_json(step.pattern)}, {"content", step.content}});
    }
  return sequence("normalizers", std::move(steps));
}

Json byte_level(bool blank) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", blank}, {"trim_offsets", true}, {"use_regex", false}};
}

Json pre_tokenizer(const Tokenizer::Data& data) {
  if (data.model->kind == Model::Kind::Words) return {{"type", "WhitespaceSplit"}};
  static const char* const behaviors[] = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext",
                                          "Contiguous"};
  static const char* const schemes[] = {"never", "first", "always"};
  Json steps = Json::array();
  for (std::size_t i = 0; i < data.cuts.size(); ++i) {
    const CutStep& step = data.cuts[i];
    switch (step.kind) {
      case CutStep::Kind::Split:
        steps.push_back({{"type", "Split"},
                         {"pattern", pattern_json(step.pattern)},
                         {"behavior", behaviors[static_cast<int>(step.behavior)]},
                         {"invert", step.invert}});
        break;
      case CutStep::Kind::Metaspace:
        steps.push_back({{"type", "Metaspace"},
                         {"replacement", step.replacement},
                         {"prepend_scheme", schemes[static_cast<int>(step.scheme)]},
                         {"split", step.cuts}});
        break;
      case CutStep::Kind::Blank: {
        // ByteLevel alone puts a blank in front, and is written once: it cuts by its own pattern behind that,
        // or by none, and those are the only steps that a reader can have put there.
        const bool cuts = i + 1 < data.cuts.size();
        Json step_json = byte_level(true);
        step_json["use_regex"] = cuts;
        steps.push_back(std::move(step_json));
        return sequence("pretokenizers", std::move(steps));
      }
    }
  }
  if (data.model->kind == Model::Kind::ByteLevel) steps.push_back(byte_level(false));
  return sequence("pretokenizers", std::move(steps));
}

Json decoder(const Tokenizer::Data& data) {
  if (data.model->kind == Model::Kind::Words) return nullptr;
  if (data.model->kind == Model::Kind::ByteLevel)
    return {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", true}, {"use_regex", true}};
  const Decoding& decoding = data.decoding;
  if (!decoding.first_drops.empty())
    return {{"type", "Metaspace"},
            {"replacement", decoding.first_drops},
            {"prepend_scheme", "always"},
            {"split", true}};
  Json steps = Json::array();
  for (const auto& [from, to] : decoding.replacements)
    steps.push_back({{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}});
  if (decoding.bytes) steps.push_back({{"type", "ByteFallback"}});
  steps.push_back({{"type", "Fuse"}});
  if (!decoding.front.empty())
    steps.push_back(
        {{"type", "Strip"}, {"content", decoding.front}, {"start", decoding.front_times}, {"stop", 0}});
  return sequence("decoders", std::move(steps));
}

Json post_processor(const Tokenizer::Data& data) {
  if (data.front.empty() && data.behind.empty()) return nullptr;
  Json single = Json::array(), special = Json::object();
  const auto add = [&](const std::vector<Token>& tokens) {
    for (const Token token : tokens) {
      const std::string name(data.model->vocabulary->piece(token));
      single.push_back({{"SpecialToken", {{"id", name}, {"type_id", 0}}}});
      special[name] = {{"id", name}, {"ids", {token}}, {"tokens", {name}}};
    }
  };
  add(data.front);
  single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
  add(data.behind);
  Json pair = single;
  pair.push_back({{"Sequence", {{"id", "B"}, {"type_id", 1}}}});
  return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", special}};
}

Json added_tokens(const Tokenizer::Data& data) {
  Json all = Json::array();
  for (const AddedToken& token : data.added)
    all.push_back({{"id", token.id},
                   {"content", token.content},
                   {"single_word", token.single_word},
                   {"lstrip", token.lstrip},
                   {"rstrip", token.rstrip},
                   {"normalized", token.normalized},
                   {"special", token.special}});
  return all;
}

std::string quoted(std::string_view text) {
  return Json(std::string(text)).dump();
}

// By hand: the library's objects of ordered keys take time quadratic in their size.
std::string model_json(const Model& model) {
  const bool words = model.kind == Model::Kind::Words;
  std::string out = fmt::format("{{\n    \"type\": \"{}\",\n", words ? "WordLevel" : "BPE");
  const std::string unknown = model.unknown < 0 ? "null" : quoted(model.vocabulary->piece(model.unknown));
  if (!words)
    out += fmt::format(
        "    \"dropout\": null,\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": "
        "null,\n"
        "    \"fuse_unk\": {},\n    \"byte_fallback\": {},\n    \"ignore_merges\": {},\n",
        model.fuse_unknown, model.byte_fallback, model.ignore_merges);
  out += fmt::format("    \"unk_token\": {},\n    \"vocab\": {{\n", unknown);
  const auto size = static_cast<Token>(model.vocabulary->size());
  for (Token i = 0; i < size; ++i)
    out += fmt::format("      {}: {}{}\n", quoted(model.vocabulary->piece(i)), i, i + 1 < size ? "," : "");
  out += "    }";
  if (!words) {
    out += ",\n    \"merges\": [\n";
    for (std::size_t i = 0; i < model.merges.size(); ++i)
      out += fmt::format("      [{}, {}]{}\n", quoted(model.vocabulary->piece(model.merges[i].first)),
                         quoted(model.vocabulary->piece(model.merges[i].second)),
                         i + 1 < model.merges.size() ? "," : "");
    out += "    ]";
  }
  return out + "\n  }";
}

}  // namespace

std::string Tokenizer::to_json() const {
  const Data& data = *data_;
  std::string out = "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n";
  const auto field = [&](const char* name, const Json& value) {
    out += fmt::format("  \"{}\": {},\n", name, value.dump());
  };
  field("added_tokens", added_tokens(data));
  field("normalizer", normalizer(data));
  field("pre_tokenizer", pre_tokenizer(data));
  field("post_processor", post_processor(data));
  field("decoder", decoder(data));
  return out + "  \"model\": " + model_json(*data.model) + "\n}\n";
}

}  // namespace yore::text
