#include "yore/compiler/html_label.h"

#include <fmt/format.h>

#include <algorithm>

namespace yore::compiler {
namespace {

std::string port_attribute(const std::string& port) {
  return port.empty() ? std::string() : fmt::format(" PORT=\"{}\"", port);
}

}  // namespace

std::string label_escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else if (c == '\\')
      result += "\\\\";  // Graphviz puts a node's name for \N, in these labels too
    else
      result += c;
  }
  return result;
}

std::string label_lines(const std::string& text, std::size_t length) {
  std::string result;
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (line > 0 && line + 1 + (end - at) > length) {
      result += "<BR/>";
      line = 0;
    } else if (line > 0) {
      result += ' ';
      ++line;
    }
    result += label_escape(std::string_view(text).substr(at, end - at));
    line += end - at;
    at = end + 1;
  }
  return result;
}

std::string label_soft(const std::string& markup) {
  return fmt::format("<FONT COLOR=\"#56606b\">{}</FONT>", markup);
}

// BALIGN aligns the lines within a cell, ALIGN the whole of them.
void LabelTable::row(const std::string& port, const std::string& markup) {
  rows_ += fmt::format("<TR><TD COLSPAN=\"2\" ALIGN=\"LEFT\" BALIGN=\"LEFT\"{}>{}</TD></TR>",
                       port_attribute(port), markup);
}
void LabelTable::row(const std::string& port, const std::string& left, const std::string& right) {
  rows_ += fmt::format("<TR><TD ALIGN=\"RIGHT\"{}>{}</TD><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">{}</TD></TR>",
                       port_attribute(port), left, right);
}

std::string LabelTable::label() const {
  return fmt::format("<<TABLE CELLBORDER=\"0\" CELLSPACING=\"0\" {}>{}</TABLE>>", attributes_, rows_);
}

}  // namespace yore::compiler
