// What masks are for: other masks, one word at a time, and no mask.
#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "by_yore.h"
#include "lesson.h"
#include "picture.h"
#include "yore/base/files.h"

namespace {

const Mask kAll, kStrict{.own = false}, kWindow{.lookback = 2}, kStrictWindow{.own = false, .lookback = 1},
    kOwn{.lookback = 0}, kNoMask{.future = true};

/// What each word of the text has gathered.
Matrix gathered(const Projected& p, const Mask& mask) {
  return mix(weights(scores(p.queries, p.keys), mask), p.values);
}

std::vector<int> without_last(std::vector<int> text) {
  text.pop_back();
  return text;
}

}  // namespace

void show_masks(const Lesson& lesson) {
  const Projected& p = lesson.seen;
  double largest = 0;
  fmt::print("{:<26}{:>5}  {:<64}{:<7}{}\n", "mask", "pairs", "the(2) looks at", "next", "right");
  for (const auto& [name, mask] : {std::pair{"all earlier words, itself", kAll},
                                   {"all earlier words", kStrict},
                                   {"2 earlier words, itself", kWindow},
                                   {"the word before", kStrictWindow},
                                   {"itself", kOwn}}) {
    const Matrix shares = weights(lesson.all_scores, mask);
    const Matrix rows = mix(shares, p.values);
    largest = std::max(largest, checked_difference(p, rows, by_kernel(p.queries, p.keys, p.values, mask)));
    std::string looks;
    int pairs = 0;
    for (int i = 0; i < static_cast<int>(shares.size()); ++i)
      for (int j = 0; j <= i; ++j) pairs += mask.lets(i, j);
    for (std::size_t j = 0; j <= kFollowed; ++j)
      if (mask.lets(static_cast<int>(kFollowed), static_cast<int>(j)))
        looks += fmt::format("{} {:.2f} ", lesson.labels[j], shares[kFollowed][j]);
    const Matrix next = next_words(lesson.model, p.words, rows);
    const auto best =
        std::max_element(next[kFollowed].begin(), next[kFollowed].end()) - next[kFollowed].begin();
    fmt::print("{:<26}{:>5}  {:<64}{:<7}{}\n", name, pairs, looks,
               lesson.model.words[static_cast<std::size_t>(best)], right(lesson, next));
  }
  fmt::print("largest difference to yore's kernel: {:.6f}\n", largest);
}

void show_steps(const Lesson& lesson) {
  const Projected& p = lesson.seen;
  const Mask mask = lesson.model.mask;
  const Matrix at_once = gathered(p, mask);
  Projected kept;  // from step to step: keys and values
  int scores_made = 0, began_again = 0;
  fmt::print("step  word    scores  gathers{:>23}row of all at once{:>12}difference\n", "", "");
  for (std::size_t t = 0; t < lesson.labels.size(); ++t) {
    kept.keys.push_back(p.keys[t]);
    kept.values.push_back(p.values[t]);
    const Row shares = weights(scores({p.queries[t]}, kept.keys)[0], static_cast<int>(t), mask);
    const Row row = mix({shares}, kept.values)[0];
    int seen = 0;
    for (std::size_t j = 0; j <= t; ++j) seen += mask.lets(static_cast<int>(t), static_cast<int>(j));
    scores_made += seen;
    began_again += scores_made;
    fmt::print("{:>4}  {:<6}{:>8}{}  {}{:>12.6f}\n", t + 1, lesson.labels[t], seen, columns(row),
               columns(at_once[t]), difference(row, at_once[t]));
  }
  fmt::print("scores: {} with keys and values kept, {} if every step began again\n", scores_made,
             began_again);
  fmt::print("largest difference to yore's state, fed word by word: {:.6f}\n",
             checked_difference(p, at_once, by_state(p.queries, p.keys, p.values, mask)));
}

void show_unmasked(const Lesson& lesson) {
  const Mask mask = lesson.model.mask;
  Mask open_mask = mask;
  open_mask.future = true;
  std::vector<int> changed = without_last(lesson.text);
  changed.back() = numbers_of(lesson.model, {"pizza"})[0];
  const Projected other = project(lesson.model, changed);
  const Matrix masked = gathered(lesson.seen, mask), masked_other = gathered(other, mask);
  const Matrix open = gathered(lesson.seen, open_mask), open_other = gathered(other, open_mask);
  fmt::print("what changes when the last word becomes \"pizza\"\nword    masked  unmasked\n");
  for (std::size_t i = 0; i < lesson.labels.size(); ++i)
    fmt::print("{:<6}{:>8.2f}{:>10.2f}\n", lesson.labels[i], difference(masked[i], masked_other[i]),
               difference(open[i], open_other[i]));
  fmt::print("right next words: {} of 11 masked, {} of 11 unmasked\n",
             right(lesson, next_words(lesson.model, lesson.seen.words, masked)),
             right(lesson, next_words(lesson.model, lesson.seen.words, open)));
}

void show_generated(const Lesson& lesson) {
  std::vector<int> text = {lesson.text[0]};
  while (text.size() < lesson.text.size()) {
    const Row next = next_words(lesson.model, text).back();
    text.push_back(static_cast<int>(std::max_element(next.begin(), next.end()) - next.begin()));
  }
  std::string out;
  for (int number : text)
    out += (out.empty() ? "" : " ") + lesson.model.words[static_cast<std::size_t>(number)];
  fmt::print("{}\n", out);
}

void write_pictures(const Lesson& lesson, const std::string& folder) {
  double largest = 0;
  for (const Row& row : lesson.all_scores)
    for (double number : row) largest = std::max(largest, std::max(number, -number));
  const auto weights_of = [&](const char* title, const Mask& mask) {
    return Square{title, weights(lesson.all_scores, mask), mask};
  };
  const std::pair<const char*, std::vector<Square>> all[] = {
      {"scores.svg",
       {{"scores of all pairs", lesson.all_scores, kNoMask, largest},
        {"what the mask leaves", lesson.all_scores, lesson.model.mask, largest}}},
      {"weights.svg", {weights_of("weights", lesson.model.mask)}},
      {"masks.svg",
       {weights_of("all earlier words", kStrict), weights_of("2 earlier words and itself", kWindow),
        weights_of("the word before", kStrictWindow)}},
      {"unmasked.svg", {weights_of("masked", lesson.model.mask), weights_of("unmasked", kNoMask)}}};
  for (const auto& [name, squares] : all)
    yore::base::write_file(folder + "/" + name, picture(squares, lesson.labels));
  fmt::print("scores.svg, weights.svg, masks.svg and unmasked.svg are in {}\n", folder);
}
