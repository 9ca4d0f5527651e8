#include "yore/automata/state_words.h"

#include <stdexcept>
#include <utility>

#include "yore/base/budget.h"

namespace yore::automata {

std::vector<std::optional<Word>> words_from(const Dfa& dfa, State from) {
  std::vector<std::optional<Word>> words(dfa.states);
  std::vector<State> order{from};
  words[from] = Word{};
  for (std::size_t head = 0; head < order.size(); ++head)
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      const State q = order[head], r = dfa.step(q, a);
      if (words[r]) continue;
      words[r] = words[q];
      words[r]->push_back(a);
      order.push_back(r);
    }
  return words;
}

std::vector<Word> access_words(const Dfa& dfa) {
  std::vector<Word> result;
  for (auto& word : words_from(dfa, dfa.start)) {
    if (!word) throw std::invalid_argument("access_words: a state cannot be reached");
    result.push_back(std::move(*word));
  }
  return result;
}

std::vector<Word> characterising_words(const Dfa& dfa) {
  std::vector<Word> words{{}};
  // accepted[w][q]: word w is accepted from state q. Two states of the same group agree on all words so far.
  std::vector<std::vector<char>> accepted{dfa.accepting};
  for (char& answer : accepted[0]) answer = answer != 0 ? 1 : 0;
  std::vector<int> group(accepted[0].begin(), accepted[0].end());
  base::Budget budget("looking for words that tell states apart");
  for (;;) {
    budget.spend();
    // The first state of each group is compared with the others. Of all pairs that some letter leads into
    // different groups the one with the shortest word splits its group: so words come by length, and the
    // first in the list that tells two states apart is a shortest.
    std::vector<State> first(static_cast<std::size_t>(dfa.states) + 1, -1);
    std::optional<std::pair<Symbol, std::size_t>> best;
    bool together = false;
    for (State q = 0; q < dfa.states; ++q) {
      State& leader = first[group[q]];
      if (leader < 0) {
        leader = q;
        continue;
      }
      together = true;
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
        const State r = dfa.step(leader, a), s = dfa.step(q, a);
        if (group[r] == group[s]) continue;
        std::size_t w = 0;
        while (accepted[w][r] == accepted[w][s]) ++w;
        if (!best || words[w].size() < words[best->second].size()) best = {a, w};
      }
    }
    if (!best) {
      if (together) throw std::invalid_argument("characterising_words: two states accept the same words");
      return words;
    }
    const auto [a, w] = *best;
    Word longer{a};
    longer.insert(longer.end(), words[w].begin(), words[w].end());
    words.push_back(std::move(longer));
    std::vector<char> row;
    for (State q = 0; q < dfa.states; ++q) row.push_back(accepted[w][dfa.step(q, a)]);
    accepted.push_back(std::move(row));
    // Groups are numbered anew by (group, answer), in the order they appear.
    std::vector<int> number(2 * (static_cast<std::size_t>(dfa.states) + 1), -1);
    int groups = 0;
    for (State q = 0; q < dfa.states; ++q) {
      int& fresh = number[2 * group[q] + accepted.back()[q]];
      if (fresh < 0) fresh = groups++;
      group[q] = fresh;
    }
  }
}

}  // namespace yore::automata
