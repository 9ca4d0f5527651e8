#include "lesson.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "by_yore.h"

Lesson begin(const std::string& folder) {
  Lesson lesson;
  lesson.model = read_word_model(folder);
  lesson.words = {"the", "pizza", "came", "out", "of", "the", "oven", "and", "it", "tasted", "good"};
  lesson.labels = lesson.words;
  lesson.labels[kFollowed] = "the(2)";
  std::vector<std::string> whole = lesson.words;
  whole.push_back(".");
  lesson.text = numbers_of(lesson.model, whole);
  lesson.seen = project(lesson.model, numbers_of(lesson.model, lesson.words));
  lesson.all_scores = scores(lesson.seen.queries, lesson.seen.keys);
  return lesson;
}

std::string table(const Lesson& lesson, const Matrix& numbers, const Mask& mask) {
  std::string out(6, ' ');
  for (const std::string& label : lesson.labels) out += fmt::format("{:>7}", label);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    out += fmt::format("\n{:<6}", lesson.labels[i]);
    for (std::size_t j = 0; j < numbers[i].size(); ++j)
      out += mask.lets(static_cast<int>(i), static_cast<int>(j)) ? fmt::format("{:>7.2f}", numbers[i][j])
                                                                 : fmt::format("{:>7}", ".");
  }
  return out + "\n";
}

std::string columns(const Row& row) {
  std::string out;
  for (double number : row) out += fmt::format("{:>7.2f}", number);
  return out;
}

int right(const Lesson& lesson, const Matrix& next) {
  int count = 0;
  for (std::size_t i = 0; i < next.size(); ++i) {
    const auto best = std::max_element(next[i].begin(), next[i].end()) - next[i].begin();
    if (best == lesson.text[i + 1]) ++count;
  }
  return count;
}

double checked_difference(const Projected& p, const Matrix& by_hand, const Matrix& by_yore) {
  const double found = difference(by_hand, by_yore),
               allowed = allowed_difference(p.queries, p.keys, p.values);
  if (!(found <= allowed))
    throw std::logic_error(
        fmt::format("by hand and by yore differ by {}, expected at most {}", found, allowed));
  return found;
}
