// Reading tokenizer.json: what is understood, and what is refused by name.
#include <gtest/gtest.h>

#include "yore/base/files.h"
#include "yore/base/test_refusal.h"
#include "yore/text/tokenizer.h"

namespace yore::text {
namespace {

using base::Json;
using Tokens = std::vector<Token>;

/// A model of characters: a, b, ab, and <unk>.
Json small() {
  return Json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [{"id": 4, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                      "normalized": false, "special": true}],
    "normalizer": null, "pre_tokenizer": null, "post_processor": null,
    "decoder": {"type": "Fuse"},
    "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
              "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
              "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3}, "merges": [["a", "b"]]}})");
}

Tokens encoded(const Json& json, std::string_view text, const EncodeOptions& options = {}) {
  return Tokenizer::from_json(json.dump(), "t.json").encode(text, options);
}

TEST(TokenizerJson, IsRead) {
  EXPECT_EQ(encoded(small(), "abba<s>"), (Tokens{3, 2, 1, 4}));
  EXPECT_EQ(encoded(small(), "acca"), (Tokens{1, 0, 0, 1}));
  Json json = small();
  json["model"]["fuse_unk"] = true;
  EXPECT_EQ(encoded(json, "acca"), (Tokens{1, 0, 1}));
  json["model"]["merges"] = Json::parse(R"(["a b"])");
  EXPECT_EQ(encoded(json, "ab"), (Tokens{3})) << "the older spelling of merges";
  json["model"].erase("type");
  EXPECT_EQ(encoded(json, "ab"), (Tokens{3})) << "the first files name no type";
  json["post_processor"] = Json::parse(R"({"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "S", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [], "special_tokens": {"S": {"id": "S", "ids": [4], "tokens": ["<s>"]}}})");
  EXPECT_EQ(encoded(json, "ab", {.markers = true}), (Tokens{4, 3}));
  const Tokenizer tokenizer = Tokenizer::from_json(json.dump(), "t.json");
  EXPECT_EQ(tokenizer.bos(), 4);
  EXPECT_TRUE(tokenizer.expects_bos());
}

// What comes in front of a text comes in front of what it begins with, and not of what is left of it.
TEST(TokenizerJson, MetaspacesFirstIsTheTextsBeginning) {
  Json json = small();
  json["model"]["vocab"] = Json::parse(R"({"<unk>": 0, "a": 1, "x": 2, "\u2581": 3})");
  json["model"]["merges"] = Json::array();
  const Json metaspace = {
      {"type", "Metaspace"}, {"replacement", "\xE2\x96\x81"}, {"prepend_scheme", "first"}};
  json["pre_tokenizer"] = {
      {"type", "Sequence"},
      {"pretokenizers",
       {{{"type", "Split"}, {"pattern", {{"String", "x"}}}, {"behavior", "Removed"}, {"invert", false}},
        metaspace}}};
  EXPECT_EQ(encoded(json, "xa"), (Tokens{1}));
  EXPECT_EQ(encoded(json, "axa"), (Tokens{3, 1, 1}));
  json["pre_tokenizer"] = metaspace;
  json["normalizer"] = {{"type", "Replace"}, {"pattern", {{"String", "x"}}}, {"content", ""}};
  EXPECT_EQ(encoded(json, "xa"), (Tokens{1}));
  EXPECT_EQ(encoded(json, "ax"), (Tokens{3, 1}));
}

TEST(TokenizerJson, AddedTokensTakeBlanksOrStandAlone) {
  Json json = small();
  const auto added = [&](const char* option, bool value) {
    json["added_tokens"][0].update({{option, value}});
    return encoded(json, "a <s> b");
  };
  EXPECT_EQ(encoded(json, "a <s> b"), (Tokens{1, 0, 4, 0, 2}));
  EXPECT_EQ(added("lstrip", true), (Tokens{1, 4, 0, 2}));
  EXPECT_EQ(added("rstrip", true), (Tokens{1, 4, 2}));
  added("single_word", true);
  EXPECT_EQ(encoded(json, "a<s>").size(), 4u) << "beside a letter it is text";
  EXPECT_EQ(encoded(json, "a <s>"), (Tokens{1, 4}));
}

