#include "yore/base/options.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"

namespace yore::base {
namespace {

// One option of every type.
const std::vector<OptionSpec>& specs() {
  static const std::vector<OptionSpec> all = {
      {"strict", true, "a mask"},
      {"window", 64, "keys"},
      {"decay", 0.5, "a rate"},
      {"head_width", 0, "numbers"},
      {"rule", "softmax", "a name"},
      {"lengths", Json::array({"1-2"}), "ranges"},
      {"anything", nullptr, "of any type"},
  };
  return all;
}

Json parse(const std::string& text) {
  return parse_options(text, specs(), "thing x");
}

TEST(Options, TextIsReadByTheTypeOfTheFallback) {
  EXPECT_EQ(parse(""), Json::object());
  EXPECT_EQ(parse("window=8"), (Json{{"window", 8}}));
  EXPECT_EQ(parse("window=8,strict=false,decay=1e-3,rule=a=b"),
            (Json{{"window", 8}, {"strict", false}, {"decay", 1e-3}, {"rule", "a=b"}}));
  EXPECT_EQ(parse("strict"), (Json{{"strict", true}})) << "a name alone is true";
  EXPECT_EQ(parse("head-width=3"), (Json{{"head_width", 3}})) << "dashes are underscores";
  EXPECT_EQ(parse("rule=7"), (Json{{"rule", "7"}})) << "a text stays a text";
  EXPECT_EQ(parse("rule="), (Json{{"rule", ""}}));
  EXPECT_EQ(parse("decay=2"), (Json{{"decay", 2}})) << "a whole number is a number";
}

TEST(Options, AListKeepsItsCommas) {
  EXPECT_EQ(parse(R"(lengths=["1-2","3-4"],window=1)"), (Json{{"lengths", {"1-2", "3-4"}}, {"window", 1}}));
  EXPECT_EQ(parse("lengths=[64:8,1-2]"), (Json{{"lengths", {"64:8", "1-2"}}})) << "without quotes";
  EXPECT_EQ(parse("lengths=[[1,2],[3]]"), (Json{{"lengths", {{1, 2}, Json::array({3})}}}));
}

TEST(Options, WithoutAFallbackAnyValueWillDo) {
  EXPECT_EQ(parse("anything=3"), (Json{{"anything", 3}}));
  EXPECT_EQ(parse("anything=abc"), (Json{{"anything", "abc"}}));
}

TEST(Options, WhatCannotBeMeantIsRefused) {
  EXPECT_TRUE(refused([] { parse("windwo=8"); }, "thing x: unknown option \"windwo\"; did you mean window?"));
  EXPECT_TRUE(refused([] { parse("qqqqqqq=8"); }, "there are strict, window, decay"));
  EXPECT_TRUE(refused([] { parse("window=8,window=9"); }, "window is given twice"));
  EXPECT_TRUE(refused([] { parse("head-width=8,head_width=9"); }, "head_width is given twice"));
  EXPECT_TRUE(refused([] { parse("window=eight"); }, "window: expected a whole number, found \"eight\""));
  EXPECT_TRUE(refused([] { parse("window=8.5"); }, "window: expected a whole number, found 8.5"));
  EXPECT_TRUE(refused([] { parse("window"); }, "window: expected a whole number, found true"));
  EXPECT_TRUE(refused([] { parse("strict=1"); }, "strict: expected true or false, found 1"));
  EXPECT_TRUE(refused([] { parse("decay=\"1\""); }, "decay: expected a number"));
  EXPECT_TRUE(refused([] { parse("lengths=1"); }, "lengths: expected a list, [A,B], found 1"));
  for (const char* list : {"[1-2,]", "[,1-2]", "[1-2,,3-4]", "[,]"})
    EXPECT_TRUE(refused([&] { parse(std::string("lengths=") + list); }, "lengths: expected a list, [A,B]"));
  for (const char* large : {"9223372036854775808", "18446744073709551615"})
    EXPECT_TRUE(refused([&] { parse(std::string("window=") + large); }, "window: expected a whole number"));
  const std::string deep = std::string(60'000, '[') + std::string(60'000, ']');
  EXPECT_TRUE(refused([&] { parse("anything=" + deep); }, "more than 256 JSON lists"));
  EXPECT_TRUE(refused([] { parse("window=8,"); }, "expected an option after the comma"));
  EXPECT_TRUE(refused([] { parse_options("a=1", {}, "thing y"); }, "thing y: takes no options, found \"a\""));
}

TEST(Options, ACaretStandsUnderTheSecondOfTwo) {
  try {
    parse("window=8,window=9");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_EQ(error.source(), "thing x");
    EXPECT_EQ(error.position(), std::optional<std::size_t>(9));
  }
}

TEST(Options, CompletedInTheOrderOfTheList) {
  const Json all = complete_options({{"rule", "sum"}, {"strict", false}}, specs(), "thing x");
  EXPECT_EQ(all.dump(),
            R"({"strict":false,"window":64,"decay":0.5,"head_width":0,"rule":"sum","lengths":["1-2"],)"
            R"("anything":null})");
  EXPECT_EQ(complete_options(all, specs(), "thing x").dump(), all.dump());
  EXPECT_EQ(complete_options({{"anything", {1, 2}}}, specs(), "x")["anything"], (Json{1, 2}));
}

TEST(Options, CompletingRefusesAsReadingDoes) {
  const auto complete = [](const Json& given) { complete_options(given, specs(), "thing x"); };
  EXPECT_TRUE(refused(
      [&] {
        complete({{"windows", 1}});
      },
      "unknown option \"windows\"; did you mean window?"));
  EXPECT_TRUE(refused([&] { complete({{"window", "1"}}); }, "window: expected a whole number, found \"1\""));
  EXPECT_TRUE(refused([&] { complete({{"window", nullptr}}); }, "window: expected a whole number"));
  EXPECT_TRUE(refused([&] { complete({{"rule", 1}}); }, "rule: expected a text, found 1"));
  EXPECT_TRUE(refused([&] { complete(Json::array()); }, "expected an object of options, found []"));
  const std::string message = refusal<InputError>([&] { complete({{"window", std::string(500, 'x')}}); });
  EXPECT_LT(message.size(), 150u) << "a long value is cut";
}

TEST(Options, AreFoundByName) {
  EXPECT_EQ(find_option("decay", specs(), "x").help, "a rate");
  EXPECT_TRUE(refused([] { find_option("dacay", specs(), "x"); }, "did you mean decay?"));
}

}  // namespace
}  // namespace yore::base
