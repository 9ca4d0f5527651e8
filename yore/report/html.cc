#include "yore/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "yore/base/utf8.h"

namespace yore::report {

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0, length; i < text.size(); i += length) {
    const char c = text[i];
    // A name may be bytes that are no text.
    const std::size_t whole = base::character_length(text, i);
    length = std::max<std::size_t>(1, whole);
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        if (whole == 0 || (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
          result += "\xEF\xBF\xBD";
        else
          result += text.substr(i, length);
    }
  }
  return result;
}

Html Html::raw(std::string markup) {
  Html html;
  html.markup_ = std::move(markup);
  return html;
}

Html element(const std::string& tag, const Html& body, const Attributes& attributes) {
  std::string opening = "<" + tag;
  for (const auto& [name, value] : attributes) opening += fmt::format(" {}=\"{}\"", name, escape(value));
  return Html::raw(fmt::format("{}>{}</{}>", opening, body.markup(), tag));
}

Html paragraph(const Html& body) {
  return element("p", body) + Html::raw("\n");
}
Html strong(const Html& body) {
  return element("strong", body);
}
Html code(std::string_view text) {
  return element("code", text);
}

// A word of so many bytes fits on a phone's line.
constexpr std::size_t kUnbroken = 24;

Html word(std::string_view text) {
  return element("code", text.empty() ? "ε" : text,
                 {{"class", text.size() <= kUnbroken ? "word short" : "word"}});
}

Html breakable(std::string_view text) {
  Html pieces;
  for (std::size_t from = 0, to; from < text.size(); from = to) {
    to = text.find_first_of("/:,;", from);
    to = to == std::string_view::npos ? text.size() : to + 1;
    if (from > 0) pieces += Html::raw("<wbr>");
    pieces += Html(text.substr(from, to - from));
  }
  return pieces;
}

Html bullets(const std::vector<Html>& items) {
  Html list;
  for (const auto& item : items) list += element("li", item) + Html::raw("\n");
  return element("ul", list) + Html::raw("\n");
}

Html badge(std::string_view text, Tone tone) {
  const char* name = tone == Tone::Good    ? "badge good"
                     : tone == Tone::Mixed ? "badge mixed"
                     : tone == Tone::Bad   ? "badge bad"
                                           : "badge";
  return element("span", text, {{"class", name}});
}

Html facts(const std::vector<std::pair<Html, Html>>& pairs) {
  Html list;
  for (const auto& [term, description] : pairs)
    list += element("div", element("dt", term) + element("dd", description)) + Html::raw("\n");
  return element("dl", list) + Html::raw("\n");
}

Html details(const Html& summary, const Html& body) {
  return element("details", element("summary", summary) + Html::raw("\n") + body) + Html::raw("\n");
}

Html preformatted(std::string_view text) {
  return element("pre", element("code", text), {{"tabindex", "0"}}) + Html::raw("\n");
}

Html table(const Table& table) {
  Html head, body;
  for (const auto& column : table.columns) {
    Attributes attributes = {{"scope", "col"}};
    if (column.number || column.prose) attributes.emplace_back("class", column.number ? "number" : "prose");
    head += element("th", column.heading, attributes);
  }
  for (const auto& row : table.rows) {
    if (row.size() != table.columns.size())
      throw std::invalid_argument(
          fmt::format("table: a row of {} cells under {} columns", row.size(), table.columns.size()));
    Html cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      Attributes attributes;
      if (i == 0) attributes.emplace_back("scope", "row");
      if (table.columns[i].number) attributes.emplace_back("class", "number");
      cells += element(i == 0 ? "th" : "td", row[i], attributes);
    }
    body += element("tr", cells) + Html::raw("\n");
  }
  Html whole;
  if (!table.caption.empty()) whole += element("caption", element("span", table.caption));
  whole += element("thead", element("tr", head)) + Html::raw("\n") + element("tbody", body);
  // tabindex lets a keyboard scroll it.
  return element("div", element("table", whole), {{"class", "scroll"}, {"tabindex", "0"}}) + Html::raw("\n");
}

Html figure(const Html& picture, const Html& caption, const Html& narrow) {
  Html body;
  if (narrow.empty())
    body = element("div", picture, {{"class", "picture"}});
  else
    body = element("div", picture, {{"class", "picture wide"}}) +
           element("div", narrow, {{"class", "picture narrow"}});
  return element("figure", body + element("figcaption", caption)) + Html::raw("\n");
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      result += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return result;
}

Html download(const std::string& name, const std::string& mime, std::string_view bytes, const Html& label) {
  return element(
      "a", label,
      {{"class", "download"}, {"download", name}, {"href", "data:" + mime + ";base64," + base64(bytes)}});
}

Html offer(const std::string& name, const std::string& mime, std::string_view bytes) {
  if (bytes.size() <= kMostEmbedded) return download(name, mime, bytes, name);
  const double megabytes = static_cast<double>(bytes.size()) / 1e6;
  return element("a", fmt::format("{} ({:.1f} MB, beside this page)", name, megabytes),
                 {{"class", "download"}, {"href", name}});
}

std::string to_html(const Page& page) {
  std::set<std::string> ids;
  Html contents, sections;
  for (const auto& section : page.sections) {
    if (!ids.insert(section.id).second)
      throw std::invalid_argument("to_html: two sections with the id " + section.id);
    contents += element("li", element("a", section.heading, {{"href", "#" + section.id}}));
    sections += element("section",
                        element("h2", section.heading, {{"id", section.id + "-heading"}}) + Html::raw("\n") +
                            section.body,
                        {{"id", section.id}, {"aria-labelledby", section.id + "-heading"}}) +
                Html::raw("\n");
  }
  Html body = element("header", element("h1", page.heading) + page.lead) + Html::raw("\n");
  body += element("nav", element("ul", contents), {{"aria-label", "Contents"}}) + Html::raw("\n");
  body += element("main", sections) + Html::raw("\n") + element("footer", page.footer);
  // The policy forbids every request, so the page cannot come to depend on anything outside itself.
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n{}\n</body>\n</html>\n",
      escape(page.language), escape(page.title), kStyle, body.markup());
}

}  // namespace yore::report
