// What the compiler proves of its weights "in float32 arithmetic of any order" must hold in another program's
// arithmetic too: ONNX Runtime on exported compiled models, judged by the automaton and the proof's bounds.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <limits>

#include "tests/onnx_runtime.h"
#include "yore/automata/sampler.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/random.h"
#include "yore/base/test_scratch.h"
#include "yore/compiler/compile_language.h"
#include "yore/expressivity/random_languages.h"
#include "yore/languages/language.h"
#include "yore/onnx/onnx.h"

namespace yore::onnx {
namespace {

using compiler::CompileOptions;
using compiler::Encoding;
using compiler::Once;

constexpr int kLongest = 300;

std::vector<CompileOptions> schemes() {
  std::vector<CompileOptions> list;
  for (const Encoding encoding : {Encoding::ZeroOne, Encoding::PlusMinus})
    for (const Once once : {Once::Sharp, Once::Uniform}) {
      CompileOptions options;
      options.encoding = encoding;
      options.once = once;
      // What uniform heads under a norm can be proven for is short.
      options.length = encoding == Encoding::PlusMinus && once == Once::Uniform ? 24 : kLongest;
      list.push_back(options);
    }
  return list;
}

/// All short words, and longer ones on both sides of the language.
std::vector<logic::Word> some_words(const automata::Dfa& dfa) {
  constexpr std::size_t kShort = 200;
  const int letters = dfa.alphabet.size();
  std::vector<logic::Word> words = {{}};
  for (std::size_t i = 0; words.size() < kShort; ++i)
    for (int a = 0; a < letters; ++a) {
      words.push_back(words[i]);
      words.back().push_back(static_cast<logic::Symbol>(a));
    }
  automata::Dfa complement = dfa;
  for (auto&& accepting : complement.accepting) accepting = !accepting;
  const automata::WordSampler in(dfa, kLongest), out(complement, kLongest);
  base::Random random(5);
  for (const int length : {11, 12, 23, 24, 39, 40, kLongest - 1, kLongest})
    for (const automata::WordSampler* side : {&in, &out})
      for (int i = 0; i < 3; ++i)
        if (const auto word = side->draw(length, random)) words.push_back(*word);
  return words;
}

/// Recurrences with what the suite has beyond attention: star-free by latches, regular by delta steps.
std::vector<CompileOptions> recurrences() {
  std::vector<CompileOptions> list;
  for (const compiler::Target& target : compiler::recurrent_targets()) {
    CompileOptions options;
    options.mixer = target.mixer;
    options.length = kLongest;
    list.push_back(options);
  }
  return list;
}

/// The suite under every scheme, and random automata that pass the hybrid test, as compiled by default.
struct Subject {
  std::string name;
  automata::Dfa dfa;
  std::vector<CompileOptions> schemes;
  int period = 1;  ///< of the positions
};

std::vector<Subject> subjects() {
  std::vector<Subject> list;
  for (const languages::NamedLanguage& named : languages::suite())
    list.push_back({named.name, named.dfa(), schemes()});
  const char* wanted = std::getenv("YORE_AUTOMATA");  // as in inspection/compiled_slow_test.cc
  const std::size_t all = list.size() + (wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 10);
  base::Random random(77);
  expressivity::ClassifyOptions quick;
  quick.formulas = false;
  quick.witness_depth = 0;
  quick.max_monoid = 1;
  while (list.size() < all) {
    const automata::Dfa dfa = expressivity::random_language(random, 3 + static_cast<int>(random.below(5)),
                                                            2 + static_cast<int>(random.below(2)));
    if (dfa.states > 1 && expressivity::classify(dfa, quick).of(expressivity::Class::Hybrid).member ==
                              expressivity::Answer::Yes)
      list.push_back({"random-" + std::to_string(list.size()), dfa, {CompileOptions{}}});
  }
  return list;
}

void expect_verdicts(const std::vector<Subject>& all,
                     const std::function<bool(const std::string&)>& may_refuse) {
  const base::Scratch scratch;
  int models = 0;
  std::size_t verdicts = 0, accepted = 0;
  for (const auto& [name, dfa, options_of, period] : all) {
    expressivity::ClassifyOptions classify;
    classify.period = period;
    const expressivity::Classification verdict = expressivity::classify(dfa, classify);
    std::vector<compiler::Compiled> compiled;
    std::vector<std::string> files;
    for (const CompileOptions& options : options_of) {
      try {
        compiled.push_back(compiler::compile_language(verdict, name, options));
      } catch (const base::InputError& e) {
        ASSERT_TRUE(may_refuse(e.source())) << e.what();
        continue;
      }
      files.push_back(scratch / (name + std::to_string(compiled.size()) + ".onnx"));
      base::write_file(files.back(), to_onnx(compiled.back().file));
    }
    if (files.empty()) continue;
    const std::vector<logic::Word> words = some_words(dfa);
    std::string rows;
    for (std::size_t w = 0; w < words.size(); ++w) {
      std::vector<std::int32_t> tokens(words[w].begin(), words[w].end());
      tokens.push_back(dfa.alphabet.size());
      rows += row(tokens) + (w % 64 == 63 ? "\n" : "");
    }
    const auto answer = ask_runtime(files, rows);
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const std::vector<double> logits = logits_of(answer);
    ASSERT_EQ(logits.size(), files.size() * words.size());
    for (std::size_t m = 0; m < files.size(); ++m) {
      const compiler::Compiled& c = compiled[m];
      ++models;
      for (std::size_t w = 0; w < words.size(); ++w) {
        if (static_cast<std::int64_t>(words[w].size()) > c.plan.options.length) continue;
        const double logit = logits[m * words.size() + w];
        const bool member = dfa.accepts(words[w]);
        EXPECT_TRUE(member ? logit >= c.proof.least_accepting : logit <= c.proof.largest_rejecting)
            << name << ", " << c.plan.options.mixer << ", " << compiler::name(c.plan.options.encoding) << " "
            << compiler::name(c.plan.options.once) << ", word " << w << " of " << words[w].size()
            << " letters: " << logit << ", proven " << c.proof.least_accepting << " and "
            << c.proof.largest_rejecting;
        ++verdicts;
        accepted += member;
      }
    }
  }
  std::printf("%d compiled models, %zu verdicts, %zu of them accept\n", models, verdicts, accepted);
  EXPECT_GE(models, 30);
  EXPECT_GT(accepted, verdicts / 10);
}

TEST(OnnxRuntime, GivesTheVerdictsThatTheCompilerProves) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  // Margins may be too small to prove, and some are beyond attention.
  expect_verdicts(subjects(), [](const std::string& what) { return what == "length" || what == "language"; });
}

TEST(OnnxRuntime, GivesTheVerdictsOfCompiledRecurrences) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  std::vector<Subject> list;
  for (const char* name : {"dyck-2", "rdp-1", "even-pairs", "first-bb", "ab-star", "aa-star", "parity",
                           "modular-sum-5", "cycle-navigation", "tomita-3"})
    list.push_back({name, languages::find_named(name).dfa(), recurrences()});
  expect_verdicts(list, [](const std::string& what) { return what == "language"; });  // not star-free
}

TEST(OnnxRuntime, GivesTheVerdictsOfCompiledPositions) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  std::vector<Subject> list;
  std::vector<CompileOptions> all = schemes(), latches = recurrences();
  all.insert(all.end(), latches.begin(), latches.end());
  for (const auto& [regex, period] : {std::pair{"(..)*", 2}, {"(.(a|b))*c?", 2}, {"(...)*a", 3}})
    list.push_back({fmt::format("modulo-{}-{}", period, list.size()),
                    languages::read_language(regex, "abc").dfa, all, period});
  base::Random random(78);
  while (list.size() < 12) {
    const int period = 2 + static_cast<int>(random.below(3));
    list.push_back({fmt::format("modulo-{}-{}", period, list.size()),
                    expressivity::random_phased_language(random, 3, period, 2, list.size() % 2 == 0),
                    {CompileOptions{}, latches[0], latches[1]},
                    period});
  }
  expect_verdicts(list, [](const std::string& what) { return what == "length" || what == "language"; });
}

}  // namespace
}  // namespace yore::onnx
