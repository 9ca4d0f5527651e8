// The option --period, of commands that ask about models whose positions tell i modulo M.
#pragma once
#include <string>

namespace yore::cli {

/// "" (not given: 1, no positions), a number from 1 to logic::kMaxPeriod, or "any"
/// (expressivity::kAnyPeriod). Throws InputError("--period").
int read_period(const std::string& text);

}  // namespace yore::cli
