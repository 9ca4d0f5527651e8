// Compiled models, run: every word up to a length, long words, and every number of every subformula, against
// the automaton and the formula's definition. The proof is judged by the same runs: what it claims must hold.
#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/manifest.h"
#include "yore/expressivity/random_languages.h"
#include "yore/inspection/answers.h"
#include "yore/inspection/trace.h"
#include "yore/inspection/verify.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

using compiler::CompileOptions;
using compiler::Encoding;
using compiler::Once;
using expressivity::Answer;
using expressivity::Class;

struct Scheme {
  CompileOptions options;
  std::string name;
};

std::vector<Scheme> schemes() {
  std::vector<Scheme> list;
  for (const Encoding encoding : {Encoding::ZeroOne, Encoding::PlusMinus})
    for (const Once once : {Once::Sharp, Once::Uniform}) {
      CompileOptions options;
      options.encoding = encoding;
      options.once = once;
      // What uniform heads under a norm can be proven for is short.
      options.length = encoding == Encoding::PlusMinus && once == Once::Uniform ? 24 : 400;
      list.push_back({options, std::string(compiler::name(encoding)) + " " + compiler::name(once)});
    }
  return list;
}

void expect_right(const compiler::Compiled& compiled, const automata::Dfa& dfa, int max_length,
                  const std::string& what) {
  const model::SavedRecogniser saved = model::recogniser_from_file(compiled.file, what);
  const Exhaustive all = verify_all(saved.model, dfa, max_length, 20'000);
  EXPECT_EQ(all.tally.wrong, 0) << what << ": " << all.tally.shortest_wrong->size() << " letters";
  const auto longest = static_cast<int>(compiled.plan.options.length);
  const Tally some = verify_some(saved.model, dfa, 100, longest, 1, {});
  EXPECT_EQ(some.wrong, 0) << what;
  // The proof's bounds hold of what was seen.
  EXPECT_GE(std::min(all.tally.least_accepting, some.least_accepting), compiled.proof.least_accepting)
      << what;
  EXPECT_LE(std::max(all.tally.largest_rejecting, some.largest_rejecting), compiled.proof.largest_rejecting)
      << what;
  const compiler::Manifest manifest = compiler::manifest_of(compiled.plan);
  base::Random random(3);
  for (const int length : {0, 1, 2, 7, 60}) {
    logic::Word word;
    for (int i = 0; i < std::min(length, longest); ++i)
      word.push_back(static_cast<logic::Symbol>(random.below(dfa.alphabet.size())));
    const compiler::Trace t = trace(saved.model, manifest, word);
    EXPECT_TRUE(t.agrees) << what << ", length " << length;
    EXPECT_LE(t.error, compiled.proof.error + 1e-12) << what << ", length " << length;
  }
}

TEST(Compiled, EveryLanguageOfTheSuite) {
  int compiled = 0, refused = 0;
  for (const languages::NamedLanguage& named : languages::suite()) {
    const automata::Dfa dfa = named.dfa();
    const expressivity::Classification verdict = expressivity::classify(dfa);
    for (const Scheme& scheme : schemes()) {
      if (verdict.of(Class::Hybrid).member == Answer::No) {
        EXPECT_THROW(compiler::compile_language(verdict, "", scheme.options), base::InputError) << named.name;
        ++refused;
        continue;
      }
      try {
        const compiler::Compiled c =
            compiler::compile_language(verdict, "name:" + named.name, scheme.options);
        EXPECT_LE(c.plan.blocks.size(), 14u);
        expect_right(c, dfa, 9, named.name + ", " + scheme.name);
        ++compiled;
      } catch (const base::InputError& e) {
        // Only where margins are known to be small.
        EXPECT_EQ(e.source(), "length") << named.name << ", " << scheme.name << ": " << e.what();
        EXPECT_EQ(scheme.options.encoding, Encoding::PlusMinus) << named.name << ": " << e.what();
        EXPECT_EQ(scheme.options.once, Once::Uniform) << named.name << ": " << e.what();
      }
    }
  }
  EXPECT_GT(compiled, 70);
  EXPECT_GT(refused, 40);
}

TEST(Compiled, RandomHybridLanguages) {
  base::Random random(11);
  int done = 0;
  for (int tried = 0; done < 60 && tried < 100'000; ++tried) {
    const automata::Dfa dfa = expressivity::random_language(random, 3 + static_cast<int>(random.below(4)),
                                                            2 + static_cast<int>(random.below(2)));
    expressivity::ClassifyOptions options;
    options.witness_depth = 0;
    options.max_monoid = 100;
    const expressivity::Classification verdict = expressivity::classify(dfa, options);
    if (verdict.of(Class::Hybrid).member != Answer::Yes) continue;
    ++done;
    CompileOptions compile;
    if (done % 2 == 0) compile.once = Once::Uniform;
    const compiler::Compiled c = compiler::compile_language(verdict, "random", compile);
    EXPECT_TRUE(c.proof.proven);
    expect_right(c, dfa, 8, "random " + std::to_string(done) + "\n" + compiler::explain(c.plan));
  }
  EXPECT_EQ(done, 60);
}

TEST(Compiled, FormulasOfEveryShape) {
  const logic::Alphabet abc = logic::Alphabet::parse("abc");
  for (const char* text : {"true",
                           "false",
                           "a",
                           "!a",
                           "a | b",
                           "first",
                           "Y first",
                           "P first",
                           "P true",
                           "Y true",
                           "Y Y Y a",
                           "Y !(a | b)",
                           "P (Y a & !P (b & Y c)) | !(Y b & P c)",
                           "(Y a | P b) & (Y b | P c) & (P a | !Y c)",
                           "Y (((Y a | P b) & (Y b | P c)) | ((Y c | P a) & (P b | P c)))",
                           "!P !(a | Y a | Y Y a)",
                           "(P a <-> P b) & (P b <-> P c)",
                           "Y<=3 a",
                           "P (a & Y<=2 b) & Y<=5 !c",
                           "Y<=2 Y<=2 a & !Y<=3 a"})
    for (const Scheme& scheme : schemes()) {
      const logic::Formula formula = logic::parse_formula(text, abc);
      const compiler::Compiled c = compiler::compile(formula, text, scheme.options);
      EXPECT_TRUE(c.proof.proven) << text;
      expect_right(c, automata::dfa_from_formula(formula), 6, std::string(text) + ", " + scheme.name);
    }
}

TEST(Compiled, TrainsLikeAnyOther) {
  const auto dfa = languages::read_language("(ab)*").dfa;
  const compiler::Compiled c = compiler::compile_language(expressivity::classify(dfa), "regex:(ab)*", {});
  const model::SavedRecogniser saved = model::recogniser_from_file(c.file, "(ab)*");
  const std::vector<std::int32_t> tokens = {0, 1, 2};
  const std::vector<std::int64_t> starts = {0, 3};
  saved.model.forward(model::pack(starts, tokens)).sum().backward();
  bool some = false;
  for (const model::Parameter& p : saved.model.parameters().all())
    some = some || (p.value.grad().defined() && p.value.grad().abs().max().item<float>() > 0);
  EXPECT_TRUE(some);
}

}  // namespace
}  // namespace yore::inspection
