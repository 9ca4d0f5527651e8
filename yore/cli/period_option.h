// The option --period, of commands that ask about models whose positions tell i modulo M.
#pragma once
#include <string>

namespace yore::cli {

/// A number from 1 (no positions) to logic::kMaxPeriod, or "any" (expressivity::kAnyPeriod). Throws
/// InputError("--period") for anything else, also "".
int read_period(const std::string& text);

}  // namespace yore::cli
