#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/foreign/gguf_model.h"

namespace yore::foreign {
namespace {

/// The keys tokenizer.ggml.*.
class TokenizerKeys {
 public:
  TokenizerKeys(const GgufFile& file, const std::string& source) : file_(file), source_(source) {}

  const GgufValue* find(const std::string& name) const { return file_.find(kPrefix + name); }
  std::string text(const std::string& name, const std::string& fallback) const {
    const GgufValue* value = find(name);
    if (value == nullptr) return fallback;
    if (!value->is_text()) refuse(name, "a text");
    return std::string(value->text());
  }
  std::vector<std::string> texts(const std::string& name) const {
    const GgufValue* value = find(name);
    if (value == nullptr) return {};
    if (!value->is_list_of_texts()) refuse(name, "a list of texts");
    const std::vector<std::string_view> all = value->texts();
    return {all.begin(), all.end()};
  }
  std::vector<double> numbers(const std::string& name, std::size_t count) const {
    const GgufValue* value = find(name);
    if (value == nullptr) return {};
    if (!value->is_list_of_numbers() || value->count() != count)
      refuse(name, fmt::format("a list of {} numbers, one a token", count));
    return value->numbers();
  }
  std::optional<text::Token> token(const std::string& name, std::size_t count) const {
    const GgufValue* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_whole() || value->whole() < 0 || value->whole() >= static_cast<std::int64_t>(count))
      refuse(name, fmt::format("a token from 0 to {}", count - 1));
    return static_cast<text::Token>(value->whole());
  }
  bool flag(const std::string& name, bool fallback) const {
    const GgufValue* value = find(name);
    if (value == nullptr) return fallback;
    if (!value->is_flag()) refuse(name, "true or false");
    return value->flag();
  }
  [[noreturn]] void refuse(const std::string& name, const std::string& expected) const {
    throw base::InputError(source_, fmt::format("key {}{}: expected {}", kPrefix, name, expected));
  }

 private:
  static constexpr const char* kPrefix = "tokenizer.ggml.";
  const GgufFile& file_;
  const std::string& source_;
};

}  // namespace

std::optional<text::Tokenizer> tokenizer_of_gguf(const GgufFile& file, const std::string& source) {
  const TokenizerKeys keys(file, source);
  text::PieceTable table;
  table.pieces = keys.texts("tokens");
  if (table.pieces.empty()) return std::nullopt;
  const std::size_t count = table.pieces.size();
  const std::string model = keys.text("model", "");
  const bool scores = model == "llama";
  if (!scores && model != "gpt2") keys.refuse("model", fmt::format("gpt2 or llama, found \"{}\"", model));
  for (const double type : keys.numbers("token_type", count)) {
    if (!(type >= 1 && type <= 6)) keys.refuse("token_type", "types from 1 to 6");
    table.types.push_back(static_cast<text::PieceType>(static_cast<std::int32_t>(type)));
  }
  table.bos = keys.token("bos_token_id", count);
  table.eos = keys.token("eos_token_id", count);
  // llama.cpp's defaults.
  table.bos_in_front = keys.flag("add_bos_token", scores);
  table.eos_behind = keys.flag("add_eos_token", false);
  if (!scores) {
    table.merges = keys.texts("merges");
    table.pre = keys.text("pre", "default");
    return text::Tokenizer::from_merges(table, source);
  }
  for (const double score : keys.numbers("scores", count)) table.scores.push_back(static_cast<float>(score));
  table.unknown = keys.token("unknown_token_id", count);
  table.blank_in_front = keys.flag("add_space_prefix", true);
  return text::Tokenizer::from_scores(table, source);
}

}  // namespace yore::foreign
