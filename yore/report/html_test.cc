#include "yore/report/html.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace yore::report {
namespace {

TEST(Escape, LeavesNoMarkupBehind) {
  EXPECT_EQ(escape("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(escape("äß\n\t"), "äß\n\t");
  EXPECT_EQ(escape(std::string("\0\x1b\x7f", 3)), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape("\xFF\xC3(\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD") << "no UTF-8";
  // Every byte, in content and in an attribute: the result holds no character that ends either.
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  EXPECT_EQ(escape(all).find_first_of("<>\"'"), std::string::npos);
}

TEST(Html, TextIsEscapedAndMarkupIsNot) {
  EXPECT_EQ(Html("<i>").markup(), "&lt;i&gt;");
  EXPECT_EQ(Html::raw("<i>").markup(), "<i>");
  EXPECT_EQ((strong("<") + code(">")).markup(), "<strong>&lt;</strong><code>&gt;</code>");
  EXPECT_EQ(element("a", "x", {{"href", "\"onclick='"}}).markup(), "<a href=\"&quot;onclick=&#39;\">x</a>");
  EXPECT_EQ(word("").markup(), "<code class=\"word short\">ε</code>");
  EXPECT_EQ(word("ababab").markup(), "<code class=\"word short\">ababab</code>") << "stays on one line";
  EXPECT_EQ(word(std::string(60, 'a')).markup(), "<code class=\"word\">" + std::string(60, 'a') + "</code>");
}

TEST(Html, LongOptionsMayBeBrokenAtTheirSeparators) {
  EXPECT_EQ(breakable("conv/gla:heads=2,<k>").markup(), "conv/<wbr>gla:<wbr>heads=2,<wbr>&lt;k&gt;");
  EXPECT_EQ(breakable("a:").markup(), "a:");
  EXPECT_EQ(breakable("").markup(), "");
}

// What scrolls sideways says so: shadows that stand still ("scroll") at both edges, and covers in the
// ground's colour that move with the content ("local") and hide them at its ends; in both colour schemes.
TEST(Html, WhatScrollsHasShadowsAtItsEdges) {
  const std::string style = kStyle;
  const std::size_t rule = style.find("\n.scroll, pre, .picture {");
  ASSERT_NE(rule, std::string::npos);
  const std::string body = style.substr(rule, style.find('}', rule) - rule);
  for (const char* edge :
       {"left -2px top / 2.6rem 100% no-repeat local", "right -2px top / 2.6rem 100% no-repeat local",
        "left / 1.1rem 100% no-repeat scroll", "right / 1.1rem 100% no-repeat scroll"})
    EXPECT_NE(body.find(edge), std::string::npos) << edge;
  const std::size_t dark = style.find("prefers-color-scheme: dark"), all = style.find("* {");
  EXPECT_LT(style.find("--shadow:"), dark);
  EXPECT_LT(style.find("--shadow:", dark), all) << "a shadow of its own where the ground is dark";
  // A later "background" of the same elements would take the shadows away.
  for (const char* element : {"\n.scroll {", "\npre {", "\n.picture {"}) {
    const std::size_t at = style.find(element);
    ASSERT_NE(at, std::string::npos) << element;
    EXPECT_EQ(style.substr(at, style.find('}', at) - at).find("background"), std::string::npos) << element;
  }
}

TEST(Html, ATableHeadsItsRowsAndColumns) {
  const Html t = table({"cap", {{"kind"}, {"score", true}}, {{"a<", "1"}}});
  EXPECT_NE(t.markup().find("<caption><span>cap</span></caption>"), std::string::npos);
  EXPECT_NE(t.markup().find("<th scope=\"col\" class=\"number\">score</th>"), std::string::npos);
  EXPECT_NE(t.markup().find("<tr><th scope=\"row\">a&lt;</th><td class=\"number\">1</td></tr>"),
            std::string::npos);
  EXPECT_THROW(table({"", {{"one"}}, {{"1", "2"}}}), std::invalid_argument);
}

TEST(Html, Base64IsTheStandards) {
  // RFC 4648, section 10.
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Html, ADownloadCarriesItsBytes) {
  EXPECT_EQ(download("a.csv", "text/csv", "foobar", "Save").markup(),
            "<a class=\"download\" download=\"a.csv\" href=\"data:text/csv;base64,Zm9vYmFy\">Save</a>");
  EXPECT_EQ(offer("a.csv", "text/csv", "foobar").markup(),
            download("a.csv", "text/csv", "foobar", "a.csv").markup());
  EXPECT_EQ(offer("a.csv", "text/csv", std::string(kMostEmbedded + 1, 'x')).markup(),
            "<a class=\"download\" href=\"a.csv\">a.csv (1.0 MB, beside this page)</a>");
}

TEST(Html, APageNamesLanguageTitleAndSections) {
  Page page;
  page.title = "A <b> study";
  page.heading = "H";
  page.sections = {{"one", "First", paragraph("x")}, {"two", "Second", {}}};
  const std::string text = to_html(page);
  EXPECT_TRUE(text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_NE(text.find("<title>A &lt;b&gt; study</title>"), std::string::npos);
  EXPECT_NE(text.find("<section id=\"one\" aria-labelledby=\"one-heading\">"), std::string::npos);
  EXPECT_NE(text.find("<a href=\"#two\">Second</a>"), std::string::npos);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(text.find("http:"), std::string::npos);
  EXPECT_EQ(text.find("https:"), std::string::npos);
  page.sections.push_back({"one", "Again", {}});
  EXPECT_THROW(to_html(page), std::invalid_argument);
}

}  // namespace
}  // namespace yore::report
