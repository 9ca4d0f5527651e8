// Which slots a token is written into: weights by position, from a Dirichlet kernel over the slots (math.md).
// They repeat with a period, and are computed once. No torch.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "yore/mixers/common/slots.h"

namespace yore::mixers::blurry {

using slots::Erase;

/// The kernel's shape.
enum class Kernel {
  Signed,    ///< the Dirichlet kernel itself, side lobes and all; decays pass above 1
  MainLobe,  ///< 0 from the first zeros on
  Squared    ///< squared (Fejer)
};

/// One head: `numerator / denominator` tokens a slot, by how many slots its coordinate is moved, and by how
/// much a slot's logit is lowered for each token of its age.
struct Head {
  std::int64_t numerator = 1, denominator = 1;
  double phase = 0;
  double age_bias = 0;
  bool operator==(const Head&) const = default;
};

struct Setting {
  std::int64_t slots = 1;
  Kernel kernel = Kernel::MainLobe;
  bool gain_over_stretch = false;  ///< weights divided by the stretch
  std::vector<Head> heads;
  Erase erase = Erase::Decay;
  bool operator==(const Setting&) const = default;

  bool ages() const {
    return std::any_of(heads.begin(), heads.end(), [](const Head& head) { return head.age_bias != 0; });
  }
};

/// Most numbers that a table may have, those of all its arrays together.
inline constexpr std::int64_t kMostNumbers = std::int64_t{1} << 27;
/// Most of them that may say how much slots hold, where these are erased by the delta rule.
inline constexpr std::int64_t kMostFilled = std::int64_t{1} << 24;
/// The most that slots may hold (the side lobes of Kernel::Signed make fillings grow with the stretch): room
/// in a float for keys and values that are multiplied by as much.
inline constexpr double kHighestFilling = 1e30;

/// The Dirichlet kernel of `slots` slots at x slots from the centre: 1 there, 0 at the other slots.
double dirichlet(double x, std::int64_t slots);

/// Tokens after which every head's weights come again, or 0 if the table would be larger than kMostNumbers.
inline std::int64_t period(const Setting& setting) {
  const std::int64_t row = static_cast<std::int64_t>(setting.heads.size()) * setting.slots;
  // Weights and decays of one period, fillings (and biases) of at least three: the first one begins empty,
  // and one more must be like the second.
  const std::int64_t most = kMostNumbers / (row * (setting.ages() ? 8 : 5));
  std::int64_t all = 1;
  for (const Head& head : setting.heads) {
    // t denominator is a multiple of slots numerator: of two numbers in lowest terms not before t =
    // numerator.
    if (head.numerator > most) return 0;
    const std::int64_t whole = setting.slots * head.numerator;
    const std::int64_t its = whole / std::gcd(whole, head.denominator);
    if (its > most) return 0;
    all = all / std::gcd(all, its) * its;
    if (all > most) return 0;
  }
  return all;
}

/// Rows by position. Weights, and logarithms of decays (1 minus weights), of position t stand at row t %
/// period; how much a slot holds, and its bias, at row filled_row(t).
class Table {
 public:
  /// Throws std::invalid_argument for slots < 1, no heads, a stretch below 1, a period of 0, an age_bias with
  /// Kernel::Signed (whose weights below 0 leave no mean age), slots that hold more than kHighestFilling, and
  /// if `filled` and `bias` do not repeat within most_numbers in all (Erase::Delta: `filled` within
  /// kMostFilled).
  explicit Table(Setting setting, std::int64_t most_numbers = kMostNumbers);

  const Setting& setting() const { return setting_; }
  std::int64_t period() const { return period_; }
  std::int64_t filled_rows() const { return warm_ + period_; }
  std::int64_t filled_row(std::int64_t position) const {
    return position < warm_ ? position : warm_ + (position - warm_) % period_;
  }
  /// Positions before which `filled` and `bias` do not repeat yet.
  std::int64_t warm() const { return warm_; }

  /// [period, heads, slots]
  const std::vector<double>& write() const { return write_; }
  const std::vector<double>& log_decay() const { return log_decay_; }
  /// [filled_rows, heads, slots]
  const std::vector<double>& filled() const { return filled_; }
  /// What ages take off logits, [filled_rows, heads, slots], none above 0; empty if no head has an age_bias.
  const std::vector<double>& bias() const { return bias_; }

 private:
  void fill(std::int64_t most_numbers);

  Setting setting_;
  std::int64_t period_ = 0, warm_ = 0;
  std::vector<double> write_, log_decay_, filled_, bias_;
};

/// The table of a setting: the same one for all who have it or asked for it last, since a large
/// one can take seconds to make. Safe to call from several threads. Throws as Table does.
std::shared_ptr<const Table> table_of(const Setting& setting);

}  // namespace yore::mixers::blurry
