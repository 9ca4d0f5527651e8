// Going on from a state: full = any chunking = step by step; saved, restored, rolled back.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include "yore/kernels/targets.h"
#include "yore/mixers/conformance/support.h"

namespace yore::mixers::conformance {
namespace {

class States : public Conformance {};
INSTANTIATE_TEST_SUITE_P(Mixers, States, testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

Fenced outputs_of(const Mechanism& mechanism, std::int64_t tokens) {
  return Fenced(output_width(mechanism) * static_cast<std::size_t>(tokens));
}

/// A sequence's tokens first .. end - 1 through `state`, which holds this one sequence.
Fenced feed(const Mechanism& mechanism, State& state, const Inputs& in, std::int64_t first,
            std::int64_t end) {
  Fenced out = outputs_of(mechanism, end - first);
  const Inputs part = in.tokens(mechanism, first, end);
  mechanism.advance(state, packed({end - first}), part.pointers(), out.data(), 1);
  EXPECT_TRUE(out.intact()) << mechanism.name();
  return out;
}

TEST_P(States, AnyCutsGiveTheWhole) {
  double most = 0;
  base::Random random(11);
  const std::int64_t tokens = 220;
  for (const auto& mechanism : all_mechanisms()) {
    if (mechanism->extreme()) continue;
    const Inputs in(*mechanism, tokens, 1);
    const Fenced whole =
        run(*mechanism, packed({tokens}), in, random_cotangent(*mechanism, tokens, 2), 1).out;
    Worst worst;
    // Step by step; around the block of 64; at random, with empty pieces.
    for (const std::vector<std::int64_t>& pattern :
         {std::vector<std::int64_t>{1}, {0, 1, 2, 3}, {63}, {64}, {65}, {127, 1, 4}, {}, {}, {}}) {
      const auto state = mechanism->start(1, 0);
      std::int64_t at = 0;
      for (std::size_t n = 0; at < tokens; ++n) {
        const std::int64_t piece =
            pattern.empty() ? static_cast<std::int64_t>(random.uniform() * 40) : pattern[n % pattern.size()];
        const std::int64_t end = std::min(tokens, at + piece);
        const Fenced out = feed(*mechanism, *state, in, at, end);
        for (std::size_t i = 0; i < out.size(); ++i)
          worst.see(std::abs(out[i] - whole[static_cast<std::size_t>(at) * output_width(*mechanism) + i]),
                    2 * mechanism->value_error(tokens), fmt::format("pieces from {}, number {}", at, i));
        at = end;
        ASSERT_EQ(state->length(0), at);
      }
    }
    EXPECT_LE(worst.ratio, 1) << mechanism->name() << ": " << worst.where;
    most = std::max(most, worst.ratio);
  }
  std::cout << "  measured/allowed: " << most << "\n";
}

TEST_P(States, SequencesOfABatchGoAtTheirOwnPace) {
  const std::vector<std::vector<std::int64_t>> rounds = {
      {5, 0, 70}, {1, 1, 1}, {0, 90, 2}, {64, 3, 0}, {1, 0, 1}};
  for (const auto& mechanism : all_mechanisms()) {
    const auto together = mechanism->start(3, 0);
    std::vector<std::unique_ptr<State>> alone;
    for (int b = 0; b < 3; ++b) alone.push_back(mechanism->start(1, 0));
    std::uint64_t seed = 20;
    for (const auto& lengths : rounds) {
      const Packed tokens = packed(lengths);
      Inputs in(*mechanism, tokens.tokens(), ++seed);
      Fenced out = outputs_of(*mechanism, tokens.tokens());
      mechanism->advance(*together, tokens, in.pointers(), out.data(), 2);
      EXPECT_TRUE(out.intact());
      for (std::size_t b = 0; b < 3; ++b) {
        const Fenced single = feed(*mechanism, *alone[b], in, tokens.starts[b], tokens.starts[b + 1]);
        EXPECT_EQ(0, single.size() == 0
                         ? 0
                         : std::memcmp(single.data(),
                                       out.data() + static_cast<std::size_t>(tokens.starts[b]) *
                                                        output_width(*mechanism),
                                       single.size() * sizeof(float)))
            << mechanism->name() << ", sequence " << b;
        EXPECT_EQ(together->length(static_cast<std::int64_t>(b)), alone[b]->length(0));
      }
    }
  }
}

TEST_P(States, SavedAndRestoredGoesOnAsIfNothingHadHappened) {
  const std::int64_t tokens = 160;
  for (const auto& mechanism : all_mechanisms())
    for (std::int64_t cut : {0, 1, 40, 100}) {
      const Inputs in(*mechanism, tokens, 31);
      const auto first = mechanism->start(1, 0);
      feed(*mechanism, *first, in, 0, cut);
      const std::vector<std::byte> saved = first->save();
      const auto copy = first->clone(), second = mechanism->start(1, 0);
      feed(*mechanism, *second, in, 5, 9);  // what it held before must not matter
      second->restore(saved);
      EXPECT_EQ(second->length(0), cut);
      const Fenced uninterrupted = feed(*mechanism, *first, in, cut, tokens);
      EXPECT_TRUE(uninterrupted == feed(*mechanism, *second, in, cut, tokens))
          << mechanism->name() << ", cut " << cut;
      EXPECT_TRUE(uninterrupted == feed(*mechanism, *copy, in, cut, tokens))
          << mechanism->name() << ", cut " << cut;
      // Broken bytes are refused and change nothing.
      std::vector<std::byte> broken = saved;
      broken.resize(saved.size() - 1);
      EXPECT_THROW(second->restore(broken), std::invalid_argument);
      broken = saved;
      broken.push_back(std::byte{0});
      EXPECT_THROW(second->restore(broken), std::invalid_argument);
      broken = saved;
      broken[0] = ~broken[0];
      EXPECT_THROW(second->restore(broken), std::invalid_argument);
      EXPECT_THROW(second->restore({}), std::invalid_argument);
      EXPECT_EQ(second->length(0), tokens);
      EXPECT_EQ(second->save(), first->save()) << mechanism->name();
    }
}

TEST_P(States, RolledBackTokensLeaveNoTrace) {
  const std::int64_t tokens = 170;
  base::Random random(41);
  for (const auto& mechanism : all_mechanisms()) {
    const std::int64_t rollback = 20;
    const Inputs in(*mechanism, tokens, 42), wrong(*mechanism, tokens, 43);
    const auto straight = mechanism->start(1, rollback), winding = mechanism->start(1, rollback);
    for (std::int64_t at = 0; at < tokens;) {
      const std::int64_t end =
          std::min<std::int64_t>(tokens, at + 1 + static_cast<std::int64_t>(random.uniform() * 15));
      const Fenced expected = feed(*mechanism, *straight, in, at, end);
      // Draft tokens, taken back at once; sometimes together with some of the true ones, which then come
      // again.
      const std::int64_t draft =
          std::min<std::int64_t>(tokens - at, static_cast<std::int64_t>(random.uniform() * rollback));
      feed(*mechanism, *winding, wrong, at, at + draft);
      winding->roll_back(0, draft);
      ASSERT_EQ(winding->length(0), at);
      EXPECT_TRUE(expected == feed(*mechanism, *winding, in, at, end)) << mechanism->name() << " at " << at;
      at = end;
    }
    EXPECT_THROW(winding->roll_back(0, tokens + 1), std::invalid_argument);
    EXPECT_THROW(winding->roll_back(0, -1), std::invalid_argument);
    EXPECT_EQ(winding->length(0), tokens);
  }
}

}  // namespace
}  // namespace yore::mixers::conformance
