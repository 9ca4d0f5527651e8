#include "yore/base/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "yore/base/descriptor.h"
#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/base/write_pieces.h"

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

TEST(ParseJson, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(parse_json(R"({"a": {"a": 1}, "b": [{"a": 2}, {"a": 3}]})", "x").at("b").at(1).at("a"), 3);
  const std::pair<const char*, const char*> twice[] = {
      {R"({"a": 1, "a": 1})", "x: the key \"a\" is there twice; expected once"},
      {R"({"a": [{"b": 1, "c": {}, "b": 2}]})", "x: the key \"b\" is there twice; expected once"}};
  for (const auto& [text, message] : twice)
    EXPECT_EQ(refusal<InputError>([&, text = text] { parse_json(text, "x"); }), message);
}

TEST(ParseJson, RefusesWhatIsNestedTooDeep) {
  const auto nested = [](int levels) {
    return std::string(static_cast<std::size_t>(levels), '[') +
           std::string(static_cast<std::size_t>(levels), ']');
  };
  EXPECT_EQ(parse_json(nested(256), "x").dump(), nested(256));
  for (const int levels : {257, 200'000})
    EXPECT_EQ(refusal<InputError>([&] { parse_json(nested(levels), "x"); }),
              "x: has more than 256 JSON lists and objects within one another");
}

TEST_F(Files, AnOpenFileIsWrittenIntoUnderEachOfItsNames) {
  const std::string log = folder_ / "log";
  for (const char* names : {"/dev/fd", "/proc/self/fd"}) {
    write_file(log, "before ");
    const Descriptor open{::open(log.c_str(), O_WRONLY | O_APPEND)};
    ASSERT_GE(open.fd, 0);
    write_file(fs::path(names) / std::to_string(open.fd), "after");
    EXPECT_EQ(::write(open.fd, "!", 1), 1);
    EXPECT_EQ(read_file(log), "before after!") << names;
  }
}

TEST_F(Files, ReplacingKeepsPermissions) {
  for (const mode_t mode : {0600u, 0664u, 0444u}) {
    write_file(folder_ / "a", "old");
    ASSERT_EQ(::chmod((folder_ / "a").c_str(), mode), 0);
    write_file(folder_ / "a", "new");
    struct stat there = {};
    ASSERT_EQ(::stat((folder_ / "a").c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 0777, mode);
  }
}

TEST_F(Files, ReadsNoDevice) {
  for (const char* device : {"/dev/zero", "/dev/urandom", "/dev/null"})
    EXPECT_EQ(refusal<InputError>([&] { read_file(device); }),
              std::string(device) + ": is a device, expected a file or a pipe");
}

TEST_F(Files, CreatesMissingFolders) {
  write_file(folder_ / "x/y/z.txt", "here");
  EXPECT_EQ(read_file(folder_ / "x/y/z.txt"), "here");
}

TEST_F(Files, CreatesNoFolderWhereItMustExist) {
  EXPECT_EQ(refusal<InputError>([&] { write_file(folder_ / "x/y.txt", "here", Parents::MustExist); }),
            (folder_ / "x/y.txt").string() + ": cannot write: No such file or directory");
  EXPECT_EQ(entries(), 0);
  write_file(folder_ / "y.txt", "here", Parents::MustExist);
  EXPECT_EQ(read_file(folder_ / "y.txt"), "here");
}

TEST_F(Files, FollowsSymbolicLinks) {
  fs::create_directory(folder_ / "far");
  write_file(folder_ / "far/file", "old");
  fs::create_symlink("far/file", folder_ / "link");
  fs::create_symlink(folder_ / "link", folder_ / "to-link");
  write_file(folder_ / "to-link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "to-link"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_FALSE(fs::is_symlink(folder_ / "far/file"));
  EXPECT_EQ(read_file(folder_ / "far/file"), "new");
  fs::create_symlink("far/nothing-yet", folder_ / "dangling");
  write_file(folder_ / "dangling", "made");
  EXPECT_TRUE(fs::is_symlink(folder_ / "dangling"));
  EXPECT_EQ(read_file(folder_ / "far/nothing-yet"), "made");
  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_NE(refusal<InputError>([&] { write_file(folder_ / "loop", "x"); }).find("symbolic links"),
            std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "far"), {}), 2) << "a neighbour was left behind";
}

TEST_F(Files, WritesIntoWhatIsNotARegularFile) {
  write_file("/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  if (fs::exists("/dev/full")) {
    EXPECT_EQ(refusal<InputError>([&] { write_file("/dev/full", "x"); }),
              "/dev/full: cannot write: No space left on device");
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
  }
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string seen;
  std::thread reader([&] { seen = read_file(pipe); });
  const std::string bytes(1 << 17, 'b');  // more than a pipe holds
  write_file(pipe, bytes);
  reader.join();
  EXPECT_EQ(seen, bytes);
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(entries(), 1);
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

TEST_F(Files, PiecesAreOneFileOrNone) {
  const fs::path path = folder_ / "pieces";
  int left = 3;
  write_pieces(path, [&](std::string& piece) {
    piece = std::string(100'000, 'x');
    return left-- > 0;
  });
  EXPECT_EQ(read_file(path), std::string(300'000, 'x'));
  EXPECT_THROW(write_pieces(path,
                            [](std::string& piece) -> bool {
                              piece = "half";
                              throw std::runtime_error("no more");
                            }),
               std::runtime_error);
  EXPECT_EQ(read_file(path).size(), 300'000u);
  EXPECT_EQ(entries(), 1);
}

}  // namespace
}  // namespace yore::base
