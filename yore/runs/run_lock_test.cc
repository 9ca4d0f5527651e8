#include "yore/runs/run_lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/test_scratch.h"
#include "yore/runs/run_folder.h"

namespace yore::runs {
namespace {

namespace fs = std::filesystem;

TEST(RunLock, IsHeldByOne) {
  const base::Scratch scratch;
  const fs::path folder = scratch / "a/b";
  EXPECT_FALSE(is_being_trained(folder)) << "no folder";
  {
    const RunLock lock(folder);
    EXPECT_TRUE(is_being_trained(folder));
    EXPECT_TRUE(is_being_trained(folder)) << "looking does not let go of it";
    try {
      const RunLock second(folder);
      FAIL() << "taken twice";
    } catch (const base::InputError& refused) {
      EXPECT_EQ(refused.source(), folder.string());
      EXPECT_NE(refused.message().find("another process is training in it"), std::string::npos);
    }
    EXPECT_TRUE(is_being_trained(folder)) << "nor does an attempt";
    const RunLock other(scratch / "a/c");
  }
  EXPECT_FALSE(is_being_trained(folder)) << "the file is there, nobody holds it";
  const RunLock again(folder);
  EXPECT_TRUE(is_being_trained(folder));
}

// A process that is killed outright cannot tidy up.
TEST(RunLock, EndsWithItsProcess) {
  const base::Scratch scratch;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const RunLock lock(scratch.path());
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(is_being_trained(scratch.path()));
  EXPECT_THROW(RunLock(scratch.path()), base::InputError);
  ::kill(pid, SIGKILL);
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
  EXPECT_FALSE(is_being_trained(scratch.path()));
  EXPECT_NO_THROW(RunLock(scratch.path()));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(RunLock, NamesWhatIsInItsWay) {
  const base::Scratch scratch;
  base::write_file(scratch / "file", "x");
  EXPECT_THROW(RunLock(scratch / "file"), base::InputError);
  fs::create_directories(scratch / "run" / files::kLock);
  try {
    const RunLock lock(scratch / "run");
    FAIL() << "a folder was locked";
  } catch (const base::InputError& refused) {
    EXPECT_EQ(refused.source(), (scratch / "run" / files::kLock).string());
  }
}

}  // namespace
}  // namespace yore::runs
