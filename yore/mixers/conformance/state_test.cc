// Going on from a state: full = any chunking = step by step; saved, restored, rolled back.
#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "yore/mixers/conformance/support.h"

namespace yore::mixers::conformance {
namespace {

class States : public Conformance {
 protected:
  Fenced<float> outputs_of(std::int64_t tokens) const {
    return Fenced<float>(mechanism().output_width() * static_cast<std::size_t>(tokens));
  }
  /// A sequence's tokens first .. end - 1 through `state`, which holds this one sequence.
  Fenced<float> feed(State& state, const Inputs<float>& in, std::int64_t first, std::int64_t end) const {
    Fenced<float> out = outputs_of(end - first);
    const Inputs<float> part = in.tokens(mechanism(), first, end);
    mechanism().advance(state, packed({end - first}), part.pointers(), out.data(), 1);
    EXPECT_TRUE(out.intact());
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Mixers, States, testing::ValuesIn(on_all_targets(Which::All)), name_of);

class Pieces : public States {};
INSTANTIATE_TEST_SUITE_P(Mixers, Pieces, testing::ValuesIn(on_all_targets(Which::Ordinary)), name_of);

/// What the definition says of the whole sequence that the test below cuts; the same on every target.
constexpr std::int64_t kWhole = 220;
const std::vector<Judged>& whole_of(const KernelCase& subject) {
  static std::map<std::string, std::vector<Judged>> known;
  const auto [place, fresh] = known.try_emplace(subject.name());
  if (fresh)
    place->second =
        judge_outputs(*subject.kernel, packed({kWhole}),
                      Inputs<double>(*subject.kernel, packed({kWhole}), 1).fresh(*subject.kernel).numbers());
  return place->second;
}

TEST_P(Pieces, OfAnySizesAreThoseOfTheWhole) {
  base::Random random(11);
  const Inputs<float> in(mechanism(), packed({kWhole}), 1);
  const std::vector<Judged>& whole = whole_of(GetParam().subject);
  Worst worst;
  // Step by step; around the block of 64; at random, with empty pieces.
  for (const std::vector<std::int64_t>& pattern :
       {std::vector<std::int64_t>{1}, {0, 1, 2, 3}, {63}, {64}, {65}, {127, 1, 4}, {}, {}, {}}) {
    const auto state = mechanism().start(1, 0);
    std::int64_t at = 0;
    for (std::size_t n = 0; at < kWhole; ++n) {
      const std::int64_t piece =
          pattern.empty() ? static_cast<std::int64_t>(random.uniform() * 40) : pattern[n % pattern.size()];
      const std::int64_t end = std::min(kWhole, at + piece);
      const Fenced<float> out = feed(*state, in, at, end);
      const std::size_t first = static_cast<std::size_t>(at) * mechanism().output_width();
      for (std::size_t i = 0; i < out.size(); ++i)
        worst.see(whole[first + i].value, out[i], whole[first + i].allowed(kUnit<float>), first + i);
      at = end;
      ASSERT_EQ(state->length(0), at);
    }
  }
  fmt::print("  measured/allowed {:.3f}\n", worst.ratio);
  EXPECT_LE(worst.ratio, 1) << "output " << worst.index << ": " << worst.found << " for " << worst.expected;
}

TEST_P(States, SequencesOfABatchGoAtTheirOwnPace) {
  const std::vector<std::vector<std::int64_t>> rounds = {
      {5, 0, 70}, {1, 1, 1}, {0, 90, 2}, {64, 3, 0}, {1, 0, 1}};
  const auto together = mechanism().start(3, 0);
  std::vector<std::unique_ptr<State>> alone;
  for (int b = 0; b < 3; ++b) alone.push_back(mechanism().start(1, 0));
  std::uint64_t seed = 20;
  for (const auto& lengths : rounds) {
    const Packed tokens = packed(lengths);
    const Inputs<float> in(mechanism(), tokens, ++seed);
    Fenced<float> out = outputs_of(tokens.tokens());
    mechanism().advance(*together, tokens, in.pointers(), out.data(), 2);
    EXPECT_TRUE(out.intact());
    for (std::size_t b = 0; b < 3; ++b) {
      const Fenced<float> single = feed(*alone[b], in, tokens.starts[b], tokens.starts[b + 1]);
      const float* its = out.data() + static_cast<std::size_t>(tokens.starts[b]) * mechanism().output_width();
      EXPECT_TRUE(single.size() == 0 || std::memcmp(single.data(), its, single.size() * sizeof(float)) == 0)
          << "sequence " << b;
      EXPECT_EQ(together->length(static_cast<std::int64_t>(b)), alone[b]->length(0));
    }
  }
}

TEST_P(States, SavedAndRestoredGoesOnAsIfNothingHadHappened) {
  const std::int64_t tokens = 160;
  for (std::int64_t cut : {0, 1, 40, 100}) {
    const Inputs<float> in(mechanism(), packed({tokens}), 31);
    const auto first = mechanism().start(1, 0);
    feed(*first, in, 0, cut);
    const std::vector<std::byte> saved = first->save();
    const auto copy = first->clone(), second = mechanism().start(1, 0);
    feed(*second, in, 5, 9);  // what it held before must not matter
    second->restore(saved);
    EXPECT_EQ(second->length(0), cut);
    const Fenced<float> uninterrupted = feed(*first, in, cut, tokens);
    EXPECT_TRUE(uninterrupted == feed(*second, in, cut, tokens)) << "cut " << cut;
    EXPECT_TRUE(uninterrupted == feed(*copy, in, cut, tokens)) << "cut " << cut;
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
    EXPECT_EQ(second->save(), first->save());
  }
}

TEST_P(States, RolledBackTokensLeaveNoTrace) {
  const std::int64_t tokens = 170, rollback = 20;
  base::Random random(41);
  const Inputs<float> in(mechanism(), packed({tokens}), 42), wrong(mechanism(), packed({tokens}), 43);
  const auto straight = mechanism().start(1, rollback), winding = mechanism().start(1, rollback);
  for (std::int64_t at = 0; at < tokens;) {
    const std::int64_t end =
        std::min<std::int64_t>(tokens, at + 1 + static_cast<std::int64_t>(random.uniform() * 15));
    const Fenced<float> expected = feed(*straight, in, at, end);
    // Draft tokens, taken back at once.
    const std::int64_t draft =
        std::min<std::int64_t>(tokens - at, static_cast<std::int64_t>(random.uniform() * rollback));
    feed(*winding, wrong, at, at + draft);
    winding->check_roll_back(0, draft);
    winding->roll_back(0, draft);
    ASSERT_EQ(winding->length(0), at);
    EXPECT_TRUE(expected == feed(*winding, in, at, end)) << "at " << at;
    at = end;
  }
  EXPECT_THROW(winding->roll_back(0, tokens + 1), std::invalid_argument);
  EXPECT_THROW(winding->check_roll_back(0, tokens + 1), std::invalid_argument);
  EXPECT_THROW(winding->roll_back(0, -1), std::invalid_argument);
  EXPECT_EQ(winding->length(0), tokens);
}

}  // namespace
}  // namespace yore::mixers::conformance
