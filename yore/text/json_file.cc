#include "yore/text/json_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"

namespace yore::text {
namespace {

using base::InputError;
using base::Json;

/// What is kept as JSON: Gemma 3, which has the most, has 60,000 values. Keys of an object are looked for one
/// after another.
constexpr std::size_t kMostValues = 1'000'000, kMostKeys = 256, kMostDepth = 32;

/// nlohmann's parser tells it of each value. Where it stands: `open_` are the containers being filled, and
/// two places have their own handling, model.vocab and model.merges.
class TokenizerJson : public nlohmann::json_sax<Json> {
 public:
  explicit TokenizerJson(const std::string& source) : source_(source) {}
  JsonFile take() { return std::move(file_); }

  bool null() override { return scalar(nullptr, "null"); }
  bool boolean(bool value) override { return scalar(value, "true or false"); }
  bool number_integer(number_integer_t value) override { return scalar(value, "a negative number"); }
  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::Vocabulary) return scalar(value, "a number");
    file_.ids.push_back(value);
    return true;
  }
  bool number_float(number_float_t value, const string_t&) override { return scalar(value, "a fraction"); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool string(string_t& value) override {
    if (place_ == Place::Merges) {
      const std::size_t blank = value.find(' ');
      if (blank == std::string::npos || value.find(' ', blank + 1) != std::string::npos)
        refuse_merge(fmt::format("\"{}\"", value.substr(0, 100)));
      file_.sides.add(std::string_view(value).substr(0, blank));
      file_.sides.add(std::string_view(value).substr(blank + 1));
      return true;
    }
    if (place_ == Place::Pair) {
      if (++in_pair_ > 2) refuse_merge("a list of more");
      file_.sides.add(value);
      return true;
    }
    return scalar(value, "a text");
  }

  bool start_object(std::size_t) override {
    if (place_ != Place::Rest) misplaced("an object");
    if (at("vocab")) {
      if (std::exchange(file_.has_vocab, true)) twice("vocab");
      place_ = Place::Vocabulary;
      return true;
    }
    open(Json::object());
    return true;
  }
  bool key(string_t& name) override {
    if (place_ == Place::Vocabulary) {
      file_.pieces.add(name);
      return true;
    }
    Json& object = *open_.back();
    if (object.contains(name)) twice(name);
    if (object.size() >= kMostKeys)
      throw InputError(source_, fmt::format("expected objects of at most {} keys, found more at \"{}\"",
                                            kMostKeys, name.substr(0, 100)));
    key_ = name;
    return true;
  }
  bool end_object() override {
    if (place_ == Place::Vocabulary) {
      place_ = Place::Rest;
      return true;
    }
    if (open_.back() == model_) model_ = nullptr;
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override {
    if (place_ == Place::Merges) {
      place_ = Place::Pair;
      in_pair_ = 0;
      return true;
    }
    if (place_ != Place::Rest) misplaced("a list");
    if (at("merges")) {
      if (std::exchange(file_.has_merges, true)) twice("merges");
      place_ = Place::Merges;
      return true;
    }
    open(Json::array());
    return true;
  }
  bool end_array() override {
    if (place_ == Place::Pair) {
      if (in_pair_ != 2) refuse_merge(fmt::format("a list of {}", in_pair_));
      place_ = Place::Merges;
    } else if (place_ == Place::Merges) {
      place_ = Place::Rest;
    } else {
      open_.pop_back();
    }
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    throw InputError(source_, fmt::format("is no JSON: byte {}: {}", position, e.what()));
  }

 private:
  enum class Place { Rest, Vocabulary, Merges, Pair };

  /// Whether the value that comes next is model.NAME.
  bool at(const char* name) const {
    return open_.size() == 2 && model_ == open_.back() && open_.back()->is_object() && key_ == name;
  }
  bool scalar(Json value, const char* what) {
    if (place_ != Place::Rest) misplaced(what);
    put(std::move(value));
    return true;
  }
  Json* put(Json value) {
    if (++values_ > kMostValues)
      throw InputError(source_,
                       fmt::format("expected at most {} values beside vocabulary and merges", kMostValues));
    if (open_.empty()) {
      file_.rest = std::move(value);
      return &file_.rest;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    return &((*open_.back())[key_] = std::move(value));
  }
  void open(Json value) {
    if (open_.size() >= kMostDepth)
      throw InputError(
          source_, fmt::format("expected at most {} levels of lists and objects, found more", kMostDepth));
    const bool is_model = open_.size() == 1 && open_.back()->is_object() && key_ == "model";
    open_.push_back(put(std::move(value)));
    if (is_model) model_ = open_.back();
  }
  [[noreturn]] void misplaced(const char* what) const {
    if (place_ == Place::Vocabulary)
      throw InputError(
          source_, fmt::format("model.vocab: expected each piece's token, a whole number, found {}", what));
    refuse_merge(what);
  }
  [[noreturn]] void refuse_merge(const std::string& found) const {
    throw InputError(source_,
                     fmt::format("model.merges[{}]: expected two pieces, \"a b\" or [\"a\", \"b\"], found {}",
                                 file_.sides.size() / 2, found));
  }
  [[noreturn]] void twice(const std::string& name) const {
    throw InputError(source_,
                     fmt::format("the key \"{}\" is there twice; expected once", name.substr(0, 100)));
  }

  const std::string& source_;
  JsonFile file_;
  std::vector<Json*> open_;
  const Json* model_ = nullptr;
  std::string key_;
  Place place_ = Place::Rest;
  int in_pair_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

JsonFile parse_tokenizer_json(std::string_view text, const std::string& source) {
  TokenizerJson reader(source);
  Json::sax_parse(text.begin(), text.end(), &reader);
  return reader.take();
}

}  // namespace yore::text
