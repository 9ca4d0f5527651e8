// The message of an error that a test provokes.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "yore/base/error.h"

namespace yore::base {

/// What the Error that `act` throws says. If `act` throws nothing the test fails and the message is empty; an
/// exception of another type goes through, which fails the test too.
template <class Error>
std::string refusal(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

/// Whether `act` throws an InputError that says `part`.
inline testing::AssertionResult refused(const auto& act, const std::string& part) {
  const std::string message = refusal<InputError>(act);
  if (message.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "expected \"" << part << "\" in \"" << message << "\"";
}

}  // namespace yore::base
