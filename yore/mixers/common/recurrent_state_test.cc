// Saved states are taken back only where they were made: by the same mechanism in the same setting. (What
// they hold, rolling back and broken bytes: the conformance suite.)
#include "yore/mixers/common/recurrent_state.h"

#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <stdexcept>

#include "yore/mixers/common/scan_state.h"
#include "yore/mixers/common/short_conv.h"
#include "yore/mixers/common/slots.h"

namespace yore::mixers {
namespace {

using Made = std::unique_ptr<State>;

TEST(RecurrentState, OfAnotherMechanismOrSettingIsRefusedAndChangesNothing) {
  const scan::Setting scan{2, 2, 3, 4};
  const slots::Setting slots{2, 2, 3, 4, 5};
  std::vector<std::pair<const char*, Made>> states;
  states.emplace_back("gla", scan::start<float>(scan, "gla {\"heads\":2}", 1, 0, 0));
  states.emplace_back("gla with other options",
                      scan::start<float>(scan, "gla {\"heads\":2,\"scale\":1.0}", 1, 0, 0));
  states.emplace_back("kda", scan::start<float>(scan, "kda {\"heads\":2}", 1, 0, 0));
  states.emplace_back("gla in double", scan::start<double>(scan, "gla {\"heads\":2}", 1, 0, 0));
  states.emplace_back("two of gla", scan::start<float>(scan, "gla {\"heads\":2}", 2, 0, 0));
  states.emplace_back("gla that rolls back", scan::start<float>(scan, "gla {\"heads\":2}", 1, 3, 0));
  states.emplace_back("a convolution", conv::start<float>(6, 4, "gla {\"heads\":2}", 1, 0, 0));
  states.emplace_back("gsa", slots::start<float>(slots, "gsa {\"heads\":2}", 1, 0, 0));
  states.emplace_back("abc", slots::start<float>(slots, "abc {\"heads\":2}", 1, 0, 0));
  for (const auto& [name, state] : states)
    for (const auto& [other, its] : states) {
      const std::vector<std::byte> before = state->save();
      if (&state == &its)
        EXPECT_NO_THROW(state->restore(its->save())) << name;
      else
        EXPECT_THROW(state->restore(its->save()), std::invalid_argument) << name << " from " << other;
      EXPECT_EQ(state->save(), before) << name << " from " << other;
    }
}

TEST(RecurrentState, SaysWhatItExpected) {
  const auto gla = scan::start<float>({}, "gla {}", 1, 0, 0), kda = scan::start<float>({}, "kda {}", 1, 0, 0);
  try {
    gla->restore(kda->save());
    ADD_FAILURE() << "taken";
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(),
                 "recurrent state: the saved state is of another mechanism or setting: expected \"gla {}\"");
  }
}

std::vector<std::byte> bytes_of(const std::vector<std::int64_t>& numbers) {
  const auto bytes = std::as_bytes(std::span(numbers));
  return {bytes.begin(), bytes.end()};
}

// 2^62 rows of four numbers are none where the product overflows.
TEST(RecurrentState, TakesNoLengthThatNoSequenceHas) {
  const auto state = [](std::int64_t max_tokens) {
    return RecurrentState<double>({"kind ok", 1, 0, 4, 3, max_tokens}, [](double*, const double*, auto) {});
  };
  const auto saved = [](std::int64_t length, std::int64_t rows) {
    std::int64_t kind = 0;
    std::memcpy(&kind, "kind ok", 7);
    std::vector<std::byte> all = bytes_of({7, kind});
    all.pop_back();  // "kind ok" has seven letters
    std::vector<std::int64_t> rest = {8, 1, 0, 4, 3, 1, length, 0, length, 1, length, rows};
    rest.insert(rest.end(), static_cast<std::size_t>(rows), 0);
    for (const std::int64_t x : {1, 0, 0}) rest.push_back(x);  // one mark, at the beginning
    const std::vector<std::byte> more = bytes_of(rest);
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  auto free = state(0), bounded = state(2);
  EXPECT_NO_THROW(free.restore(saved(3, 12)));
  EXPECT_EQ(free.length(0), 3);
  EXPECT_EQ(free.save(), saved(3, 12));
  EXPECT_THROW(free.restore(saved(std::int64_t{1} << 62, 0)), std::invalid_argument);
  EXPECT_THROW(free.restore(saved(3, 11)), std::invalid_argument);
  EXPECT_NO_THROW(bounded.restore(saved(2, 8)));
  EXPECT_THROW(bounded.restore(saved(3, 12)), std::invalid_argument);
}

TEST(RecurrentState, PartsThatGoOnTogether) {
  using Recurrent = RecurrentState<double>;
  const auto part = [](std::int64_t length) {
    auto state = std::make_unique<Recurrent>(RecurrentSetting{"x", 1, 1, 1, 0, 0},
                                             [](double*, const double*, auto) {});
    const std::int64_t starts[] = {0, length};
    state->advance(
        starts, [](auto, auto, auto) {}, [](auto, auto) {});
    return state;
  };
  const auto list = [&](std::int64_t first, std::int64_t second) {
    std::vector<Made> parts;
    parts.push_back(part(first));
    parts.push_back(std::make_unique<SteppedState>(part(4 * second), 4, 0, 0));
    return StateList(std::move(parts));
  };
  StateList state = list(2, 2);
  EXPECT_NO_THROW(state.restore(list(5, 5).save()));
  EXPECT_THROW(state.restore(list(5, 6).save()), std::invalid_argument);
  EXPECT_EQ(state.length(0), 5);
  // Times the steps this is 0.
  EXPECT_THROW(state.part(1).check_roll_back(0, std::int64_t{1} << 62), std::invalid_argument);
  EXPECT_THROW(state.part(1).roll_back(0, -(std::int64_t{1} << 62)), std::invalid_argument);
  // Five steps are no tokens of four steps each.
  SteppedState whole(part(4), 4, 0, 0);
  EXPECT_THROW(whole.restore(part(5)->save()), std::invalid_argument);
  EXPECT_EQ(whole.length(0), 1);
}

TEST(RecurrentState, OfStepsCountsTokens) {
  SteppedState state(std::make_unique<RecurrentState<double>>(RecurrentSetting{"x", 1, 1, 1, 8, 20},
                                                              [](double*, const double*, auto) {}),
                     4, 2, 5);
  const std::int64_t steps[] = {0, 16};
  dynamic_cast<RecurrentState<double>&>(state.inner_for({0, 4}))
      .advance(
          steps, [](auto, auto, auto) {}, [](auto, double* row) { *row = 0; });
  const auto says = [](const auto& call, const std::string& what) {
    try {
      call();
      ADD_FAILURE() << "taken";
    } catch (const std::logic_error& e) {
      EXPECT_EQ(e.what(), "recurrent state: " + what);
    }
  };
  says([&] { state.check_roll_back(0, 5); }, "cannot roll sequence 0 back by 5 of 4 tokens");
  says([&] { state.roll_back(0, 3); },
       "cannot roll sequence 0 back by 3 tokens: it keeps what it needs for 2");
  says([&] { state.inner_for({0, 2}); }, "sequence 0 would have 6 tokens, of at most 5");
  EXPECT_NO_THROW(state.roll_back(0, 2));
  EXPECT_EQ(state.length(0), 2);
}

}  // namespace
}  // namespace yore::mixers
