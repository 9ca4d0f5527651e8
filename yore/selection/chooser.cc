#include "yore/selection/chooser.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace yore::selection {
namespace {

/// Calls each(first, rows, count) for `which` cut into blocks.
template <class Each>
void for_blocks(std::span<const std::int64_t> which, const Each& each) {
  for (std::size_t first = 0; first < which.size(); first += kBlock)
    each(which.subspan(first, std::min<std::size_t>(kBlock, which.size() - first)));
}

}  // namespace

Pairs& Pairs::operator+=(const Pairs& other) {
  inherited += other.inherited;
  cross += other.cross;
  added += other.added;
  proxies += other.proxies;
  return *this;
}

void to_unit(const float* row, std::int64_t dim, float* to) {
  double sum = 0;
  for (std::int64_t k = 0; k < dim; ++k) sum += static_cast<double>(row[k]) * static_cast<double>(row[k]);
  const double length = std::sqrt(sum);
  const bool usable = std::isfinite(length) && length > 0;
  for (std::int64_t k = 0; k < dim; ++k)
    to[k] = usable ? static_cast<float>(static_cast<double>(row[k]) / length) : 0.0f;
}

Chooser::Chooser(std::int64_t dim, double tau) : dim_(dim), tau_(tau), kept_(dim), added_(dim) {
  if (dim < 1) throw std::invalid_argument("Chooser: rows have at least one number");
  if (!(tau >= -1)) throw std::invalid_argument("Chooser: tau must be at least -1");
}

void Chooser::Cover::better(float other, std::int64_t by) {
  // Of equally similar ones the earlier stands.
  if (proxy < 0 || other > cosine || (other == cosine && by < proxy)) *this = {other, by};
}

/// Rounding may carry a cosine a little beyond 1: the comparison is with the nearest number of -1 .. 1.
bool Chooser::alike(const Cover& cover) const {
  return cover.proxy >= 0 && static_cast<double>(std::clamp(cover.cosine, -1.0f, 1.0f)) >= tau_;
}

void Chooser::take_in(const float* x, std::int64_t count, std::int64_t stride) {
  first_ = tokens_;
  tokens_ += count;
  units_.resize(static_cast<std::size_t>(count * dim_));
  for (std::int64_t i = 0; i < count; ++i) to_unit(x + i * stride, dim_, units_.data() + i * dim_);
}

/// Holds rows `which` of this call against the members of earlier tokens. Returns the pairs.
std::int64_t Chooser::cover_by(const RowSet& set, std::span<const std::int64_t> which,
                               std::vector<Cover>& covers) const {
  std::int64_t pairs = 0;
  for_blocks(which, [&](std::span<const std::int64_t> block) {
    const float* rows[kBlock] = {};
    std::int64_t limits[kBlock] = {};
    Nearest found[kBlock];
    for (std::size_t i = 0; i < block.size(); ++i) {
      rows[i] = unit(block[i]);
      limits[i] = set.before(first_ + block[i]);
      pairs += limits[i];
    }
    nearest(rows, std::ssize(block), set, limits, found);
    for (std::size_t i = 0; i < block.size(); ++i)
      if (found[i].member >= 0)
        covers[static_cast<std::size_t>(block[i])].better(
            found[i].product, set.tokens()[static_cast<std::size_t>(found[i].member)]);
  });
  return pairs;
}

/// Takes rows `which` one after another: each joins the set unless an earlier member is alike. A block is
/// held against the set at once; what is left then are the members that it adds itself, all among its rows
/// that nobody covers yet. Returns the pairs.
std::int64_t Chooser::scan_into(RowSet& set, std::span<const std::int64_t> which,
                                std::vector<Cover>& covers) const {
  std::int64_t pairs = 0;
  RowSet open(dim_);
  std::vector<float> among(kBlock * kBlock);
  for_blocks(which, [&](std::span<const std::int64_t> block) {
    pairs += cover_by(set, block, covers);
    open.clear();
    const float* rows[kBlock] = {};
    for (std::size_t i = 0; i < block.size(); ++i) {
      rows[i] = unit(block[i]);
      if (!alike(covers[static_cast<std::size_t>(block[i])])) open.append(rows[i], block[i]);
    }
    if (open.size() == 0) return;
    products(rows, std::ssize(block), open, among.data());
    std::vector<std::int64_t> joined;  // places in `open`
    std::size_t next = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
      Cover& cover = covers[static_cast<std::size_t>(block[i])];
      pairs += std::ssize(joined);
      for (const std::int64_t c : joined)
        cover.better(among[i * kBlock + static_cast<std::size_t>(c)],
                     first_ + open.tokens()[static_cast<std::size_t>(c)]);
      if (next == open.tokens().size() || open.tokens()[next] != block[i]) continue;
      if (!alike(cover)) {
        joined.push_back(static_cast<std::int64_t>(next));
        set.append(rows[i], first_ + block[i]);
        cover.proxy = first_ + block[i];
      }
      ++next;
    }
  });
  return pairs;
}

Choice Chooser::finish(const std::vector<Cover>& covers) const {
  Choice choice;
  for (const Cover& cover : covers) choice.proxy.push_back(cover.proxy);
  return choice;
}

Choice Chooser::scan(const float* x, std::int64_t count, std::int64_t stride) {
  return cascade(x, count, stride, std::vector<char>(static_cast<std::size_t>(count), 1));
}

Choice Chooser::cascade(const float* x, std::int64_t count, std::int64_t stride,
                        std::span<const char> inherited) {
  take_in(x, count, stride);
  std::vector<Cover> covers(static_cast<std::size_t>(count));
  if (tau_ > 1) {
    for (std::int64_t i = 0; i < count; ++i) covers[static_cast<std::size_t>(i)].proxy = first_ + i;
    return finish(covers);
  }
  std::vector<std::int64_t> from_below, others, uncovered, covered;
  for (std::int64_t i = 0; i < count; ++i)
    (inherited[static_cast<std::size_t>(i)] != 0 ? from_below : others).push_back(i);
  Pairs pairs;
  pairs.inherited = scan_into(kept_, from_below, covers);
  for (const std::int64_t i : from_below)
    if (covers[static_cast<std::size_t>(i)].proxy != first_ + i) covered.push_back(i);
  pairs.cross = cover_by(kept_, others, covers);
  for (const std::int64_t i : others)
    (alike(covers[static_cast<std::size_t>(i)]) ? covered : uncovered).push_back(i);
  pairs.added = scan_into(added_, uncovered, covers);
  pairs.proxies = cover_by(added_, covered, covers);
  Choice choice = finish(covers);
  choice.pairs = pairs;
  return choice;
}

Choice Chooser::given(const float* x, std::int64_t count, std::int64_t stride, std::span<const char> chosen) {
  take_in(x, count, stride);
  std::vector<Cover> covers(static_cast<std::size_t>(count));
  std::vector<std::int64_t> others;
  for (std::int64_t i = 0; i < count; ++i) {
    if (chosen[static_cast<std::size_t>(i)] == 0) {
      others.push_back(i);
      continue;
    }
    kept_.append(unit(i), first_ + i);
    covers[static_cast<std::size_t>(i)].proxy = first_ + i;
  }
  if (kept_.before(1) == 0) throw std::invalid_argument("Chooser::given: token 0 must be a representative");
  Pairs pairs;
  pairs.cross = cover_by(kept_, others, covers);
  Choice choice = finish(covers);
  choice.pairs = pairs;
  return choice;
}

}  // namespace yore::selection
