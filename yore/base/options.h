// Named settings of something that is chosen by name: a mixer, a task. Their list says which names exist, of
// which type and with which default, so that a command line, a TOML file and a model's description are read
// and refused in one way.
//
//   parse_options("window=64,strict=false", specs, "mixer attention")  ->  {"window": 64, "strict": false}
#pragma once
#include <string>
#include <vector>

#include "yore/base/files.h"

namespace yore::base {

/// One setting. Its type is that of `fallback`: true or false, a whole number, a number, a text, a list; null
/// takes any value and means that there is no default.
struct OptionSpec {
  std::string name;  ///< with underscores: "head_width"
  Json fallback;
  std::string help;
};

/// The value that `text` spells, of the option's type; the items of a list may lack their quotes: [a,b].
/// Throws InputError(`source`).
Json parse_option(const OptionSpec& option, const std::string& text, const std::string& source);

/// "name=value,name=value" (perhaps empty) as an object; a name alone is name=true. Dashes in names are read
/// as underscores. Throws InputError(`source`) for unknown names (with the nearest), values of another type,
/// and names given twice.
Json parse_options(const std::string& text, const std::vector<OptionSpec>& options,
                   const std::string& source);

/// `given` with the fallbacks of what it lacks, in the order of `options`. Throws InputError(`source`) for
/// unknown names and values of another type.
Json complete_options(const Json& given, const std::vector<OptionSpec>& options, const std::string& source);

/// The option of that name. Throws InputError(`source`) with the nearest names.
const OptionSpec& find_option(const std::string& name, const std::vector<OptionSpec>& options,
                              const std::string& source);

}  // namespace yore::base
