// Values worked out by hand. What other programs say is asked in tests/judges/tokenizers_test.py.
#include "yore/text/tokenizer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "yore/base/files.h"
#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"

namespace yore::text {
namespace {

using Tokens = std::vector<Token>;

std::string all_bytes() {
  std::string bytes;
  for (int b = 0; b < 256; ++b) bytes += static_cast<char>(b);
  return bytes;
}

/// Byte-level: 256 bytes in their order, then these pieces; the last `special` of them are special.
PieceTable byte_table(const std::vector<std::string>& more, std::vector<std::string> merges,
                      std::size_t special = 0) {
  PieceTable table;
  for (int b = 0; b < 256; ++b) table.pieces.emplace_back(Tokenizer::bytes().name_of(b));
  table.pieces.insert(table.pieces.end(), more.begin(), more.end());
  table.types.assign(table.pieces.size(), PieceType::Normal);
  std::fill(table.types.end() - static_cast<std::ptrdiff_t>(special), table.types.end(), PieceType::Control);
  table.merges = std::move(merges);
  table.pre = "gpt-2";
  return table;
}

/// The same tokenizer by what it writes.
Tokenizer again(const Tokenizer& tokenizer) {
  return Tokenizer::from_json(tokenizer.to_json(), "to_json");
}

TEST(Bytes, AreThemselves) {
  const Tokenizer tokenizer = Tokenizer::bytes();
  EXPECT_EQ(tokenizer.vocabulary(), 256);
  EXPECT_EQ(tokenizer.encode("a\xFF\n"), (Tokens{'a', 255, '\n'}));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(all_bytes())), all_bytes());
  EXPECT_EQ(again(tokenizer).encode(all_bytes()), tokenizer.encode(all_bytes()));
  EXPECT_EQ(tokenizer.bytes_of(200), "\xC8");
  EXPECT_THROW(static_cast<void>(tokenizer.bytes_of(256)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(tokenizer.bytes_of(-1)), std::invalid_argument);
}

// "hello" by the merges h+e, l+l, he+ll: hell o, though e+l could have been joined by a later rule.
TEST(ByteLevel, JoinsByRank) {
  const Tokenizer tokenizer = Tokenizer::from_merges(
      byte_table({"he", "ll", "hell", "el", "\xC4\xA0h"}, {"h e", "l l", "he ll", "e l", "\xC4\xA0 h"}),
      "test");
  EXPECT_EQ(tokenizer.encode("hello"), (Tokens{258, 'o'}));
  EXPECT_EQ(tokenizer.encode(" hello"), (Tokens{' ', 258, 'o'})) << "h is taken by the rule that goes first";
  EXPECT_EQ(tokenizer.encode(" hi"), (Tokens{260, 'i'}));
  EXPECT_EQ(tokenizer.encode("belt"), (Tokens{'b', 259, 't'}));
  EXPECT_EQ(tokenizer.bytes_of(260), " h");
  EXPECT_EQ(tokenizer.name_of(260), "\xC4\xA0h");
  EXPECT_EQ(tokenizer.find("hell"), 258);
  EXPECT_FALSE(tokenizer.find("hello"));
}

TEST(ByteLevel, KeepsEveryByte) {
  const Tokenizer tokenizer =
      Tokenizer::from_merges(byte_table({"he", "\xC4\xA0\xC4\xA0"}, {"h e", "\xC4\xA0 \xC4\xA0"}), "test");
  base::Random random(5);
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(50); n > 0; --n)
      text += static_cast<char>(random.below(3) == 0 ? random.below(256) : "he 1"[random.below(4)]);
    const Tokens tokens = tokenizer.encode(text);
    ASSERT_EQ(tokenizer.decode(tokens), text);
    ASSERT_EQ(again(tokenizer).encode(text), tokens);
  }
}

