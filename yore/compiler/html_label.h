// Graphviz's HTML-like labels: a node as a table whose rows edges can end at.
#pragma once
#include <string>
#include <string_view>

namespace yore::compiler {

/// Text with & < > " replaced by entities and backslashes doubled.
std::string label_escape(std::string_view text);
/// Text for a cell, escaped and broken at blanks into lines of at most `length` bytes or so.
std::string label_lines(const std::string& text, std::size_t length);
/// Markup in the colour of what is said beside the point.
std::string label_soft(const std::string& markup);

/// Rows of a table of two columns, from markup. `port`: what edges may end at, or "".
class LabelTable {
 public:
  /// `attributes` of the whole table, such as BORDER.
  explicit LabelTable(std::string attributes) : attributes_(std::move(attributes)) {}
  /// One cell across both columns.
  void row(const std::string& port, const std::string& markup);
  /// A cell for a number and one for what it says.
  void row(const std::string& port, const std::string& left, const std::string& right);
  /// A line across.
  void rule() { rows_ += "<HR/>"; }
  /// The label, for `label=...`.
  std::string label() const;

 private:
  std::string attributes_, rows_;
};

}  // namespace yore::compiler
