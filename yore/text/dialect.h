// The regular expressions of tokenizer.json, which Hugging Face's library reads as Ruby's (Oniguruma), as
// PCRE2 has to be told them.
#pragma once
#include <string>

namespace yore::text {

/// The same pattern for PCRE2 with PCRE2_UTF, PCRE2_UCP and PCRE2_MULTILINE. What differs is rewritten: \s,
/// \w, \b, \h, \v, \uHHHH, scripts, named classes, && and classes within classes, the reach of (?i), (?m),
/// {,n}, {n}? and {n,m}+. Throws base::InputError(`source`), its message beginning with `field`, for what has
/// another meaning or none there: other escapes, named groups, (?x), \K, a repetition of a repetition; and,
/// where case is ignored, characters beyond ASCII, letters that fold to one together ("ss" and "\u00DF"), and
/// properties, classes and && within classes.
/// What neither can read is left for PCRE2 to refuse.
std::string in_pcre2(const std::string& pattern, const std::string& source, const std::string& field);

}  // namespace yore::text
