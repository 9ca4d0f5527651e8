// A text's way to tokens: added tokens are found, what lies between is normalized, cut, and merged.
#include <fmt/format.h>

#include <limits>
#include <unordered_map>

#include "yore/base/error.h"
#include "yore/base/utf8.h"
#include "yore/text/data.h"

namespace yore::text {
namespace {

using base::InputError;

/// Parts of texts that are remembered with their tokens: long ones hardly come again.
constexpr std::size_t kRememberedLength = 48, kRemembered = 1 << 16;

/// Places in what is merged are numbers of 32 bits, and normalizing may have made it longer than the text.
void require_size(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) / 2)
    throw InputError("tokenizer",
                     fmt::format("expected a text of at most 1 GiB, found {} bytes", text.size()));
}

class Encoder {
 public:
  Encoder(const Tokenizer::Data& data, std::vector<Token>& out)
      : data_(data), model_(*data.model), vocabulary_(*model_.vocabulary), merger_(model_.rules), out_(out) {}

  void text(std::string_view text, bool special) {
    for (const AddedPart& raw : data_.raw_finder.parts(text, special)) {
      if (raw.id >= 0) {
        out_.push_back(raw.id);
        continue;
      }
      bool front_lost = raw.begin > 0;
      const std::string normal =
          normalize(text.substr(raw.begin, raw.end - raw.begin), data_.normal, &front_lost);
      for (const AddedPart& part : data_.normal_finder.parts(normal, special)) {
        if (part.id >= 0)
          out_.push_back(part.id);
        else
          cut(std::string_view(normal).substr(part.begin, part.end - part.begin),
              !front_lost && part.begin == 0);
      }
    }
  }

 private:
  void cut(std::string_view text, bool first) {
    if (model_.kind == Model::Kind::Words)
      words(text);
    else
      step(text, 0, first);
  }

  /// What remains to be done to a part from cut step `i` on; `first`: it begins the whole text.
  void step(std::string_view text, std::size_t i, bool first) {
    if (i == data_.cuts.size()) {
      part(text);
      return;
    }
    const CutStep& s = data_.cuts[i];
    if (s.kind == CutStep::Kind::Blank) {
      if (text.starts_with(' '))
        step(text, i + 1, first);
      else
        step(" " + std::string(text), i + 1, first);
      return;
    }
    const std::string blanks = s.kind == CutStep::Kind::Metaspace ? metaspace(text, s, first) : std::string();
    if (s.kind == CutStep::Kind::Metaspace) text = blanks;
    if (s.kind == CutStep::Kind::Metaspace && !s.cuts) {
      step(text, i + 1, first);
      return;
    }
    for (const std::string_view one : split(text, s.pattern, s.behavior, s.invert))
      step(one, i + 1, first && one.data() == text.data());
  }

  static std::string metaspace(std::string_view text, const CutStep& s, bool first) {
    std::string result;
    for (const char c : text)
      if (c == ' ')
        result += s.replacement;
      else
        result += c;
    const bool wanted = s.scheme == CutStep::Scheme::Always || (s.scheme == CutStep::Scheme::First && first);
    if (wanted && !result.starts_with(s.replacement)) result.insert(0, s.replacement);
    return result;
  }

  /// What is merged by itself.
  void part(std::string_view text) {
    if (text.empty()) return;
    if (text.size() > kRememberedLength) {
      merge(text);
      return;
    }
    const std::string key(text);
    const auto known = remembered_.find(key);
    if (known != remembered_.end()) {
      out_.insert(out_.end(), known->second.begin(), known->second.end());
      return;
    }
    const std::size_t before = out_.size();
    merge(text);
    if (remembered_.size() < kRemembered)
      remembered_.emplace(key,
                          std::vector<Token>(out_.begin() + static_cast<std::ptrdiff_t>(before), out_.end()));
  }

  void merge(std::string_view text) {
    require_size(text);
    if (model_.ignore_merges) {
      const auto whole =
          vocabulary_.find(model_.kind == Model::Kind::ByteLevel ? with_stand_ins(text) : std::string(text));
      if (whole) {
        out_.push_back(*whole);
        return;
      }
    }
    symbols_.clear();
    unknown_open_ = false;
    if (model_.kind == Model::Kind::ByteLevel)
      for (const char c : text) {
        const Token token = model_.byte_tokens[static_cast<unsigned char>(c)];
        if (token >= 0)
          known(token);
        else
          unknown(std::string_view(&c, 1));
      }
    else
      characters(text);
    flush();
  }

  void characters(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = std::max<std::size_t>(base::character_length(text, at), 1);
      const std::string_view character = text.substr(at, length);
      at += length;
      if (const auto token = vocabulary_.find(character)) {
        known(*token);
      } else if (model_.byte_fallback) {
        for (const char c : character) known(model_.byte_tokens[static_cast<unsigned char>(c)]);
      } else {
        unknown(character);
      }
    }
  }

  void known(Token token) {
    unknown_open_ = false;
    // No rule joins anything across this place: what lies before is finished, in little memory.
    if (model_.may_cut && !symbols_.empty() && model_.touching.find(symbols_.back(), token) == nullptr)
      flush();
    symbols_.push_back(token);
  }

  void unknown(std::string_view character) {
    if (model_.unknown < 0) {
      std::string shown;
      for (const char c : character) shown += fmt::format(" {:02X}", static_cast<unsigned char>(c));
      throw InputError("tokenizer",
                       fmt::format("has no token for the bytes{}, and neither an unknown token nor "
                                   "byte_fallback",
                                   shown));
    }
    if (!(unknown_open_ && model_.fuse_unknown)) symbols_.push_back(model_.unknown);
    unknown_open_ = true;
  }

  void flush() {
    merger_.join(symbols_);
    out_.insert(out_.end(), symbols_.begin(), symbols_.end());
    symbols_.clear();
  }

  void words(std::string_view text) {
    static const Pattern blank = Pattern::regex("\\s", "tokenizer", "words");
    std::size_t begin = 0;
    const auto word = [&](std::size_t end) {
      if (end > begin)
        out_.push_back(vocabulary_.find(text.substr(begin, end - begin)).value_or(model_.unknown));
    };
    for (const Cut& cut : blank.cuts(text)) {
      if (!cut.matches) continue;
      word(cut.begin);
      begin = cut.end;
      if (model_.end_of_line >= 0 && text[cut.begin] == '\n') out_.push_back(model_.end_of_line);
    }
    word(text.size());
  }

  const Tokenizer::Data& data_;
  const Model& model_;
  const Vocabulary& vocabulary_;
  Merger merger_;
  std::vector<Token>& out_;
  std::vector<Token> symbols_;
  bool unknown_open_ = false;  ///< the last symbol is the unknown token
  std::unordered_map<std::string, std::vector<Token>> remembered_;
};

}  // namespace

std::vector<Token> Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  require_size(text);
  std::vector<Token> out;
  if (options.markers) out = data_->front;
  Encoder(*data_, out).text(text, options.special_in_text);
  if (options.markers) out.insert(out.end(), data_->behind.begin(), data_->behind.end());
  return out;
}

}  // namespace yore::text
