#include "yore/automata/word_search.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "yore/automata/edit.h"
#include "yore/automata/sampler.h"
#include "yore/automata/state_words.h"
#include "yore/base/budget.h"
#include "yore/base/random.h"

namespace yore::automata {
namespace {

constexpr std::uint64_t kWordSearch = 0x776f726473;  // "words", first key of the random stream

// The next word of the same length in symbol order; false after the last.
bool advance(Word& word, int letters) {
  for (std::size_t i = word.size(); i-- > 0; word[i] = 0)
    if (++word[i] < letters) return true;
  return false;
}

Word joined(const Word& a, const Word& b, const Word& c) {
  Word word = a;
  word.insert(word.end(), b.begin(), b.end());
  word.insert(word.end(), c.begin(), c.end());
  return word;
}

// One call of a WordSearch. Each kind of word is a function that says whether to stop: a difference was
// found, or an interrupt came.
class Comparison {
 public:
  Comparison(BlackBox& box, const Dfa& hypothesis, const SearchOptions& options, std::uint64_t call)
      : box_(box),
        dfa_(minimise(hypothesis)),
        options_(options),
        letters_(dfa_.alphabet.size()),
        access_(access_words(dfa_)),
        characterising_(characterising_words(dfa_)),
        random_({kWordSearch, options.seed, call}) {}

  void search() { exhaustive() || cover() || loops() || drawn(); }
  const Searched& searched() const { return searched_; }
  const std::optional<Word>& found() const { return found_; }

 private:
  bool fits(std::size_t length) const { return length <= static_cast<std::size_t>(options_.max_length); }

  bool offer(Word word) {
    if (!seen_.insert(word).second) return false;
    batch_.push_back(std::move(word));
    return batch_.size() >= options_.batch && flush();
  }

  bool flush() {
    if (!compared_.take(batch_.size())) return true;
    const std::vector<char> answers = box_.ask(batch_);
    for (std::size_t i = 0; i < batch_.size(); ++i)
      if (dfa_.accepts(batch_[i]) != (answers[i] != 0) && (!found_ || batch_[i].size() < found_->size()))
        found_ = batch_[i];
    searched_.words = static_cast<std::int64_t>(compared_.count());
    batch_.clear();
    return found_.has_value();
  }

  bool exhaustive() {
    std::int64_t left = options_.exhaustive_words;
    int complete = -1;
    for (int length = 0; fits(length) && left > 0 && (letters_ > 0 || length == 0); ++length) {
      Word word(static_cast<std::size_t>(length), 0);
      bool more = true;
      for (; more && left > 0; --left, more = advance(word, letters_))
        if (offer(word)) return true;
      if (!more) complete = length;
    }
    if (flush()) return true;
    searched_.exhaustive_length = complete;
    return false;
  }

  // By length of the middle word, so that a spent budget has still covered the moves next to each state.
  bool cover() {
    const std::size_t before = seen_.size();
    int complete = -1;  // length of the middle words all of which were compared
    for (bool all = true; complete <= options_.extra_states; ++complete) {
      if (letters_ == 0 && complete == 0) return covered(options_.extra_states);  // there are no others
      Word middle(static_cast<std::size_t>(complete) + 1, 0);
      if (!fits(middle.size())) break;
      do
        for (const Word& access : access_)
          for (const Word& suffix : characterising_) {
            if (static_cast<std::int64_t>(seen_.size() - before) >= options_.cover_words)
              return covered(complete - 1);
            const bool short_enough = fits(access.size() + middle.size() + suffix.size());
            all = all && short_enough;
            if (short_enough && offer(joined(access, middle, suffix))) return true;
          }
      while (advance(middle, letters_));
      if (!all) break;
    }
    return covered(complete - 1);
  }

  bool covered(int extra_states) {
    if (flush()) return true;
    searched_.extra_states = std::max(-1, extra_states);
    return false;
  }

  // A cycle through each move, or an empty word where no way leads back. By state and symbol.
  std::vector<Word> cycles() const {
    std::vector<Word> result(dfa_.next.size());
    for (State r = 0; r < dfa_.states; ++r) {
      const auto back = words_from(dfa_, r);
      for (std::size_t cell = 0; cell < dfa_.next.size(); ++cell) {
        const std::size_t q = cell / static_cast<std::size_t>(letters_);
        const auto a = static_cast<Symbol>(cell % static_cast<std::size_t>(letters_));
        if (dfa_.next[cell] == r && back[q]) result[cell] = joined({a}, *back[q], {});
      }
    }
    return result;
  }

