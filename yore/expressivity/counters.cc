#include "yore/expressivity/counters.h"

#include <algorithm>
#include <stdexcept>

#include "yore/algebra/semigroup.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {

std::vector<std::vector<State>> cycles_of(const std::vector<State>& image) {
  std::vector<State> tour(image.size(), -1);  // the state whose walk met this one first
  std::vector<std::vector<State>> cycles;
  for (State from = 0; from < static_cast<State>(image.size()); ++from) {
    State q = from;
    for (; tour[static_cast<std::size_t>(q)] < 0; q = image[static_cast<std::size_t>(q)])
      tour[static_cast<std::size_t>(q)] = from;
    if (tour[static_cast<std::size_t>(q)] != from || image[static_cast<std::size_t>(q)] == q) continue;
    std::vector<State> cycle;
    do {
      cycle.push_back(q);
      q = image[static_cast<std::size_t>(q)];
    } while (q != cycle.front());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    cycles.push_back(std::move(cycle));
  }
  std::sort(cycles.begin(), cycles.end());
  return cycles;
}

int least_odd_prime(int n) {
  while (n % 2 == 0) n /= 2;
  for (int p = 3; p <= n / p; p += 2)
    if (n % p == 0) return p;
  return n > 1 ? n : 0;
}

MapSearch find_odd_counter(const Dfa& dfa, std::size_t max_maps, int period, StateMap& found) {
  const auto odd = [](const std::vector<State>& image) {
    const auto cycles = cycles_of(image);
    return std::any_of(cycles.begin(), cycles.end(), [](const std::vector<State>& cycle) {
      return least_odd_prime(static_cast<int>(cycle.size())) != 0;
    });
  };
  return search_maps(dfa, algebra::affordable_elements(max_maps, dfa.states), odd, found, period);
}

std::optional<StateMap> find_counting_letter(const Dfa& dfa) {
  for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
    std::vector<State> image;
    for (State q = 0; q < dfa.states; ++q) image.push_back(dfa.step(q, a));
    if (!cycles_of(image).empty()) return StateMap{{a}, std::move(image)};
  }
  return std::nullopt;
}

Counter counter_of(const Dfa& dfa, const StateMap& map, bool odd, std::size_t max_pairs) {
  for (const std::vector<State>& cycle : cycles_of(map.image)) {
    const int length = static_cast<int>(cycle.size());
    const int period = odd ? least_odd_prime(length) : length;
    if (period == 0) continue;
    Counter counter;
    for (int i = 0; i < length; i += length / period)
      counter.states.push_back(cycle[static_cast<std::size_t>(i)]);
    counter.s = *path_word(dfa, dfa.start, counter.states[0]);
    for (int i = 0; i < length / period; ++i)
      counter.u.insert(counter.u.end(), map.word.begin(), map.word.end());
    counter.z = separator(dfa, counter.states[0], counter.states[1], max_pairs);
    for (int i = 0; i < period; ++i)
      if (dfa.accepting[static_cast<std::size_t>(
              dfa.run(counter.states[static_cast<std::size_t>(i)], counter.z))])
        counter.accepted.push_back(i);
    return counter;
  }
  throw std::invalid_argument("counter_of: the map has no such cycle");
}

}  // namespace yore::expressivity
