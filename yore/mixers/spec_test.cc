// The registry of specs, and what is told of them.
#include "yore/mixers/spec.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"

namespace yore::mixers {
namespace {

TEST(Specs, AreFoundByNameAndOthersRefusedWithTheNearest) {
  ASSERT_FALSE(specs().empty());
  for (const Spec* spec : specs()) {
    EXPECT_EQ(&find_spec(spec->name()), spec);
    try {
      find_spec(spec->name() + "x");
      ADD_FAILURE() << "found " << spec->name() << "x";
    } catch (const base::InputError& e) {
      EXPECT_NE(std::string(e.what()).find("did you mean " + spec->name()), std::string::npos) << e.what();
    }
  }
}

TEST(Specs, OfAttentionIsDescribed) {
  const base::Json d = describe(find_spec("attention"));
  EXPECT_EQ(d["name"], "attention");
  EXPECT_EQ(d["heads"], true);
  EXPECT_NE(d["source"].get<std::string>().find("1706.03762"), std::string::npos);
  const base::Json& heads = d["options"][0];
  EXPECT_EQ(heads["name"], "heads");
  EXPECT_EQ(heads["default"], 4);
  EXPECT_NE(heads["help"], "");
  EXPECT_EQ(d["options"].size(), find_spec("attention").options().size());
  // 4 global heads of 16: 2 x 64 floats a token.
  EXPECT_EQ(d["state"]["width"], 64);
  EXPECT_EQ(d["state"]["sizes"],
            base::Json::parse(R"([{"tokens": 1, "bytes": 512}, {"tokens": 1024, "bytes": 524288}])"));
}

TEST(Specs, OfAttentionAreDescribedInWords) {
  const std::string text = describe_text(find_spec("attention"));
  for (const char* part :
       {"attention: softmax attention", "\n  source: Vaswani et al. 2017", "\n  heads: yes", "\n    heads=4 ",
        "\n    strict=false ", "\n    lookback=... ",
        "\n  state of a layer of width 64, with these options: 512 bytes after 1 token, 524288 bytes "
        "after 1024 tokens\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
}

}  // namespace
}  // namespace yore::mixers
