// Labelled texts in a CSV file: a row a text, its class in the first column, the text in the others.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace yore::tasks {

struct LabelledRow {
  std::size_t number = 0;   ///< among the rows of the file, from 1
  std::string label, text;  ///< the columns of the text with a blank between them
};

/// Reads comma-separated values with quotes as RFC 4180 has them ("" in quotes is one quote; a field in
/// quotes may have commas and line breaks). A byte order mark and empty lines are passed over. Throws
/// InputError(`source`) naming the row, counted from 1, that has no second column, an empty class, or a quote
/// that nothing closes or something follows.
std::vector<LabelledRow> read_labelled_rows(std::string_view csv, const std::string& source);

/// The words of a text: runs of letters, digits and bytes beyond ASCII; A-Z become small letters.
std::vector<std::string> words_of(std::string_view text);

}  // namespace yore::tasks
