// The steps of docs/masked_self_attention.md, each printing what the page shows.
#pragma once
#include <string>
#include <vector>

#include "model.h"

/// The sentence in the model: what every step begins with.
struct Lesson {
  WordModel model;
  std::vector<std::string> words;   ///< the eleven words that are read; the model is asked what follows each
  std::vector<std::string> labels;  ///< the same with "the(2)" for the second "the"
  std::vector<int> text;            ///< their numbers, and last that of the full stop, which follows
  Projected seen;                   ///< of the words that are read
  Matrix all_scores;
};

/// The word that the page follows: "the(2)", which must be followed by "oven" where "the" was by "pizza".
inline constexpr std::size_t kFollowed = 5;

/// Throws what read_word_model and numbers_of throw.
Lesson begin(const std::string& folder);

/// Numbers with a row and a column a word, "." where the mask hides them.
std::string table(const Lesson& lesson, const Matrix& numbers, const Mask& mask);
/// Four numbers of a row in columns.
std::string columns(const Row& row);
/// How many of the eleven next words have the largest probability of all.
int right(const Lesson& lesson, const Matrix& next);
/// The largest difference between what attention gathers by hand and by yore. Throws std::logic_error where
/// it is more than the roundings of 32-bit numbers explain.
double checked_difference(const Projected& p, const Matrix& by_hand, const Matrix& by_yore);

// A sentence at once (at_once.cc).
void show_words(const Lesson& lesson);
void show_scores(const Lesson& lesson);
void show_mask(const Lesson& lesson);
void show_weights(const Lesson& lesson);
void show_values(const Lesson& lesson);
void show_next(const Lesson& lesson);
// What masks are for (masks.cc).
void show_masks(const Lesson& lesson);
void show_steps(const Lesson& lesson);
void show_unmasked(const Lesson& lesson);
void show_generated(const Lesson& lesson);
/// Writes scores.svg, masks.svg, weights.svg and unmasked.svg into the folder.
void write_pictures(const Lesson& lesson, const std::string& folder);
