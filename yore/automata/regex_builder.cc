#include "yore/automata/regex_builder.h"

#include <algorithm>
#include <utility>

#include "yore/base/error.h"

namespace yore::automata {

using logic::Regex;
using logic::RegexPtr;
using logic::Symbol;

namespace {

// The parser refuses higher counts unless told otherwise, and the result should be readable everywhere.
constexpr int kMaxCount = 1000;

}  // namespace

// Shared or not, what is stored must stay within a small multiple of what may be printed.
RegexBuilder::RegexBuilder(std::size_t max_length)
    : max_length_(max_length),
      stored_("writing the automaton as a regex (what is stored, 16 times as much as may be written)",
              {.count = max_length > base::kNoLimit / 16 ? base::kNoLimit : 16 * max_length,
               .option = "max-regex"}) {
  none_ = letters({});
  epsilon_ = intern({Kind::Epsilon, {}, {}, 0, -1, true, 1});
}

RegexBuilder::Id RegexBuilder::intern(Node node) {
  for (Id child : node.children) node.length += nodes_[child].length;
  stored_.spend(0);
  if (node.length > static_cast<double>(max_length_))
    throw base::BudgetError("max-regex", max_length_, "writing the automaton as a regex");
  std::uint64_t hash = static_cast<std::uint64_t>(node.kind);
  const auto mix = [&](int value) {
    hash = (hash ^ static_cast<std::uint32_t>(value)) * 0xBF58476D1CE4E5B9u;
    hash ^= hash >> 29;
  };
  mix(node.min);
  mix(node.max);
  for (Symbol a : node.letters) mix(a);
  for (Id child : node.children) mix(child);
  std::vector<Id>& bucket = by_hash_[hash];
  for (Id id : bucket) {
    const Node& known = nodes_[id];
    if (known.kind == node.kind && known.min == node.min && known.max == node.max &&
        known.letters == node.letters && known.children == node.children)
      return id;
  }
  stored_.spend(node.children.size() + node.letters.size() + 1);
  bucket.push_back(static_cast<Id>(nodes_.size()));
  nodes_.push_back(std::move(node));
  return bucket.back();
}

RegexBuilder::Id RegexBuilder::letters(std::vector<Symbol> symbols) {
  std::sort(symbols.begin(), symbols.end());
  symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
  return intern({Kind::Letters, std::move(symbols), {}, 0, -1, false, 1});
}

bool RegexBuilder::is_repeat(Id id, int min, int max) const {
  const Node& node = nodes_[id];
  return node.kind == Kind::Repeat && node.min == min && node.max == max;
}

// The expression as a sequence of factors.
std::vector<RegexBuilder::Id> RegexBuilder::items(Id id) const {
  if (nodes_[id].kind == Kind::Concat) return nodes_[id].children;
  if (id == epsilon_) return {};
  return {id};
}

RegexBuilder::Id RegexBuilder::repeat(Id a, int min, int max) {
  return intern({Kind::Repeat, {}, {a}, min, max, min == 0 || nodes_[a].nullable, 1});
}

RegexBuilder::Id RegexBuilder::optional(Id a) {
  if (nodes_[a].nullable) return a;
  if (a == none_) return epsilon_;
  if (is_repeat(a, 1, -1)) return star(nodes_[a].children[0]);
  // (x x?)? = x{0,2}, (x x{0,2})? = x{0,3} and so on
  if (const Node& node = nodes_[a]; node.kind == Kind::Concat && node.children.size() == 2) {
    const Id once = node.children[0];
    const Node& more = nodes_[node.children[1]];
    if (more.kind == Kind::Repeat && more.min == 0 && more.max > 0 && more.max < kMaxCount &&
        more.children[0] == once)
      return repeat(once, 0, more.max + 1);
  }
  return repeat(a, 0, 1);
}

RegexBuilder::Id RegexBuilder::plus(Id a) {
  if (a == none_ || a == epsilon_ || is_repeat(a, 1, -1)) return a;
  if (nodes_[a].nullable) return star(a);
  // (x* y)+ = [xy]* y and (x y*)+ = x [xy]* where x and y are letters: .*a reads better than (b*a)+.
  if (const std::vector<Id> pair = items(a); pair.size() == 2) {
    for (const bool star_first : {true, false}) {
      const Id starred = pair[star_first ? 0 : 1], single = pair[star_first ? 1 : 0];
      if (!is_star(starred) || nodes_[single].kind != Kind::Letters) continue;
      const Id inner = nodes_[starred].children[0];
      if (nodes_[inner].kind != Kind::Letters) continue;
      const Id any = star(unite(inner, single));
      return star_first ? concat(any, single) : concat(single, any);
    }
  }
  return repeat(a, 1, -1);
}

RegexBuilder::Id RegexBuilder::star(Id a) {
  if (a == none_ || a == epsilon_) return epsilon_;
  const Node node = nodes_[a];
  if (node.kind == Kind::Repeat) return star(node.children[0]);
  // (r* | s)* = (r | s)*, and (r* s*)* = (r | s)*: each part alone can be had by leaving the others empty.
  const bool split = node.kind == Kind::Union || (node.kind == Kind::Concat && node.nullable);
  if (split) {
    std::vector<Id> parts;
    for (Id child : node.children)
      parts.push_back(nodes_[child].kind == Kind::Repeat ? nodes_[child].children[0] : child);
    const Id united = unite(parts);
    if (united != a) return star(united);
  }
  return repeat(a, 0, -1);
}

RegexBuilder::Id RegexBuilder::sequence(const std::vector<Id>& items) {
  if (items.empty()) return epsilon_;
  if (items.size() == 1) return items[0];
  const bool nullable = std::all_of(items.begin(), items.end(), [&](Id id) { return nodes_[id].nullable; });
  return intern({Kind::Concat, {}, items, 0, -1, nullable, 0});
}

RegexBuilder::Id RegexBuilder::concat(Id a, Id b) {
  if (a == none_ || b == none_) return none_;
  std::vector<Id> joined = items(a);
  for (Id id : items(b)) append(joined, id);
  return sequence(joined);
}

void RegexBuilder::append(std::vector<Id>& joined, Id id) {
  if (!merge_tail(joined, id)) joined.push_back(id);
}

// Tries to melt `next` into the end of a sequence; true if it is dealt with.
bool RegexBuilder::merge_tail(std::vector<Id>& joined, Id next) {
  if (joined.empty()) return false;
  const auto replace_tail = [&](std::size_t count, Id by) {
    joined.resize(joined.size() - count);
    for (Id id : items(by)) append(joined, id);
    return true;
  };
  const Id last = joined.back();
  const Node node = nodes_[next];
  const bool same_base = node.kind == Kind::Repeat && nodes_[last].kind == Kind::Repeat &&
                         nodes_[last].children == node.children;
  // r* r* = r* r? = r? r* = r*;  r* r+ = r+ r* = r+ r? = r? r+ = r+. Not r+ r+ = r{2,}: star() counts on
  // least counts of 0 and 1.
  if (same_base && (node.max < 0 || nodes_[last].max < 0) && node.min + nodes_[last].min <= 1)
    return replace_tail(1, repeat(node.children[0], node.min + nodes_[last].min, -1));
  if (node.kind == Kind::Repeat && node.max < 0) {
    const std::vector<Id> inside = items(node.children[0]);
    // r r* = r+, where r may be a sequence
    if (node.min == 0 && inside.size() <= joined.size() &&
        std::equal(inside.rbegin(), inside.rend(), joined.rbegin()))
      return replace_tail(inside.size(), plus(node.children[0]));
    // x* (y x*)* = (x | y)*
    if (node.min == 0 && is_star(last) && inside.size() > 1 && inside.back() == last) {
      const Id rest = sequence({inside.begin(), inside.end() - 1});
      return replace_tail(1, star(unite(nodes_[last].children[0], rest)));
    }
  }
  // (x* y)* x* = (x | y)*
  if (is_star(next) && is_star(last)) {
    const std::vector<Id> inside = items(nodes_[last].children[0]);
    if (inside.size() > 1 && inside.front() == next) {
      const Id rest = sequence({inside.begin() + 1, inside.end()});
      return replace_tail(1, star(unite(node.children[0], rest)));
    }
  }
  // r* r = r+, where r may be a sequence that `next` completes; a few factors back is as far as elimination
  // puts them
  constexpr std::size_t kLookback = 16;
  for (std::size_t count = 1; count <= std::min(joined.size(), kLookback); ++count) {
    const Id candidate = joined[joined.size() - count];
    if (!is_star(candidate)) continue;
    std::vector<Id> after(joined.end() - static_cast<std::ptrdiff_t>(count) + 1, joined.end());
    after.push_back(next);
    if (items(nodes_[candidate].children[0]) == after)
      return replace_tail(count, plus(nodes_[candidate].children[0]));
  }
  return false;
}

// Takes a part of a union apart: single letters, the empty word, everything else.
void RegexBuilder::collect(Id part, std::vector<Id>& members, std::vector<Symbol>& letters,
                           bool& epsilon) const {
  const Node& node = nodes_[part];
  if (node.kind == Kind::Letters) {
    letters.insert(letters.end(), node.letters.begin(), node.letters.end());
  } else if (node.kind == Kind::Union) {
    for (Id child : node.children) collect(child, members, letters, epsilon);
  } else if (part == epsilon_) {
    epsilon = true;
  } else if (is_repeat(part, 0, 1)) {
    epsilon = true;
    collect(node.children[0], members, letters, epsilon);
  } else {
    members.push_back(part);
  }
}

// x r | x s = x (r | s) with x as long as possible, or the same at the back; true if something was found.
bool RegexBuilder::factor(std::vector<Id>& members, bool front) {
  const auto edge = [&](Id id) {
    const Node& node = nodes_[id];
    if (node.kind != Kind::Concat) return id;
    return front ? node.children.front() : node.children.back();
  };
  for (const Id member : members) {
    const auto alike = [&](Id id) { return edge(id) == edge(member); };
    if (std::count_if(members.begin(), members.end(), alike) < 2) continue;
    std::vector<std::vector<Id>> group;
    std::vector<Id> others;
    for (Id id : members) {
      if (!alike(id)) {
        others.push_back(id);
        continue;
      }
      group.push_back(items(id));
      if (!front) std::reverse(group.back().begin(), group.back().end());
    }
    auto shared_end = group[0].end();
    for (const std::vector<Id>& other : group)
      shared_end = std::mismatch(group[0].begin(), shared_end, other.begin(), other.end()).first;
    const auto shared_size = shared_end - group[0].begin();
    const auto in_order = [&](std::vector<Id> sequence_items) {
      if (!front) std::reverse(sequence_items.begin(), sequence_items.end());
      return sequence(sequence_items);
    };
    const Id shared = in_order({group[0].begin(), shared_end});
    std::vector<Id> rests;
    for (const std::vector<Id>& each : group)
      rests.push_back(in_order({each.begin() + shared_size, each.end()}));
    const Id rest = unite(rests);
    others.push_back(front ? concat(shared, rest) : concat(rest, shared));
    members = std::move(others);
    return true;
  }
  return false;
}

RegexBuilder::Id RegexBuilder::unite(const std::vector<Id>& parts) {
  std::vector<Id> members;
  std::vector<Symbol> alone;
  bool epsilon = false;
  for (Id part : parts) collect(part, members, alone, epsilon);
  if (!alone.empty()) members.push_back(letters(alone));
  // r | r+ = r+ and r | r* = r+ | r* = r*
  std::vector<Id> swallowed;
  for (Id member : members) {
    if (!is_star(member) && !is_repeat(member, 1, -1)) continue;
    swallowed.push_back(nodes_[member].children[0]);
    if (is_star(member)) swallowed.push_back(repeat(nodes_[member].children[0], 1, -1));
  }
  std::erase_if(members,
                [&](Id id) { return std::find(swallowed.begin(), swallowed.end(), id) != swallowed.end(); });
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());

