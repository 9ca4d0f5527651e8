#include "yore/base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"

namespace yore::base {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  int entries() const { return static_cast<int>(std::distance(fs::directory_iterator(folder_), {})); }

  Scratch scratch_;
  fs::path folder_ = scratch_.path();
};

TEST_F(Files, WritesAndReadsEveryByte) {
  std::string bytes;
  for (int repeat = 0; repeat < 1000; ++repeat)
    for (int b = 0; b < 256; ++b) bytes += static_cast<char>(b);
  write_file(folder_ / "a", bytes);
  EXPECT_EQ(read_file(folder_ / "a"), bytes);
  write_file(folder_ / "a", "");
  EXPECT_EQ(read_file(folder_ / "a"), "");
  EXPECT_EQ(entries(), 1) << "a neighbour was left behind";
}

TEST_F(Files, CreatesMissingFolders) {
  write_file(folder_ / "x/y/z.txt", "here");
  EXPECT_EQ(read_file(folder_ / "x/y/z.txt"), "here");
}

TEST_F(Files, NamesWhatIsMissing) {
  const fs::path path = folder_ / "none.txt";
  EXPECT_EQ(refusal<InputError>([&] { read_file(path); }),
            path.string() + ": cannot open: No such file or directory");
  EXPECT_EQ(refusal<InputError>([&] { read_file(folder_); }),
            folder_.string() + ": is a folder, expected a file");
}

TEST_F(Files, AFailedWriteLeavesTheOldFileAndNoNeighbour) {
  fs::create_directory(folder_ / "taken");
  write_file(folder_ / "taken/inside", "kept");
  EXPECT_NE(refusal<InputError>([&] { write_file(folder_ / "taken", "x"); }), "");
  EXPECT_EQ(read_file(folder_ / "taken/inside"), "kept");
  EXPECT_EQ(entries(), 1);
  EXPECT_NE(refusal<InputError>([&] { write_file(folder_ / "taken/inside/below", "x"); }), "")
      << "a file as a folder";
}

TEST_F(Files, AReaderSeesTheOldFileOrTheNewOneNeverAMixture) {
  const fs::path path = folder_ / "shared";
  const std::string old_bytes(1 << 18, 'o'), new_bytes(1 << 18, 'n');
  write_file(path, old_bytes);
  std::atomic<bool> stop{false};
  std::atomic<int> mixtures{0};
  std::thread reader([&] {
    while (!stop) {
      const std::string seen = read_file(path);
      mixtures += seen != old_bytes && seen != new_bytes;
    }
  });
  for (int i = 0; i < 50; ++i) write_file(path, i % 2 == 0 ? new_bytes : old_bytes);
  stop = true;
  reader.join();
  EXPECT_EQ(mixtures, 0);
}

TEST_F(Files, JsonErrorsPointAtTheFault) {
  EXPECT_EQ(parse_json(R"({"b":1,"a":[true,null]})", "t").dump(), R"({"b":1,"a":[true,null]})")
      << "keeps key order";
  try {
    parse_json("{\"a\": 1,\n \"b\": ?}", "config.json");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.source(), "config.json");
    EXPECT_EQ(e.position(), 15u);
    EXPECT_NE(std::string(e.what()).find("\n   \"b\": ?}\n        ^"), std::string::npos) << e.what();
  }
  EXPECT_NE(refusal<InputError>([] { parse_json("", "t"); }), "");
  EXPECT_NE(refusal<InputError>([] { parse_json("[1", "t"); }), "");
  EXPECT_NE(refusal<InputError>([] { parse_json("{} x", "t"); }), "");
  EXPECT_NE(refusal<InputError>([] { parse_json("1e999", "t"); }), "");
  EXPECT_NE(refusal<InputError>([] { parse_json("\"\xff\"", "t"); }), "");
  write_file(folder_ / "c.json", "[1,");
  EXPECT_NE(refusal<InputError>([&] { read_json(folder_ / "c.json"); }).find("c.json"), std::string::npos);
}

}  // namespace
}  // namespace yore::base
