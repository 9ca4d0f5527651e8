// Many processes that claim one folder at the same time.
#include "yore/study/claim.h"

#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/runs/run_result.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

constexpr const char* kMarker = "study.json";
constexpr int kStarts = 50;

using testing::InFolder;
class Claim : public InFolder {
 protected:
  // Starts processes that wait for one another, then call act(i); how many of them end with each exit code.
  template <class Act>
  std::map<int, int> start(int count, const Act& act) {
    int gate[2];
    if (::pipe(gate) != 0) throw std::runtime_error("no pipe");
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        ::close(gate[1]);
        char byte;
        if (::read(gate[0], &byte, 1) != 0) ::_exit(99);  // all begin when the other end is closed
        try {
          act(i);
        } catch (const base::InputError& e) {
          ::_exit(std::string(e.what()).find("holds another study") != std::string::npos ? 2 : 3);
        } catch (...) {
          ::_exit(4);
        }
        ::_exit(0);
      }
      children.push_back(pid);
    }
    ::close(gate[0]);
    ::close(gate[1]);
    std::map<int, int> codes;
    for (const pid_t pid : children) {
      int status = 0;
      ::waitpid(pid, &status, 0);
      ++codes[WIFEXITED(status) ? WEXITSTATUS(status) : -1];
    }
    return codes;
  }
};

TEST_F(Claim, FiftyAtTheSameTimeAreAllTaken) {
  const Json mine = {{"run", {{"steps", 5}}}, {"axes", {{"seed", {1, 2, 3}}}}};
  for (int round = 0; round < 5; ++round) {
    const fs::path folder = folder_ / std::to_string(round) / "new";
    EXPECT_EQ(start(kStarts, [&](int) { claim(folder, kMarker, "study", mine); }),
              (std::map<int, int>{{0, kStarts}}));
    EXPECT_EQ(base::read_json(folder / kMarker), mine);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1) << "nothing else";
  }
}

// One of the two has the folder; every call of the other is refused for that reason, not another.
TEST_F(Claim, OfTwoStudiesOneHasTheFolder) {
  const auto study = [](int which) { return Json{{"run", {{"steps", which}}}}; };
  for (int round = 0; round < 5; ++round) {
    const fs::path folder = folder_ / std::to_string(round);
    const auto codes = start(kStarts, [&](int i) { claim(folder, kMarker, "study", study(i % 2)); });
    EXPECT_EQ(codes, (std::map<int, int>{{0, kStarts / 2}, {2, kStarts / 2}}));
  }
}

// A grid may grow; of many sizes at the same time the largest stays, whatever the order.
TEST_F(Claim, TheLargestGridStays) {
  const auto study = [](int seeds) {
    Json list = Json::array();
    for (int s = 0; s <= seeds; ++s) list.push_back(s);
    return Json{{"axes", {{"seed", list}}}};
  };
  const auto codes = start(20, [&](int i) { claim(folder_ / "s", kMarker, "study", study(i)); });
  EXPECT_EQ(base::read_json(folder_ / "s" / kMarker), study(19));
  EXPECT_EQ(codes.at(0) + (codes.contains(3) ? codes.at(3) : 0), 20) << "taken, or refused as smaller";
}

TEST_F(Claim, IsNotKeptFromItByWhatAKilledCallLeft) {
  base::write_file(folder_ / "study.json.123.partial", "{");
  EXPECT_NO_THROW(claim(folder_, kMarker, "study", Json{{"a", 1}}));
}

// The whole command, four shards of a tiny grid, each twice.
TEST_F(Claim, ShardsStartedTogether) {
  StudyConfig config = testing::small_study();
  const auto codes = start(8, [&](int i) {
    Execution execution = testing::stand_in(folder_ / "s");
    execution.jobs = 1;
    execution.shard_index = 1 + i % 4;
    execution.shard_count = 4;
    run_study(config, execution);
  });
  EXPECT_EQ(codes, (std::map<int, int>{{0, 8}}));
  for (const PlannedRun& run : plan(config, folder_ / "s"))
    EXPECT_TRUE(fs::exists(run.folder / runs::files::kResult)) << run.name;
}

// Root may write everywhere; while one of these lives it has the rights of nobody with files.
struct WithFewRights {
  static constexpr uid_t kNobody = 65534;
  WithFewRights() {
    if (::geteuid() == 0) ::setfsuid(kNobody);
  }
  ~WithFewRights() { ::setfsuid(::geteuid()); }
};

TEST_F(Claim, AFolderThatCannotBeWrittenIsNamed) {
  fs::create_directories(folder_ / "locked");
  ::chmod(folder_.c_str(), 0755);
  ::chmod((folder_ / "locked").c_str(), 0555);
  const WithFewRights rights;
  EXPECT_TRUE(base::refused(
      [&] {
        claim(folder_ / "locked", kMarker, "study", Json{{"a", 1}});
      },
      (folder_ / "locked" / kMarker).string() + ": cannot write"));
  EXPECT_TRUE(base::refused(
      [&] {
        claim(folder_ / "locked/new", kMarker, "study", Json{{"a", 1}});
      },
      "cannot create"));
}

}  // namespace
}  // namespace yore::study
