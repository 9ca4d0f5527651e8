#include "yore/expressivity/types.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "yore/automata/dfa.h"
#include "yore/base/random.h"
#include "yore/logic/formula.h"

namespace yore::expressivity {
namespace {

using logic::Symbol;

// Every position of every word up to a length, EOS included: the small world in which all formulas are tried.
struct World {
  std::vector<Word> words;
  std::vector<std::pair<int, int>> places;  // (word, position)
  explicit World(int letters, int max_length) {
    automata::for_all_words(letters, max_length, [this](const Word& word) { words.push_back(word); });
    for (std::size_t w = 0; w < words.size(); ++w) {
      for (std::size_t i = 0; i <= words[w].size(); ++i) places.emplace_back(w, i);
    }
  }
};

using Truth = std::vector<char>;  // one bit a place

// The truth of an operator applied to sets of places, straight from its definition.
Truth apply(const World& world,
            const std::function<bool(std::size_t first_place_of_word, int position)>& holds) {
  Truth truth;
  std::size_t first = 0;
  for (std::size_t p = 0; p < world.places.size(); ++p) {
    if (world.places[p].second == 0) first = p;
    truth.push_back(holds(first, world.places[p].second));
  }
  return truth;
}

// Which places no formula of depth <= r tells apart, by trying ALL formulas: those of depth 0 are the unions
// of letter classes; all of depth r + 1 are boolean combinations of letters and operators applied to unions
// of depth-r classes.
std::vector<int> classes_by_brute_force(const World& world, int letters, int depth, const TypeLogic& logic) {
  std::vector<Truth> generators;
  for (Symbol a = 0; a < letters; ++a) {
    generators.push_back({});
    for (const auto& [w, i] : world.places) {
      generators.back().push_back(i < static_cast<int>(world.words[w].size()) && world.words[w][i] == a);
    }
  }
  const std::vector<Truth> letter_truths = generators;
  const auto classes_of = [&](const std::vector<Truth>& truths) {
    std::map<Truth, int> numbers;
    std::vector<int> classes;
    for (std::size_t p = 0; p < world.places.size(); ++p) {
      Truth signature;
      for (const Truth& truth : truths) signature.push_back(truth[p]);
      classes.push_back(numbers.emplace(signature, static_cast<int>(numbers.size())).first->second);
    }
    return classes;
  };
  std::vector<int> classes = classes_of(generators);
  for (int r = 0; r < depth; ++r) {
    const int count = 1 + *std::max_element(classes.begin(), classes.end());
    EXPECT_LE(count, 16) << "too many classes to try all unions";
    std::set<Truth> next(letter_truths.begin(), letter_truths.end());
    const auto in = [&](std::uint32_t set, std::size_t place) { return (set >> classes[place] & 1) != 0; };
    for (std::uint32_t f = 0; f < 1u << count; ++f) {
      if (logic.since) {
        for (std::uint32_t g = 0; g < 1u << count; ++g) {
          next.insert(apply(world, [&](std::size_t word, int i) {
            for (int j = i - 1; j >= 0; --j) {
              if (in(g, word + j)) return true;
              if (!in(f, word + j)) return false;
            }
            return false;
          }));
        }
        continue;
      }
      if (logic.before) {
        next.insert(apply(world, [&](std::size_t word, int i) {
          for (int j = 0; j < i; ++j) {
            if (in(f, word + j)) return true;
          }
          return false;
        }));
      }
      if (logic.lookback > 0) {
        next.insert(apply(world, [&](std::size_t word, int i) {
          for (int j = std::max(0, i - logic.lookback); j < i; ++j) {
            if (in(f, word + j)) return true;
          }
          return false;
        }));
      }
    }
    classes = classes_of({next.begin(), next.end()});
  }
  return classes;
}

void expect_same_partition(int letters, int max_length, int depth, const TypeLogic& logic) {
  const World world(letters, max_length);
  const auto expected = classes_by_brute_force(world, letters, depth, logic);
  const auto types = position_types(world.words, depth, logic);
  ASSERT_TRUE(types.has_value());
  std::map<int, int> type_of_class, class_of_type;
  for (std::size_t p = 0; p < world.places.size(); ++p) {
    const int type = (*types)[world.places[p].first][world.places[p].second];
    EXPECT_EQ(type_of_class.emplace(expected[p], type).first->second, type)
        << "a type is finer than all formulas";
    EXPECT_EQ(class_of_type.emplace(type, expected[p]).first->second, expected[p])
        << "a formula is finer than its type";
  }
  EXPECT_GT(type_of_class.size(), 1u);
}

TEST(Types, AreWhatAllFormulasTellApart) {
  for (const int letters : {1, 2}) {
    const int length = letters == 1 ? 6 : 4;
    for (int depth = 0; depth <= 2; ++depth) {
      SCOPED_TRACE(testing::Message() << letters << " letters, depth " << depth);
      expect_same_partition(letters, length, depth, {.before = true});
      for (const int k : {1, 2, 3}) expect_same_partition(letters, length, depth, {.lookback = k});
    }
    for (int depth = 0; depth <= (letters == 1 ? 2 : 1); ++depth) {
      SCOPED_TRACE(testing::Message() << letters << " letters, depth " << depth);
      for (const int k : {1, 2})
        expect_same_partition(letters, length, depth, {.lookback = k, .before = true});
      expect_same_partition(letters, length, depth, {.since = true});
    }
  }
  expect_same_partition(1, 7, 3, {.before = true});
  expect_same_partition(1, 7, 3, {.lookback = 2});
  expect_same_partition(1, 5, 3, {.since = true});
}

// Deeper than all formulas can be tried: syntactic formulas, evaluated by the logic folder.
TEST(Types, RespectEveryFormulaUpToASize) {
  logic::FormulaGraph graph(false);
  std::vector<std::pair<logic::NodeId, int>> formulas{{graph.letter(0), 0},
                                                      {graph.constant(true), 0}};  // with depth
  std::size_t begin = 0;
  for (int round = 0; round < 3; ++round) {
    const std::size_t end = formulas.size();
    for (std::size_t i = begin; i < end; ++i) {
      const auto [f, depth] = formulas[i];
      formulas.emplace_back(graph.negation(f), depth);
      formulas.emplace_back(graph.before(f), depth + 1);
      formulas.emplace_back(graph.yesterday(f), depth + 1);
      if (round == 2) continue;
      for (std::size_t j = 0; j < i; ++j) {
        formulas.emplace_back(graph.conjunction({f, formulas[j].first}), std::max(depth, formulas[j].second));
        formulas.emplace_back(graph.since(f, formulas[j].first), std::max(depth, formulas[j].second) + 1);
      }
    }
    begin = end;
  }
  const World world(2, 5);
  std::vector<std::vector<std::vector<int>>> types;
  for (int depth = 0; depth <= 3; ++depth)
    types.push_back(*position_types(world.words, depth, {.since = true}));
  std::vector<std::vector<std::vector<char>>> truth;
  for (const Word& word : world.words) truth.push_back(logic::evaluate_all(graph, word));
  int checked = 0;
  for (const auto& [f, depth] : formulas) {
    if (depth > 3) continue;
    ++checked;
    std::map<int, char> value_of_type;
    for (std::size_t w = 0; w < world.words.size(); ++w) {
      const char value = truth[w][f].back();
      ASSERT_EQ(value_of_type.emplace(types[depth][w].back(), value).first->second, value);
    }
  }
  EXPECT_GT(checked, 400);
}

TEST(Types, GiveUpWhenTheyDoNotFit) {
  base::Random random(1);
  Word word(500);
  for (auto& letter : word) letter = static_cast<Symbol>(random.below(2));
  EXPECT_FALSE(position_types({word}, 3, {.since = true}, 1'000).has_value());
  EXPECT_TRUE(same_type_at_end(word, word, 2, {.before = true}).value());
}

}  // namespace
}  // namespace yore::expressivity
