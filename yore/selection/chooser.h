// Tokens that stand for others: which rows of a text are so unlike all earlier ones that they must be
// computed with, and which take what an earlier one gets. Definitions and costs: math.md. No torch.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "yore/selection/gram.h"

namespace yore::selection {

/// Cosines that the rules of math.md ask for, one a pair of tokens. A multiply-add count is this times the
/// width of the rows.
struct Pairs {
  std::int64_t inherited = 0;  ///< among the representatives of the layer before, or all of a fresh scan
  std::int64_t cross = 0;      ///< of the other tokens with those of them that stay
  std::int64_t added = 0;      ///< among tokens that none of these covers
  std::int64_t proxies = 0;    ///< of covered tokens with the added representatives
  std::int64_t all() const { return inherited + cross + added + proxies; }
  Pairs& operator+=(const Pairs& other);
  bool operator==(const Pairs&) const = default;
};

/// What was chosen for some tokens of a text.
struct Choice {
  /// Who stands for each: the number of an earlier token of the text, or its own if it is a representative.
  std::vector<std::int64_t> proxy;
  Pairs pairs;
};

/// The representatives of one text in one layer. Tokens come in order, in pieces of any size: what is chosen
/// does not depend on how the text is cut, nor on what comes later.
class Chooser {
 public:
  /// Rows of `dim` numbers. tau >= -1: two rows are alike if their cosine is at least tau; above 1 none are,
  /// and no product is computed.
  Chooser(std::int64_t dim, double tau);

  /// Memory of the representatives.
  std::size_t bytes() const { return kept_.bytes() + added_.bytes(); }
  /// Tokens taken in.
  std::int64_t tokens() const { return tokens_; }

  /// Takes in the next `count` tokens: each becomes a representative unless an earlier one is alike.
  /// Row i is x + i * stride.
  Choice scan(const float* x, std::int64_t count, std::int64_t stride);
  /// The same by validating what the layer before chose: inherited[i] != 0 where token i was a representative
  /// there. Calls of scan and cascade do not mix in one text.
  Choice cascade(const float* x, std::int64_t count, std::int64_t stride, std::span<const char> inherited);
  /// The same with the representatives given: chosen[i] != 0; token 0 must be one.
  Choice given(const float* x, std::int64_t count, std::int64_t stride, std::span<const char> chosen);

 private:
  /// A covering representative and how like it is; proxy -1 = none earlier.
  struct Cover {
    float cosine = 0;
    std::int64_t proxy = -1;
    void better(float other, std::int64_t by);
  };
  void take_in(const float* x, std::int64_t count, std::int64_t stride);
  const float* unit(std::int64_t i) const { return units_.data() + i * dim_; }
  bool alike(const Cover& cover) const;
  std::int64_t cover_by(const RowSet& set, std::span<const std::int64_t> which,
                        std::vector<Cover>& covers) const;
  std::int64_t scan_into(RowSet& set, std::span<const std::int64_t> which, std::vector<Cover>& covers) const;
  Choice finish(const std::vector<Cover>& covers) const;

  std::int64_t dim_;
  double tau_;
  std::int64_t tokens_ = 0;   ///< of the text, with those of this call
  std::int64_t first_ = 0;    ///< number of the first token of this call
  std::vector<float> units_;  ///< [count][dim] rows of this call, of length 1
  RowSet kept_, added_;       ///< representatives: inherited (or of a scan), and those that came later
};

/// to = row / |row|, or zeros where the row is zero or not finite: such a row has cosine 0 with every other.
void to_unit(const float* row, std::int64_t dim, float* to);

}  // namespace yore::selection
