// The text that is learnt where none is given: out of copyright, and a package of Debian.
#pragma once
#include <string>

namespace yore::tasks {

/// What messages call it.
inline constexpr const char* kDefaultText = "the King James Bible (Debian's package bible-kjv)";

/// The King James Bible of 1611, a verse a line without its number, 4.1 MB: what the program `bible` prints.
/// Throws InputError("task text") naming the package where there is no such program, or it prints something
/// else.
std::string default_text();

}  // namespace yore::tasks
