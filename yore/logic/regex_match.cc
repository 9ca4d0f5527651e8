// Membership by definition: for each node the relation {(i, j) : word[i..j) matches}, bottom-up. No
// automaton.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "yore/logic/regex.h"

namespace yore::logic {
namespace {

// A set of pairs of positions 0..n, as a square table. Composition is concatenation of languages.
class Relation {
 public:
  explicit Relation(std::size_t points, bool value = false)
      : points_(points), bits_(points * points, value) {}
  static Relation identity(std::size_t points) {
    Relation r(points);
    for (std::size_t i = 0; i < points; ++i) r.set(i, i);
    return r;
  }

  bool at(std::size_t i, std::size_t j) const { return bits_[i * points_ + j] != 0; }
  void set(std::size_t i, std::size_t j) { bits_[i * points_ + j] = 1; }

  void unite(const Relation& other) {
    for (std::size_t k = 0; k < bits_.size(); ++k) bits_[k] |= other.bits_[k];
  }
  void intersect(const Relation& other) {
    for (std::size_t k = 0; k < bits_.size(); ++k) bits_[k] &= other.bits_[k];
  }
  // Substrings run forwards: pairs with i > j stay out of every relation.
  Relation complement() const {
    Relation r(points_);
    for (std::size_t i = 0; i < points_; ++i)
      for (std::size_t j = i; j < points_; ++j)
        if (!at(i, j)) r.set(i, j);
    return r;
  }
  Relation then(const Relation& other) const {
    Relation r(points_);
    for (std::size_t i = 0; i < points_; ++i)
      for (std::size_t k = i; k < points_; ++k)
        if (at(i, k))
          for (std::size_t j = k; j < points_; ++j)
            if (other.at(k, j)) r.set(i, j);
    return r;
  }
  // `exponent` copies in sequence, by repeated squaring (counts go up to a thousand, and counts nest).
  Relation power(int exponent) const {
    Relation result = identity(points_), square = *this;
    for (; exponent > 0; exponent /= 2) {
      if (exponent % 2 == 1) result = result.then(square);
      if (exponent > 1) square = square.then(square);
    }
    return result;
  }

 private:
  std::size_t points_;
  std::vector<char> bits_;
};

Relation repeated(const Relation& once, std::size_t points, int min, int max) {
  Relation optional = once;
  optional.unite(Relation::identity(points));
  // Of an unbounded tail only n non-empty pieces can matter.
  const int extra = max == -1 ? static_cast<int>(points) : max - min;
  return once.power(min).then(optional.power(extra));
}

// Nodes below `root`, children first, each once.
std::vector<const Regex*> children_first(const Regex* root) {
  std::vector<const Regex*> order, pending{root};
  std::unordered_map<const Regex*, bool> finished;
  while (!pending.empty()) {
    const Regex* node = pending.back();
    const auto [entry, is_new] = finished.try_emplace(node, false);
    if (is_new) {
      for (const RegexPtr& child : node->children)
        if (!finished.contains(child.get())) pending.push_back(child.get());
      continue;
    }
    pending.pop_back();
    if (!std::exchange(entry->second, true)) order.push_back(node);
  }
  return order;
}

}  // namespace

bool matches(const RegexPtr& regex, const Word& word) {
  const std::size_t points = word.size() + 1;
  std::unordered_map<const Regex*, Relation> matched;
  for (const Regex* node : children_first(regex.get())) {
    const auto child = [&](std::size_t k) -> const Relation& { return matched.at(node->children[k].get()); };
    Relation result(points);
    switch (node->kind) {
      case Regex::Kind::Letters:
        for (std::size_t i = 0; i < word.size(); ++i)
          if (std::binary_search(node->letters.begin(), node->letters.end(), word[i])) result.set(i, i + 1);
        break;
      case Regex::Kind::Epsilon:
        result = Relation::identity(points);
        break;
      case Regex::Kind::Complement:
        result = child(0).complement();
        break;
      case Regex::Kind::Repeat:
        result = repeated(child(0), points, node->min, node->max);
        break;
      case Regex::Kind::Concat:
      case Regex::Kind::Union:
      case Regex::Kind::Intersect:
        result = child(0);
        for (std::size_t k = 1; k < node->children.size(); ++k) {
          if (node->kind == Regex::Kind::Concat)
            result = result.then(child(k));
          else if (node->kind == Regex::Kind::Union)
            result.unite(child(k));
          else
            result.intersect(child(k));
        }
        break;
    }
    matched.insert_or_assign(node, std::move(result));
  }
  return matched.at(regex.get()).at(0, word.size());
}

}  // namespace yore::logic
