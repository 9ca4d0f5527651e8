#include "yore/compiler/verified.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"

namespace yore::compiler {
namespace {

using base::InputError;
using base::Json;
using base::refusal;

// As `yore verify --json` printed it of a right model, and of a wrong one.
constexpr const char* kRight =
    R"({"proof":{"formula_is_the_language":true,"proven":true,"length":4096,"error":0.00049,)"
    R"("least_accepting_logit":4.0,"largest_rejecting_logit":-4.0},)"
    R"("exhaustive":{"words":2047,"wrong":0,"accuracy":1.0,"shortest_wrong":null,"least_accepting_logit":4.0,)"
    R"("largest_rejecting_logit":null,"length":10,"right_to_length":10},)"
    R"("drawn":{"words":140,"wrong":0,"accuracy":1.0,"shortest_wrong":null,"least_accepting_logit":4.0,)"
    R"("largest_rejecting_logit":-4.0,"length":300,"witness_strings":40},"right":true})";
constexpr const char* kWrong =
    R"({"proof":{"formula_is_the_language":false,"difference":"aa","proven":false,"length":9,"error":0.3,)"
    R"("failure":"stage 2","longest_proven":7},)"
    R"("exhaustive":{"words":8,"wrong":2,"accuracy":0.75,"shortest_wrong":"","least_accepting_logit":null,)"
    R"("largest_rejecting_logit":-1.5,"length":2,"right_to_length":-1},)"
    R"("drawn":{"words":0,"wrong":0,"accuracy":1.0,"shortest_wrong":null,"least_accepting_logit":null,)"
    R"("largest_rejecting_logit":null,"length":60,"witness_strings":0,"leaves_the_automaton_at":"aa"},)"
    R"("right":false})";

TEST(Verified, IsTheSameAsJsonAndBack) {
  for (const char* text : {kRight, kWrong})
    EXPECT_EQ(to_json(verified_from_json(Json::parse(text), "verify.json")).dump(), text);
}

TEST(Verified, ReadsEveryValue) {
  const Verified right = verified_from_json(Json::parse(kRight), ""),
                 wrong = verified_from_json(Json::parse(kWrong), "");
  EXPECT_TRUE(right.right());
  EXPECT_FALSE(wrong.right());
  EXPECT_EQ(right.exhaustive.words, 2047);
  EXPECT_EQ(right.exhaustive.largest_rejecting_logit, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(right.drawn.witness_strings, 40);
  EXPECT_EQ(right.proof->length, 4096);
  EXPECT_EQ(wrong.proof->difference, "aa");
  EXPECT_EQ(wrong.proof->longest_proven, 7);
  EXPECT_EQ(wrong.exhaustive.shortest_wrong, "") << "the empty word";
  EXPECT_EQ(wrong.exhaustive.accuracy(), 0.75);
  EXPECT_EQ(wrong.drawn.leaves_the_automaton_at, "aa");
}

TEST(Verified, OneWrongThingMakesItWrong) {
  const auto with = [](void (*change)(Verified&)) {
    Verified v = verified_from_json(Json::parse(kRight), "");
    change(v);
    return v.right();
  };
  EXPECT_TRUE(with([](Verified& v) { v.proof.reset(); })) << "a trained model has none";
  EXPECT_FALSE(with([](Verified& v) { v.proof->proven = false; }));
  EXPECT_FALSE(with([](Verified& v) { v.proof->formula_is_the_language = false; }));
  EXPECT_FALSE(with([](Verified& v) { v.exhaustive.wrong = 1; }));
  EXPECT_FALSE(with([](Verified& v) { v.drawn.wrong = 1; }));
}

TEST(Verified, RefusesWhatItIsNotAndSaysWhere) {
  const auto refused = [](const std::string& key, const Json& value) {
    Json json = Json::parse(kRight);
    const Json::json_pointer at(key);
    if (value.is_discarded())
      json[at.parent_pointer()].erase(at.back());
    else
      json[at] = value;
    return refusal<InputError>([&] { verified_from_json(json, "v.json"); });
  };
  const Json nothing(Json::value_t::discarded);
  EXPECT_EQ(refused("/drawn", nothing), "v.json: drawn: missing");
  EXPECT_EQ(refused("/exhaustive/words", nothing), "v.json: exhaustive.words: missing");
  EXPECT_EQ(refused("/exhaustive", 3), "v.json: exhaustive: expected an object, found 3");
  EXPECT_EQ(refused("/proof/proven", "yes"), "v.json: proof.proven: expected true or false, found \"yes\"");
  EXPECT_NE(refused("/drawn/words", 1.5), "");
  EXPECT_NE(refused("/right", false), "") << "nothing in it is wrong";
  EXPECT_NE(refusal<InputError>([] { verified_from_json(Json::array(), "v.json"); }), "");
}

}  // namespace
}  // namespace yore::compiler
