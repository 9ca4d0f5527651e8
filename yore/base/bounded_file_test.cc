#include "yore/base/bounded_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "yore/base/error.h"
#include "yore/base/test_scratch.h"

namespace yore::base {
namespace {

std::string complaint(const std::filesystem::path& path, std::size_t max_bytes) {
  try {
    (void)read_bounded_file(path, max_bytes);
  } catch (const InputError& error) {
    EXPECT_EQ(error.source(), path.string());
    return error.message();
  }
  return "(read)";
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(BoundedFile, ReadsUpToTheLimit) {
  const Scratch scratch;
  const auto path = scratch.path() / "f";
  const std::string bytes(200'000, '\0');
  write(path, bytes);
  EXPECT_EQ(read_bounded_file(path, bytes.size()), bytes);
  EXPECT_EQ(complaint(path, bytes.size() - 1), "is larger than 199999 bytes, expected a smaller file");
  write(path, "");
  EXPECT_EQ(read_bounded_file(path, 0), "");
}

TEST(BoundedFile, ReadsPipesUpToTheLimit) {
  const Scratch scratch;
  const auto path = scratch.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  for (const std::size_t limit : {std::size_t{5}, std::size_t{4}}) {
    std::thread writer([&] { write(path, "0 0 a"); });
    const std::string got = limit == 5 ? read_bounded_file(path, limit) : complaint(path, limit);
    writer.join();
    EXPECT_EQ(got, limit == 5 ? "0 0 a" : "is larger than 4 bytes, expected a smaller file");
  }
}

TEST(BoundedFile, RefusesWhatHasNoEnd) {
  EXPECT_EQ(complaint("/dev/zero", 100), "is a device, expected a file or a pipe");
  EXPECT_EQ(complaint("/dev/null", 100), "is a device, expected a file or a pipe");
  const Scratch scratch;
  EXPECT_EQ(complaint(scratch.path(), 100), "is a folder, expected a file");
  EXPECT_NE(complaint(scratch.path() / "none", 100).find("cannot open"), std::string::npos);
}

}  // namespace
}  // namespace yore::base