TEST(Specials, AreFoundInTextOrReadAsText) {
  PieceTable table = byte_table({"<s>", "</s>"}, {}, 2);
  table.bos = 256;
  table.eos = 257;
  table.bos_in_front = true;
  const Tokenizer tokenizer = Tokenizer::from_merges(table, "test");
  EXPECT_EQ(tokenizer.encode("a<s>b"), (Tokens{'a', 256, 'b'}));
  EXPECT_EQ(tokenizer.encode("<s>", {.special_in_text = false}), (Tokens{'<', 's', '>'}));
  EXPECT_EQ(tokenizer.encode("a", {.markers = true}), (Tokens{256, 'a'}));
  EXPECT_TRUE(tokenizer.expects_bos());
  EXPECT_EQ(tokenizer.bos(), 256);
  EXPECT_EQ(tokenizer.eos(), 257);
  EXPECT_EQ(tokenizer.special_tokens(), (Tokens{256, 257}));
  EXPECT_TRUE(tokenizer.is_special(257));
  EXPECT_FALSE(tokenizer.is_special('a'));
  EXPECT_EQ(tokenizer.decode(Tokens{256, 'a', 257}), "<s>a</s>");
  EXPECT_EQ(tokenizer.decode(Tokens{256, 'a', 257}, false), "a");
  EXPECT_EQ(again(tokenizer).encode("a", {.markers = true}), (Tokens{256, 'a'}));

  const Tokenizer other = tokenizer.with_markers(std::nullopt, 257, false, true);
  EXPECT_EQ(other.encode("a", {.markers = true}), (Tokens{'a', 257}));
  EXPECT_FALSE(other.expects_bos());
  EXPECT_TRUE(tokenizer.expects_bos()) << "the first is unchanged";
  EXPECT_EQ(again(other).eos(), 257);
  EXPECT_THROW(static_cast<void>(tokenizer.with_markers(300, {}, false, false)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(tokenizer.with_markers({}, {}, true, false)), std::invalid_argument);
}

/// SentencePiece: <unk> 0, bytes 1 .. 256, then pieces with these scores.
PieceTable scored_table(const std::vector<std::pair<std::string, float>>& pieces) {
  PieceTable table;
  const auto add = [&](const std::string& piece, PieceType type, float score) {
    table.pieces.push_back(piece);
    table.types.push_back(type);
    table.scores.push_back(score);
  };
  add("<unk>", PieceType::Unknown, 0);
  for (int b = 0; b < 256; ++b)
    add(std::string("<0x") + "0123456789ABCDEF"[b / 16] + "0123456789ABCDEF"[b % 16] + ">", PieceType::Byte,
        0);
  for (const auto& [piece, score] : pieces) add(piece, PieceType::Normal, score);
  table.unknown = 0;
  return table;
}

constexpr const char* kBlankPiece = "\xE2\x96\x81";

TEST(Scores, JoinTheBestPairFirst) {
  const std::string blank = kBlankPiece;
  // 257 blank, 258 a, 259 b, 260 c, 261 ab, 262 bc, 263 blank+a
  const PieceTable table = scored_table(
      {{blank, -10}, {"a", -11}, {"b", -12}, {"c", -13}, {"ab", -2}, {"bc", -1}, {blank + "a", -3}});
  const Tokenizer tokenizer = Tokenizer::from_scores(table, "test");
  EXPECT_EQ(tokenizer.encode("abc"), (Tokens{263, 262})) << "bc before ab, then the blank in front with a";
  EXPECT_EQ(tokenizer.encode("ab"), (Tokens{257, 261}));
  EXPECT_EQ(tokenizer.encode("a  c"), (Tokens{263, 257, 257, 260}));
  EXPECT_EQ(tokenizer.decode(Tokens{263, 262}), "abc") << "without the blank in front";
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(" abc ")), " abc ");
  EXPECT_EQ(tokenizer.bytes_of(263), " a") << "inside a text";
  // The bytes of what has no piece, here the euro sign and no character at all.
  EXPECT_EQ(tokenizer.encode("\xE2\x82\xAC\xFF"), (Tokens{257, 1 + 0xE2, 1 + 0x82, 1 + 0xAC, 1 + 0xFF}));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(all_bytes())), all_bytes());
  EXPECT_EQ(again(tokenizer).encode("abc \xE2\x82\xAC"), tokenizer.encode("abc \xE2\x82\xAC"));

  PieceTable bare = table;
  bare.blank_in_front = false;
  EXPECT_EQ(Tokenizer::from_scores(bare, "test").encode("abc"), (Tokens{258, 262}));
}

// Whether a text is cut where no rule joins anything changes no token: long texts against their words.
TEST(Scores, LongTextsAreJoinedAsTheirPartsAre) {
  const std::string blank = kBlankPiece;
  const Tokenizer tokenizer = Tokenizer::from_scores(
      scored_table({{blank, -10}, {"a", -11}, {"b", -12}, {"ab", -1}, {blank + "ab", -2}, {"abab", -3}}),
      "test");
  Tokens expected;
  std::string text;
  for (int i = 0; i < 500; ++i) {
    const std::string word = i % 3 == 0 ? "ab" : i % 3 == 1 ? "ababab" : "ba";
    for (const Token token : tokenizer.encode(word)) expected.push_back(token);
    text += (i == 0 ? "" : " ") + word;
  }
  EXPECT_EQ(tokenizer.encode(text), expected);
}

