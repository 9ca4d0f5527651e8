// The whole claim of the compiler, measured: the suite, and random automata that pass the hybrid test,
// compiled, asked about every word to length 12 (at most two million), about 10,000 drawn ones and the
// witness strings to length 2,000, and proven to length 4,096. YORE_AUTOMATA=500 takes the full number (an
// hour); by default 20. Recurrences, of the suite and of the automata in the folder YORE_MLREGTEST, likewise,
// with words of 100,000 letters, proven for every length.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>

#include "yore/compiler/compile_language.h"
#include "yore/expressivity/random_languages.h"
#include "yore/inspection/verification.h"
#include "yore/inspection/verify.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

using expressivity::Answer;
using expressivity::Class;

constexpr int kLength = 2'000, kDrawn = 10'000;
constexpr std::int64_t kMostWords = 2'000'000;

/// What the compiled languages of a test had in common.
struct Totals {
  int languages = 0, blocks = 0, width = 0, states = 0;
  std::int64_t words = 0;
  double compile_seconds = 0;
  std::string text() const {
    return fmt::format(
        "{} languages of up to {} states: {} words, all right; at most {} blocks, width {}; verdict, "
        "formula, "
        "weights and proof took at most {:.4f} s",
        languages, states, words, blocks, width, compile_seconds);
  }
};

/// Compiles, proves and asks.
void check_whole(const automata::Dfa& dfa, const std::string& name, Totals& totals) {
  const auto start = std::chrono::steady_clock::now();
  const expressivity::Classification verdict = expressivity::classify(dfa);
  const compiler::Compiled c = compiler::compile_language(verdict, name, {});
  totals.compile_seconds =
      std::max(totals.compile_seconds,
               std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  ASSERT_TRUE(c.proof.proven) << name;
  ASSERT_EQ(c.proof.length, 4096) << name;
  const model::SavedRecogniser saved = model::recogniser_from_file(c.file, name);
  const Exhaustive all = verify_all(saved.model, dfa, 12, kMostWords);
  ASSERT_EQ(all.tally.wrong, 0) << name;
  ++totals.languages;
  const Tally some = verify_some(saved.model, dfa, kDrawn, kLength,
                                 static_cast<std::uint64_t>(totals.languages), witness_words(dfa, kLength));
  ASSERT_EQ(some.wrong, 0) << name;
  totals.words += all.tally.words + some.words;
  totals.blocks = std::max(totals.blocks, static_cast<int>(c.plan.blocks.size()));
  totals.width = std::max(totals.width, c.plan.width);
  totals.states = std::max(totals.states, static_cast<int>(dfa.states));
}

TEST(CompiledSlow, TheSuite) {
  Totals totals;
  for (const languages::NamedLanguage& named : languages::suite()) {
    const automata::Dfa dfa = named.dfa();
    expressivity::ClassifyOptions quick;
    quick.formulas = false;
    if (expressivity::classify(dfa, quick).of(Class::Hybrid).member != Answer::Yes) continue;
    ASSERT_NO_FATAL_FAILURE(check_whole(dfa, named.name, totals));
  }
  EXPECT_GT(totals.languages, 15);
  std::cout << totals.text() << "\n";
}

TEST(CompiledSlow, RandomAutomata) {
  const char* wanted = std::getenv("YORE_AUTOMATA");
  const int count = wanted != nullptr ? std::atoi(wanted) : 20;
  base::Random random(2026);
  Totals totals;
  for (std::int64_t tried = 0; totals.languages < count && tried < 100'000'000; ++tried) {
    const automata::Dfa dfa = expressivity::random_language(random, 3 + static_cast<int>(random.below(5)),
                                                            2 + static_cast<int>(random.below(2)));
    expressivity::ClassifyOptions quick;
    quick.formulas = false;
    quick.witness_depth = 0;
    quick.max_monoid = 1;
    if (dfa.states < 2 || expressivity::classify(dfa, quick).of(Class::Hybrid).member != Answer::Yes)
      continue;
    ASSERT_NO_FATAL_FAILURE(check_whole(dfa, fmt::format("random {}", totals.languages), totals));
    if (totals.languages % 20 == 0)
      std::cout << totals.languages << " automata, " << totals.words << " words" << std::endl;
  }
  ASSERT_EQ(totals.languages, count);
  std::cout << totals.text() << "\n";
}

// The automata of a folder, by their files' names.
std::vector<std::pair<std::string, automata::Dfa>> automata_of(const char* folder) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".att") files.insert(entry.path());
  std::vector<std::pair<std::string, automata::Dfa>> all;
  for (const std::filesystem::path& file : files)
    all.emplace_back(file.filename().string(), languages::read_language("dfa:" + file.string()).dfa);
  return all;
}