TEST(TokenizerJson, WhatIsNotSupportedIsRefusedByName) {
  const auto refused = [](const auto& change, const std::string& part) {
    Json json = small();
    change(json);
    return base::refused([&] { Tokenizer::from_json(json.dump(), "t.json"); }, "t.json: " + part);
  };
  using J = Json&;
  EXPECT_TRUE(refused([](J j) { j["model"]["type"] = "Unigram"; },
                      "model.type: expected one of BPE, WordLevel, found \"Unigram\""));
  EXPECT_TRUE(refused([](J j) { j["model"]["dropout"] = 0.1; }, "model.dropout: expected null or 0"));
  EXPECT_TRUE(refused([](J j) { j["model"]["end_of_word_suffix"] = "</w>"; },
                      "model.end_of_word_suffix: expected null"));
  EXPECT_TRUE(refused([](J j) { j["model"]["new_idea"] = 1; }, "model.new_idea: expected no such key"));
  EXPECT_TRUE(refused([](J j) { j["model"]["byte_fallback"] = true; },
                      "byte_fallback: expected the pieces <0x00> to <0xFF>"));
  EXPECT_TRUE(refused([](J j) { j["model"]["unk_token"] = "?"; }, "model.unk_token: expected a piece"));
  EXPECT_TRUE(refused([](J j) { j["model"]["merges"] = Json::parse(R"([["b", "a"]])"); },
                      "merges[0]: \"b\" and \"a\" join to no piece"));
  EXPECT_TRUE(refused([](J j) { j["model"]["merges"] = Json::parse(R"([["a", "x"]])"); },
                      "model.merges[0]: \"x\" is no piece"));
  EXPECT_TRUE(refused([](J j) { j["model"]["merges"] = Json::parse(R"([["a"]])"); },
                      "model.merges[0]: expected two pieces"));
  EXPECT_TRUE(refused([](J j) { j["model"]["merges"] = Json::parse(R"(["a b c"])"); },
                      "model.merges[0]: expected two pieces"));
  EXPECT_TRUE(refused([](J j) { j["model"]["merges"] = Json::parse("[1]"); },
                      "model.merges[0]: expected two pieces"));
  EXPECT_TRUE(refused([](J j) { j["model"].erase("merges"); }, "model: expected merges"));
  EXPECT_TRUE(refused([](J j) { j["model"].erase("vocab"); }, "model: expected an object with vocab"));
  EXPECT_TRUE(refused([](J j) { j["model"]["vocab"]["a"] = 9; },
                      "model.vocab: the token \"a\" is 9, expected less than 5"));
  EXPECT_TRUE(refused([](J j) { j["model"]["vocab"]["a"] = 2; }, "model.vocab: token 2 is"));
  EXPECT_TRUE(
      refused([](J j) { j["model"]["vocab"]["a"] = "1"; }, "model.vocab: expected each piece's token"));
  EXPECT_TRUE(refused(
      [](J j) {
        j["model"]["vocab"].erase("b");
        j["model"]["merges"] = Json::array();
      },
      "added_tokens: the token \"<s>\" is 4, expected less than 4"));
  EXPECT_TRUE(
      refused([](J j) { j["added_tokens"][0]["id"] = 2; }, "added_tokens: token 2 is \"b\" and \"<s>\""));
  EXPECT_TRUE(refused([](J j) { j["truncation"] = {{"max_length", 5}}; }, "truncation: expected null"));
  EXPECT_TRUE(refused(
      [](J j) {
        j["normalizer"] = {{"type", "Lowercase"}};
      },
      "normalizer.type: expected one of NFC, NFD"));
  EXPECT_TRUE(refused(
      [](J j) {
        j["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
      },
      "pre_tokenizer.type: expected one of ByteLevel, Split"));
  EXPECT_TRUE(refused(
      [](J j) {
        j["decoder"] = {{"type", "WordPiece"}};
      },
      "decoder.type: expected one of Replace"));
  EXPECT_TRUE(refused(
      [](J j) {
        j["pre_tokenizer"] = {{"type", "ByteLevel"}};
      },
      "decoder: expected ByteLevel"));
  EXPECT_TRUE(refused(
      [](J j) {
        j["post_processor"] = {{"type", "RobertaProcessing"}};
      },
      "post_processor.type: expected one of ByteLevel, TemplateProcessing"));
  EXPECT_TRUE(refused([](J j) { j["extra"] = 1; }, "extra: expected no such key"));
}

TEST(TokenizerJson, HostileTextsAreRefused) {
  const auto refused = [](const std::string& text, const std::string& part) {
    return base::refused([&] { Tokenizer::from_json(text, "t.json"); }, part);
  };
  EXPECT_TRUE(refused("", "t.json: is no JSON"));
  EXPECT_TRUE(refused("{\"model\": {\"vocab\": {\"a\": 0", "t.json: is no JSON"));
  EXPECT_TRUE(refused("[]", "top level: expected an object"));
  EXPECT_TRUE(refused(std::string(100'000, '['), "at most 32 levels"));
  EXPECT_TRUE(refused(R"({"model": {"vocab": {}, "vocab": {}}})", "the key \"vocab\" is there twice"));
  EXPECT_TRUE(refused(R"({"version": 1, "version": 2})", "the key \"version\" is there twice"));
  EXPECT_TRUE(
      refused(R"({"model": {"vocab": {"a": 18446744073709551615}, "merges": []}})", "expected less than 1"));
  EXPECT_TRUE(refused(R"({"model": {"vocab": {"a": 0}, "merges": []}, "model": 1})", "there twice"));
  std::string values = "{\"version\": [";
  for (int i = 0; i < 1'000'001; ++i) values += "0,";
  EXPECT_TRUE(refused(values + "0]}", "at most 1000000 values"));
}

}  // namespace
}  // namespace yore::text
