// The whole claim of the compiler, measured: random automata that pass the hybrid test, compiled, asked about
// every word to length 12 (at most two million), about 10,000 drawn ones and the witness strings to length
// 2,000, and proven to length 4,096. YORE_AUTOMATA=500 takes the full number (an hour); by default 20.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "yore/expressivity/random_languages.h"
#include "yore/inspection/verify.h"
#include "yore/model/checkpoint.h"
#include "yore/study/compiled.h"

namespace yore::inspection {
namespace {

using expressivity::Answer;
using expressivity::Class;

constexpr int kLength = 2'000, kDrawn = 10'000;
constexpr std::int64_t kMostWords = 2'000'000;

std::vector<Word> witness_words(const expressivity::Classification& verdict) {
  std::vector<Word> words;
  for (const expressivity::ClassVerdict& v : verdict.classes) {
    if (!v.witness) continue;
    for (int n = 1;; n *= 2) {
      auto [a, b] = expressivity::witness_strings(*v.witness, n);
      if (std::max(a.size(), b.size()) > kLength) break;
      words.push_back(std::move(a));
      words.push_back(std::move(b));
    }
  }
  return words;
}

TEST(CompiledSlow, RandomAutomata) {
  const char* wanted = std::getenv("YORE_AUTOMATA");
  const int count = wanted != nullptr ? std::atoi(wanted) : 20;
  base::Random random(2026);
  int done = 0, blocks = 0, width = 0, states = 0;
  std::int64_t words = 0;
  double compile_seconds = 0;
  for (std::int64_t tried = 0; done < count && tried < 100'000'000; ++tried) {
    const automata::Dfa dfa = expressivity::random_language(random, 3 + static_cast<int>(random.below(5)),
                                                            2 + static_cast<int>(random.below(2)));
    expressivity::ClassifyOptions quick;
    quick.formulas = false;
    quick.witness_depth = 0;
    quick.max_monoid = 1;
    if (dfa.states < 2 || expressivity::classify(dfa, quick).of(Class::Hybrid).member != Answer::Yes)
      continue;
    ++done;
    const auto start = std::chrono::steady_clock::now();
    const expressivity::Classification verdict = expressivity::classify(dfa);
    const compiler::Compiled c = study::compile_language(verdict, "random", {});
    compile_seconds = std::max(
        compile_seconds, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    ASSERT_TRUE(c.proof.proven);
    ASSERT_EQ(c.proof.length, 4096);
    const model::SavedModel saved = model::from_file(c.file, "random");
    const Exhaustive all = verify_all(saved.model, dfa, 12, kMostWords);
    ASSERT_EQ(all.tally.wrong, 0) << done;
    const Tally some = verify_some(saved.model, dfa, kDrawn, kLength, static_cast<std::uint64_t>(done),
                                   witness_words(verdict));
    ASSERT_EQ(some.wrong, 0) << done;
    words += all.tally.words + some.words;
    blocks = std::max(blocks, static_cast<int>(c.plan.blocks.size()));
    width = std::max(width, c.plan.width);
    states = std::max(states, static_cast<int>(dfa.states));
    if (done % 20 == 0) std::cout << done << " automata, " << words << " words" << std::endl;
  }
  ASSERT_EQ(done, count);
  std::cout << done << " automata of up to " << states << " states: " << words
            << " words, all right; at most " << blocks << " blocks, width " << width
            << "; verdict, formula, weights and proof took at most " << compile_seconds << " s\n";
}

}  // namespace
}  // namespace yore::inspection
