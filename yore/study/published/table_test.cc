#include "yore/study/published/table.h"

#include <gtest/gtest.h>

#include "yore/study/test_support.h"

namespace yore::study {
namespace {

KindResults kind(const std::string& language, const std::string& attention) {
  KindResults results;
  results.kind.config.task["language"] = language;
  results.kind.config.model.attention = attention;
  return results;
}

PublishedRow row(const std::string& language, const std::string& attention, double published,
                 std::optional<double> measured) {
  PublishedRow row;
  row.value.where = {{"task.language", language}, {"model.attention", attention}};
  row.value.set = "41-100";
  row.value.value = published;
  row.value.tolerance = 0.1;
  row.share = true;
  if (measured) row.measured.add(*measured);
  return row;
}

const std::vector<KindResults> kKinds = {kind("b", "global"), kind("b", "local"), kind("a", "global"),
                                         kind("a", "local")};

TEST(PublishedTable, HasRowsAndColumnsInTheOrderOfTheKinds) {
  const std::vector<PublishedRow> rows = {row("a", "local", 0.5, 0.75), row("b", "global", 1, 0.95),
                                          row("b", "local", 0.25, std::nullopt)};
  const auto table = published_table(rows, kKinds);
  ASSERT_TRUE(table);
  ASSERT_EQ(table->columns.size(), 3u);
  EXPECT_EQ(table->columns[1].heading.markup(), "global");
  EXPECT_EQ(table->columns[2].heading.markup(), "local");
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[0][0].markup(), "b");
  EXPECT_EQ(table->rows[0][1].markup(), "100% / <strong>95%</strong>");
  EXPECT_EQ(table->rows[0][2].markup(), "25% / –") << "not measured";
  EXPECT_EQ(table->rows[1][0].markup(), "a");
  EXPECT_EQ(table->rows[1][1].markup(), "–") << "not published";
  const std::string beyond = table->rows[1][2].markup();
  EXPECT_TRUE(testing::contains(beyond, "<strong>75%</strong>")) << beyond;
  EXPECT_TRUE(testing::contains(beyond, "beyond")) << beyond;
}

// Two papers on the same cell: both stand there, and being near one of them is enough.
TEST(PublishedTable, TwoSourcesShareACell) {
  PublishedRow turned = row("a", "local", 0.7, 0.75);
  std::swap(turned.value.where[0], turned.value.where[1]);  // as a file may have them
  const auto table = published_table({row("a", "local", 0.5, 0.75), turned}, kKinds);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows[1][2].markup(), "50%, 70% / <strong>75%</strong>");
}

TEST(PublishedTable, OtherValuesMakeNone) {
  PublishedRow one_path = row("a", "local", 0.5, 0.75), other_set = row("b", "local", 0.5, 0.75);
  one_path.value.where.pop_back();
  other_set.value.set = "101-200";
  const PublishedRow plain = row("a", "local", 0.5, 0.75);
  EXPECT_FALSE(published_table({}, kKinds));
  EXPECT_FALSE(published_table({plain}, kKinds)) << "a list says it as well";
  EXPECT_FALSE(published_table({plain, one_path}, kKinds));
  EXPECT_FALSE(published_table({plain, other_set}, kKinds));
}

}  // namespace
}  // namespace yore::study
