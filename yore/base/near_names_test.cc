#include "yore/base/near_names.h"

#include <gtest/gtest.h>

namespace yore::base {
namespace {

using Names = std::vector<std::string>;

TEST(NearNames, OneEditOfEachKind) {
  const Names names = {"parity", "even-pairs", "dyck-2"};
  for (const char* word : {"parit", "parityy", "parkty", "praity"})
    EXPECT_EQ(near_names(word, names), Names{"parity"}) << word;
}

TEST(NearNames, ClosestFirstThenPrefixes) {
  const Names names = {"dyck-1", "dyck-2", "duck", "tomita-1"};
  EXPECT_EQ(near_names("dyck-2", names).front(), "dyck-2");
  EXPECT_EQ(near_names("dyck", names), (Names{"duck", "dyck-1", "dyck-2"}));
  EXPECT_EQ(near_names("dyck", names, 1), Names{"duck"});
}

TEST(NearNames, CaseIsIgnored) {
  EXPECT_EQ(near_names("PARITY", Names{"dyck-2", "Parity"}), Names{"Parity"});
}

TEST(NearNames, FarNamesAreNotOffered) {
  EXPECT_TRUE(near_names("zebra", Names{"parity", "dyck-2"}).empty());
  EXPECT_TRUE(near_names("", Names{"parity"}).empty());
}

TEST(NearNames, Sentence) {
  EXPECT_EQ(did_you_mean("widht", Names{"width", "heads"}), "; did you mean width?");
  EXPECT_EQ(did_you_mean("dyck", Names{"dyck-1", "dyck-2", "dyck-3"}),
            "; did you mean dyck-1, dyck-2 or dyck-3?");
  EXPECT_EQ(did_you_mean("zebra", Names{"width"}), "");
}

}  // namespace
}  // namespace yore::base
