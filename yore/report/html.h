// A small builder for self-contained HTML pages: no scripts, nothing fetched, light and dark, paper and
// phone.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yore::report {

/// `text` with & < > " ' replaced by their entities; right in element content and in quoted attributes.
/// Control characters that HTML forbids and bytes that are no UTF-8 become U+FFFD.
std::string escape(std::string_view text);

/// Markup. Made from text, which it escapes; trusted markup has to be named as such.
class Html {
 public:
  Html() = default;
  Html(std::string_view text) : markup_(escape(text)) {}
  Html(const std::string& text) : markup_(escape(text)) {}
  Html(const char* text) : markup_(escape(text)) {}
  /// Markup from a source that escapes by itself, such as an embedded SVG.
  static Html raw(std::string markup);

  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  friend Html operator+(Html left, const Html& right) { return left += right; }
  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

 private:
  std::string markup_;
};

using Attributes = std::vector<std::pair<std::string, std::string>>;

/// <tag ...>body</tag>. Attribute values are escaped.
Html element(const std::string& tag, const Html& body, const Attributes& attributes = {});
/// <p>, <strong>, <code>, and a word of an alphabet in code style ("ε" for the empty one; a long one
/// may be broken anywhere).
Html paragraph(const Html& body);
Html strong(const Html& body);
Html code(std::string_view text);
Html word(std::string_view text);
/// Text that may be broken after / : , and ;, such as a long list of options in a narrow column.
Html breakable(std::string_view text);
/// <ul> of the items.
Html bullets(const std::vector<Html>& items);
/// A small coloured label; the text says all that the colour says.
enum class Tone { Good, Mixed, Bad, Neutral };
Html badge(std::string_view text, Tone tone);
/// Term and description pairs.
Html facts(const std::vector<std::pair<Html, Html>>& pairs);
/// Folded away until opened.
Html details(const Html& summary, const Html& body);
/// A block of preformatted text that scrolls sideways, with a shadow as a table has.
Html preformatted(std::string_view text);

/// A table; its first column heads the rows. On narrow screens it scrolls sideways by itself, with a shadow
/// at the edge past which columns are hidden.
struct Table {
  struct Column {
    Html heading;
    bool number = false;  ///< right-aligned, equal-width digits
    bool prose = false;   ///< holds sentences: never squeezed to a word a line
  };
  Html caption;
  std::vector<Column> columns;
  std::vector<std::vector<Html>> rows;
};
/// Throws std::invalid_argument if a row has another number of cells than there are columns.
Html table(const Table& table);

/// A picture with its caption, on a light ground in dark mode too. `narrow` is shown instead of `picture` on
/// small screens, if given.
Html figure(const Html& picture, const Html& caption, const Html& narrow = {});

/// A link that saves `bytes` as file `name`; the bytes are inside the page.
Html download(const std::string& name, const std::string& mime, std::string_view bytes, const Html& label);
/// What a page embeds of a file at most; a phone has to load it.
inline constexpr std::size_t kMostEmbedded = 1'000'000;
/// A file that also lies beside the page, by its name: embedded as by download() if it is small, else a link
/// to it that names its size.
Html offer(const std::string& name, const std::string& mime, std::string_view bytes);
/// Bytes in base64 (RFC 4648).
std::string base64(std::string_view bytes);

/// A section of a page with its heading and an id to link to.
struct Section {
  std::string id;
  Html heading;
  Html body;
};

/// A whole page.
struct Page {
  std::string title;  ///< of the window
  std::string language = "en";
  Html heading;  ///< of the page
  Html lead;     ///< before the first section
  std::vector<Section> sections;
  Html footer;
};
/// The file's text. Throws std::invalid_argument if two sections share an id.
std::string to_html(const Page& page);

/// The style sheet every page carries.
extern const char* const kStyle;

}  // namespace yore::report
