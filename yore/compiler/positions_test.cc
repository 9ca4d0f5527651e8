// Positions modulo a period in the passes: what is planned, proven and refused. That the weights are right
// where they run is tested in inspection/positions_test.cc.
#include <gtest/gtest.h>

#include <cstring>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/compiler/cases.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/network_text.h"
#include "yore/expressivity/random_languages.h"
#include "yore/languages/language.h"

namespace yore::compiler {
namespace {

CompileOptions made_by(const std::string& mixer) {
  CompileOptions options;
  options.mixer = mixer;
  return options;
}

Formula over_ab(const std::string& text) {
  return logic::parse_formula(text, logic::Alphabet::parse("ab"));
}

expressivity::Classification verdict_of(const std::string& regex, int period) {
  expressivity::ClassifyOptions options;
  options.period = period;
  return expressivity::classify(languages::read_language(regex).dfa, options);
}

constexpr const char* kFormulas[] = {"pos=0/2",
                                     "!pos=1/3",
                                     "P (a & pos=0/2)",
                                     "Y (b | pos=1/2) & !P (b & !pos=2/3)",
                                     "Y Y pos=0/4 | P (pos=1/4 & Y a)",
                                     "(a & pos=0/2 | b & pos=1/2) & true",
                                     "P (a & pos=0/2 | b & pos=1/2 & Y (a | pos=2/5))"};

TEST(Dependence, SaysWhatANodeLooksAt) {
  const Formula f = over_ab("P (a & pos=0/2) | pos=1/6 & b | pos=2/4");
  const std::vector<Dependence> list = dependences(f.graph);
  int embedded = 0, mixed = 0, past = 0;
  for (const NodeId id : logic::reachable_nodes(f.graph, f.root)) {
    const Dependence& on = list[static_cast<std::size_t>(id)];
    embedded += on.embedded();
    mixed += !on.embedded() && !on.past;
    past += on.past;
  }
  EXPECT_EQ(embedded, 5);  // a, b and three pos=r/m
  EXPECT_EQ(mixed, 2);
  EXPECT_EQ(past, 2);
  EXPECT_EQ(common_period(f), 12);
  EXPECT_EQ(common_period(over_ab("P a")), 1);
  EXPECT_EQ(common_period(over_ab("pos=0/1024")), 1024);
  EXPECT_EQ(common_period(over_ab("pos=0/1024 | pos=0/3")), std::nullopt);
}

// Cases over remainders cover every position, and know no more than what holds at all positions in them.
TEST(Cases, CoverEveryLetterWithEveryRemainder) {
  const Formula f = over_ab("a & pos=0/4 | b & pos=1/2 | (pos=3/4 | Y pos=0/4)");
  const auto nodes = logic::reachable_nodes(f.graph, f.root);
  const logic::Word word = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1};
  const auto truths = logic::evaluate_all(f.graph, word);
  base::Random random(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<NodeId> asked;
    for (const NodeId id : nodes)
      if (random.below(3) == 0) asked.push_back(id);
    Cases cases(f);
    base::Budget budget("cases", {.count = 10'000});
    std::vector<char> met(word.size() + 1, 0);
    EXPECT_TRUE(cases.split(asked, budget, [&] {
      if (!cases.complete()) return Cases::Next::Split;
      for (const NodeId id : asked) EXPECT_NE(cases.truth(id), Truth::Unknown);
      for (std::size_t i = 0; i <= word.size(); ++i) {
        bool like = true;  // whether the case is that of position i, as far as the asked nodes tell
        for (const NodeId id : asked)
          like = like && (cases.truth(id) == Truth::True) == (truths[static_cast<std::size_t>(id)][i] != 0);
        met[i] = met[i] || like;
      }
      return Cases::Next::Done;
    }));
    for (const char position : met) EXPECT_TRUE(position);
  }
}

TEST(Positions, AreProvenForEachMixerAndComeBackFromTheManifest) {
  for (const char* text : kFormulas) {
    const Formula f = over_ab(text);
    std::vector<CompileOptions> all = {made_by(kAttentionMixer)};
    all.push_back(all[0]);
    all.back().once = Once::Uniform;
    all.push_back(all[0]);
    all.back().encoding = Encoding::PlusMinus;
    all.back().length = 200;
    for (const Target& target : recurrent_targets()) all.push_back(made_by(target.mixer));
    for (const CompileOptions& options : all) {
      const Compiled c = compile(f, "", options);
      EXPECT_TRUE(c.proof.proven) << text << " " << options.mixer;
      EXPECT_EQ(c.proof.every_length, c.plan.recurrent()) << text;
      if (c.plan.recurrent()) {
        EXPECT_EQ(c.proof.error, 0) << text;
      }
      EXPECT_EQ(c.plan.period, common_period(f));
      EXPECT_EQ(c.plan.config().positions, "periodic:" + std::to_string(c.plan.period));
      const Manifest manifest = manifest_from_json(c.file.compiled, c.file, "test");
      EXPECT_EQ(to_json(manifest), to_json(manifest_of(c.plan)));
      EXPECT_TRUE(prove(c.file, manifest, options.length).proven);
      EXPECT_NE(explain(c.plan).find("Positions  what position i tells"), std::string::npos);
      EXPECT_NE(to_text(network_of(manifest, c.file)).find("modulo"), std::string::npos);
    }
  }
}

TEST(Positions, TakeABlockMoreOnlyWhereWhatLooksBackJoinsThemWithLetters) {
  for (const auto& [text, blocks] : {std::pair{"pos=0/2", 1},
                                     {"P a & pos=0/2", 1},
                                     {"Y pos=0/2 & P a", 1},
                                     {"Y Y pos=0/2 & P a", 2},
                                     {"P (a & pos=0/2)", 2},
                                     {"P (a & pos=0/2) & Y Y a", 2},
                                     {"P Y (a & pos=0/2)", 3}})
    for (const char* mixer : {"attention", "gla"})
      EXPECT_EQ(static_cast<int>(plan(over_ab(text), made_by(mixer)).blocks.size()), blocks) << text;
}

// The table of positions belongs to the proof: any number of it that is another one is found.
TEST(Positions, EveryOtherTableIsRefuted) {
  for (const char* text : kFormulas)
    for (const char* mixer : {"attention", "gla", "mamba2"}) {
      const Compiled c = compile(over_ab(text), "", made_by(mixer));
      const Manifest manifest = manifest_of(c.plan);
      const base::NamedArray& table = c.file.weights.arrays.at("positions.weight");
      std::vector<char> told(static_cast<std::size_t>(c.plan.width), 0);  // coordinates that the table has
      const auto value = [&](std::size_t at) {
        float x = 0;
        std::memcpy(&x, table.bytes.data() + at * sizeof x, sizeof x);
        return x;
      };
      const std::size_t numbers = table.bytes.size() / sizeof(float), width = told.size();
      for (std::size_t at = 0; at < numbers; ++at) told[at % width] |= value(at) != 0;
      for (std::size_t at = 0; at < numbers; ++at) {
        if (told[at % width] == 0) continue;
        for (const float x : {1 - value(at), value(at) + 0.375F, value(at) - 0.375F}) {
          arch::ModelFile mutant = c.file;
          std::memcpy(mutant.weights.arrays.at("positions.weight").bytes.data() + at * sizeof x, &x,
                      sizeof x);
          const Proof proof = prove(mutant, manifest, 100);
          EXPECT_FALSE(proof.proven) << text << " " << mixer << " " << at;
          EXPECT_EQ(proof.stage, 0);
        }
      }
      // The rows one further on: EOS and letters would stand elsewhere.
      arch::ModelFile turned = c.file;
      std::string& bytes = turned.weights.arrays.at("positions.weight").bytes;
      const std::size_t row = width * sizeof(float);
      bytes = bytes.substr(row) + bytes.substr(0, row);
      EXPECT_FALSE(prove(turned, manifest, 100).proven) << text;
    }
}

TEST(Positions, AnotherPeriodIsRefuted) {
  const Compiled two = compile(over_ab("pos=0/2 & P a"), "", {}),
                 three = compile(over_ab("pos=0/3 & P a"), "", {});
  ASSERT_EQ(two.plan.width, three.plan.width);
  const Proof proof = prove(three.file, manifest_of(two.plan), 100);
  EXPECT_FALSE(proof.proven);
  EXPECT_NE(proof.failure.find("asks for positions modulo 2, and the model's tell them modulo 3"),
            std::string::npos)
      << proof.failure;
  EXPECT_TRUE(base::refused([&] { manifest_from_json(two.file.compiled, three.file, "x"); }, "modulo 2"));
  // A model whose positions say more than is asked is one like any other.
  Compiled four = compile(over_ab("pos=0/2 & P a"), "", {});
  four.file.model.embedding.max_positions = 4;
  base::NamedArray& table = four.file.weights.arrays.at("positions.weight");
  table.shape[0] = 4;
  table.bytes += table.bytes;
  EXPECT_TRUE(prove(four.file, manifest_of(two.plan), 100).proven);
}

TEST(Positions, ALanguageHasThoseItNeeds) {
  for (const auto& [regex, period, mixer, has] : {std::tuple{"(aa)*", 2, "attention", 2},
                                                  {"(aa)*", 2, "gla", 2},
                                                  {"(aa)*", expressivity::kAnyPeriod, "attention", 2},
                                                  {"(aa)*", 4, "mamba2", 4},
                                                  {"(aaa)*b*", 3, "gla", 3},
                                                  {"(ab)*", 3, "attention", 1},
                                                  {"(aa)*", 2, "auto", 2}}) {
    const Compiled c = compile_language(verdict_of(regex, period), regex, made_by(mixer));
    EXPECT_TRUE(c.proof.proven) << regex;
    EXPECT_EQ(c.plan.period, has) << regex << " " << mixer;
  }
  // One coordinate, one block without a working head.
  const Compiled even = compile_language(verdict_of("(aa)*", 2), "", {});
  EXPECT_EQ(even.plan.width, 1);
  EXPECT_EQ(even.plan.blocks.size(), 1u);
  // Attention where positions let it; without them the next mixer.
  EXPECT_EQ(compile_language(verdict_of("(aa)*", 2), "", made_by("auto")).plan.options.mixer, "attention");
  EXPECT_EQ(compile_language(verdict_of("(aa)*", 3), "", made_by("auto")).plan.options.mixer, "delta_net");
  // Delta steps need no positions.
  EXPECT_EQ(compile_language(verdict_of("(b*ab*a)*b*", 2), "", made_by("delta_net")).plan.period, 1);
}

TEST(Positions, RefusalsSayWhichPeriodOrMixerCould) {
  const auto message = [](const std::string& regex, int period, const char* mixer) -> std::string {
    try {
      compile_language(verdict_of(regex, period), "", made_by(mixer));
    } catch (const base::InputError& e) {
      EXPECT_EQ(e.source(), "language");
      return e.message();
    }
    return "";
  };
  const auto has = [](const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  };
  has(message("(aa)*", 1, "attention"),
      {"LTL[P,Y]", "words:", "positions modulo 2", "--period 2", "delta_net"});
  has(message("(aa)*", 3, "attention"),
      {"and positions modulo 3 recognises", "LTL[P,Y,MOD_3]", "words:", "--period 2"});
  has(message("(aaa)*", 2, "gla"), {"no gla with positions modulo 2", "LTL[P,Y,S,MOD_2]",
                                    "words:", "modulo 3 it compiles for gla: --period 3"});
  has(message("(b*ab*a)*b*", 2, "attention"), {"LTL[P,Y,MOD_2]", "no period of positions helps"});
  has(message("(b*ab*a)*b*", expressivity::kAnyPeriod, "mamba2"),
      {"LTL[P,Y,S]", "no period of positions helps"});
}

TEST(Positions, AFormulaHasItsOwn) {
  const auto made = [](const std::string& text, int period, const char* mixer = "attention") {
    expressivity::ClassifyOptions classify;
    classify.period = period;
    return compile_language(languages::read_language("ltl:" + text, "ab"), made_by(mixer), classify, nullptr,
                            [](const std::string&) {});
  };
  EXPECT_EQ(made("pos=0/2 & P (a & pos=2/3)", 1).plan.period, 6);
  EXPECT_EQ(made("pos=0/2 & P a", 4).plan.period, 2);
  EXPECT_EQ(made("pos=0/2 & P a", expressivity::kAnyPeriod, "auto").plan.period, 2);
  EXPECT_TRUE(base::refused([&] { made("pos=0/3 & P a", 2); }, "expected a multiple of 3"));
  // With S, which attention has not, by way of the automaton, whose verdict may use the same positions.
  const Compiled c = made("(a S first) & Y pos=0/2", 1);
  EXPECT_TRUE(c.proof.proven);
  EXPECT_EQ(c.plan.period, 2);
  EXPECT_EQ(c.plan.options.mixer, kAttentionMixer);
  // Periods that no table of positions has: by way of the automaton, where one is in reach.
  EXPECT_TRUE(base::refused([&] { plan(over_ab("pos=0/1024 | pos=1/3"), {}); }, "least common multiple"));
}

TEST(Positions, RandomLanguagesAreProven) {
  base::Random random(31);
  int needed = 0;
  for (int round = 0; round < 40; ++round) {
    const int period = 2 + static_cast<int>(random.below(3));
    const bool ordered = round % 2 == 0;
    const automata::Dfa dfa = expressivity::random_phased_language(
        random, 2 + static_cast<int>(random.below(2)), period, 2, ordered);
    expressivity::ClassifyOptions options;
    options.period = period;
    const auto verdict = expressivity::classify(dfa, options);
    const Compiled c = compile_language(verdict, "", made_by(ordered ? "attention" : "gla"));
    EXPECT_TRUE(c.proof.proven) << round;
    needed += c.plan.period > 1;
  }
  EXPECT_GT(needed, 20);
}

}  // namespace
}  // namespace yore::compiler
