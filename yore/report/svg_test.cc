#include "yore/report/svg.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

#include "yore/base/error.h"

namespace yore::report {
namespace {

constexpr const char* kFile = R"svg(<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "x" "y">
<!-- made by -->
<svg width="10pt" height="20pt"
 viewBox="0.00 0.00 161.00 44.00" xmlns="http://www.w3.org/2000/svg">
<title>t</title><desc>d</desc>
<!-- a > b -->
<g id="node1" class="id"><path id='p'/><use xlink:href='#p'/><use href="#p"/><rect filter="url(#f)"/><text>id="x" #p</text></g>
</svg>
)svg";

TEST(EmbedSvg, PrefixesEveryIdAndReferenceAndNothingElse) {
  const std::string s = embed_svg(kFile, "k-", "a \"label\"");
  EXPECT_TRUE(s.starts_with("<svg viewBox=\"0.00 0.00 161.00 44.00\""));
  EXPECT_NE(s.find("aria-label=\"a &quot;label&quot;\""), std::string::npos);
  EXPECT_NE(s.find("max-width:161px"), std::string::npos);
  EXPECT_NE(
      s.find("<g id=\"k-node1\" class=\"id\"><path id='k-p'/><use xlink:href='#k-p'/><use href=\"#k-p\"/>"
             "<rect filter=\"url(#k-f)\"/><text>id=\"x\" #p</text></g>"),
      std::string::npos)
      << s;
  for (const char* gone : {"<?xml", "DOCTYPE", "<!--", "<title>", "<desc>", "10pt"})
    EXPECT_EQ(s.find(gone), std::string::npos) << gone;
}

TEST(EmbedSvg, StaysReadableWhereAskedTo) {
  const std::string s = embed_svg(kFile, "k-", "", Fit::Natural);
  EXPECT_NE(s.find("style=\"width:clamp(129px,100%,161px);height:auto\""), std::string::npos) << s;
}

TEST(EmbedSvg, RefusesWhatIsNoPicture) {
  EXPECT_THROW(embed_svg("hello", "k", "l"), std::invalid_argument);
  EXPECT_THROW(embed_svg("<svg width='1'></svg>", "k", "l"), std::invalid_argument);
  EXPECT_THROW(embed_svg("<svg", "k", "l"), std::invalid_argument);
}

TEST(DrawGraph, DrawsNodesAndEdges) {
  const std::string s = draw_graph("digraph { a -> b [label=\"x<\"] }", "g-", "a graph");
  EXPECT_NE(s.find("id=\"g-node2\""), std::string::npos);
  EXPECT_NE(s.find("x&lt;"), std::string::npos);
  EXPECT_NE(s.find("</svg>"), std::string::npos);
  EXPECT_THROW(draw_graph("digraph {", "g-", "broken"), base::InputError);
}

TEST(RequireProgram, NamesThePackage) {
  try {
    require_program("no-such-program-of-that-name", "some-package");
    FAIL();
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find("some-package"), std::string::npos);
  }
  EXPECT_NO_THROW(require_picture_programs());
}

}  // namespace
}  // namespace yore::report