TEST(Words, AreCutAsWikiTextIs) {
  const Tokenizer tokenizer = Tokenizer::words({"<unk>", "the", "<eos>", "cat", "="}, "test");
  EXPECT_EQ(tokenizer.encode(" = the cat = \n the\tdog\xC2\xA0 cat"), (Tokens{4, 1, 3, 4, 2, 1, 0, 3}));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(" = the cat = \n cat \n")), " = the cat = \n cat \n");
  EXPECT_EQ(again(tokenizer).encode("the\n\ncat"), (Tokens{1, 2, 2, 3}));
  EXPECT_EQ(Tokenizer::words({"<unk>", "a"}, "test").encode("a\na b"), (Tokens{1, 1, 0})) << "no <eos>";
  EXPECT_TRUE(base::refused([] { Tokenizer::words({"a"}, "f"); }, "f: expected the word <unk>"));
  EXPECT_TRUE(base::refused([] { Tokenizer::words({"<unk>", "a b"}, "f"); }, "f: line 2: expected one word"));
  EXPECT_TRUE(base::refused(
      [] {
        Tokenizer::words({"<unk>", ""}, "f");
      },
      "f: line 2: expected a word, found none"));
  EXPECT_TRUE(base::refused(
      [] {
        Tokenizer::words({"<unk>", "a", "a"}, "f");
      },
      "tokens 1 and 2 have the same piece"));
  const base::Scratch scratch;
  base::write_file(scratch / "words", "<unk>\nthe\ncat\n");
  EXPECT_EQ(Tokenizer::words_file(scratch / "words").encode("the cat"), (Tokens{1, 2}));
}

TEST(Tables, AreRefusedByWhatIsWrong) {
  const auto merges = [](const auto& change) {
    PieceTable table = byte_table({"he"}, {"h e"});
    change(table);
    Tokenizer::from_merges(table, "file.gguf");
  };
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.pre = "qwen"; }); },
                            "file.gguf: pre: expected one of gpt-2, smollm, qwen2, llama-bpe, default; found "
                            "\"qwen\"; did you mean qwen2"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.merges = {"he"}; }); },
                            "merges[0]: expected two pieces"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.merges = {"h x"}; }); },
                            "merges[0]: \"h\" and \"x\" join to no piece"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.merges = {"h xy"}; }); },
                            "merges[0]: \"h xy\" is of pieces that are not"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.types.pop_back(); }); },
                            "types: expected one for each of 257 pieces, found 256"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.types[3] = PieceType{9}; }); },
                            "types: token 3: expected 1 to 6, found 9"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.bos = 257; }); },
                            "bos: expected a token from 0 to 256, found 257"));
  EXPECT_TRUE(
      base::refused([&] { merges([](PieceTable& t) { t.bos_in_front = true; }); }, "bos: expected a token"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.pieces[256] = "\xFF"; }); },
                            "vocabulary: token 256 is not UTF-8"));
  EXPECT_TRUE(base::refused([&] { merges([](PieceTable& t) { t.pieces[256] = "h"; }); },
                            "have the same piece \"h\""));
  EXPECT_TRUE(base::refused([] { Tokenizer::from_merges({}, "f"); }, "pieces, found 0"));
  PieceTable scores = scored_table({{"a", 0}});
  scores.scores.pop_back();
  EXPECT_TRUE(base::refused([&] { Tokenizer::from_scores(scores, "f"); },
                            "scores: expected one for each of 258 pieces, found 257"));
  PieceTable no_bytes = scored_table({{"a", 0}});
  no_bytes.pieces[7] = "other";
  no_bytes.unknown.reset();
  EXPECT_TRUE(base::refused([&] { Tokenizer::from_scores(no_bytes, "f"); }, "unknown: expected a token"));
}

// A byte that has no piece, as in SmolLM2's vocabulary: it is not left out in silence.
TEST(ByteLevel, RefusesAByteWithoutAToken) {
  PieceTable table = byte_table({"he"}, {"h e"});
  table.pieces[0xC0] = "other";
  EXPECT_TRUE(base::refused([&] { Tokenizer::from_merges(table, "f").encode("a\xC0"); },
                            "has no token for the bytes C0"));
}

// Megabytes in seconds, also where nothing cuts the text.
TEST(Encode, IsFast) {
  const Tokenizer bpe =
      Tokenizer::from_merges(byte_table({"he", "hehe", "hehehehe"}, {"h e", "he he", "hehe hehe"}), "test");
  const std::string blank = kBlankPiece;
  const Tokenizer scores = Tokenizer::from_scores(
      scored_table({{blank, -9}, {"h", -8}, {"e", -7}, {"he", -1}, {"hehe", -2}}), "test");
  std::string text;
  while (text.size() < 1'000'000) text += "hehe";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(bpe.encode(text).size(), 125'000u);
  EXPECT_EQ(scores.encode(text).size(), 250'001u);
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 60);
}

}  // namespace
}  // namespace yore::text
