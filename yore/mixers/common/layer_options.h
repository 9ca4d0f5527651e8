// What the options of recurrent layers have in common: reading them, and refusing what does not fit. No
// torch.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "yore/base/options.h"

namespace yore::mixers {

/// What is wrong where `share` times the width, which has this name among the options, does not make the same
/// whole number for each of the heads, a multiple of `unit`; and which widths and numbers of heads would do.
/// "width 6: expand_k = 0.5 of it are 3, which 4 heads do not divide; expected a width that is a multiple of
/// 8, or heads=1 or 3". With an empty name the heads divide the width itself.
std::string uneven_heads(std::int64_t width, const std::string& name, double share, std::int64_t heads,
                         int unit = 1);

/// Complete options of one mechanism, checked one by one.
class LayerOptions {
 public:
  /// `given` with the fallbacks of `specs`; errors name "mixer MECHANISM".
  LayerOptions(const std::string& mechanism, const base::Json& given,
               const std::vector<base::OptionSpec>& specs);

  base::Json json;

  /// Throws InputError with the option, what was expected and its value, unless `fine`.
  void require(bool fine, const std::string& option, const std::string& expected) const;
  /// Throws InputError with this reason, where no single option is at fault.
  [[noreturn]] void refuse(const std::string& reason) const;
  /// Whether it was given, and is not a default.
  bool given(const std::string& option) const { return given_.contains(option); }
  /// A whole number from low to high.
  std::int64_t whole(const std::string& option, std::int64_t low, std::int64_t high);
  /// A number that fulfils `fine`; in the file it has a decimal point.
  double number(const std::string& option, const std::string& expected,
                const std::function<bool(double)>& fine);
  /// The option scale, a factor on products of queries and keys: more than 0 and at most 1e30, with which
  /// they stay within float; or 0, which stands for what the caller puts there and messages call `zero`.
  double scale(const std::string& zero);
  /// The same, where 0 is replaced by 1 / sqrt(width), the width of a head's keys.
  void key_scale(std::int64_t width);
  /// One of these words.
  std::string word(const std::string& option, const std::vector<std::string>& words);
  bool flag(const std::string& option) const { return json[option].get<bool>(); }
  /// Takes options out that have these values, their defaults. For options that came later than models on
  /// disk: a layer that does without is described as it was before there were any.
  void leave_out(const base::Json& defaults);

  /// Heads of `share` times the width together: the width of each. Refused where it is no whole multiple of
  /// `unit` (uneven_heads).
  std::int64_t head_width(std::int64_t width, const std::string& heads, const std::string& share,
                          int unit = 1);

 private:
  std::string source_;
  base::Json given_;
};

}  // namespace yore::mixers