  bool loops() {
    if (options_.loop_words == 0) return false;
    std::vector<Word> repeated = cycles();
    const std::size_t before = seen_.size();
    for (bool any = true; any;) {
      any = false;
      for (std::size_t cell = 0; cell < repeated.size(); ++cell) {
        Word& cycle = repeated[cell];
        if (cycle.empty()) continue;  // no cycle, or it has become too long
        cycle = joined(cycle, cycle, {});
        const Word& access = access_[cell / static_cast<std::size_t>(letters_)];
        if (!fits(access.size() + cycle.size())) {
          cycle.clear();
          continue;
        }
        for (const Word& suffix : characterising_) {
          if (static_cast<std::int64_t>(seen_.size() - before) >= options_.loop_words) return flush();
          if (!fits(access.size() + cycle.size() + suffix.size())) continue;
          any = true;
          if (offer(joined(access, cycle, suffix))) return true;
        }
      }
    }
    return flush();
  }

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_.below(n)); }

  Word uniform(int max_length) {
    Word word(letters_ == 0 ? 0 : below(static_cast<std::size_t>(max_length) + 1));
    for (Symbol& a : word) a = static_cast<Symbol>(below(static_cast<std::size_t>(letters_)));
    return word;
  }

  // A side of the hypothesis with the lengths it has words of.
  struct Side {
    Side(const Dfa& dfa, int max_length) : sampler(dfa, max_length) {
      for (int length = 0; length <= max_length; ++length)
        if (sampler.count(length) != 0) lengths.push_back(length);
    }
    WordSampler sampler;
    std::vector<int> lengths;
  };

  Word from(const Side& side) {
    if (side.lengths.empty()) return uniform(options_.max_length);
    return *side.sampler.draw(side.lengths[below(side.lengths.size())], random_);
  }

  Word detour() {
    const Word& access = access_[below(access_.size())];
    const Word& suffix = characterising_[below(characterising_.size())];
    const int room = options_.max_length - static_cast<int>(access.size() + suffix.size());
    if (room < 0) return uniform(options_.max_length);
    // In 2 n letters a random walk has seen most of n states; more only makes the words longer.
    return joined(access, uniform(std::min(room, 2 * dfa_.states)), suffix);
  }

  bool drawn() {
    if (options_.random_words == 0) return false;
    const Side accepted(dfa_, options_.max_length), rejected(complement(dfa_), options_.max_length);
    for (std::int64_t i = 0; i < options_.random_words; ++i) {
      Word word;
      switch (i % 5) {
        case 0:
          word = uniform(options_.max_length);
          break;
        case 1:
          word = from(accepted);
          break;
        case 2:
          word = from(rejected);
          break;
        case 3: {
          word = from(accepted);
          const auto edits = 1 + below(static_cast<std::size_t>(options_.max_edits));
          if (letters_ > 0) edit(word, static_cast<int>(edits), letters_, 0, options_.max_length, random_);
          break;
        }
        default:
          word = detour();
      }
      if (offer(std::move(word))) return true;
    }
    return flush();
  }

  BlackBox& box_;
  Dfa dfa_;
  SearchOptions options_;
  int letters_;
  std::vector<Word> access_, characterising_;
  base::Random random_;
  std::vector<Word> batch_;
  std::unordered_set<Word, WordHash> seen_;
  base::Budget compared_{"comparing the hypothesis with the black box"};
  Searched searched_;
  std::optional<Word> found_;
};

}  // namespace

WordSearch::WordSearch(BlackBox& box, const SearchOptions& options) : box_(box), options_(options) {
  const std::int64_t smallest =
      std::min({options.exhaustive_words, options.cover_words, options.loop_words, options.random_words,
                std::int64_t{options.max_length}, std::int64_t{options.extra_states}});
  if (smallest < 0 || options.max_edits < 1 || options.batch < 1)
    throw std::invalid_argument("WordSearch: options out of range");
}

std::optional<Word> WordSearch::operator()(const Dfa& hypothesis) {
  if (hypothesis.alphabet != box_.alphabet()) throw std::invalid_argument("WordSearch: the alphabets differ");
  Comparison comparison(box_, hypothesis, options_, call_++);
  comparison.search();
  last_ = comparison.searched();
  compared_ += last_.words;
  return comparison.found();
}

}  // namespace yore::automata
