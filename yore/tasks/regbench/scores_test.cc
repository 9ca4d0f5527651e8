#include "yore/tasks/regbench/scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "yore/tasks/common/statistics_test.h"

namespace yore::tasks {
namespace {

using automata::Dfa;
using automata::Symbol;

// Prefixes of (a(b|c))*, over a, b, c.
PromptAutomaton a_then_b_or_c() {
  return PromptAutomaton(
      Dfa{automata::Alphabet(letter_names(3)), 3, 0, {1, 1, 0}, {1, 2, 2, 2, 0, 0, 2, 2, 2}});
}

// The prompt ab|aca, its last letter a target only.
EvaluationSet small_set() {
  EvaluationSet set{"test", Json::object(), {}};
  set.batch.add(std::vector<std::int32_t>{0, 1, 3, 0, 2}, std::vector<std::int32_t>{1, kIgnored, 0, 2, 0});
  return set;
}

std::map<std::string, Metric> by_name(Scorer& scorer) {
  std::map<std::string, Metric> metrics;
  for (const Metric& m : scorer.finish()) metrics[m.name] = m;
  return metrics;
}

TEST(RegBenchScores, CountedByHand) {
  const EvaluationSet set = small_set();
  const auto scorer = prompt_scorer(set, {a_then_b_or_c()}, 3, 2);
  const float ln3 = std::log(3.0f);
  // Legal after "a": b, c; after "|": a; after "a": b, c; after "ac": a.
  scorer->add(0, 0, std::vector<float>{0, 0, ln3, 0});      // 1/6 1/6 1/2 1/6: c, legal though not the target
  scorer->add(0, 2, std::vector<float>{0, 0, 0, ln3});      // the separator is never legal
  scorer->add(0, 3, std::vector<float>{-90, 0, 0, -90});    // exact
  scorer->add(0, 4, std::vector<float>{ln3, ln3, 0, -90});  // 3/7 3/7 1/7: a, the first of two
  std::map<std::string, Metric> m = by_name(*scorer);
  EXPECT_DOUBLE_EQ(m.at("dfa_accuracy").value, 3.0 / 4);
  EXPECT_EQ(m.at("dfa_accuracy").keys.at("correct"), 3);
  EXPECT_EQ(m.at("dfa_accuracy").count, 4);
  // Halved: 1/6 + |1/6 - 1/2| + 0 + 1/6 -> 1/3; 5/6; 0; 4/7.
  EXPECT_NEAR(m.at("total_variation").value, (1. / 3 + 5. / 6 + 0 + 4. / 7) / 4, 1e-6);
  EXPECT_DOUBLE_EQ(m.at("accuracy").value, 1.0 / 4);
  EXPECT_DOUBLE_EQ(m.at("accuracy").keys.at("chance").get<double>(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(m.at("loss").keys.at("floor").get<double>(), std::log(2.0) / 2);
  // Chance: of 3 letters 2, 1, 2, 1 are legal.
  EXPECT_DOUBLE_EQ(m.at("dfa_accuracy").keys.at("chance").get<double>(), 1.0 / 2);
  EXPECT_DOUBLE_EQ(m.at("total_variation").keys.at("chance").get<double>(), 1.0 / 2);
  // The bigram. After "a": nothing but a was read, wrong, distance 1. After "ab|": the start, reached twice,
  // followed by a: 1/2, the rest to b: right, 1/2. After "ab|a": context a, b once of 2, the rest to a (c is
  // unread): a and b 1/2 each, the first is a: wrong, and 1/2 from b, c. After "ab|ac": context c is new:
  // single letters, a 2/4: right, 1/2.
  EXPECT_DOUBLE_EQ(m.at("dfa_accuracy").keys.at("baselines").at("in-context 2-gram").get<double>(), 2.0 / 4);
  EXPECT_NEAR(m.at("total_variation").keys.at("baselines").at("in-context 2-gram").get<double>(),
              (1 + 0.5 + 0.5 + 0.5) / 4, 1e-12);
}

TEST(RegBenchScores, WithoutNumbersNothingIsRight) {
  const EvaluationSet set = small_set();
  const auto scorer = prompt_scorer(set, {a_then_b_or_c()}, 3, 3);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::int64_t token : {0, 2, 3, 4}) scorer->add(0, token, std::vector<float>(4, nan));
  EXPECT_EQ(by_name(*scorer).at("dfa_accuracy").value, 0);
}

// The legal letters by asking the automaton as drawn whether it accepts the prefix and one letter more; the
// target is any of them, evenly, whatever the token is at which it is asked.
TEST(RegBenchScores, LegalLettersByBruteForceAndTargetsTellNoMore) {
  base::Random random(1);
  Batch batch;
  std::vector<Dfa> drawn;
  std::vector<PromptAutomaton> automata;
  for (int b = 0; b < 200; ++b) {
    drawn.push_back(draw_moves({}, random));
    automata.emplace_back(drawn.back());
    std::vector<std::int32_t> tokens, targets;
    for (int s = 0; s < 10; ++s) {
      if (s > 0) tokens.push_back(18);
      automata.back().draw_string(1 + static_cast<int>(random.below(49)), random, tokens);
    }
    for (std::size_t i = 1; i < tokens.size(); ++i) targets.push_back(tokens[i] == 18 ? kIgnored : tokens[i]);
    tokens.pop_back();
    batch.add(tokens, targets);
  }
  const std::vector<std::vector<Symbol>> legal = legal_letters(batch, automata, 18);
  std::map<std::pair<std::int32_t, std::size_t>, std::vector<std::int64_t>> ranks;
  for (std::size_t b = 0; b < drawn.size(); ++b) {
    automata::Word prefix;
    for (auto i = static_cast<std::size_t>(batch.starts[b]);
         i < static_cast<std::size_t>(batch.starts[b + 1]); ++i) {
      if (batch.tokens[i] == 18)
        prefix.clear();
      else
        prefix.push_back(batch.tokens[i]);
      std::vector<Symbol> expected;
      if (batch.targets[i] != kIgnored)
        for (Symbol a = 0; a < 18; ++a) {
          prefix.push_back(a);
          if (drawn[b].accepts(prefix)) expected.push_back(a);
          prefix.pop_back();
        }
      ASSERT_EQ(legal[i], expected);
      if (expected.size() < 2) continue;
      std::vector<std::int64_t>& counts = ranks[{batch.tokens[i], expected.size()}];
      counts.resize(expected.size());
      ++counts[static_cast<std::size_t>(std::find(expected.begin(), expected.end(), batch.targets[i]) -
                                        expected.begin())];
    }
  }
  EXPECT_EQ(ranks.size(), 38u);  // 19 tokens, 2 or 3 legal letters
  for (const auto& [at, counts] : ranks) EXPECT_LT(testing::uniformity_ratio(counts), 2) << at.first;
  // A prompt of another automaton is not taken for one of this.
  std::swap(automata[0], automata[1]);
  EXPECT_THROW(legal_letters(batch, automata, 18), std::invalid_argument);
  automata.pop_back();
  EXPECT_THROW(legal_letters(batch, automata, 18), std::invalid_argument);
}

}  // namespace
}  // namespace yore::tasks
