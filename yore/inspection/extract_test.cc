#include "yore/inspection/extract.h"

#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/inspection/answers.h"
#include "yore/inspection/test_compiled.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

TEST(Extract, FindsTheMinimalAutomaton) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  const model::SavedRecogniser saved = compiled("P (a & Y a)", ab);
  const Extracted e = extract(saved.model, ab);
  EXPECT_TRUE(e.learned.finished) << e.learned.open;
  EXPECT_EQ(e.learned.dfa.states, 3);
  EXPECT_FALSE(automata::difference(e.learned.dfa, languages::read_language(".*aa.*", "ab").dfa));
  EXPECT_GE(e.last.exhaustive_length, 10) << "2^13 words are fewer than 10,000";
  EXPECT_GT(e.words_asked, 1 << 11);
}

TEST(Extract, ABudgetLeavesAnAutomatonThatAgreesWithWhatWasAsked) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  const model::SavedRecogniser saved = compiled("P (a & Y (b & Y a))", ab);
  ExtractOptions options;
  options.max_states = 2;
  const Extracted few = extract(saved.model, ab, options);
  EXPECT_FALSE(few.learned.finished);
  EXPECT_TRUE(few.learned.open.starts_with("max-automaton 2")) << few.learned.open;
  EXPECT_LE(few.learned.dfa.states, 2);
  options = {};
  options.max_queries = 1;
  const Extracted poor = extract(saved.model, ab, options);
  EXPECT_FALSE(poor.learned.finished);
  EXPECT_TRUE(poor.learned.open.starts_with("max-queries")) << poor.learned.open;
}

TEST(Extract, TheSameSeedAsksTheSameWords) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  const model::SavedRecogniser saved = compiled("P (a & Y a)", ab);
  ExtractOptions options;
  options.exhaustive_words = 50;
  options.random_words = 300;
  options.seed = 7;
  const Extracted one = extract(saved.model, ab, options), two = extract(saved.model, ab, options);
  EXPECT_EQ(one.words_asked, two.words_asked);
  EXPECT_EQ(one.learned.counterexamples, two.learned.counterexamples);
  // Neither kind of word: only what the W-method and the loops need is asked.
  options.exhaustive_words = options.random_words = 0;
  EXPECT_LT(extract(saved.model, ab, options).words_asked, one.words_asked);
}

}  // namespace
}  // namespace yore::inspection
