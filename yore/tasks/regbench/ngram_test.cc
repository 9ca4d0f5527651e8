#include "yore/tasks/regbench/ngram.h"

#include <gtest/gtest.h>

#include <string>

#include "yore/base/random.h"

namespace yore::tasks {
namespace {

// What comes after a prompt such as "ab|a".
std::vector<double> after(const std::string& text, int letters, int n) {
  InContextNgram model(letters, n);
  for (const char c : text) model.read(c == '|' ? letters : c - 'a');
  return model.predict();
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
}

TEST(InContextNgram, WorkedByHand) {
  // Letters alone: two a, one b.
  expect_near(after("ab|a", 3, 1), {2. / 3, 1. / 3, 0});
  // Context a has been reached twice, followed once, by b: 1/2. The other half backs off to a and c, which
  // have 2/3 and 0 among single letters.
  expect_near(after("ab|a", 3, 2), {1. / 2, 1. / 2, 0});
  // Context ab: c once in 2. The other half to a, b. Context b says the same of c, and shares its other half
  // among a, b by single letters, 2/5 and 2/5: evenly.
  expect_near(after("abc|ab", 3, 3), {1. / 4, 1. / 4, 1. / 2});
  // As before, but "bb" lies between: context b has been reached 4 times, followed by c once and by b once,
  // so that it gives b 1/4 and the half that is left to a. Of context ab's other half a gets 2/3, b 1/3.
  expect_near(after("abc|bb|ab", 3, 3), {1. / 3, 1. / 6, 1. / 2});
  // The start of a string is a context: reached 3 times, followed by a and by b; the rest is c's.
  expect_near(after("abc|bca|", 3, 3), {1. / 3, 1. / 3, 1. / 3});
  // Nothing but a has ever been read: it takes what is left.
  expect_near(after("aa", 3, 2), {1, 0, 0});
  expect_near(after("", 4, 3), {1. / 4, 1. / 4, 1. / 4, 1. / 4});
}

// The definition, by scanning the text: counts of `gram` as strings of letters and pads '_'.
double counted(const std::vector<std::string>& strings, const std::string& gram) {
  double count = 0;
  for (const std::string& s : strings)
    for (std::size_t i = 0; i + gram.size() <= s.size(); ++i) count += s.compare(i, gram.size(), gram) == 0;
  return count;
}

double by_definition(const std::vector<std::string>& strings, const std::string& context, char x,
                     int letters) {
  if (context.empty()) {
    double all = 0;
    for (int y = 0; y < letters; ++y) all += counted(strings, std::string(1, static_cast<char>('a' + y)));
    return counted(strings, std::string(1, x)) / all;
  }
  const double reached = counted(strings, context), followed = counted(strings, context + x);
  if (followed > 0) return followed / reached;
  double left = 1, lower = 0;
  for (int i = 0; i < letters; ++i) {
    const char y = static_cast<char>('a' + i);
    const double k = counted(strings, context + y);
    left -= k / reached;
    if (k == 0) lower += by_definition(strings, context.substr(1), y, letters);
  }
  return lower == 0 ? 0 : left * by_definition(strings, context.substr(1), x, letters) / lower;
}

TEST(InContextNgram, EqualsItsDefinition) {
  base::Random random(1);
  for (int n = 1; n <= 4; ++n)
    for (int round = 0; round < 12; ++round) {
      const int letters = 2 + static_cast<int>(random.below(3));
      InContextNgram model(letters, n);
      const std::string pads(static_cast<std::size_t>(n) - 1, '_');
      std::vector<std::string> strings = {pads};
      for (int i = 0; i < 40; ++i) {
        const auto token =
            static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(letters) + (i > 0)));
        model.read(token);
        if (token == letters)
          strings.push_back(pads);
        else
          strings.back() += static_cast<char>('a' + token);
        const std::string context = strings.back().substr(strings.back().size() - pads.size());
        std::vector<double> expected;
        double sum = 0;
        for (int x = 0; x < letters; ++x) {
          expected.push_back(by_definition(strings, context, static_cast<char>('a' + x), letters));
          sum += expected.back();
        }
        for (double& p : expected) p /= sum;
        expect_near(model.predict(), expected);
      }
    }
}

// Of an automaton that two letters determine, prompts of some length leave nothing to guess.
TEST(InContextNgram, LearnsWhatItsContextDetermines) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "abac";
  const std::vector<double> p = after(text + "ab", 4, 3);
  EXPECT_GT(p[0], 0.97);
  EXPECT_LT(after(text + "a", 4, 2)[1], 0.55) << "b and c are alike after a alone";
}

TEST(InContextNgram, OtherTokensAreRefused) {
  InContextNgram model(3, 2);
  EXPECT_THROW(model.read(4), std::invalid_argument);
  EXPECT_THROW(model.read(-1), std::invalid_argument);
  EXPECT_THROW(InContextNgram(3, 0), std::invalid_argument);
  EXPECT_THROW(InContextNgram(3, 9), std::invalid_argument);
}

}  // namespace
}  // namespace yore::tasks
