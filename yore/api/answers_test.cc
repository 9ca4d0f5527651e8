#include "yore/api/answers.h"

#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/base/test_refusal.h"
#include "yore/expressivity/witness.h"

namespace yore::api {
namespace {

TEST(Read, TakesEveryKindOfText) {
  const automata::Dfa dfa = read("regex", "(ab)*").dfa;
  EXPECT_EQ(read("", "regex:(ab)*").dfa, dfa);
  EXPECT_EQ(read("ltl", "(Y b | first) & !P (a & Y a | b & (Y b | first))").dfa, dfa);
  EXPECT_EQ(read("dfa", automata::json_from_dfa(dfa)).dfa, dfa);
  EXPECT_EQ(read("dfa", automata::att_from_dfa(dfa)).dfa, dfa);
  EXPECT_EQ(read("name", "dyck-1").spec, "name:dyck-1");
  EXPECT_THROW(read("pattern", "a"), base::InputError);
  EXPECT_THROW(read("dfa", "{"), base::InputError);
  EXPECT_THROW(read("dfa", automata::json_from_dfa(dfa), "abc"), base::InputError);
}

TEST(Replay, FollowsTheAutomaton) {
  const Language language = read("regex", "(ab)*");
  EXPECT_EQ(replay(language.dfa, Word{0, 1, 1}).dump(),
            R"({"word":["a","b","b"],"states":[0,1,0,2],"accepted":false})");
  EXPECT_EQ(replay(language.dfa, Word{}).dump(), R"({"word":[],"states":[0],"accepted":true})");
}

// The pieces of every witness of the suite, one behind the other, are its string.
TEST(Replay, PiecesOfAWitnessAreItsString) {
  int witnesses = 0;
  for (const languages::NamedLanguage& named : languages::suite()) {
    const Classification all = expressivity::classify(named.dfa());
    for (const expressivity::ClassVerdict& verdict : all.classes) {
      if (!verdict.witness) continue;
      ++witnesses;
      for (const bool second : {false, true}) {
        const Json answer = replay(all.dfa, *verdict.witness, second);
        Json joined = Json::array();
        for (const Json& piece : answer["pieces"])
          for (const Json& letter : piece["word"]) joined.push_back(letter);
        EXPECT_EQ(joined, answer["word"]) << named.name;
        EXPECT_EQ(answer["accepted"].get<bool>(), verdict.witness->a_accepted != second) << named.name;
        EXPECT_EQ(answer["states"].size(), joined.size() + 1) << named.name;
      }
    }
  }
  EXPECT_GT(witnesses, 50);
}

TEST(Unify, PatternsMeanTheirLettersTogether) {
  Language a = read("", ".*a"), b = read("", "ltl:Y a & !P b");
  EXPECT_EQ(unify(a, b), "compared over the letters of both, {a, b}");
  EXPECT_EQ(a.dfa, read("regex", ".*a", "ab").dfa) << "the dot is read again";
  EXPECT_EQ(equivalent(a, b).dump(), R"({"equivalent":false,"alphabet":["a","b"],"counterexample":)"
                                     R"({"word":"ba","length":2,"in_first":true,"in_second":false}})");
  EXPECT_EQ(unify(a, b), "");
  EXPECT_TRUE(equivalent(a, a)["equivalent"].get<bool>());
}

TEST(Convert, ComesBackAsTheSameLanguage) {
  const Language language = read("regex", "(a|b)*b(a|b)");
  for (const auto& [to, kind] : {std::pair{"regex", "regex"},
                                 {"formula", "ltl"},
                                 {"json", "dfa"},
                                 {"att", "dfa"},
                                 {"att-acceptor", "dfa"}})
    EXPECT_EQ(read(kind, *convert(language, to), "ab").dfa, language.dfa) << to;
  EXPECT_EQ(convert(read("regex", "(aa)*"), "formula"), std::nullopt);
  EXPECT_THROW(convert(language, "picture"), base::InputError);
  EXPECT_THROW(convert(language, "regex", {.max_regex = 3}), base::BudgetError);
}

}  // namespace
}  // namespace yore::api
