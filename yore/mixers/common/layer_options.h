// What the options of recurrent layers have in common: reading them, and refusing what does not fit. No
// torch.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "yore/base/options.h"

namespace yore::mixers {

/// Complete options of one mechanism, checked one by one.
class LayerOptions {
 public:
  /// `given` with the fallbacks of `specs`; errors name "mixer MECHANISM".
  LayerOptions(const std::string& mechanism, const base::Json& given,
               const std::vector<base::OptionSpec>& specs);

  base::Json json;

  /// Throws InputError with the option, what was expected and its value, unless `fine`.
  void require(bool fine, const std::string& option, const std::string& expected) const;
  /// A whole number from low to high.
  std::int64_t whole(const std::string& option, std::int64_t low, std::int64_t high);
  /// A number that fulfils `fine`; in the file it has a decimal point.
  double number(const std::string& option, const std::string& expected,
                const std::function<bool(double)>& fine);
  /// One of these words.
  std::string word(const std::string& option, const std::vector<std::string>& words);
  bool flag(const std::string& option) const { return json[option].get<bool>(); }

  /// Heads of `share` times the width together: the width of each. Refused where it is no whole number.
  std::int64_t head_width(std::int64_t width, const std::string& heads, const std::string& share);

 private:
  std::string source_;
};

}  // namespace yore::mixers
