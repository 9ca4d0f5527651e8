// Recurrences without running them: what is planned, proven and refused. That the weights are right where
// they run is tested in inspection/recurrence_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "yore/automata/convert.h"
#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/network_text.h"
#include "yore/expressivity/random_languages.h"
#include "yore/languages/language.h"

namespace yore::compiler {
namespace {

CompileOptions with(const std::string& mixer) {
  CompileOptions options;
  options.mixer = mixer;
  return options;
}

Formula over_abc(const std::string& text) {
  return logic::parse_formula(text, logic::Alphabet::parse("abc"));
}

TEST(Machine, ItsStepsMoveTheOneAsTheAutomatonMoves) {
  base::Random random(7);
  int joined = 0;
  for (int round = 0; round < 400; ++round) {
    const automata::Dfa dfa = expressivity::random_language(random, 1 + static_cast<int>(random.below(9)),
                                                            1 + static_cast<int>(random.below(3)));
    const Machine m = machine_of(dfa);
    joined += m.dim > dfa.states - 1;
    for (automata::State q = 0; q < dfa.states; ++q)
      for (int a = 0; a < dfa.alphabet.size(); ++a) {
        // The vector of a state, less that of the start.
        const auto vector = [&](automata::State state) {
          std::vector<int> s(static_cast<std::size_t>(m.dim), 0);
          const auto add = [&](automata::State which, int number) {
            if (const int place = m.place[static_cast<std::size_t>(which)]; place != kNever)
              s[static_cast<std::size_t>(place)] += number;
          };
          add(state, 1);
          add(dfa.start, -1);
          return s;
        };
        std::vector<int> s = vector(q);
        for (const DeltaStep& step : m.letters[static_cast<std::size_t>(a)]) {
          int asked = -step.value;
          for (const auto& [place, number] : step.key) asked += number * s[static_cast<std::size_t>(place)];
          for (const auto& [place, number] : step.key) s[static_cast<std::size_t>(place)] -= number * asked;
        }
        EXPECT_EQ(s, vector(dfa.step(q, a))) << "round " << round;
      }
  }
  EXPECT_GT(joined, 20);
}

TEST(Machine, IsProvenForEachMixerWithSteps) {
  base::Random random(8);
  for (int round = 0; round < 60; ++round) {
    const automata::Dfa dfa = expressivity::random_language(random, 1 + static_cast<int>(random.below(7)), 2);
    for (const char* mixer : {"delta_net", "gated_delta_net", "kda"}) {
      const Compiled c = compile_automaton(dfa, "random", with(mixer));
      EXPECT_TRUE(c.proof.every_length);
      EXPECT_LE(c.proof.cases, dfa.states);
      EXPECT_EQ(c.file.model.blocks.size(), 1u);
      // The manifest says the same after a trip through JSON.
      const Manifest again = manifest_from_json(c.file.compiled, c.file, "test");
      EXPECT_EQ(*again.automaton, dfa);
      EXPECT_TRUE(prove(c.file, again, 1).proven);
    }
  }
}

TEST(Machine, APermutationTakesOneStepLessThanItsCycleIsLong) {
  for (const auto& [text, steps] : {std::pair{"(aaaaa)*", 4}, {"(aaa)*", 2}, {"(aa)*", 1}}) {
    const Machine m = machine_of(languages::read_language(text).dfa);
    EXPECT_EQ(m.steps, steps) << text;
    EXPECT_EQ(m.dim, m.dfa.states) << text;
  }
}

TEST(Machine, RefusesMoreStatesThanItTakes) {
  automata::Dfa dfa;
  dfa.alphabet = logic::Alphabet::parse("ab");
  dfa.states = kMostMachineStates + 1;
  for (automata::State q = 0; q < dfa.states; ++q) {
    dfa.accepting.push_back(q == 0);
    dfa.next.push_back((q + 1) % dfa.states);
    dfa.next.push_back(q);
  }
  try {
    compile_automaton(dfa, "", with("delta_net"));
    FAIL();
  } catch (const base::BudgetError& e) {
    EXPECT_NE(std::string(e.what()).find("129 states"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("--mixer gla"), std::string::npos) << e.what();
  }
}

TEST(Latches, AreProvenForEachMixer) {
  for (const char* text :
       {"a S b", "!a S (b & Y c)", "Y a", "P a", "(a S b) S (Y c | P b)", "!(!a S b) & Y (b S P c)", "Y<=3 a",
        "true", "a", "Y ((Y a & P b) | (Y b & P c))", "P (a & !(true S b))", "(Y true) S first"})
    for (const Target& target : recurrent_targets()) {
      const Compiled c = compile(over_abc(text), "", with(target.mixer));
      EXPECT_TRUE(c.proof.proven && c.proof.every_length) << text;
      EXPECT_EQ(c.proof.error, 0) << text;
      const Manifest manifest = manifest_from_json(c.file.compiled, c.file, "test");
      EXPECT_EQ(to_json(manifest), to_json(manifest_of(c.plan)));
      EXPECT_NE(explain(c.plan).find("for words of every length"), std::string::npos);
      EXPECT_FALSE(to_text(network_of(manifest, c.file)).empty());
    }
}

TEST(Latches, TakeAsManyBlocksAsTheFormulaIsDeepWhereNetsFoldInOne) {
  for (const char* text : {"a S b", "(a S b) S (Y c & a)", "P (a & Y (b S c))", "Y Y Y a"})
    EXPECT_EQ(static_cast<int>(plan(over_abc(text), with("gla")).blocks.size()),
              logic::measure(over_abc(text)).depth)
        << text;
}

// So where one net cannot have it all: junctions are told by cases of their newest operators.
TEST(Latches, TakeNoBlockMoreInTheSuite) {
  int deep = 0, told = 0;
  for (const languages::NamedLanguage& named : languages::suite()) {
    const auto verdict = expressivity::classify(named.dfa());
    const auto& formula = verdict.of(expressivity::Class::StarFree).formula;
    if (!formula) continue;
    const Plan p = plan(*formula, with("gla"));
    const int depth = logic::measure(*formula).depth;
    // Told by cases, dyck-4 would become many times as large.
    if (named.name == "dyck-4") {
      EXPECT_LE(p.blocks.size(), 27U);
    } else {
      EXPECT_EQ(static_cast<int>(p.blocks.size()), std::max(1, depth)) << named.name;
    }
    deep += depth >= 10;
    told += logic::measure(p.formula).nodes != logic::measure(*formula).nodes;
    // What is told by cases says what it said.
    if (named.name != "dyck-4" && p.formula.graph.size() < 4'000) {
      EXPECT_FALSE(automata::difference(automata::dfa_from_formula(p.formula), named.dfa())) << named.name;
    }
  }
  EXPECT_GE(deep, 2);  // dyck-3 and dyck-4
  EXPECT_GE(told, 1);
}

// A weight changed in any way that matters is found, and said where.
TEST(Latches, AreRefutedWhereTheyAreNone) {
  for (const Target& target : recurrent_targets()) {
    const Compiled c = compile(over_abc("a S b"), "", with(target.mixer));
    const Manifest manifest = manifest_of(c.plan);
    for (const auto& [name, array] : c.file.weights.arrays)
      for (std::size_t at = 0; at < array.bytes.size(); at += sizeof(float)) {
        float value = 0;
        std::memcpy(&value, array.bytes.data() + at, sizeof value);
        if (value == 0) continue;
        arch::ModelFile mutant = c.file;
        value *= 0.5F;
        std::memcpy(mutant.weights.arrays.at(name).bytes.data() + at, &value, sizeof value);
        const Proof proof = prove(mutant, manifest, 1);
        // Gates are saturated with room, and so are the read-out's logits.
        const bool room = std::abs(value) >= 100 || name.starts_with("read_out") ||
                          name.ends_with("in.bias") || name.ends_with("decay_out.weight");
        EXPECT_TRUE(!proof.proven || room) << target.mixer << " " << name << " " << at / 4;
      }
  }
}

TEST(Recurrences, SayWhichNormOrActivationLosesExactness) {
  const auto failure = [](const char* mixer, const char* option, const base::Json& value) {
    Compiled c = compile(over_abc("a S b"), "", with(mixer));
    c.file.model.blocks[0].mixer.options[option] = value;
    return prove(c.file, manifest_of(c.plan), 1).failure;
  };
  EXPECT_NE(failure("gla", "out_norm", true).find("out_norm=true"), std::string::npos);
  EXPECT_NE(failure("gla", "output_gate", true).find("output_gate=true"), std::string::npos);
  EXPECT_NE(failure("mamba2", "norm", "group").find("norm=\"group\""), std::string::npos);
  EXPECT_NE(failure("delta_net", "qk_norm", "l2").find("qk_norm=\"l2\""), std::string::npos);
  EXPECT_NE(failure("kda", "v_activation", "silu").find("v_activation=\"silu\""), std::string::npos);
  EXPECT_NE(failure("gla", "strict_read", false).find("strict_read=false"), std::string::npos);
  EXPECT_NE(failure("gla", "conv", 4).find("conv=4"), std::string::npos);
  Compiled c = compile(over_abc("a S b"), "", with("gla"));
  c.file.model.blocks[0].norm.kind = c.file.model.final_norm.kind = arch::NormKind::Rms;
  EXPECT_NE(prove(c.file, manifest_of(c.plan), 1).failure.find("norm rms"), std::string::npos);
  CompileOptions normed = with("gla");
  normed.encoding = Encoding::PlusMinus;
  EXPECT_TRUE(base::refused([&] { plan(over_abc("P a"), normed); }, "RMSNorm"));
}

TEST(Recurrences, RefuseWhatTheirMixerCannot) {
  const auto verdict = expressivity::classify(languages::read_language("(aa)*").dfa);
  for (const char* mixer : {"gla", "mamba2"}) try {
      compile_language(verdict, "(aa)*", with(mixer));
      FAIL();
    } catch (const base::InputError& e) {
      EXPECT_NE(e.message().find("arXiv 2405.17394"), std::string::npos);
      EXPECT_NE(e.message().find("words:"), std::string::npos) << e.message();
      EXPECT_NE(e.message().find("--mixer delta_net, gated_delta_net, kda"), std::string::npos)
          << e.message();
    }
  EXPECT_TRUE(
      base::refused([&] { compile_language(verdict, "", with("atention")); }, "did you mean attention"));
  EXPECT_TRUE(base::refused([&] { compile_language(verdict, "", with("retention")); }, "2601.19467"));
  EXPECT_TRUE(base::refused([&] { compile_language(verdict, "", with("attention")); }, "--mixer delta_net"));
}

TEST(Recurrences, AutoTakesTheFirstThatCan) {
  const auto mixer = [](const char* text) {
    return compile_language(languages::read_language(text), with("auto")).plan.options.mixer;
  };
  EXPECT_EQ(mixer("(ab)*"), "attention");
  EXPECT_EQ(mixer("(a(ab)*b)*"), "gla");
  EXPECT_EQ(mixer("(aa)*"), "delta_net");
}

TEST(Machine, ClaimsThatTheWeightsDoNotKeepAreRefused) {
  const Compiled c = compile_language(languages::read_language("b*(ab*ab*)*"), with("delta_net"));
  const Manifest right = machine_manifest(c.plan);
  EXPECT_TRUE(prove(c.file, right, 100).proven);
  Manifest wrong = right;
  std::swap(wrong.stages[0][0].coordinate, wrong.stages[0][1].coordinate);
  EXPECT_EQ(prove(c.file, wrong, 100).stage, 0);
  EXPECT_FALSE(prove(c.file, wrong, 100).proven) << "a is told where b is claimed";
  wrong = right;
  wrong.stages[1].clear();
  EXPECT_FALSE(prove(c.file, wrong, 100).proven) << "nothing says what is accepted";
  wrong.stages[1] = {right.stages[1].front(), right.stages[1].front()};
  EXPECT_FALSE(prove(c.file, wrong, 100).proven);
}

// Parts that never hold or that cancel out leave gates nothing to read.
TEST(Recurrences, PartsThatNeverHoldOrCancelOutAreProven) {
  for (const char* mixer : {"gla", "mamba2", "delta_net", "attention", "auto"})
    for (const char* text : {"ltl:P (a & b) | P a", "ltl:(P b | !(P a & P b)) & P c", "ltl:Y (a & !a) | Y c",
                             "ltl:((Y a & P b) | (Y a & !P b)) & !(c S (a & c))"}) {
      if (mixer == std::string("attention") && std::string(text).find(" S ") != std::string::npos) continue;
      const Compiled compiled = compile_language(languages::read_language(text, "abc"), with(mixer), {},
                                                 nullptr, [](const std::string&) {});
      EXPECT_TRUE(compiled.proof.proven) << mixer << " " << text;
    }
}

// Not hindered by what another mixer, or another way of this one, would have needed.
TEST(Recurrences, AutoAndStepsAreHeldToTheBudgetsOfTheModelThatIsMade) {
  const auto made = [](const char* text, const char* mixer, std::int64_t length, std::int64_t parameters) {
    CompileOptions options = with(mixer);
    options.length = length;
    options.max_parameters = parameters;
    const Compiled compiled = compile_language(languages::read_language(text), options);
    return std::pair{compiled.plan.options.mixer, compiled.plan.parameters()};
  };
  using Made = std::pair<std::string, std::int64_t>;
  EXPECT_EQ(made("name:dyck-3", "delta_net", 4096, 1'000), Made("delta_net", 117));
  EXPECT_EQ(made("(ab)*", "delta_net", 4096, 60), Made("delta_net", 53));
  EXPECT_EQ(made("(ab)*", "auto", 4096, 60), Made("delta_net", 53));
  EXPECT_EQ(made("ltl:(Y b | first) & !P (a & Y a | b & (Y b | first))", "auto", 4096, 60),
            Made("delta_net", 53));
  EXPECT_EQ(made("(ab)*", "auto", 2'000'000, 1'000).first, "gla");
  EXPECT_EQ(made("ltl:(Y b | first) & !P (a & Y a | b & (Y b | first))", "auto", 2'000'000, 1'000).first,
            "gla");
  EXPECT_THROW(made("(ab)*", "auto", 4096, 20), base::BudgetError);
  EXPECT_THROW(made("(ab)*", "delta_net", 4096, 20), base::BudgetError);
}

}  // namespace
}  // namespace yore::compiler
