// Compiled models whose positions tell i modulo a period, run: every word to 12 letters, long ones, every
// number that the manifest names. docs/compiler.md, "Positions".
#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/base/random.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/manifest.h"
#include "yore/expressivity/random_languages.h"
#include "yore/inspection/answers.h"
#include "yore/inspection/extract.h"
#include "yore/inspection/trace.h"
#include "yore/inspection/verify.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

using compiler::CompileOptions;
using expressivity::Answer;
using expressivity::Class;

expressivity::Classification verdict_of(const automata::Dfa& dfa, int period) {
  expressivity::ClassifyOptions options;
  options.period = period;
  options.witness_depth = 0;
  return expressivity::classify(dfa, options);
}

void expect_positional(const compiler::Compiled& compiled, const automata::Dfa& dfa, int longest,
                       const std::string& what) {
  EXPECT_TRUE(compiled.proof.proven) << what;
  EXPECT_EQ(compiled.proof.every_length, compiled.plan.recurrent()) << what;
  const model::SavedRecogniser saved = model::recogniser_from_file(compiled.file, what);
  const Exhaustive all = verify_all(saved.model, dfa, 12, 20'000);
  EXPECT_EQ(all.tally.wrong, 0) << what;
  EXPECT_GE(all.length, dfa.alphabet.size() > 2 ? 8 : 12) << what;
  const Tally some = verify_some(saved.model, dfa, 40, 1'000, 1, {});
  EXPECT_EQ(some.wrong, 0) << what;
  const Tally far = verify_some(saved.model, dfa, 3, longest, 2, {});
  EXPECT_EQ(far.wrong, 0) << what;
  for (const Tally* tally : {&all.tally, &some, &far}) {
    EXPECT_GE(tally->least_accepting, compiled.proof.least_accepting) << what;
    EXPECT_LE(tally->largest_rejecting, compiled.proof.largest_rejecting) << what;
  }
  const compiler::Manifest manifest = compiler::manifest_of(compiled.plan);
  base::Random random(3);
  for (const int length : {0, 1, 2, 3, 7, 60, 1'001}) {
    logic::Word word;
    for (int i = 0; i < length; ++i)
      word.push_back(static_cast<logic::Symbol>(random.below(dfa.alphabet.size())));
    const compiler::Trace t = trace(saved.model, manifest, word);
    EXPECT_TRUE(t.agrees) << what << ", length " << length;
    EXPECT_LE(t.error, compiled.proof.error + 1e-12) << what << ", length " << length;
  }
}

TEST(CompiledPositions, LanguagesOfLengths) {
  for (const auto& [regex, period] : {std::pair{"(aa)*", 2},
                                      {"(aaa)*", 3},
                                      {"(..)*", 2},
                                      {"(...)*|(...)*.", 3},
                                      {"(.....)*a", 5},
                                      {"((a|b)(a|c))*", 2},
                                      {"(ab|ba)*", 2},
                                      {"(.(a|b))*c?", 2}}) {
    const automata::Dfa dfa =
        languages::read_language(regex, regex == std::string_view("(aa)*") ? "a" : "abc").dfa;
    const expressivity::Classification verdict = verdict_of(dfa, period);
    for (const char* mixer : {"attention", "gla", "mamba2", "auto"}) {
      CompileOptions options;
      options.mixer = mixer;
      const compiler::Compiled c = compiler::compile_language(verdict, regex, options);
      EXPECT_EQ(c.plan.period, period) << regex << " " << mixer;
      expect_positional(c, dfa, c.plan.recurrent() ? 100'000 : 4'000, std::string(regex) + ", " + mixer);
    }
  }
}

// Automata that read positions modulo M, by attention where they are hybrid with them, by latches else.
TEST(CompiledPositions, RandomAutomata) {
  base::Random random(41);
  int attention = 0, latches = 0;
  for (int round = 0; round < 60; ++round) {
    const int period = 2 + static_cast<int>(random.below(3));
    const automata::Dfa dfa =
        expressivity::random_phased_language(random, 2 + static_cast<int>(random.below(2)), period,
                                             1 + static_cast<int>(random.below(2)), round % 2 == 0);
    const expressivity::Classification verdict = verdict_of(dfa, period);
    CompileOptions options;
    options.mixer = compiler::kAutoMixer;
    const compiler::Compiled c = compiler::compile_language(verdict, "random", options);
    if (c.plan.period == 1) continue;
    EXPECT_EQ(c.plan.period, period);
    const std::string what = "random " + std::to_string(round) + "\n" + compiler::explain(c.plan);
    ++(c.plan.recurrent() ? latches : attention);
    expect_positional(c, dfa, c.plan.recurrent() ? 100'000 : 2'000, what);
    if (c.plan.recurrent()) continue;
    options.mixer = round % 4 == 0 ? "gla" : "mamba2";
    expect_positional(compiler::compile_language(verdict, "random", options), dfa, 100'000, what);
  }
  EXPECT_GT(attention, 15);
  EXPECT_GT(latches, 2);
}

TEST(CompiledPositions, AreFoundAgainInTheModel) {
  const automata::Dfa dfa = languages::read_language("(..)*a", "ab").dfa;
  for (const char* mixer : {"attention", "gla"}) {
    CompileOptions options;
    options.mixer = mixer;
    const compiler::Compiled c = compiler::compile_language(verdict_of(dfa, 2), "", options);
    const model::SavedRecogniser saved = model::recogniser_from_file(c.file, mixer);
    const automata::Learned learned = extract(saved.model, dfa.alphabet).learned;
    EXPECT_TRUE(learned.finished) << mixer;
    EXPECT_FALSE(automata::difference(learned.dfa, dfa)) << mixer;
  }
}

}  // namespace
}  // namespace yore::inspection
