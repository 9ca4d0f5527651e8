#include "yore/inspection/verification.h"

#include <gtest/gtest.h>

#include <set>

#include "yore/base/test_refusal.h"
#include "yore/compiler/compile.h"
#include "yore/languages/language.h"

namespace yore::inspection {
namespace {

Subject compiled_subject(const std::string& formula, const std::string& letters) {
  const compiler::Compiled c =
      compiler::compile(logic::parse_formula(formula, logic::Alphabet::parse(letters)), "", {});
  return {c.file, model::recogniser_from_file(c.file, "compiled"), compiler::manifest_of(c.plan)};
}

Dfa language(const std::string& regex) {
  return languages::read_language(regex, "ab").dfa;
}

VerifyOptions quick() {
  VerifyOptions options;
  options.max_words = 1'000;
  options.random_words = 40;
  options.length = 60;
  return options;
}

TEST(Verification, ARightModelIsProvenAndRight) {
  const Subject subject = compiled_subject("P (a & Y a)", "ab");
  const Dfa contains_aa = language(".*aa.*");
  Verification verification(subject, contains_aa, quick());
  EXPECT_TRUE(verification.prove().proven);
  std::vector<std::int64_t> steps;
  verification.ask_short_words([&](std::int64_t done, std::int64_t all) {
    steps.push_back(done);
    EXPECT_EQ(all, 1'000);
  });
  EXPECT_EQ(steps, (std::vector<std::int64_t>{511})) << "all words to length 8 in one piece";
  const Verified::Long& drawn = verification.ask_long_words();
  EXPECT_EQ(drawn.words, 40 + drawn.witness_strings);
  EXPECT_GT(drawn.witness_strings, 0) << "it is not local";
  const Verified& v = verification.result();
  EXPECT_TRUE(v.right());
  EXPECT_TRUE(v.proof->formula_is_the_language);
  EXPECT_EQ(v.proof->length, subject.manifest->length);
  EXPECT_EQ(v.exhaustive.length, 8);
  // The proof's bounds hold for every answer.
  for (const Verified::Words* words :
       {static_cast<const Verified::Words*>(&v.exhaustive), static_cast<const Verified::Words*>(&v.drawn)}) {
    EXPECT_GE(words->least_accepting_logit, v.proof->least_accepting_logit);
    EXPECT_LE(words->largest_rejecting_logit, v.proof->largest_rejecting_logit);
  }
}

TEST(Verification, AgainstAnotherLanguageEveryStepSaysWhere) {
  const Subject subject = compiled_subject("P (a & Y a)", "ab");
  const Dfa contains_aab = language(".*aab.*");
  Verification verification(subject, contains_aab, quick());
  verification.prove();
  verification.ask_short_words();
  verification.ask_long_words();
  const Verified& v = verification.result();
  EXPECT_FALSE(v.right());
  EXPECT_TRUE(v.proof->proven) << "the weights still decide their formula";
  EXPECT_EQ(v.proof->difference, "aa");
  EXPECT_EQ(v.exhaustive.shortest_wrong, "aa");
  EXPECT_EQ(v.exhaustive.right_to_length, 1);
  ASSERT_TRUE(v.drawn.leaves_the_automaton_at);
  EXPECT_TRUE(v.drawn.leaves_the_automaton_at->ends_with("aa"));
  EXPECT_EQ(v.drawn.leaves_the_automaton_at->find("aab"), std::string::npos);
}

TEST(Verification, ALengthBeyondTheProofIsSaid) {
  const Subject subject = compiled_subject("P (a & Y a)", "ab");
  const Dfa contains_aa = language(".*aa.*");
  VerifyOptions options = quick();
  options.prove_length = std::int64_t{1} << 50;
  Verification verification(subject, contains_aa, options);
  const compiler::Proof proof = verification.prove();
  if (proof.proven) GTEST_SKIP() << "this encoding has no longest word";
  const Verified::Proof& record = *verification.result().proof;
  EXPECT_FALSE(verification.result().right());
  EXPECT_EQ(record.failure, proof.failure);
  EXPECT_GE(record.longest_proven, subject.manifest->length);
  EXPECT_LT(record.longest_proven, options.prove_length);
}

TEST(Verification, RefusesWhatDoesNotFit) {
  const Subject subject = compiled_subject("P a", "ab");
  const Dfa other = languages::read_language("a*", "abc").dfa;
  EXPECT_THROW(Verification(subject, other), std::invalid_argument);
  VerifyOptions huge;
  huge.random_words = 2'147'483'647;
  huge.length = 100'000;
  const Dfa same = language(".*a.*");
  EXPECT_TRUE(
      base::refused([&] { Verification(subject, same, huge); }, "--random, --length: 2147483647 words"));
  huge.random_words = 1;
  huge.length = 1'000'000;
  EXPECT_TRUE(base::refused([&] { Verification(subject, same, huge); }, "--length: words of up to 1000000"));
  huge.random_words = 0;
  EXPECT_NO_THROW(Verification(subject, same, huge));
  const Subject trained{subject.file, model::recogniser_from_file(subject.file, "m"), std::nullopt};
  const Dfa has_a = language(".*a.*");
  EXPECT_THROW(Verification(trained, has_a).prove(), std::logic_error);
}

TEST(WitnessWords, ComeInPairsThatTheLanguageSeparates) {
  const Dfa dfa = language("(ab)*");
  const std::vector<Word> words = witness_words(dfa, 100);
  ASSERT_FALSE(words.empty());
  ASSERT_EQ(words.size() % 2, 0u);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    EXPECT_NE(dfa.accepts(words[i]), dfa.accepts(words[i + 1])) << i;
    longest = std::max({longest, words[i].size(), words[i + 1].size()});
  }
  EXPECT_LE(longest, 100u);
  EXPECT_GT(longest, 16u) << "also long ones";
  EXPECT_TRUE(witness_words(language("a*"), 0).empty());
}

}  // namespace
}  // namespace yore::inspection