// A word of that many letters, drawn one by one; `undecided`: among those, where there are any, after which
// it still matters what follows.
Word long_word(const automata::Dfa& minimal, int length, bool undecided, base::Random& random) {
  const int letters = minimal.alphabet.size();
  const auto decided = [&](automata::State q) {
    for (logic::Symbol a = 0; a < letters; ++a)
      if (minimal.step(q, a) != q) return false;
    return true;
  };
  Word word;
  for (automata::State q = minimal.start; std::ssize(word) < length; q = minimal.step(q, word.back())) {
    std::vector<logic::Symbol> open;
    for (logic::Symbol a = 0; undecided && a < letters; ++a)
      if (!decided(minimal.step(q, a))) open.push_back(a);
    word.push_back(open.empty()
                       ? static_cast<logic::Symbol>(random.below(static_cast<std::uint64_t>(letters)))
                       : open[random.below(open.size())]);
  }
  return word;
}

class CompiledSlowRecurrences : public testing::TestWithParam<const char*> {};

TEST_P(CompiledSlowRecurrences, TheSuiteAndTheSample) {
  compiler::CompileOptions options;
  options.mixer = GetParam();
  const bool steps = compiler::find_target(options.mixer)->steps;
  std::vector<std::pair<std::string, automata::Dfa>> all;
  for (const languages::NamedLanguage& named : languages::suite()) all.emplace_back(named.name, named.dfa());
  if (const char* folder = std::getenv("YORE_MLREGTEST"))
    for (auto& automaton : automata_of(folder)) all.push_back(std::move(automaton));
  Totals totals;
  for (const auto& [name, dfa] : all) {
    const auto start = std::chrono::steady_clock::now();
    const expressivity::Classification verdict = expressivity::classify(dfa);
    if (!steps && verdict.of(Class::StarFree).member != Answer::Yes) continue;
    const compiler::Compiled c = compiler::compile_language(verdict, name, options);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    ASSERT_TRUE(c.proof.proven && c.proof.every_length) << name;
    const model::SavedRecogniser saved = model::recogniser_from_file(c.file, name);
    // The largest models, of dyck-4 and a few of the sample, would take hours: fewer words for them.
    const bool small = c.plan.parameters() < 100'000;
    const Exhaustive words = verify_all(saved.model, dfa, 12, small ? kMostWords : 2'000);
    ASSERT_EQ(words.tally.wrong, 0) << name;
    const Tally drawn = verify_some(saved.model, dfa, small ? kDrawn : 100, small ? 400 : 40, 1,
                                    inspection::witness_words(dfa, small ? 100'000 : 1'000));
    ASSERT_EQ(drawn.wrong, 0) << name;
    std::vector<Word> long_words;
    base::Random random(2);
    for (int i = 0; small && i < 4; ++i)
      long_words.push_back(long_word(verdict.dfa, 100'000 - i % 2, i < 3, random));
    const Tally longest = verify_some(saved.model, dfa, 0, 1, 2, long_words);
    ASSERT_EQ(longest.wrong, 0) << name;
    ++totals.languages;
    totals.words += words.tally.words + drawn.words + longest.words;
    totals.blocks = std::max(totals.blocks, static_cast<int>(c.plan.blocks.size()));
    totals.width = std::max(totals.width, c.plan.width);
    totals.states = std::max(totals.states, static_cast<int>(dfa.states));
    totals.compile_seconds = std::max(totals.compile_seconds, seconds.count());
    std::cout << options.mixer << ", " << name << ": " << words.tally.words + drawn.words + longest.words
              << " words" << std::endl;
  }
  EXPECT_GT(totals.languages, 25);
  std::cout << options.mixer << ": " << totals.text() << "\n";
}

INSTANTIATE_TEST_SUITE_P(Mixers, CompiledSlowRecurrences, testing::Values("gla", "gated_delta_net"),
                         [](const auto& mixer) { return std::string(mixer.param); });

}  // namespace
}  // namespace yore::inspection
