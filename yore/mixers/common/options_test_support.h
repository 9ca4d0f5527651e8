// For tests of options: what a mechanism must refuse, and how it says so.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "yore/base/error.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

/// The mechanism refuses `options` for a layer of this width, in its name, with `part` in the message.
inline void expect_refused(const std::string& mechanism, std::int64_t width, const base::Json& options,
                           const std::string& part) {
  try {
    find_spec(mechanism).complete(width, options);
    ADD_FAILURE() << options.dump() << " was taken; expected an error with: " << part;
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("mixer " + mechanism), std::string::npos) << e.what();
  }
}

}  // namespace yore::mixers