  if (members.size() > 1 && (factor(members, true) || factor(members, false))) {
    // What a factored part became may combine with the others in turn.
    if (epsilon) members.push_back(epsilon_);
    return unite(members);
  }
  Id result = none_;
  if (members.size() == 1) result = members[0];
  if (members.size() > 1) {
    const bool nullable =
        std::any_of(members.begin(), members.end(), [&](Id id) { return nodes_[id].nullable; });
    result = intern({Kind::Union, {}, members, 0, -1, nullable, static_cast<double>(members.size() - 1)});
  }
  return epsilon ? optional(result) : result;
}

// Runs of four or more equal factors, and what may follow one, are counted: aaaaa = a{5}, a a{0,4} = a{1,5}.
std::vector<RegexPtr> RegexBuilder::counted(const std::vector<Id>& sequence,
                                            const std::vector<RegexPtr>& built) const {
  constexpr int kWorthCounting = 4;
  std::vector<RegexPtr> result;
  for (std::size_t i = 0; i < sequence.size();) {
    const Id item = sequence[i];
    int times = 0;
    while (i < sequence.size() && sequence[i] == item && times < kMaxCount) ++i, ++times;
    const Node* after = i < sequence.size() ? &nodes_[sequence[i]] : nullptr;
    const bool range = after && after->kind == Kind::Repeat && after->min == 0 && after->max > 1 &&
                       after->children[0] == item && times + after->max <= kMaxCount;
    if (range || times >= kWorthCounting) {
      const int max = times + (range ? after->max : 0);
      result.push_back(std::make_shared<Regex>(Regex{Kind::Repeat, {}, {built[item]}, times, max}));
      if (range) ++i;
    } else {
      result.insert(result.end(), static_cast<std::size_t>(times), built[item]);
    }
  }
  return result;
}

RegexPtr RegexBuilder::build(Id root) const {
  // Children have smaller ids than their parents.
  std::vector<char> needed(static_cast<std::size_t>(root) + 1, 0);
  needed[root] = 1;
  for (Id id = root; id >= 0; --id) {
    if (!needed[id]) continue;
    for (Id child : nodes_[id].children) needed[child] = 1;
  }
  std::vector<RegexPtr> built(static_cast<std::size_t>(root) + 1);
  for (Id id = 0; id <= root; ++id) {
    if (!needed[id]) continue;
    const Node& node = nodes_[id];
    auto regex = std::make_shared<Regex>(Regex{node.kind, node.letters, {}, node.min, node.max});
    if (node.kind == Kind::Concat)
      regex->children = counted(node.children, built);
    else
      for (Id child : node.children) regex->children.push_back(built[child]);
    built[id] = regex;
    if (node.kind == Kind::Concat && regex->children.size() == 1) built[id] = regex->children[0];
  }
  return built[root];
}

}  // namespace yore::automata
