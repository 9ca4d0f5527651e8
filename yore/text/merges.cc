#include "yore/text/merges.h"

#include <algorithm>
#include <bit>

namespace yore::text {
namespace {

std::uint64_t key_of(std::int32_t left, std::int32_t right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

// The finaliser of splitmix64: every bit of the pair moves every bit of the place.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

MergeTable::MergeTable(std::size_t rules) : slots_(std::bit_ceil(std::max<std::size_t>(2 * rules, 4))) {}

std::size_t MergeTable::place(std::uint64_t key) const {
  std::size_t at = mix(key) & (slots_.size() - 1);
  while (slots_[at].merge.joined >= 0 && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void MergeTable::set(std::int32_t left, std::int32_t right, Merge merge) {
  if (2 * (used_ + 1) > slots_.size()) {
    std::vector<Slot> old(2 * slots_.size());
    std::swap(old, slots_);
    for (const Slot& slot : old)
      if (slot.merge.joined >= 0) slots_[place(slot.key)] = slot;
  }
  Slot& slot = slots_[place(key_of(left, right))];
  if (slot.merge.joined < 0) ++used_;
  slot = {key_of(left, right), merge};
}

const Merge* MergeTable::find(std::int32_t left, std::int32_t right) const {
  const Slot& slot = slots_[place(key_of(left, right))];
  return slot.merge.joined >= 0 ? &slot.merge : nullptr;
}

void Merger::consider(std::int32_t place) {
  const Symbol& left = line_[static_cast<std::size_t>(place)];
  if (left.after < 0) return;
  const Merge* rule = rules_.find(left.token, line_[static_cast<std::size_t>(left.after)].token);
  if (rule == nullptr) return;
  heap_.push_back({rule->rank, place, rule->joined});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void Merger::join(std::vector<std::int32_t>& symbols) {
  const auto n = static_cast<std::int32_t>(symbols.size());
  if (n < 2 || rules_.empty()) return;
  line_.clear();
  heap_.clear();
  for (std::int32_t i = 0; i < n; ++i)
    line_.push_back({symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < n ? i + 1 : -1});
  for (std::int32_t i = 0; i + 1 < n; ++i) consider(i);
  while (!heap_.empty()) {
    const Candidate best = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
    Symbol& left = line_[static_cast<std::size_t>(best.place)];
    if (left.token < 0 || left.after < 0) continue;
    Symbol& right = line_[static_cast<std::size_t>(left.after)];
    // A candidate is stale once either side was joined to something else.
    const Merge* rule = rules_.find(left.token, right.token);
    if (rule == nullptr || rule->joined != best.joined) continue;
    left.token = best.joined;
    right.token = -1;
    left.after = right.after;
    if (left.after >= 0) line_[static_cast<std::size_t>(left.after)].before = best.place;
    if (left.before >= 0) consider(left.before);
    consider(best.place);
  }
  symbols.clear();
  for (std::int32_t i = 0; i >= 0; i = line_[static_cast<std::size_t>(i)].after)
    symbols.push_back(line_[static_cast<std::size_t>(i)].token);
}

}  // namespace yore::text
