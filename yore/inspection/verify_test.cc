#include "yore/inspection/verify.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <limits>

#include "yore/automata/convert.h"
#include "yore/base/test_refusal.h"
#include "yore/inspection/answers.h"
#include "yore/inspection/test_compiled.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

TEST(Verify, FindsTheShortestWrongWord) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  const model::SavedRecogniser saved = compiled("P (a & Y a)", ab);  // contains aa
  const automata::Dfa dfa = languages::read_language(".*aab.*", "ab").dfa;
  const Exhaustive all = verify_all(saved.model, dfa, 8, 100'000);
  EXPECT_EQ(all.length, 8);
  EXPECT_EQ(all.tally.words, 511);
  EXPECT_EQ(all.right_to_length, 1);
  EXPECT_EQ(all.tally.shortest_wrong, (Word{0, 0}));
  std::int64_t wrong = 0;
  const automata::Dfa other = languages::read_language(".*aa.*", "ab").dfa;
  automata::for_all_words(2, 8, [&](const Word& w) { wrong += dfa.accepts(w) != other.accepts(w); });
  EXPECT_EQ(all.tally.wrong, wrong);
  EXPECT_EQ(first_wrong_prefix(saved.model, dfa, {1, 0, 0, 0, 1}), (Word{1, 0, 0}));
  EXPECT_EQ(first_wrong_prefix(saved.model, dfa, {1, 0, 1, 0}), std::nullopt);
}

TEST(Verify, DoesWholeLengthsWithinTheBudget) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  const model::SavedRecogniser saved = compiled("Y a", ab);
  const automata::Dfa dfa = automata::dfa_from_formula(logic::parse_formula("Y a", ab));
  EXPECT_EQ(verify_all(saved.model, dfa, 100, 130).length, 6);
  EXPECT_EQ(verify_all(saved.model, dfa, 100, 130).tally.words, 127);
  EXPECT_EQ(verify_all(saved.model, dfa, 0, 130).tally.words, 1);
}

TEST(Verify, ThreadsDoNotMatter) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  const model::SavedRecogniser saved = compiled("P (a & Y (b & P a))", ab);
  std::vector<Word> words;
  automata::for_all_words(2, 12, [&](const Word& w) { words.push_back(w); });
  EXPECT_EQ(answers(saved.model, ab, words, 1), answers(saved.model, ab, words, 3));
  EXPECT_TRUE(answers(saved.model, ab, {}, 2).empty());
}

TEST(Verify, ALogitThatIsNoNumberIsNoAnswer) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  const model::SavedRecogniser saved = compiled("P (a & Y (b & P a))", ab);
  const at::NoGradGuard no_gradients;
  saved.model.parameters().flat().fill_(std::numeric_limits<float>::quiet_NaN());
  const std::vector<Word> words = {{0, 1, 1}};
  const std::string said = base::refusal<base::InputError>([&] { answers(saved.model, ab, words); });
  EXPECT_EQ(said, "model: the logit of the word \"abb\" is not finite: its weights are broken, or too large");
  EXPECT_TRUE(
      base::refused([&] { verify_all(saved.model, languages::read_language(".*", "ab").dfa, 2, 100); },
                    "the logit of the word"));
}

}  // namespace
}  // namespace yore::inspection
