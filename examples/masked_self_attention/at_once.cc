// The sentence at once: words, scores, mask, weights, values, next words.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "by_yore.h"
#include "lesson.h"

namespace {

/// "(0.13)(0.18) + ..", of two rows.
std::string products(const Row& a, const Row& b) {
  std::string out;
  for (std::size_t c = 0; c < a.size(); ++c)
    out += fmt::format("{}({:.2f})({:.2f})", c ? " + " : "", a[c], b[c]);
  return out;
}

}  // namespace

void show_words(const Lesson& lesson) {
  fmt::print(
      "{:<6}  number  x: what it is{:>18}q: what it asks{:>15}k: what it offers{:>13}v: what it gives\n",
      "word", "", "", "");
  for (std::size_t i = 0; i < lesson.labels.size(); ++i)
    fmt::print("{:<6}{:>8}{}  {}  {}  {}\n", lesson.labels[i], lesson.text[i], columns(lesson.seen.words[i]),
               columns(lesson.seen.queries[i]), columns(lesson.seen.keys[i]), columns(lesson.seen.values[i]));
}

void show_scores(const Lesson& lesson) {
  const Row& q = lesson.seen.queries[kFollowed];
  const Row& k = lesson.seen.keys[3];
  fmt::print("{} asks {}: {} = {:.2f}\n", lesson.labels[kFollowed], lesson.labels[3], products(q, k),
             dot(q, k));
  fmt::print("divided by the root of {}: {:.2f}\n\n", q.size(), score(q, k));
  fmt::print("{}", table(lesson, lesson.all_scores, {.future = true}));
}

void show_mask(const Lesson& lesson) {
  const int words = static_cast<int>(lesson.labels.size());
  int kept = 0;
  for (int i = 0; i < words; ++i)
    for (int j = 0; j < words; ++j) kept += lesson.model.mask.lets(i, j);
  fmt::print("{}{} of {} scores stay\n", table(lesson, lesson.all_scores, lesson.model.mask), kept,
             words * words);
}

void show_weights(const Lesson& lesson) {
  const Row& row = lesson.all_scores[kFollowed];
  double total = 0;
  fmt::print("{}:\n", lesson.labels[kFollowed]);
  for (std::size_t j = 0; j <= kFollowed; ++j) total += std::exp(row[j]);
  for (std::size_t j = 0; j <= kFollowed; ++j)
    fmt::print("  {:<6}  score {:>5.2f}  e^score {:>6.2f}  share {:.2f}\n", lesson.labels[j], row[j],
               std::exp(row[j]), std::exp(row[j]) / total);
  fmt::print("  sum of e^score {:.2f}\n\n", total);
  fmt::print("{}", table(lesson, weights(lesson.all_scores, lesson.model.mask), lesson.model.mask));
}

void show_values(const Lesson& lesson) {
  const Projected& seen = lesson.seen;
  const Matrix shares = weights(lesson.all_scores, lesson.model.mask);
  const Matrix gathered = mix(shares, seen.values);
  for (std::size_t j = 0; j <= kFollowed; ++j)
    fmt::print("{:.2f} of {:<6}{}\n", shares[kFollowed][j], lesson.labels[j], columns(seen.values[j]));
  fmt::print("{} gathers  {}\n", lesson.labels[kFollowed], columns(gathered[kFollowed]));
  const Matrix kernel = by_kernel(seen.queries, seen.keys, seen.values, lesson.model.mask);
  fmt::print("by yore's kernel {}\n", columns(kernel[kFollowed]));
  fmt::print("largest difference, all words: {:.6f}; roundings may make {:.6f}\n",
             checked_difference(seen, gathered, kernel),
             allowed_difference(seen.queries, seen.keys, seen.values));
}

void show_next(const Lesson& lesson) {
  const Projected& seen = lesson.seen;
  const Matrix none(seen.words.size(), Row(seen.words.front().size(), 0));
  const Matrix alone = next_words(lesson.model, seen.words, none);
  const Matrix next =
      next_words(lesson.model, seen.words, mix(weights(lesson.all_scores, lesson.model.mask), seen.values));
  double loss = 0;
  fmt::print("{:<8}{:<8}  {:<16}{}\n", "word", "next", "without looking", "with attention");
  const auto best = [&](const Row& row) {
    const auto at = std::max_element(row.begin(), row.end());
    return fmt::format("{:<7}{:.2f}", lesson.model.words[static_cast<std::size_t>(at - row.begin())], *at);
  };
  for (std::size_t i = 0; i < next.size(); ++i) {
    const auto follows = static_cast<std::size_t>(lesson.text[i + 1]);
    fmt::print("{:<8}{:<8}  {:<16}{}\n", lesson.labels[i], lesson.model.words[follows], best(alone[i]),
               best(next[i]));
    loss -= std::log(next[i][follows]);
  }
  fmt::print("right: {} of 11 without looking, {} of 11 with attention\n", right(lesson, alone),
             right(lesson, next));
  fmt::print("loss {:.5f}\n", loss / static_cast<double>(next.size()));
}
