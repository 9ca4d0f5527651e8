// The message of an error that a test provokes.
#pragma once
#include <gtest/gtest.h>

#include <string>

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

}  // namespace yore::base
