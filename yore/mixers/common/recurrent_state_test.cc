// Saved states are taken back only where they were made: by the same mechanism in the same setting. (What
// they hold, rolling back and broken bytes: the conformance suite.)
#include "yore/mixers/common/recurrent_state.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace yore::mixers
