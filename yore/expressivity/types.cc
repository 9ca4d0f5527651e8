#include "yore/expressivity/types.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "yore/base/budget.h"

namespace yore::expressivity {
namespace {

using Types = std::vector<std::vector<int>>;

struct KeyHash {
  std::size_t operator()(const std::vector<int>& key) const {
    std::uint64_t h = 0x9E3779B97F4A7C15u;
    for (const int x : key) {
      h = (h ^ static_cast<std::uint64_t>(static_cast<std::uint32_t>(x))) * 0xFF51AFD7ED558CCDu;
      h ^= h >> 32;
    }
    return static_cast<std::size_t>(h);
  }
};

// Equal keys get equal numbers. What they hold together is taken from a budget.
class Interner {
 public:
  explicit Interner(std::size_t max_cells) : cells_("telling positions apart", {.count = max_cells}) {}
  int number(const std::vector<int>& key) {
    const auto [entry, is_new] = numbers_.emplace(key, static_cast<int>(numbers_.size()));
    cells_.afford(is_new ? key.size() : 0);
    return entry->second;
  }
  bool full() const { return cells_.end() != base::Budget::End::None; }

 private:
  std::unordered_map<std::vector<int>, int, KeyHash> numbers_;
  base::Budget cells_;
};

void insert_sorted(std::vector<int>& set, int x) {
  const auto at = std::lower_bound(set.begin(), set.end(), x);
  if (at == set.end() || *at != x) set.insert(at, x);
}

// Letter (-1 at EOS) and remainder of a position as one number.
int symbol_at(const Word& word, std::size_t i, int period) {
  return (i < word.size() ? word[i] : -1) * period + static_cast<int>(i % static_cast<std::size_t>(period));
}

// The types one deeper than `types`; nothing if an interner runs full.
std::optional<Types> deepen(const std::vector<Word>& words, const Types& types, const TypeLogic& logic,
                            std::size_t max_cells) {
  Interner memories(max_cells), keys(max_cells);
  Types deeper(words.size());
  for (std::size_t w = 0; w < words.size(); ++w) {
    std::vector<int> memory;  // earlier types: a sorted set, or in order of last occurrence when S is there
    int memory_number = memories.number(memory);
    for (std::size_t i = 0; i <= words[w].size(); ++i) {
      std::vector<int> key{symbol_at(words[w], i, logic.period), memory_number};
      if (!logic.since) {
        std::vector<int> window;
        for (std::size_t back = 1; back <= static_cast<std::size_t>(logic.lookback) && back <= i; ++back) {
          insert_sorted(window, types[w][i - back]);
        }
        key.insert(key.end(), window.begin(), window.end());
      }
      deeper[w].push_back(keys.number(key));
      if (memories.full() || keys.full()) return std::nullopt;

      const int here = types[w][i];
      if (logic.since) {
        if (const auto at = std::find(memory.begin(), memory.end(), here); at != memory.end())
          memory.erase(at);
        memory.push_back(here);
        memory_number = memories.number(memory);
      } else if (logic.before) {
        const std::size_t known = memory.size();
        insert_sorted(memory, here);
        if (memory.size() != known) memory_number = memories.number(memory);
      }
    }
  }
  return deeper;
}

}  // namespace

std::optional<Types> position_types(const std::vector<Word>& words, int depth, const TypeLogic& logic,
                                    std::size_t max_cells) {
  Types types(words.size());
  for (std::size_t w = 0; w < words.size(); ++w) {
    for (std::size_t i = 0; i <= words[w].size(); ++i)
      types[w].push_back(symbol_at(words[w], i, logic.period));
  }
  for (int r = 0; r < depth; ++r) {
    auto deeper = deepen(words, types, logic, max_cells);
    if (!deeper) return std::nullopt;
    types = std::move(*deeper);
  }
  return types;
}

std::optional<bool> same_type_at_end(const Word& a, const Word& b, int depth, const TypeLogic& logic) {
  const auto types = position_types({a, b}, depth, logic);
  if (!types) return std::nullopt;
  return (*types)[0].back() == (*types)[1].back();
}

}  // namespace yore::expressivity
