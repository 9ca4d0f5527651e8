// tokenizer.json to a tokenizer.
#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/text/data.h"
#include "yore/text/json_file.h"
#include "yore/text/json_steps.h"

namespace yore::text {
namespace {

using base::InputError;

/// Pieces of the vocabulary and added tokens by their ids, which must be 0 .. N-1.
std::shared_ptr<const Vocabulary> read_vocabulary(const JsonFile& file, const std::vector<AddedToken>& added,
                                                  const std::string& source) {
  // The vocabulary's own pieces are in it once more: then they are of the same id.
  std::vector<std::string_view> by_id(file.pieces.size() + added.size());
  std::size_t end = 0, count = 0;
  const auto place = [&](std::string_view piece, std::uint64_t id, const char* field) {
    if (id >= by_id.size())
      throw InputError(source,
                       fmt::format("{}: the token \"{}\" is {}, expected less than {}, the number of tokens",
                                   field, piece.substr(0, 100), id, by_id.size()));
    std::string_view& there = by_id[id];
    if (there == piece) return;
    if (!there.empty())
      throw InputError(source, fmt::format("{}: token {} is \"{}\" and \"{}\"; expected one piece a token",
                                           field, id, there.substr(0, 100), piece.substr(0, 100)));
    there = piece;
    end = std::max<std::size_t>(end, id + 1);
    ++count;
  };
  for (std::size_t i = 0; i < file.pieces.size(); ++i) {
    if (file.pieces[i].empty())
      throw InputError(source, "model.vocab: expected pieces of some text, found \"\"");
    place(file.pieces[i], file.ids[i], "model.vocab");
  }
  for (const AddedToken& token : added)
    place(token.content, static_cast<std::uint64_t>(token.id), "added_tokens");
  if (count < end) {
    const auto gap = static_cast<std::size_t>(
        std::find_if(by_id.begin(), by_id.end(), [](std::string_view piece) { return piece.empty(); }) -
        by_id.begin());
    throw InputError(source,
                     fmt::format("expected tokens 0 to {} without a gap, found no token {}", end - 1, gap));
  }
  Texts pieces;
  for (std::size_t i = 0; i < end; ++i) pieces.add(by_id[i]);
  return std::make_shared<const Vocabulary>(std::move(pieces), source);
}

void read_merges(const JsonFile& file, Model& model, const std::string& source) {
  model.merges.reserve(file.sides.size() / 2);
  for (std::size_t i = 0; i < file.sides.size(); i += 2) {
    const auto left = model.vocabulary->find(file.sides[i]),
               right = model.vocabulary->find(file.sides[i + 1]);
    if (!left || !right)
      throw InputError(source, fmt::format("model.merges[{}]: \"{}\" is no piece of the vocabulary", i / 2,
                                           file.sides[left ? i + 1 : i].substr(0, 100)));
    model.merges.emplace_back(*left, *right);
  }
}

/// The settings of a BPE model, of which those that change tokens in ways that are not there are refused.
void read_bpe(const JsonField& field, Model& model) {
  field.only({"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
              "byte_fallback", "ignore_merges"});
  const JsonField dropout = field.at("dropout");
  if (!dropout.json().is_null() && dropout.json() != 0.0)
    dropout.refuse("null or 0 (merges are never left out)");
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (field.has(affix) && field.at(affix).json() != "")
      field.at(affix).refuse("null (pieces carry no marks)");
  model.fuse_unknown = field.at("fuse_unk").flag(false);
  model.ignore_merges = field.at("ignore_merges").flag(false);
  model.byte_fallback = field.at("byte_fallback").flag(false);
  if (model.kind == Model::Kind::ByteLevel && model.byte_fallback) {
    // Nothing falls back where every byte has its piece, so that it says nothing.
    for (int b = 0; b < 256; ++b)
      if (!model.vocabulary->find(stand_in(static_cast<unsigned char>(b))))
        field.at("byte_fallback").refuse("false beside ByteLevel");
    model.byte_fallback = false;
  }
}

void read_unknown(const JsonField& field, Model& model) {
  if (!field.has("unk_token")) return;
  const JsonField name = field.at("unk_token");
  const auto token = model.vocabulary->find(name.text());
  if (!token) name.refuse("a piece of the vocabulary");
  model.unknown = *token;
}

/// What to_json writes of words; other models of words cut texts in other ways.
void read_words(const JsonField& root, Model& model, const JsonFile& file) {
  const JsonField field = root.at("model");
  field.only({"type", "unk_token"});
  if (file.has_merges) field.refuse("no merges in a WordLevel model");
  if (!field.has("unk_token")) field.at("unk_token").refuse("the piece that stands for unknown words");
  model.kind = Model::Kind::Words;
  const JsonField cutting = root.at("pre_tokenizer");
  cutting.only({"type"});
  cutting.at("type").choice({"WhitespaceSplit"});
  if (!root.at("decoder").json().is_null()) root.at("decoder").refuse("null");
  const JsonField normalizer = root.at("normalizer");
  if (normalizer.json().is_null()) return;
  const base::Json lines = {{"type", "Replace"}, {"pattern", {{"String", "\n"}}}, {"content", " <eos> "}};
  const auto token = model.vocabulary->find("<eos>");
  if (normalizer.json() != lines || !token)
    normalizer.refuse("null or " + lines.dump() + " and the piece <eos>");
  model.end_of_line = *token;
}

}  // namespace

Tokenizer Tokenizer::from_json(std::string_view json, const std::string& source) {
  const JsonFile file = parse_tokenizer_json(json, source);
  const JsonField root(file.rest, "", source);
  root.only({"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
             "post_processor", "decoder", "model"});
  for (const char* key : {"truncation", "padding"})
    if (root.has(key)) root.at(key).refuse("null");
  const JsonField field = root.at("model");
  // The first files, such as GPT-2's, name no type.
  const bool words = field.has("type") && field.at("type").choice({"BPE", "WordLevel"}) == 1;
  if (!file.has_vocab) field.refuse("an object with vocab");

  Parts parts;
  parts.data.added = read_added_tokens(root.at("added_tokens"));
  parts.model.vocabulary = read_vocabulary(file, parts.data.added, source);
  if (words) {
    read_words(root, parts.model, file);
  } else {
    if (!file.has_merges) field.refuse("merges");
    parts.data.normal = read_normalizer(root.at("normalizer"));
    Cutting cutting = read_pre_tokenizer(root.at("pre_tokenizer"));
    parts.data.cuts = std::move(cutting.steps);
    parts.model.kind = cutting.byte_level ? Model::Kind::ByteLevel : Model::Kind::Characters;
    parts.data.decoding = read_decoder(root.at("decoder"), cutting.byte_level);
    read_bpe(field, parts.model);
    read_merges(file, parts.model, source);
  }
  read_unknown(field, parts.model);
  Markers markers = read_post_processor(root.at("post_processor"), parts.model.vocabulary->size());
  if (markers.front.size() == 1) parts.data.bos = markers.front[0];
  if (markers.behind.size() == 1) parts.data.eos = markers.behind[0];
  parts.data.front = std::move(markers.front);
  parts.data.behind = std::move(markers.behind);
  return finish(std::move(parts), source);
}

}  // namespace yore::text
