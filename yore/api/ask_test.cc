#include "yore/api/ask.h"

#include <gtest/gtest.h>

#include <tuple>

#include "yore/api/answers.h"
#include "yore/base/error.h"

namespace yore::api {
namespace {

Json regex(const std::string& text) {
  return {{"kind", "regex"}, {"text", text}};
}

TEST(Session, ClassifiesAsTheCommandDoes) {
  Session session;
  const Json answer = session.ask({{"ask", "classify"}, {"language", regex("(ab)*")}});
  EXPECT_EQ(answer["json"], to_json(expressivity::classify(read("regex", "(ab)*").dfa)).dump());
  EXPECT_EQ(answer["replays"]["global"][0]["accepted"], true);
  EXPECT_EQ(answer["replays"]["global"][1]["accepted"], false);
  const Json local = session.ask({{"ask", "classify"},
                                  {"language", regex("(ab)*")},
                                  {"options", {{"lookback", 2}, {"formulas", false}}}});
  EXPECT_NE(local["json"].get<std::string>().find(R"("lookback":2)"), std::string::npos);
  EXPECT_EQ(local["json"].get<std::string>().find("first"), std::string::npos) << "no formula was asked for";
}

// Each trace must say what the formula's definition says, and accept what the automaton accepts.
TEST(Session, TracesWhatTheAutomatonSays) {
  Session session;
  for (const char* encoding : {"0/1", "+-1"})
    for (const char* once : {"sharp", "uniform"})
      for (const char* pattern : {"(ab)*", "a(b|ab)*", ".*aa.*b"}) {
        const Language language = read("regex", pattern);
        automata::for_all_words(language.dfa.alphabet.size(), 6, [&](const Word& word) {
          const std::string text = language.dfa.alphabet.format_word(word);
          const Json answer =
              session.ask({{"ask", "trace"},
                           {"language", regex(pattern)},
                           {"options", {{"encoding", encoding}, {"once", once}, {"length", 30}}},
                           {"word", text}});
          EXPECT_EQ(answer["accepts"], language.dfa.accepts(word)) << pattern << " " << text;
          for (const Json& row : answer["trace"])
            EXPECT_EQ(row["read"], row["truth"]) << pattern << " " << text;
        });
      }
}

// The same of models of recurrences: formulas as latches, and automata as delta steps.
TEST(Session, TracesEveryMixersModel) {
  Session session;
  for (const auto& [mixer, found, pattern] : {std::tuple{"gla", "gla", "(ab)*"},
                                              {"mamba2", "mamba2", "a(b|ab)*"},
                                              {"delta_net", "delta_net", ".*aa.*b"},
                                              {"gated_delta_net", "gated_delta_net", "(ab)*"},
                                              {"kda", "kda", "(ab)*"},
                                              {"auto", "attention", "(ab)*"},
                                              {"auto", "gla", "(c*ac*bc*)*"},
                                              {"auto", "delta_net", "(b*ab*a)*b*"},
                                              {"gated_delta_net", "gated_delta_net", "(aa|b)*"},
                                              {"kda", "kda", "(a|b(ab)*b)*"}}) {
    const Language language = read("regex", pattern);
    const Json options = {{"mixer", mixer}};
    const Json compiled =
        session.ask({{"ask", "compile"}, {"language", regex(pattern)}, {"options", options}});
    EXPECT_EQ(Json::parse(compiled["json"].get<std::string>())["mixer"], found) << pattern;
    automata::for_all_words(language.dfa.alphabet.size(), 6, [&](const Word& word) {
      const std::string text = language.dfa.alphabet.format_word(word);
      const Json answer =
          session.ask({{"ask", "trace"}, {"language", regex(pattern)}, {"options", options}, {"word", text}});
      EXPECT_EQ(answer["accepts"], language.dfa.accepts(word)) << mixer << " " << pattern << " " << text;
      EXPECT_FALSE(answer["trace"].empty());
      for (const Json& row : answer["trace"])
        EXPECT_EQ(row["read"], row["truth"]) << mixer << " " << pattern << " " << text;
    });
  }
}

TEST(Session, AsksAboutPositionsAndOtherMixers) {
  Session session;
  const Json even = {{"kind", "regex"}, {"text", "(aa)*"}};
  const auto classified = [&](const Json& period) {
    const Json answer =
        session.ask({{"ask", "classify"}, {"language", even}, {"options", {{"period", period}}}});
    return Json::parse(answer["json"].get<std::string>());
  };
  EXPECT_EQ(classified(1)["classes"]["global"]["member"], false);
  EXPECT_EQ(classified(2)["classes"]["global"]["formula"], "pos=0/2");
  EXPECT_EQ(classified("any")["period"]["modulo"], 2);
  EXPECT_THROW(classified(0), base::InputError);
  EXPECT_THROW(classified(logic::kMaxPeriod + 1), base::InputError);
  EXPECT_THROW(classified("all"), base::InputError);

  const auto compiled = [&](const Json& options) {
    const Json answer = session.ask({{"ask", "compile"}, {"language", even}, {"options", options}});
    return Json::parse(answer["json"].get<std::string>());
  };
  EXPECT_EQ(compiled({{"mixer", "auto"}})["mixer"], "delta_net");
  EXPECT_EQ(compiled({{"mixer", "kda"}})["proof"]["every_length"], true);
  EXPECT_THROW(compiled({{"mixer", "gla"}}), base::InputError) << "no gate between 0 and 1 counts";
  EXPECT_EQ(compiled({{"mixer", "gla"}, {"period", 2}})["model"]["positions"], "periodic:2");
  EXPECT_EQ(compiled({{"period", "any"}})["formula"], "pos=0/2");
  EXPECT_EQ(compiled({{"mixer", "auto"}, {"period", 2}})["mixer"], "attention");
  EXPECT_THROW(compiled({{"period", 3}}), base::InputError);
  EXPECT_THROW(compiled({{"period", 0}}), base::InputError);
  EXPECT_THROW(compiled({{"period", "all"}}), base::InputError);
  EXPECT_THROW(compiled({{"mixer", "glu"}}), base::InputError);
  EXPECT_THROW(compiled({{"mixer", "delta_net"}, {"length", 9}}), base::InputError);
}

TEST(Session, KeepsNothingOfAFailedQuestion) {
  Session session;
  const Json good = {{"ask", "read"}, {"language", regex("ab")}};
  const Json answer = session.ask(good);
  EXPECT_THROW(session.ask({{"ask", "read"}, {"language", regex("a(")}}), base::InputError);
  EXPECT_EQ(session.ask(good), answer);
  EXPECT_EQ(answer["dfa"]["states"], 4);
  EXPECT_EQ(session.ask({{"ask", "replay"}, {"language", regex("ab")}, {"word", "ab"}})["accepted"], true);
  EXPECT_EQ(session.ask({{"ask", "convert"}, {"language", regex("ab")}, {"to", "regex"}})["text"], "ab");
}

TEST(Session, ErrorsCarryTheirPlace) {
  Session session;
  const Json bad =
      Json::parse(session.ask_text(R"({"ask":"read","language":{"kind":"regex","text":"a(b"}})"));
  EXPECT_EQ(bad["error"]["kind"], "input");
  EXPECT_EQ(bad["error"]["source"], "regex");
  EXPECT_EQ(bad["error"]["position"], 1);
  EXPECT_NE(bad["error"]["text"].get<std::string>().find("\n"), std::string::npos) << "with its caret";
  const Json budget = Json::parse(session.ask_text(
      R"({"ask":"read","language":{"kind":"regex","text":".*a.{12}","alphabet":"ab"},"options":{"max_states":100}})"));
  EXPECT_EQ(budget["error"]["kind"], "budget");
  const Json large = Json::parse(session.ask_text(
      R"({"ask":"compile","language":{"text":"(ab)*"},"options":{"length":9223372036854775808}})"));
  EXPECT_EQ(large["error"]["text"],
            "options.length: expected another kind of value, got 9223372036854775808");
  for (const char* question :
       {"",
        "[]",
        "{}",
        R"({"ask":1})",
        R"({"ask":"sing"})",
        R"({"ask":"read"})",
        R"({"ask":"read","language":{"kind":"regex"}})",
        R"({"ask":"read","language":{"text":"a","colour":1}})",
        R"({"ask":"classify","language":{"text":"a"},"options":{"lookback":0}})",
        R"({"ask":"classify","language":{"text":"a"},"options":{"lookback":1.5}})",
        R"({"ask":"classify","language":{"text":"a"},"options":{"look_back":1}})",
        R"({"ask":"classify","language":{"text":"a"},"option":{"lookback":2}})",
        R"({"ask":"read","language":{"text":"a"},"options":{"lookback":2}})",
        R"({"ask":"read","language":{"text":"a"},"options":2})",
        R"({"ask":"convert","language":{"text":"a"},"to":"regex","word":"a"})",
        R"({"ask":"equivalent","first":{"text":"a"},"second":{"text":"a"},"options":{"max_states":9}})",
        R"({"ask":"languages","language":{"text":"a"}})",
        R"({"ask":"compile","language":{"text":"(aa)*"}})",
        R"({"ask":"compile","language":{"text":"a"},"options":{"length":-1}})",

        R"({"ask":"compile","language":{"text":"a"},"options":{"once":"twice"}})",
        R"({"ask":"trace","language":{"text":"a"},"word":"b"})",
        R"({"ask":"trace","language":{"text":"a"}})",
        "{\"ask\":\"read\",\"language\":{\"text\":\"\xff\"}}"})
    EXPECT_EQ(Json::parse(session.ask_text(question))["error"]["kind"], "input") << question;
}

}  // namespace
}  // namespace yore::api
