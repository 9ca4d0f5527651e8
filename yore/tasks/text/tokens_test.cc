// The task text over tokens that are not bytes, with a tokenizer small enough to be followed by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "yore/base/process.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/tasks/task.h"
#include "yore/tasks/text/default_text.h"
#include "yore/tasks/text/documents.h"
#include "yore/text/tokenizer.h"

namespace yore::tasks {
namespace {

// "ab" and "abab" are tokens; nothing is cut before merging.
std::string merging(bool bos) {
  yore::text::PieceTable table;
  for (int b = 0; b < 256; ++b) table.pieces.emplace_back(yore::text::Tokenizer::bytes().name_of(b));
  table.pieces.insert(table.pieces.end(), {"ab", "abab", "<s>"});
  table.types.assign(table.pieces.size(), yore::text::PieceType::Normal);
  table.types.back() = yore::text::PieceType::Control;
  table.merges = {"a b", "ab ab"};
  table.pre = "gpt-2";
  table.bos = 258;
  table.bos_in_front = bos;
  return yore::text::Tokenizer::from_merges(table, "test").to_json();
}

class TextTokens : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    base::write_file(scratch_ / name, bytes);
    return (scratch_ / name).string();
  }
  static std::map<std::string, Metric> uniform_scores(const Task& task, const EvaluationSet& set) {
    const auto scorer = task.scorer(set);
    for (std::size_t i = 0; i < set.batch.tokens.size(); ++i)
      if (set.batch.targets[i] != kIgnored)
        scorer->add(0, static_cast<std::int64_t>(i),
                    std::vector<float>(static_cast<std::size_t>(task.outputs()), 0));
    std::map<std::string, Metric> all;
    for (const Metric& m : scorer->finish()) all.emplace(m.name, m);
    return all;
  }
  base::Scratch scratch_;
};

TEST_F(TextTokens, WindowsAreOfTokens) {
  const std::string text = file("t", "abababab c\n"), tokenizer = file("tokenizer.json", merging(false));
  const auto task = make_task({{"name", "text"},
                               {"file", text},
                               {"validation", file("v", "abab ab\n")},
                               {"test_fraction", 0.0},
                               {"tokenizer", tokenizer},
                               {"context", 2},
                               {"stride", 1}});
  EXPECT_EQ(task->vocabulary(), 259);
  EXPECT_EQ(task->outputs(), 259);
  const EvaluationSet set = task->validation();
  // abab, blank, ab, line break: three predictions.
  EXPECT_EQ(set.batch.tokens, (std::vector<std::int32_t>{257, ' ', ' ', 256}));
  EXPECT_EQ(set.batch.targets, (std::vector<std::int32_t>{' ', 256, kIgnored, '\n'}));
  EXPECT_EQ(set.keys, (Json{{"bytes", 8},
                            {"documents", 1},
                            {"predicted_bytes", 4},
                            {"predicted_words", 2},
                            {"window", 2},
                            {"stride", 1}}))
      << "behind abab: a blank, ab (a word) and the line break (another)";
  const auto scores = uniform_scores(*task, set);
  const double nats = std::log(259.0);
  EXPECT_NEAR(scores.at("loss").value, nats, 1e-9);
  EXPECT_NEAR(scores.at("perplexity").value, 259, 1e-6);
  EXPECT_NEAR(scores.at("bits_per_byte").value, 3 * nats / std::log(2.0) / 4, 1e-9);
  EXPECT_NEAR(scores.at("word_perplexity").value, std::exp(3 * nats / 2), 1e-3);
}

TEST_F(TextTokens, EveryStrideAsksForEveryTokenButTheFirst) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += i % 3 == 0 ? "ab" : i % 7 == 0 ? " x\n" : "abab";
  const std::string text = file("t", bytes + "!"), tokenizer = file("tokenizer.json", merging(false));
  const auto tokens = yore::text::Tokenizer::from_json(merging(false), "test").encode(bytes);
  for (const int context : {1, 2, 5, 64, 1000})
    for (const int stride : {0, 1, 2, 5}) {
      if (stride > context) continue;
      const auto task = make_task({{"name", "text"},
                                   {"file", text},
                                   {"validation", file("v", bytes)},
                                   {"test_fraction", 0.0},
                                   {"tokenizer", tokenizer},
                                   {"context", context},
                                   {"stride", stride}});
      const EvaluationSet set = task->validation();
      std::vector<std::int32_t> asked;
      for (const std::int32_t target : set.batch.targets)
        if (target != kIgnored) asked.push_back(target);
      EXPECT_EQ(asked, std::vector<std::int32_t>(tokens.begin() + 1, tokens.end()));
    }
}

TEST_F(TextTokens, ATokenInFrontIsTheFirst) {
  const auto task = make_task({{"name", "text"},
                               {"file", file("t", "abab")},
                               {"validation", file("v", "ab x")},
                               {"test_fraction", 0.0},
                               {"tokenizer", file("tokenizer.json", merging(true))}});
  const EvaluationSet set = task->validation();
  EXPECT_EQ(set.batch.tokens, (std::vector<std::int32_t>{258, 256, ' '}));
  EXPECT_EQ(set.batch.targets, (std::vector<std::int32_t>{256, ' ', 'x'}));
  EXPECT_EQ(set.keys["predicted_bytes"], 4) << "all of the text is predicted";
  EXPECT_EQ(set.keys["predicted_words"], 2);
  EXPECT_EQ(task->training_batch(1, 0, 1).tokens, (std::vector<std::int32_t>{258}));
}

