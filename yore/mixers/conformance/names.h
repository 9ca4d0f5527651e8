// How GoogleTest names what the suite checks.
#pragma once
#include <cctype>
#include <string>

namespace yore::mixers::conformance {

/// "attention", "1-local, strict" to "attention__1_local_strict": GoogleTest takes letters, digits and
/// underscores.
inline std::string test_name(const std::string& mechanism, const std::string& name) {
  std::string text = mechanism + "__";
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      text += c;
    else if (text.back() != '_')
      text += '_';
  return text;
}

}  // namespace yore::mixers::conformance
