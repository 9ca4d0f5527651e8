#include "yore/report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "yore/base/error.h"
#include "yore/base/process.h"
#include "yore/report/html.h"

namespace yore::report {
namespace {

// The value of `attribute` in a tag's text, with its place.
struct Value {
  std::size_t begin, end;
};

std::optional<Value> find_attribute(std::string_view tag, std::string_view attribute) {
  for (std::size_t at = 0; (at = tag.find(attribute, at)) != std::string_view::npos; at += attribute.size()) {
    if (at == 0 || (tag[at - 1] != ' ' && tag[at - 1] != '\n' && tag[at - 1] != '\t')) continue;
    const std::size_t quote = at + attribute.size() + 1;
    if (quote >= tag.size() || tag[quote - 1] != '=' || (tag[quote] != '"' && tag[quote] != '\'')) continue;
    const std::size_t end = tag.find(tag[quote], quote + 1);
    if (end != std::string_view::npos) return Value{quote + 1, end};
  }
  return std::nullopt;
}

void insert_prefix(std::string& tag, std::string_view attribute, char marker, const std::string& prefix) {
  const auto value = find_attribute(tag, attribute);
  if (!value || value->begin == value->end) return;
  if (marker == 0)
    tag.insert(value->begin, prefix);
  else if (tag[value->begin] == marker)
    tag.insert(value->begin + 1, prefix);
}

std::string with_prefixes(std::string tag, const std::string& prefix) {
  insert_prefix(tag, "id", 0, prefix);
  insert_prefix(tag, "xlink:href", '#', prefix);
  insert_prefix(tag, "href", '#', prefix);
  for (std::size_t at = 0; (at = tag.find("url(#", at)) != std::string::npos; at += 5)
    tag.insert(at + 5, prefix);
  return tag;
}

// The opening tag of the whole picture.
std::string opening(std::string_view tag, const std::string& label, Fit fit) {
  const auto box = find_attribute(tag, "viewBox");
  if (!box) throw std::invalid_argument("embed_svg: the picture has no viewBox");
  const std::string view(tag.substr(box->begin, box->end - box->begin));
  // The third number is the natural width, here in CSS pixels.
  std::size_t at = 0;
  for (int skip = 0; skip < 2; ++skip) at = view.find_first_not_of(" ,", view.find_first_of(" ,", at));
  const double width = std::stod(view.substr(at));
  return fmt::format(
      "<svg viewBox=\"{}\" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
      "role=\"img\" "
      "aria-label=\"{}\" style=\"{};height:auto\">",
      escape(view), escape(label),
      fit == Fit::Shrink ? fmt::format("width:100%;max-width:{:.0f}px", width)
                         : fmt::format("width:clamp({:.0f}px,100%,{:.0f}px)", kSmallest * width, width));
}

}  // namespace

void require_program(const std::string& program, const std::string& package) {
  if (!base::find_program(program))
    throw base::InputError(
        program,
        "this program draws the report's pictures and is not on PATH; on Debian: apt-get install " + package);
}

void require_picture_programs() {
  require_program("gnuplot", "gnuplot-nox");
  require_program("dot", "graphviz");
}

std::string embed_svg(const std::string& text, const std::string& id_prefix, const std::string& label,
                      Fit fit) {
  std::size_t at = text.find("<svg");
  if (at == std::string::npos) throw std::invalid_argument("embed_svg: no <svg> in the text");
  const std::size_t opened = text.find('>', at);
  if (opened == std::string::npos) throw std::invalid_argument("embed_svg: the <svg> tag does not end");
  std::string result = opening(std::string_view(text).substr(at, opened - at), label, fit);
  at = opened + 1;
  const auto skip_past = [&](std::string_view end) {
    const std::size_t found = text.find(end, at);
    at = found == std::string::npos ? text.size() : found + end.size();
  };
  while (at < text.size()) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (rest.starts_with("<!--")) {
      skip_past("-->");
    } else if (rest.starts_with("<title>")) {
      skip_past("</title>");
    } else if (rest.starts_with("<desc>")) {
      skip_past("</desc>");
    } else if (rest.front() == '<') {
      const std::size_t end = std::min(text.find('>', at), text.size() - 1);
      result += with_prefixes(text.substr(at, end + 1 - at), id_prefix);
      at = end + 1;
    } else {
      const std::size_t end = std::min(text.find('<', at), text.size());
      result.append(text, at, end - at);
      at = end;
    }
  }
  return result;
}

std::string draw_graph(const std::string& dot_text, const std::string& id_prefix, const std::string& label,
                       Fit fit) {
  require_program("dot", "graphviz");
  const auto result = base::run_process({"dot", "-Tsvg"}, dot_text);
  if (result.exit_code != 0) throw base::InputError("dot", "could not draw the graph: " + result.err);
  return embed_svg(result.out, id_prefix, label, fit);
}

}  // namespace yore::report
