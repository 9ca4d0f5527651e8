// The trained model of the page: the names of its words and its six matrices.
#pragma once
#include <string>
#include <vector>

#include "attention.h"

struct WordModel {
  std::vector<std::string> words;  ///< by number
  Matrix embedding;                ///< [word][4]: what a word is to the model
  Matrix query, key, value;        ///< [4][4]: what it asks, what it offers, what it hands over
  Matrix output;                   ///< [4][4]: applied to what attention has gathered
  Matrix read_out;                 ///< [word][4]: one number for each word that may come next
  Mask mask;                       ///< that it was trained with
};

/// Reads the folder that `yore train` wrote. Throws yore::base::InputError for another kind of model than
/// train.toml describes (its mask may be any).
WordModel read_word_model(const std::string& folder);

/// The words' numbers. Throws std::runtime_error for a word that the model does not know.
std::vector<int> numbers_of(const WordModel& model, const std::vector<std::string>& words);

/// What the matrices make of a text, before any word looks at another.
struct Projected {
  Matrix words;                  ///< the embedding's rows
  Matrix queries, keys, values;  ///< [word][4]
};
Projected project(const WordModel& model, const std::vector<int>& text);

/// The probabilities of every next word after each word of the text, [word of the text][word]. `gathered` is
/// what attention has mixed.
Matrix next_words(const WordModel& model, const Matrix& words, const Matrix& gathered);
/// All of it, with the model's mask: text in, probabilities out.
Matrix next_words(const WordModel& model, const std::vector<int>& text);
