// Compiled recurrences, run: every word up to a length, long words, and every number that the manifest names,
// which must be exact. docs/compiler.md, "Recurrences".
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>
#include <tuple>

#include "yore/base/random.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/manifest.h"
#include "yore/expressivity/random_languages.h"
#include "yore/inspection/trace.h"
#include "yore/inspection/verification.h"
#include "yore/inspection/verify.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

using compiler::CompileOptions;
using expressivity::Answer;
using expressivity::Class;

void expect_exact(const compiler::Compiled& compiled, const automata::Dfa& dfa, int max_length,
                  const std::string& what) {
  EXPECT_TRUE(compiled.proof.every_length) << what;
  const model::SavedRecogniser saved = model::recogniser_from_file(compiled.file, what);
  const Exhaustive all = verify_all(saved.model, dfa, max_length, 20'000);
  EXPECT_EQ(all.tally.wrong, 0) << what;
  const Tally some = verify_some(saved.model, dfa, 40, 2'000, 1, witness_words(dfa, 500));
  EXPECT_EQ(some.wrong, 0) << what;
  // The proof's bounds are the numbers themselves.
  EXPECT_GE(std::min(all.tally.least_accepting, some.least_accepting), compiled.proof.least_accepting)
      << what;
  EXPECT_LE(std::max(all.tally.largest_rejecting, some.largest_rejecting), compiled.proof.largest_rejecting)
      << what;
  const compiler::Manifest manifest = compiler::manifest_of(compiled.plan);
  base::Random random(3);
  for (const int length : {0, 1, 2, 7, 60, 1'000}) {
    logic::Word word;
    for (int i = 0; i < length; ++i)
      word.push_back(static_cast<logic::Symbol>(random.below(dfa.alphabet.size())));
    const compiler::Trace t = trace(saved.model, manifest, word);
    EXPECT_TRUE(t.agrees) << what << ", length " << length;
    EXPECT_EQ(t.error, 0) << what << ", length " << length;
  }
}

class Recurrence : public testing::TestWithParam<const char*> {};

TEST_P(Recurrence, EveryLanguageOfTheSuite) {
  CompileOptions options;
  options.mixer = GetParam();
  const bool steps = compiler::find_target(options.mixer)->steps;
  int compiled = 0;
  for (const languages::NamedLanguage& named : languages::suite()) {
    const automata::Dfa dfa = named.dfa();
    const expressivity::Classification verdict = expressivity::classify(dfa);
    if (!steps && verdict.of(Class::StarFree).member != Answer::Yes) continue;
    expect_exact(compiler::compile_language(verdict, "name:" + named.name, options), dfa, 8,
                 named.name + ", " + options.mixer);
    ++compiled;
  }
  EXPECT_GT(compiled, 25);
}

INSTANTIATE_TEST_SUITE_P(Mixers, Recurrence,
                         testing::Values("gla", "mamba2", "delta_net", "gated_delta_net", "kda"),
                         [](const auto& mixer) { return std::string(mixer.param); });

TEST(Recurrences, RandomAutomataByDeltaSteps) {
  base::Random random(12);
  CompileOptions options;
  options.mixer = "delta_net";
  for (int i = 0; i < 40; ++i) {
    const automata::Dfa dfa = expressivity::random_language(random, 2 + static_cast<int>(random.below(10)),
                                                            1 + static_cast<int>(random.below(3)));
    expect_exact(compiler::compile_automaton(dfa, "random", options), dfa, 7, "random " + std::to_string(i));
  }
}

// Every weight with its sign turned, as mutation_test.cc has it of attention.
TEST(Recurrences, MutationsAreSeen) {
  // The numbers stand in docs/compiler.md: those that survive are other right models.
  for (const auto& [text, mixer, surviving] : {std::tuple{"(a(ab)*b)*", "gla", 28},
                                               {"(ab)*", "gla", 6},
                                               {"(ab)*", "mamba2", 2},
                                               {"(aa)*", "delta_net", 1},
                                               {"(aaa)*", "gated_delta_net", 2}}) {
    CompileOptions options;
    options.mixer = mixer;
    const automata::Dfa dfa = languages::read_language(text).dfa;
    const compiler::Compiled c = compiler::compile_language(expressivity::classify(dfa), text, options);
    const compiler::Manifest manifest = compiler::manifest_of(c.plan);
    int mutants = 0, by_proof = 0, by_words = 0, survivors = 0;
    for (const auto& [name, array] : c.file.weights.arrays)
      for (std::size_t at = 0; at < array.bytes.size(); at += sizeof(float)) {
        float value = 0;
        std::memcpy(&value, array.bytes.data() + at, sizeof value);
        if (value == 0) continue;
        arch::ModelFile mutant = c.file;
        value = -value;
        std::memcpy(mutant.weights.arrays.at(name).bytes.data() + at, &value, sizeof value);
        const bool refuted = !compiler::prove(mutant, manifest, 1).proven;
        const model::SavedRecogniser saved = model::recogniser_from_file(mutant, "mutant");
        const bool wrong = verify_all(saved.model, dfa, 10, 2'100).tally.wrong > 0 ||
                           verify_some(saved.model, dfa, 60, 400, 1, {}).wrong > 0;
        ++mutants;
        by_proof += refuted;
        by_words += wrong;
        EXPECT_TRUE(refuted || !wrong) << text << " " << mixer << " " << name << " " << at / sizeof(float);
        if (!refuted && !wrong) {
          ++survivors;
          std::cout << "  survives: " << name << "[" << at / sizeof(float) << "]\n";
        }
      }
    EXPECT_LE(survivors, surviving) << text << " " << mixer;
    EXPECT_GT(mutants, 0) << text << " " << mixer;
    std::cout << text << ", " << mixer << ": " << mutants << " signs, " << by_proof << " refuted by proof, "
              << by_words << " by words, " << survivors << " survive\n";
  }
}

}  // namespace
}  // namespace yore::inspection
