#include "yore/tasks/labelled_text/rows.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/base/text.h"

namespace yore::tasks {
namespace {

/// Takes a file's fields one after another.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  bool done() const { return at_ >= text_.size(); }
  /// Of the last row, from 1.
  std::size_t number() const { return row_; }
  /// The fields of the next line.
  std::vector<std::string> row() {
    ++row_;
    std::vector<std::string> fields;
    do fields.push_back(field());
    while (take(','));
    take('\r');
    if (!done() && !take('\n'))
      refuse(text_[at_ - 1] == '"' ? "something follows a closing quote"
                                   : "expected a comma or the line's end");
    return fields;
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw base::InputError(source_, fmt::format("row {}: {}", row_, what));
  }

 private:
  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string field() {
    std::string value;
    if (!take('"')) {
      while (!done() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') value += text_[at_++];
      return value;
    }
    for (;;) {
      if (done()) refuse("a quote is opened and never closed");
      if (!take('"'))
        value += text_[at_++];
      else if (take('"'))
        value += '"';
      else
        return value;
    }
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t at_ = 0, row_ = 0;
};

bool of_a_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::vector<LabelledRow> read_labelled_rows(std::string_view csv, const std::string& source) {
  std::vector<LabelledRow> rows;
  CsvReader reader(base::after_byte_order_mark(csv), source);
  while (!reader.done()) {
    const std::vector<std::string> fields = reader.row();
    if (fields.size() == 1 && fields.front().empty()) continue;
    if (fields.size() < 2) reader.refuse("expected a class and a text, found one column");
    if (fields.front().empty()) reader.refuse("its class, the first column, is empty");
    LabelledRow row{reader.number(), fields[0], fields[1]};
    for (std::size_t i = 2; i < fields.size(); ++i) row.text += " " + fields[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  for (const char c : text) {
    if (!of_a_word(c)) {
      within = false;
      continue;
    }
    if (!within) words.emplace_back();
    within = true;
    words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return words;
}

}  // namespace yore::tasks