// The loss of packed documents is the mean of their losses alone, weighted by their tokens: each document's
// windows are those that it has alone.
TEST_F(TextTokens, PackedDocumentsAreAsTheyAreAlone) {
  const std::vector<std::string> documents = {"abab ab\n", "x\n", "abc\nabd\n"};
  const auto set_of = [&](const std::string& name, const std::string& bytes, const char* how) {
    return make_task({{"name", "text"},
                      {"file", file("t", "a training text")},
                      {"validation", file(name, bytes)},
                      {"test_fraction", 0.0},
                      {"tokenizer", file("tokenizer.json", merging(false))},
                      {"documents", how},
                      {"context", 3},
                      {"stride", 2}})
        ->validation();
  };
  Batch alone;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Batch one = set_of("one" + std::to_string(i), documents[i], "file").batch;
    for (std::int64_t b = 0; b < one.sequences(); ++b) {
      const auto begin = static_cast<std::size_t>(one.starts[static_cast<std::size_t>(b)]),
                 size = static_cast<std::size_t>(one.length(b));
      alone.add(std::span(one.tokens).subspan(begin, size), std::span(one.targets).subspan(begin, size));
    }
  }
  const EvaluationSet packed =
      set_of("all", documents[0] + "\n" + documents[1] + "\n\n" + documents[2], "blank_lines");
  EXPECT_EQ(packed.batch.starts, alone.starts);
  EXPECT_EQ(packed.batch.tokens, alone.tokens);
  EXPECT_EQ(packed.batch.targets, alone.targets);
  EXPECT_EQ(packed.keys["documents"], 3);
  EXPECT_EQ(packed.keys["bytes"], 18);
}

TEST_F(TextTokens, WordsAreThoseOfAList) {
  const std::string words = file("words", "<unk>\n<eos>\nthe\ncat\n");
  const auto task = make_task({{"name", "text"},
                               {"file", file("t", "the cat")},
                               {"validation", file("v", " the dog \n the cat \n")},
                               {"test_fraction", 0.0},
                               {"tokenizer", "words:" + words}});
  const EvaluationSet set = task->validation();
  EXPECT_EQ(set.batch.tokens, (std::vector<std::int32_t>{2, 0, 1, 2, 3}));
  EXPECT_EQ(set.batch.targets, (std::vector<std::int32_t>{0, 1, 2, 3, 1}));
  EXPECT_EQ(set.keys["predicted_words"], 5) << "dog, the line break, the, cat, the line break";
  const auto scores = uniform_scores(*task, set);
  EXPECT_NEAR(scores.at("word_perplexity").value, scores.at("perplexity").value, 1e-9)
      << "where words are the tokens both are one";
}

TEST_F(TextTokens, WhatCannotBeMeantIsRefused) {
  const std::string text = file("t", "ababababab ababab"), tokenizer = file("tokenizer.json", merging(false));
  const auto refused = [&](const Json& more, const std::string& part) {
    Json options = {
        {"name", "text"}, {"file", text}, {"validation", file("v", "ab ab")}, {"test_fraction", 0.0}};
    options.update(more);
    return base::refused([&] { complete_task(options); }, part);
  };
  EXPECT_TRUE(refused({{"tokenizer", tokenizer}, {"validation", file("one", "abab")}},
                      (scratch_ / "one").string() + ": has 1 token for validation and no document of two"));
  EXPECT_TRUE(refused({{"tokenizer", (scratch_ / "none").string()}}, (scratch_ / "none").string()));
  EXPECT_TRUE(refused({{"tokenizer", text}}, text + ": is no JSON"));
  EXPECT_TRUE(refused({{"tokenizer", "words:" + text}}, text + ": line 1: expected one word"));
  EXPECT_TRUE(refused({{"documents", "lines"}}, "documents: expected one of file, blank_lines"));
  const Json once = complete_task({{"name", "text"},
                                   {"file", text},
                                   {"tokenizer", tokenizer},
                                   {"test_fraction", 0.0},
                                   {"validation_fraction", 0.5}});
  EXPECT_EQ(once["identity"].size(), 2u);
  EXPECT_NO_THROW(make_task(once));
  file("tokenizer.json", merging(true));
  EXPECT_TRUE(base::refused([&] { make_task(once); }, tokenizer + ": is not the text it was"));
}

TEST(CountWords, CountsAsWikiTextDoes) {
  EXPECT_EQ(count_words(" = Robert Boulter = \n \n He is \n"), 9u) << "6 words, 3 line breaks";
  EXPECT_EQ(count_words(""), 0u);
  EXPECT_EQ(count_words("a\tb\r\nc"), 4u);
  EXPECT_EQ(count_words("one two", 3), 1u);
  EXPECT_EQ(count_words("one two", 2), 2u);
}

TEST(DefaultText, IsTheBibleOrNamesItsPackage) {
  if (!base::find_program("bible")) {
    EXPECT_TRUE(base::refused([] { default_text(); }, "package bible-kjv"));
    return;
  }
  const std::string text = default_text();
  EXPECT_TRUE(text.starts_with("In the beginning God created the heaven and the earth.\n"));
  EXPECT_TRUE(text.ends_with("The grace of our Lord Jesus Christ be with you all. Amen.\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 31'102) << "verses";
  EXPECT_GT(make_task({{"name", "text"}})->validation().batch.tokens.size(), 60'000u);
}

}  // namespace
}  // namespace yore::tasks
