#include "yore/runs/event_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "yore/base/test_scratch.h"

namespace yore::runs {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// What TensorBoard 2.21's own writer makes of the same events.
TEST(EventFile, IsWhatTensorBoardWrites) {
  EXPECT_EQ(hex(event_file(1.5, {{2.5, 300, {{"train/loss", 0.25}, {"v", -1}}}})),
            "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c2b00000000000000"
            "861bc34b09000000000000044010ac022a1d0a110a0a747261696e2f6c6f7373150000803e0a080a017615000080bfd1"
            "72e8ad");
}

std::vector<HistoryPoint> history(int points) {
  std::vector<HistoryPoint> all;
  for (int i = 1; i <= points; ++i) all.push_back({100 * i, 1.0 / i, 0.5 + 0.01 * i, 1e-3, 2.0 * i});
  return all;
}

class EventFileOnDisk : public ::testing::Test {
 protected:
  std::string bytes() const { return base::read_file(scratch_ / files::kEvents); }
  base::Scratch scratch_;
};

TEST_F(EventFileOnDisk, GrowsWhileItIsWatched) {
  write_events(scratch_.path(), history(1), "accuracy", {});
  const std::string first = bytes();
  std::ifstream watching(scratch_ / files::kEvents, std::ios::binary);
  write_events(scratch_.path(), history(3), "accuracy", {});
  EXPECT_TRUE(bytes().starts_with(first));
  const std::string seen((std::istreambuf_iterator<char>(watching)), {});
  EXPECT_EQ(seen, bytes()) << "who has the file open sees what was appended";
  write_events(scratch_.path(), history(3), "accuracy", {});
  EXPECT_EQ(seen, bytes());
}

// The file of a run that went back to its checkpoint is as long as its history.
TEST_F(EventFileOnDisk, IsWrittenAnewWhereItSaysSomethingElse) {
  write_events(scratch_.path(), history(3), "accuracy", {});
  const double begin = event_file_time(bytes());
  write_events(scratch_.path(), history(2), "accuracy", {});
  const std::string two = bytes();
  EXPECT_EQ(event_file_time(two), begin);
  base::write_file(scratch_ / files::kEvents, two + "half a record");
  write_events(scratch_.path(), history(2), "accuracy", {});
  EXPECT_EQ(bytes(), two);
  base::write_file(scratch_ / files::kEvents, "no event file");
  write_events(scratch_.path(), history(2), "accuracy", {});
  EXPECT_EQ(bytes().size(), two.size());
}

TEST_F(EventFileOnDisk, HasTheTestsAtTheEnd) {
  write_events(scratch_.path(), history(2), "accuracy",
               {{"validation", "accuracy", 0.5, 10, {}},
                {"41-100", "accuracy", 0.75, 10, {}},
                {"by_length", "accuracy", 0.1, 10, {}},
                {"by_length", "accuracy", 0.2, 10, {}}});
  const std::string all = bytes();
  EXPECT_NE(all.find("41-100/accuracy"), std::string::npos);
  EXPECT_EQ(all.find("by_length"), std::string::npos);
}

}  // namespace
}  // namespace yore::runs
