// Circuits as text and JSON, there and back, and every fault in them with its place.
#include "yore/circuits/circuit.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/circuits/evaluate.h"
#include "yore/circuits/random_circuit.h"

namespace yore::circuits {
namespace {

using base::refused;

Circuit parse(const std::string& text) {
  return parse_circuit(text, "test");
}

TEST(Number, ParsesExactly) {
  const std::pair<const char*, Rational> cases[] = {
      {"3", 3},          {"-3", -3},       {"+3", 3},         {"0.25", {1, 4}},
      {"-.5", {-1, 2}},  {"1e3", 1000},    {"25e-1", {5, 2}}, {"2/3", {2, 3}},
      {"-4/6", {-2, 3}}, {"+1/2", {1, 2}}, {"007", 7},
  };
  for (const auto& [text, value] : cases) EXPECT_EQ(parse_rational(text, "x"), value) << text;
  EXPECT_EQ(parse_rational("0.1", "x"), Rational(1, 10));
  for (const char* text :
       {"", "x", "1.", ".", "1e", "1/2/3", "1/-2", "nan", "0x10", "1 2", "e5", "--1", "+-1/2"})
    EXPECT_TRUE(refused([&] { parse_rational(text, "x"); }, "is no number")) << text;
  EXPECT_TRUE(refused([] { parse_rational("1/0", "x"); }, "divides by zero"));
  EXPECT_TRUE(refused([] { parse_rational("1e99999", "x"); }, "exponent"));
}

// glibc's strtod and strtof round decimals to nearest, ties to even.
TEST(Number, NearestIsWhatTheCLibraryReads) {
  base::Random random(1);
  for (int n = 0; n < 2000; ++n) {
    std::string text = random.below(2) == 0 ? "-" : "";
    for (std::uint64_t d = 1 + random.below(30); d > 0; --d)
      text += static_cast<char>('0' + random.below(10));
    text += "e" + std::to_string(static_cast<int>(random.below(60)) - 45);
    const Rational exact = parse_rational(text, "x");
    EXPECT_EQ(nearest<double>(exact), std::strtod(text.c_str(), nullptr)) << text;
    if (const float f = std::strtof(text.c_str(), nullptr); std::abs(f) > 1e-30F || f == 0) {
      EXPECT_EQ(nearest<float>(exact), f) << text;
    }
  }
  for (const char* text :
       {"9007199254740993", "16777217", "16777219", "4503599627370497.5", "0", "1.7976931348623157e308",
        "1.7976931348623158e308", "1.7976931348623159e308", "1e400", "-1e400", "3.4028236e38"}) {
    EXPECT_EQ(nearest<double>(parse_rational(text, "x")), std::strtod(text, nullptr)) << text;
    EXPECT_EQ(nearest<float>(parse_rational(text, "x")), std::strtof(text, nullptr)) << text;
  }
}

TEST(Circuit, ReadsTextInAnyOrder) {
  const Circuit c = parse(
      "# roots\nx4 = x3 + x1 + x1  # twice\nx3 = x1 * x2\n x1 = input\nx2=input\nx5 = sign( x4 )\n\n"
      "x6 = -2/3\nx7 = sum()\nx8 = x7\noutput x5, x8\r\noutput x6");
  EXPECT_EQ(c.gates.size(), 8U);
  EXPECT_EQ(c.depth(), 3);
  EXPECT_EQ(c.edges(), 7);
  EXPECT_EQ(c.outputs, (std::vector<int>{4, 7, 5}));
  const std::vector<Rational> v = evaluate<Rational>(c, {2, Rational(-1, 2)}, "test");
  EXPECT_EQ(v, (std::vector<Rational>{3, -1, 2, Rational(-1, 2), 1, Rational(-2, 3), 0, 0}));
}

TEST(Circuit, BothFormsSayTheSame) {
  base::Random random(3);
  for (int n = 0; n < 50; ++n) {
    const Circuit c = random_circuit(random, {.depth = 1 + n % 5, .gates = 20});
    EXPECT_EQ(c.depth(), 1 + n % 5);
    const std::string text = to_text(c), json = to_json(c).dump();
    EXPECT_EQ(to_text(parse(text)), text);
    EXPECT_EQ(to_text(parse(json)), text);
    EXPECT_EQ(to_json(parse(text)).dump(), json);
  }
}

TEST(Circuit, RefusesTextWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"x1 = x2\nx2 = x1\noutput x1", "a cycle: x"},
      {"x1 = x1 + x1\noutput x1", "x1 needs x1"},
      {"x1 = input\nx2 = x1 * x1 * x1\noutput x2", "a product takes 2 inputs"},
      {"x1 = input\nx2 = x1 + x9\noutput x2", "there is no gate x9"},
      {"x1 = input\noutput x3", "there is no gate x3"},
      {"x1 = input\nx1 = 3\noutput x1", "x1 is defined twice"},
      {"x1 = input\nx2 = x1 / x1\noutput x2", "division is no gate"},
      {"x1 = input\nx2 = x1 - x1\noutput x2", "subtraction is no gate"},
      {"x1 = input\nx2 = x1 + x1 * x1\noutput x2", "not both"},
      {"x1 = 1/0\noutput x1", "divides by zero"},
      {"x94906265 = input\noutput x94906265", "expected 0 to 94906264"},
      {"x99999999999999999999 = input\noutput x1", "within 2^53"},
      {"x1 = input", "no outputs"},
      {"x1 = inputs\noutput x1", "expected input"},
      {"x1 = sign(x1, x1)\noutput x1", "a sign takes 1 input, found 2"},
      {"y1 = input", "expected a gate such as x3"},
      {"x = input", "expected the id"},
      {"x01 = input", "leading zeros"},
      {"x1 input", "expected ="},
      {"x1 = input x2 = input", "end of the line"},
      {"", "no outputs"},
  };
  for (const auto& [text, part] : cases) EXPECT_TRUE(refused([&text = text] { parse(text); }, part)) << text;
  // The caret stands under the place.
  EXPECT_TRUE(refused([&] { parse("x1 = input\nx2 = x1 / x1\noutput x2"); }, "x2 = x1 / x1\n"));
}

