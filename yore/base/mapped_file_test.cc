// Mapped files: their bytes are those that reading gives, and what cannot be mapped is refused by name.
#include "yore/base/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "yore/base/files.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"

namespace yore::base {
namespace {

TEST(MappedFile, HasTheBytesOfTheFile) {
  const Scratch scratch;
  std::string bytes(100'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i);
  for (const std::string& content : {bytes, std::string("x"), std::string()}) {
    write_file(scratch / "file", content);
    const MappedFile file(scratch / "file");
    EXPECT_EQ(file.bytes(), content);
    // Replaced by another file, not changed: what is mapped stays.
    write_file(scratch / "file", "other");
    EXPECT_EQ(file.bytes(), content);
  }
}

TEST(MappedFile, RefusesWhatIsNoFile) {
  const Scratch scratch;
  EXPECT_TRUE(refused([&] { MappedFile file(scratch / "none"); }, "none: cannot open: No such file"));
  EXPECT_TRUE(refused([&] { MappedFile file(scratch.path()); }, "is a folder, expected a file"));
  EXPECT_TRUE(refused([&] { MappedFile file("/dev/null"); }, "is a device or a pipe"));
  ASSERT_EQ(::mkfifo((scratch / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(refused([&] { MappedFile file(scratch / "pipe"); }, "is a device or a pipe"));
}

}  // namespace
}  // namespace yore::base
