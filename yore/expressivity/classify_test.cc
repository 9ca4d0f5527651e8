#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>
#include <set>

#include "yore/automata/convert.h"
#include "yore/automata/formula_by_state.h"
#include "yore/automata/test_support.h"
#include "yore/base/error.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/pair_graph.h"
#include "yore/expressivity/random_languages.h"
#include "yore/expressivity/synthesis.h"
#include "yore/expressivity/types.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {
namespace {

using automata::testing::dfa_of;

std::string answers(const Classification& c) {
  std::string text;
  for (const ClassVerdict& verdict : c.classes) {
    text += verdict.member == Answer::Yes ? 'y' : verdict.member == Answer::No ? 'n' : '?';
  }
  return text;
}

TypeLogic type_logic(Class c) {
  switch (c) {
    case Class::Global:
      return {.before = true};
    case Class::Local:
      return {.lookback = 1};
    case Class::Hybrid:
      return {.lookback = 1, .before = true};
    default:
      return {.since = true};
  }
}

// Every piece of evidence, once more and from outside: formulas stay in their logic and agree with the
// automaton on all short words; witnesses' strings are on different sides and of one type.
void expect_evidence(const Classification& c) {
  for (const ClassVerdict& verdict : c.classes) {
    if (verdict.formula) {
      const auto measure = logic::measure(*verdict.formula);
      EXPECT_EQ(verdict.member, Answer::Yes);
      EXPECT_TRUE(!measure.uses_since || verdict.of == Class::StarFree);
      EXPECT_TRUE(!measure.uses_yesterday || verdict.of != Class::Global);
      EXPECT_TRUE(!measure.uses_before || verdict.of != Class::Local);
      EXPECT_LE(measure.largest_lookback, 1);
      automata::for_all_words(
          c.dfa.alphabet.size(), c.dfa.alphabet.size() == 2 ? 6 : 4,
          [&](const Word& word) { EXPECT_EQ(logic::accepts(*verdict.formula, word), c.dfa.accepts(word)); });
    }
    if (!verdict.witness) continue;
    EXPECT_EQ(verdict.member, Answer::No);
    EXPECT_EQ(verdict.witness->depth, 3);
    for (int n = 0; n <= 3; ++n) {
      const auto [a, b] = witness_strings(*verdict.witness, n);
      EXPECT_EQ(c.dfa.accepts(a), verdict.witness->a_accepted);
      EXPECT_NE(c.dfa.accepts(b), verdict.witness->a_accepted);
      EXPECT_EQ(same_type_at_end(a, b, n, type_logic(verdict.of)), std::optional(true));
    }
  }
}

struct Row {
  const char* pattern;
  int states;
  const char* answers;  // global, 1-local, hybrid, star-free
};
constexpr Row kTable[] = {
    {"a*", 2, "ynyy"},     {".*a.*b.*a.*", 4, "ynyy"}, {"a*b*", 3, "ynyy"},       {".*ab.*", 3, "ynyy"},
    {"a.*", 3, "ynyy"},    {".*a", 2, "nyyy"},         {".*a..", 8, "nyyy"},      {"(ab)*", 3, "nnyy"},
    {".*aa.*", 3, "nnyy"}, {"a(b|ab)*", 4, "nnyy"},    {"(a(ab)*b)*", 4, "nnny"}, {"(ab|ba)*", 4, "nnny"},
    {"(aa)*", 3, "nnnn"},  {"b*(ab*ab*)*", 2, "nnnn"},
};

TEST(Classify, WorkedTable) {
  for (const Row& row : kTable) {
    SCOPED_TRACE(row.pattern);
    const Classification c = classify(dfa_of(row.pattern));
    EXPECT_EQ(c.dfa.states, row.states);
    EXPECT_EQ(answers(c), row.answers);
    for (const ClassVerdict& verdict : c.classes) {
      EXPECT_EQ(verdict.open, "");
      EXPECT_EQ(verdict.formula.has_value(), verdict.member == Answer::Yes);
      EXPECT_EQ(verdict.witness.has_value(), verdict.member == Answer::No);
      EXPECT_NE(verdict.checked_by.find("algebraic test agree"), std::string::npos) << verdict.checked_by;
    }
    expect_evidence(c);
  }
}

TEST(Classify, TheAlphabetMatters) {
  EXPECT_EQ(answers(classify(dfa_of(".*ab.*", "abc"))), "nnyy");
  EXPECT_EQ(answers(classify(dfa_of("a*", "a"))), "yyyy");
  EXPECT_EQ(answers(classify(dfa_of("(aa)*", "a"))), "nnnn");
  EXPECT_EQ(answers(classify(dfa_of("[]"))), "yyyy");
  EXPECT_EQ(answers(classify(dfa_of(".*"))), "yyyy");
  EXPECT_EQ(answers(classify(dfa_of("()"))), "yyyy");
  EXPECT_EQ(answers(classify(dfa_of("bb.*"))), "ynyy");
}

TEST(Classify, TwoThousandRandomAutomata) {
  base::Random random(2605);
  int yes[4] = {0, 0, 0, 0}, no[4] = {0, 0, 0, 0}, formulas = 0, beyond_hybrid = 0, beyond_hybrid_written = 0;
  std::set<std::vector<State>> distinct;
  for (int trial = 0; trial < 2'000; ++trial) {
    const int letters = 2 + trial % 2, states = 2 + static_cast<int>(random.below(5));
    Dfa dfa;
    switch (trial % 7) {
      case 0:
        dfa = random_ordered_language(random, states + 2, letters);
        break;
      case 1:
        dfa = random_definite_language(random, 1 + static_cast<int>(random.below(letters == 2 ? 3 : 2)),
                                       letters);
        break;
      case 2:  // a language of LTL[P] and one of LTL[Y] together
        dfa = automata::minimise(automata::product(random_ordered_language(random, 3, letters),
                                                   random_definite_language(random, 1, letters),
                                                   automata::Combine::Xor));
        break;
      case 3:
        dfa = random_monotone_language(random, states, letters);
        break;
      default:
        dfa = random_language(random, states, letters);
    }
    SCOPED_TRACE(testing::Message() << "trial " << trial);
    ClassifyOptions options;
    options.max_monoid = 50'000;  // more than 6^6: the algebraic test always runs
    const Classification c =
        classify(dfa, options);  // throws if the two tests or a formula and the automaton disagree
    expect_evidence(c);
    auto key = dfa.next;
    key.insert(key.end(), dfa.accepting.begin(), dfa.accepting.end());
    distinct.insert(key);
    for (int i = 0; i < 4; ++i) {
      const ClassVerdict& verdict = c.classes[i];
      EXPECT_NE(verdict.member, Answer::Unknown);
      EXPECT_NE(verdict.checked_by.find("algebraic test agree"), std::string::npos);
      (verdict.member == Answer::Yes ? yes : no)[i] += 1;
      if (i < 3) {
        EXPECT_EQ(verdict.formula.has_value(), verdict.member == Answer::Yes) << verdict.open;
      }
      EXPECT_EQ(verdict.witness.has_value(), verdict.member == Answer::No);
      formulas += verdict.formula.has_value();
    }
    if (c.of(Class::Hybrid).member == Answer::No && c.of(Class::StarFree).member == Answer::Yes) {
      ++beyond_hybrid;
      beyond_hybrid_written += c.of(Class::StarFree).formula.has_value();
      EXPECT_TRUE(c.of(Class::StarFree).formula || !c.of(Class::StarFree).open.empty());
    }
  }
  std::printf(
      "2000 automata (%zu distinct): yes global %d, local %d, hybrid %d, star-free %d; %d formulas proved; "
      "%d star-free beyond hybrid, %d of them with a formula\n",
      distinct.size(), yes[0], yes[1], yes[2], yes[3], formulas, beyond_hybrid, beyond_hybrid_written);
  for (int i = 0; i < 4; ++i) {
    EXPECT_GE(yes[i], 300) << i;
    EXPECT_GE(no[i], 300) << i;
  }
  EXPECT_GE(beyond_hybrid, 20);
  EXPECT_GE(beyond_hybrid_written * 2, beyond_hybrid);
}

TEST(Classify, BudgetsLeaveQuestionsOpenByName) {
  ClassifyOptions options;
  options.max_monoid = 3;
  const Classification dyck = classify(dfa_of("(a(ab)*b)*"), options);
  EXPECT_EQ(answers(dyck), "nnn?");
  EXPECT_EQ(dyck.of(Class::StarFree).open.rfind("max-monoid 3", 0), 0u) << dyck.of(Class::StarFree).open;
  const Classification repeat = classify(dfa_of("(ab)*"), options);
  EXPECT_EQ(answers(repeat), "nnyy");
  EXPECT_NE(repeat.of(Class::StarFree).checked_by.find("implied by LTL[P,Y] (max-monoid 3"),
            std::string::npos);
  EXPECT_NE(repeat.of(Class::Hybrid).checked_by.find("max-monoid 3"), std::string::npos);

  options = {};
  options.max_formula = 4;
  const Classification large = classify(dfa_of("(ab)*"), options);
  EXPECT_EQ(large.of(Class::Hybrid).member, Answer::Yes);
  EXPECT_FALSE(large.of(Class::Hybrid).formula.has_value());
  EXPECT_NE(large.of(Class::Hybrid).open.find("max-formula 4"), std::string::npos);
  EXPECT_EQ(to_json(large)["classes"]["hybrid"]["witness"]["kind"], "budget");

  options = {};
  options.max_states = 2;
  EXPECT_NE(classify(dfa_of("(a(ab)*b)*"), options).of(Class::StarFree).open.find("max-states 2"),
            std::string::npos);

  options = {};
  options.max_pairs = 0;
  const Classification unpaired = classify(dfa_of("(ab)*"), options);
  EXPECT_EQ(unpaired.of(Class::Hybrid).member, Answer::Unknown);
  EXPECT_EQ(unpaired.of(Class::Hybrid).open.rfind("max-pairs 0", 0), 0u);
  EXPECT_EQ(classify(dfa_of(".*a"), options).of(Class::Hybrid).member, Answer::Yes);

  options = {};
  options.formulas = false;
  const Classification bare = classify(dfa_of("(ab)*"), options);
  EXPECT_FALSE(bare.of(Class::Hybrid).formula.has_value());
  EXPECT_EQ(bare.of(Class::Hybrid).open, "");
  EXPECT_THROW(classify(dfa_of("a"), {.lookback = 0}), std::invalid_argument);
}

TEST(Report, JsonHasExactlyTheDocumentedShape) {
  const auto keys = [](const base::Json& json) {
    std::vector<std::string> result;
    for (const auto& item : json.items()) result.push_back(item.key());
    return result;
  };
  using Keys = std::vector<std::string>;
  for (const char* pattern : {"(ab)*", ".*a", "a*", "(aa)*", "(a(ab)*b)*"}) {
    const Classification c = classify(dfa_of(pattern));
    const base::Json json = to_json(c);
    EXPECT_EQ(keys(json),
              (Keys{"alphabet", "dfa", "sufficient", "classes", "cheapest", "mixers", "groups", "tier"}));
    EXPECT_EQ(json["alphabet"], base::Json({"a", "b"}));
    EXPECT_EQ(json["dfa"], base::Json({{"states", c.dfa.states}}));
    EXPECT_EQ(keys(json["classes"]), (Keys{"global", "local", "hybrid", "star_free"}));
    for (const auto& item : json["classes"].items()) {
      Keys expected{"member", "logic", "formula", "witness"};
      if (item.key() == "local") expected.push_back("lookback");
      EXPECT_EQ(keys(item.value()), expected);
      const auto& witness = item.value()["witness"];
      EXPECT_TRUE(item.value()["member"].is_boolean());
      EXPECT_EQ(witness.is_null(), item.value()["member"].get<bool>());
      EXPECT_EQ(item.value()["formula"].is_string(), item.value()["member"].get<bool>());
      if (witness.is_null()) {
        const auto formula = logic::parse_formula(item.value()["formula"].get<std::string>(), c.dfa.alphabet);
        EXPECT_EQ(automata::dfa_from_formula(formula), c.dfa);
      } else {
        EXPECT_EQ(keys(witness), (Keys{"kind", "words", "states", "strings", "recipe", "accepted", "depth"}));
        const bool a_in =
            c.dfa.accepts(c.dfa.alphabet.parse_word(witness["strings"]["a"].get<std::string>()));
        EXPECT_EQ(witness["accepted"], a_in ? "a" : "b");
      }
    }
  }
  EXPECT_EQ(to_json(classify(dfa_of("(ab)*")))["sufficient"], base::Json({"hybrid"}));
  EXPECT_EQ(to_json(classify(dfa_of("a*", "a")))["sufficient"], base::Json({"global", "local"}));
  EXPECT_EQ(to_json(classify(dfa_of("(aa)*")))["sufficient"], base::Json::array());
  ClassifyOptions options;
  options.max_monoid = 3;
  const base::Json open = to_json(classify(dfa_of("(a(ab)*b)*"), options))["classes"]["star_free"];
  EXPECT_TRUE(open["member"].is_null());
  EXPECT_EQ(keys(open["witness"]), (Keys{"kind", "reason"}));
}

TEST(Report, TextLeadsWithTheVerdict) {
  const auto first_line = [](const std::string& pattern, const ClassifyOptions& options = {}) {
    const std::string text = to_text(classify(dfa_of(pattern), options), false, pattern);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(first_line("(ab)*"),
            "(ab)* needs hybrid attention: neither global-only nor 1-local-only suffices.");
  EXPECT_EQ(first_line(".*a"),
            ".*a can be recognised with 1-local attention alone; global attention alone does not suffice.");
  EXPECT_EQ(first_line("a*"),
            "a* can be recognised with global attention alone; 1-local attention alone does not suffice.");
  EXPECT_EQ(first_line(".*"),
            ".* can be recognised with global attention alone, and with 1-local attention alone.");
  EXPECT_EQ(first_line("(aa)*"),
            "(aa)* is beyond hybrid attention: no mix of global and 1-local attention suffices; it is not "
            "even star-free.");
  EXPECT_EQ(
      first_line("(aa)*", {.period = 2}),
      "With positions modulo 2: (aa)* can be recognised with global attention alone; 1-local attention alone "
      "does not suffice.");
  const std::string even = to_text(classify(dfa_of("(aa)*"), {.period = 2}), false, "(aa)*");
  EXPECT_NE(even.find("(the semigroup of the words whose length is a multiple of 2 holds no group"),
            std::string::npos);
  EXPECT_NE(even.find("\nSufficient with positions modulo 2, cheapest first: "), std::string::npos) << even;
  EXPECT_EQ(first_line("(ab|ba)*"),
            "(ab|ba)* is beyond hybrid attention: no mix of global and 1-local attention suffices; it is "
            "star-free, though.");
  const std::string coloured = to_text(classify(dfa_of("a*")), true);
  EXPECT_NE(coloured.find("\033["), std::string::npos);
  EXPECT_EQ(to_text(classify(dfa_of("a*"))).find("\033["), std::string::npos);
}

// Four forbidden subsequences of seven letters: the automaton of the formula has a bit for each state passed
// and goes past any budget, yet each part of the formula is proven on its own.
TEST(Classify, AFormulaIsProvenWithoutItsAutomaton) {
  const Dfa dfa = dfa_of(
      "!(.*a.*b.*c.*d.*a.*b.*c.*)&!(.*d.*c.*b.*a.*d.*c.*d.*)&!(.*a.*a.*c.*b.*b.*d.*c.*)&"
      "!(.*b.*d.*b.*c.*a.*a.*a.*)",
      "abcd");
  ASSERT_GT(dfa.states, 150);
  const Classification c = classify(dfa);
  EXPECT_EQ(answers(c), "ynyy");
  ASSERT_TRUE(c.of(Class::Global).formula.has_value()) << c.of(Class::Global).open;
  const Formula& formula = *c.of(Class::Global).formula;
  EXPECT_THROW((void)automata::dfa_from_formula(formula), base::BudgetError);
  base::Random random(8);
  int accepted = 0;
  for (int round = 0; round < 2'000; ++round) {
    Word word(random.below(30));
    for (logic::Symbol& a : word) a = static_cast<logic::Symbol>(random.below(4));
    ASSERT_EQ(logic::accepts(formula, word), dfa.accepts(word));
    accepted += dfa.accepts(word);
  }
  EXPECT_GT(accepted, 200);
  EXPECT_LT(accepted, 1'800);
}

// No one of these formulas can be translated back, and the proof part by part went past its budget for the
// large ones; what follows from the automaton's states proves them all.
TEST(Classify, FormulasOfHybridLanguagesAreProvenByTheStates) {
  base::Random random({8, 1});
  int done = 0;
  for (int round = 0; done < 150 && round < 3'000; ++round) {
    Dfa dfa;
    switch (round % 3) {
      case 0:
        dfa = random_language(random, 3 + static_cast<int>(random.below(4)), 2);
        break;
      case 1:
        dfa = random_ordered_language(random, 60, 3);
        break;
      default:
        dfa = random_forbidden_factors(random, 2 + static_cast<int>(random.below(3)), 3, 0.1);
    }
    const bool definite = !never_merging_pair(dfa);
    if (walk_component_pairs(dfa, automata::components(dfa), 1'000'000).on_cycle) continue;
    ++done;
    for (const bool local : {false, true}) {
      if (local && !definite) continue;
      const Formula formula = synthesise(dfa, local, 20'000);
      EXPECT_EQ(automata::says_by_state(formula, dfa, 1'000'000'000), std::optional(true))
          << logic::format_formula(formula);
      EXPECT_EQ(automata::says_by_state(formula, automata::complement(dfa), 1'000'000'000),
                std::optional(false));
    }
  }
  EXPECT_EQ(done, 150);
}

// Words of six letters that must not occur: all states but the sink in one component.
// Languages of some letters, with others at will between them: beyond the hybrid class, but with a formula
// that is about as long as the one without the others. By induction on the letters it has thousands of nodes.
TEST(Classify, IdleLettersAreLookedPast) {
  base::Random random(17);
  int checked = 0;
  for (int trial = 0; trial < 300 && checked < 25; ++trial) {
    const Dfa few = trial % 3 == 0 ? random_definite_language(random, 2, 2) : random_language(random, 4, 2);
    const Classification plain = classify(few);
    const auto& formula = plain.of(Class::Hybrid).formula;
    if (!formula) continue;
    Dfa many = few;
    many.alphabet = logic::Alphabet::parse("abcde");
    many.next.clear();
    for (State q = 0; q < few.states; ++q)
      for (const State to : {few.step(q, 0), few.step(q, 1), q, q, q}) many.next.push_back(to);
    const Classification c = classify(many);
    if (c.of(Class::Hybrid).member == Answer::Yes) continue;
    ++checked;
    const auto& lifted = c.of(Class::StarFree).formula;
    ASSERT_TRUE(lifted.has_value()) << c.of(Class::StarFree).open;
    EXPECT_LE(lifted->graph.size(), 3 * formula->graph.size() + 20);
    automata::for_all_words(5, 5, [&](const Word& word) {
      Word seen;
      for (const Symbol a : word)
        if (a < 2) seen.push_back(a);
      ASSERT_EQ(logic::accepts(*lifted, word), few.accepts(seen));
    });
  }
  EXPECT_EQ(checked, 25);
}

TEST(Classify, ALargeComponentGetsItsFormula) {
  base::Random random({8, 2});
  const Dfa dfa = random_forbidden_factors(random, 6, 4, 0.2);
  ASSERT_GT(dfa.states, 800);
  const Classification c = classify(dfa);
  EXPECT_EQ(answers(c), "nnyy");
  ASSERT_TRUE(c.of(Class::Hybrid).formula.has_value()) << c.of(Class::Hybrid).open;
  for (int round = 0; round < 300; ++round) {
    Word word(random.below(40));
    for (logic::Symbol& a : word) a = static_cast<logic::Symbol>(random.below(4));
    ASSERT_EQ(logic::accepts(*c.of(Class::Hybrid).formula, word), dfa.accepts(word));
  }
}

TEST(Speed, LargeAutomata) {
  base::Random random(7);
  const auto timed = [](const char* what, const Dfa& dfa, double limit) {
    const std::clock_t begin = std::clock();  // processor time: others' work is not ours
    Classification c = classify(dfa);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("%s: %d states, %d letters: %s in %.3f s, peak memory of the process so far %ld MB\n", what,
                dfa.states, dfa.alphabet.size(), answers(c).c_str(), seconds, usage.ru_maxrss / 1024);
#ifdef NDEBUG
    EXPECT_LT(seconds, limit);
#else
    static_cast<void>(limit);
#endif
    return c;
  };
  // The factor of four over the promised 2 s is for slow machines.
  Dfa dfa = random_language(random, 2'400, 4);
  ASSERT_GE(dfa.states, 2'000);
  const Classification arbitrary = timed("random", dfa, 8);
  EXPECT_EQ(answers(arbitrary), "nnnn");
  // The walk through all pairs has no cycle to stop at: the last six letters, all states in one component.
  const Classification definite = timed("definite", random_definite_language(random, 6, 4), 8);
  EXPECT_EQ(answers(definite), "nyyy");
  const Classification ordered = timed("ordered", random_ordered_language(random, 2'000, 4), 8);
  EXPECT_EQ(answers(ordered), "ynyy");
  // One letter climbs, the other waits: formulas with a part for every state, which must not be shortened one
  // part at a time.
  Dfa ladder{logic::Alphabet::parse("ab"), 2'000, 0, {}, {}};
  for (State q = 0; q < ladder.states; ++q) {
    ladder.accepting.push_back(q + 1 == ladder.states);
    ladder.next.insert(ladder.next.end(), {std::min(q + 1, ladder.states - 1), q});
  }
  const Classification climbs = timed("ladder", ladder, 1.5);
  EXPECT_EQ(answers(climbs), "ynyy");
  // The sixteenth letter from the end: 65,536 states, more pairs than the budget; definite all the same.
  const Classification far = timed("far back", dfa_of(".*a.{15}"), 20);
  EXPECT_EQ(answers(far).substr(0, 3), "nyy");
}

}  // namespace
}  // namespace yore::expressivity
