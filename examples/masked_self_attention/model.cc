#include "model.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "yore/arch/model_file.h"
#include "yore/base/error.h"
#include "yore/text/tokenizer.h"

namespace {

/// Rows first .. first + rows - 1 of an array [..][columns] of 32-bit numbers.
Matrix rows_of(const yore::base::NamedArray& array, std::size_t first, std::size_t rows) {
  const std::size_t columns = static_cast<std::size_t>(array.shape.at(1));
  Matrix out(rows, Row(columns));
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) {
      float number = 0;
      std::memcpy(&number, array.bytes.data() + ((first + r) * columns + c) * sizeof number, sizeof number);
      out[r][c] = number;
    }
  return out;
}

/// The description with one mask for all, so that models that differ in nothing else are equal.
yore::arch::Model without_mask(yore::arch::Model model) {
  for (yore::arch::Block& block : model.blocks)
    for (const char* option : {"lookback", "strict"}) block.mixer.options.erase(option);
  return model;
}

/// What this example computes, and nothing more.
yore::arch::Model expected(const yore::arch::Model& like) {
  yore::arch::Model model;
  model.embedding = {like.embedding.vocabulary, like.embedding.width};
  model.blocks.resize(1);
  yore::arch::Block& block = model.blocks[0];
  block.mixer.options = like.blocks.at(0).mixer.options;
  block.mixer.options["heads"] = 1;
  block.mixer.options["bias"] = block.mixer.options["out_bias"] = false;
  block.mixer.options["positions"] = "none";
  block.feed_forward = {yore::arch::Activation::None, 0, false};
  block.norm.kind = yore::arch::NormKind::None;
  block.norm_place = yore::arch::NormPlace::Pre;
  model.read_out = {yore::arch::ReadOutKind::Vocabulary, like.embedding.vocabulary, false};
  return without_mask(model);
}

}  // namespace

WordModel read_word_model(const std::string& folder) {
  const yore::arch::ModelFile file = yore::arch::read_model(folder);
  const yore::arch::Model found = without_mask(file.model);
  if (found.blocks.size() != 1 || file.tokenizer.empty())
    throw yore::base::InputError(folder, "expected a model of words with one layer, as train.toml trains it");
  const std::vector<std::string> others = yore::arch::differences(expected(found), found);
  if (!others.empty())
    throw yore::base::InputError(folder, "expected a model as train.toml trains it, found " + others.front());

  const auto array = [&](const char* name) { return file.weights.arrays.at(name); };
  const std::size_t words = static_cast<std::size_t>(file.model.embedding.vocabulary);
  const std::size_t width = static_cast<std::size_t>(file.model.embedding.width);
  WordModel model;
  const auto tokenizer = yore::text::Tokenizer::from_json(file.tokenizer, folder);
  for (std::size_t n = 0; n < words; ++n)
    model.words.emplace_back(tokenizer.name_of(static_cast<yore::text::Token>(n)));
  model.embedding = rows_of(array("embedding.weight"), 0, words);
  const auto all_three = array("layers.0.attention.qkv.weight");  // one upon the other
  model.query = rows_of(all_three, 0, width);
  model.key = rows_of(all_three, width, width);
  model.value = rows_of(all_three, 2 * width, width);
  model.output = rows_of(array("layers.0.attention.out.weight"), 0, width);
  model.read_out = rows_of(array("read_out.weight"), 0, words);
  const yore::base::Json& options = file.model.blocks[0].mixer.options;
  model.mask = {.own = !options.at("strict").get<bool>(),
                .lookback = options.at("lookback").at(0).get<int>()};
  return model;
}

std::vector<int> numbers_of(const WordModel& model, const std::vector<std::string>& words) {
  std::vector<int> numbers;
  for (const std::string& word : words) {
    const auto found = std::find(model.words.begin(), model.words.end(), word);
    if (found == model.words.end()) throw std::runtime_error("the model does not know the word " + word);
    numbers.push_back(static_cast<int>(found - model.words.begin()));
  }
  return numbers;
}

Projected project(const WordModel& model, const std::vector<int>& text) {
  Projected out;
  for (int number : text) out.words.push_back(model.embedding[static_cast<std::size_t>(number)]);
  out.queries = times(model.query, out.words);
  out.keys = times(model.key, out.words);
  out.values = times(model.value, out.words);
  return out;
}

Matrix next_words(const WordModel& model, const Matrix& words, const Matrix& gathered) {
  Matrix out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out.push_back(softmax(times(model.read_out, sum(words[i], times(model.output, gathered[i])))));
  return out;
}

Matrix next_words(const WordModel& model, const std::vector<int>& text) {
  const Projected p = project(model, text);
  return next_words(model, p.words, mix(weights(scores(p.queries, p.keys), model.mask), p.values));
}