TEST(Circuit, RefusesJsonWithItsPath) {
  const auto circuit = [](const std::string& gate) {
    return R"({"gates": [{"id": 1, "op": "input"}, )" + gate + R"(], "outputs": [1]})";
  };
  const std::pair<std::string, const char*> cases[] = {
      {circuit(R"({"id": 2, "op": "product", "inputs": [1]})"),
       "gates[1]: x2: a product takes 2 inputs, found 1"},
      {circuit(R"({"id": 2, "op": "sum", "inputs": [1, 7]})"), "gates[1].inputs[1]: there is no gate x7"},
      {circuit(R"({"id": 2, "op": "sum", "inputs": [2]})"), "a cycle: x2 needs x2"},
      {circuit(R"({"id": 1, "op": "input"})"), "gates[1]: gate x1 is defined twice"},
      {circuit(R"({"id": 2, "op": "division", "inputs": [1, 1]})"), "gates[1].op: division is no gate"},
      {circuit(R"({"id": 2, "op": "sun", "inputs": [1, 1]})"), "gates[1].op: expected one of input"},
      {circuit(R"({"id": 9007199254740993, "op": "input"})"), "within 2^53"},
      {circuit(R"({"id": 18446744073709551615, "op": "input"})"), "gates[1].id: expected the id"},
      {circuit(R"({"id": 2.5, "op": "input"})"), "gates[1].id: expected the id"},
      {circuit(R"({"id": -1, "op": "input"})"), "id -1: expected 0 to"},
      {circuit(R"({"id": 2, "op": "constant", "value": 0.1})"), "would be rounded"},
      {circuit(R"({"id": 2, "op": "constant", "value": "1/0"})"), "divides by zero"},
      {circuit(R"({"id": 2, "op": "constant"})"), "constants have a value"},
      {circuit(R"({"id": 2, "op": "input", "inputs": [1]})"), "has no inputs"},
      {circuit(R"({"id": 2, "op": "input", "name": "a"})"), "unknown key name"},
      {R"({"gates": []})", "expected a list outputs"},
      {R"({"gates": [{"id": 1, "op": "input"}], "outputs": [2]})", "outputs[0]: there is no gate x2"},
      {R"({"gates": [{"id": 1, "op": "input"}], "outputs": []})", "no outputs"},
  };
  for (const auto& [text, part] : cases) EXPECT_TRUE(refused([&text = text] { parse(text); }, part)) << text;
}

TEST(Circuit, ConstantsAreBoundedInAll) {
  std::string text = "output x0\n", json = R"({"outputs": [0], "gates": [)";
  for (int g = 0; g < 9000; ++g) {
    text += "x" + std::to_string(g) + " = 1e9999\n";
    json += R"({"op": "constant", "value": "1e9999", "id": )" + std::to_string(g) + "},";
  }
  json.back() = ']';
  const std::string part = "the constants up to here are longer than 268435456 bits in all";
  EXPECT_TRUE(refused([&] { parse(text); }, part));
  EXPECT_TRUE(refused([&] { parse(json + "}"); }, "].value: " + part));
}

TEST(Circuit, OverflowNamesItsGate) {
  std::string text = "x0 = input\n";
  for (int g = 1; g <= 40; ++g)
    text += "x" + std::to_string(g) + " = x" + std::to_string(g - 1) + " * x" + std::to_string(g - 1) + "\n";
  const Circuit c = parse(text + "output x40");
  EXPECT_TRUE(refused([&] { evaluate<Rational>(c, {3}, "test"); }, "overflow at x20 = x19 * x19"));
  EXPECT_TRUE(refused([&] { evaluate<double>(c, {2}, "test"); }, "overflow at x10 = x9 * x9"));
  EXPECT_TRUE(refused([&] { evaluate<float>(c, {2}, "test"); }, "overflow at x7 = x6 * x6"));
}

// The number of circuits of n gates, counted by hand for n = 1 and 2: 4 leaves; 10 pairs of leaves, and on
// each leaf its sum, sign and square.
TEST(RandomCircuit, EnumerationIsComplete) {
  const auto count = [](int gates) {
    int n = 0;
    each_circuit(gates, [&](const Circuit&) { return ++n > 0; });
    return n;
  };
  EXPECT_EQ(count(1), 4);
  EXPECT_EQ(count(2), 10 + 4 * 3);
  EXPECT_EQ(count(3), 20 + 10 * (3 + 3 + 2) + 4 * 3 * (3 + 3 + 2));
}

}  // namespace
}  // namespace yore::circuits
