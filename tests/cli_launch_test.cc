// Several processes that train one model, on one machine: `yore launch`, and the variables that torchrun
// sets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/program.h"
#include "yore/base/text.h"
#include "yore/runs/run_folder.h"
#include "yore/runs/run_result.h"

namespace yore::tests {
namespace {

const std::string kRun =
    "train '(ab)*' --width 16 --heads 2 --mlp-width 16 --batch 24 --test-words-per-bucket 16 "
    "--evaluate-every 10 --quiet ";

class Launch : public ::testing::Test {
 protected:
  base::ProcessResult run(const std::string& line) const { return shell(line, scratch_.path()); }
  runs::RunResult result(const std::string& name) const { return runs::read_result(scratch_ / name); }
  base::Scratch scratch_;
};

// Sums of a batch's parts are rounded otherwise than the whole's: after a step losses differ by some epsilons
// of a float, and training multiplies what differs. 20 steps keep it below 1e-4.
void expect_same_history(const runs::RunResult& a, const runs::RunResult& b) {
  ASSERT_EQ(a.history.size(), b.history.size());
  for (std::size_t i = 0; i < a.history.size(); ++i) {
    EXPECT_EQ(a.history[i].step, b.history[i].step);
    EXPECT_NEAR(a.history[i].loss, b.history[i].loss, 1e-4 * a.history[i].loss) << i;
  }
}

TEST_F(Launch, TheSameBatchGivesTheSameLosses) {
  ASSERT_EQ(run("yore " + kRun + "--steps 20 --out one").exit_code, 0);
  for (const std::string name : {"2", "3"}) {
    const auto several =
        run(fmt::format("yore launch -n {} -- {}--steps 20 --out several{}", name, kRun, name));
    ASSERT_EQ(several.exit_code, 0) << several.err;
    expect_same_history(result("one"), result("several" + name));
    EXPECT_EQ(several.out.find("41-100"), several.out.rfind("41-100"))
        << "one process tells: " << several.out;
  }
  const auto accumulated = run("yore launch -n 2 -- " + kRun + "--steps 20 --accumulate 3 --out accumulated");
  ASSERT_EQ(accumulated.exit_code, 0) << accumulated.err;
  expect_same_history(result("one"), result("accumulated"));
  // Finished is finished, for all of them.
  const auto again = run("yore launch -n 2 -- train --run several2");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.err.find("is complete"), std::string::npos) << again.err;
}

// Stopped by a signal, gone on with another number of processes, and ended as if nothing had been.
TEST_F(Launch, ARunGoesOnWithAnotherNumberOfProcesses) {
  ASSERT_EQ(run("yore " + kRun + "--steps 30 --out one").exit_code, 0);
  ASSERT_EQ(run("yore launch -n 2 -- " + kRun + "--steps 30 --stop-after 14 --out other").exit_code, 0);
  EXPECT_FALSE(runs::is_finished(scratch_ / "other"));
  ASSERT_EQ(run("yore launch -n 3 -- train --run other --quiet --stop-after 7").exit_code, 0);
  const auto rest = run("yore train --run other --quiet");
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  expect_same_history(result("one"), result("other"));
}

// One process is killed: the others end by themselves, the checkpoint is whole, and the run goes on.
TEST_F(Launch, WhereOneProcessIsKilledTheOthersStop) {
  const std::string line = kRun + "--steps 100000 --out run";
  const auto killed =
      run("yore launch -n 3 -- " + line +
          " > out 2> err & launch=$!\n"
          "for i in $(seq 200); do [ -e run/metrics.csv ] && break; sleep 0.1; done\n"
          "for p in /proc/[0-9]*; do\n"
          "  [ \"$(readlink $p/cwd)\" = \"$PWD\" ] && grep -qzx RANK=2 $p/environ && kill -9 ${p#/proc/}\n"
          "done 2> /dev/null\n"
          "for i in $(seq 300); do kill -0 $launch 2> /dev/null || break; sleep 0.1; done\n"
          "kill $launch 2> /dev/null && echo still there\n"
          "wait $launch; echo $?");
  EXPECT_EQ(killed.out, "137\n") << killed.err << base::read_file(scratch_ / "err");
  EXPECT_NE(base::read_file(scratch_ / "err").find("rank 2 ended with 137"), std::string::npos)
      << base::read_file(scratch_ / "err");
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "run" / runs::files::kCheckpoint));
  const auto on = run("yore launch -n 2 -- " + line + " --stop-after 5");
  EXPECT_EQ(on.exit_code, 0) << on.err;
  EXPECT_NE(on.err.find("resuming at step"), std::string::npos) << on.err;
}

TEST_F(Launch, ASignalStopsThemAll) {
  const auto stopped = run("yore launch -n 2 -- " + kRun +
                           "--steps 100000 --out run > out 2> err & launch=$!\n"
                           "for i in $(seq 200); do [ -e run/metrics.csv ] && break; sleep 0.1; done\n"
                           "kill -TERM $launch; wait $launch; echo $?");
  EXPECT_EQ(stopped.out, "143\n");
  EXPECT_NE(base::read_file(scratch_ / "err").find("stopped after step"), std::string::npos)
      << base::read_file(scratch_ / "err");
}

// What every process refuses is said once, and nothing else beside it.
TEST_F(Launch, ARefusalIsSaidOnce) {
  for (const std::string what :
       {"train --nonsense", "train '(ab' --out run", "train name:nowhere --out run"}) {
    const auto alone = run("yore " + what), together = run("yore launch -n 3 -- " + what);
    EXPECT_EQ(alone.exit_code, 2);
    EXPECT_EQ(together.exit_code, 2);
    EXPECT_EQ(together.out, "");
    const auto own = [](const std::string& text) {
      return std::regex_replace(text, std::regex("yore: note: OpenBLAS [^\n]*\n"), "");
    };
    EXPECT_EQ(own(together.err), own(alone.err)) << what;
  }
}

TEST_F(Launch, WhatIsMissingIsNamed) {
  const auto refused = [&](const std::string& line, const std::string& expected) {
    const auto r = run(line);
    EXPECT_EQ(r.exit_code, 2) << line << r.err;
    EXPECT_NE(r.err.find(expected), std::string::npos) << line << ": " << r.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "run"));
  };
  const std::string train = "yore " + kRun + "--steps 2 --out run";
  refused("WORLD_SIZE=two " + train, "WORLD_SIZE: expected a number from 1 to 65536");
  refused("WORLD_SIZE=2 " + train, "RANK: expected a number from 0 to 1");
  refused("WORLD_SIZE=2 RANK=2 " + train, "RANK: expected a number from 0 to 1");
  refused("WORLD_SIZE=2 RANK=0 MASTER_PORT=29511 " + train, "MASTER_ADDR: expected the host of rank 0");
  const auto begun = std::chrono::steady_clock::now();
  for (const std::string rank : {"0", "1"})
    refused("MASTER_ADDR=no-such-host.invalid MASTER_PORT=29511 WORLD_SIZE=2 RANK=" + rank + " " + train,
            "MASTER_ADDR: there is no host \"no-such-host.invalid\"");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
  refused("MASTER_ADDR=127.0.0.1 MASTER_PORT=29511 WORLD_SIZE=2 RANK=0 GLOO_SOCKET_IFNAME=nope0 " + train,
          "GLOO_SOCKET_IFNAME: there is no network interface \"nope0\"");
  refused("yore launch -n 2 -- evaluate run", "COMMAND: expected train and its options");
  refused("yore launch -n 0 -- train", "--processes: expected a whole number from 1 to 1024");
  // Somebody else has the port.
  const auto beside_a_listener = [](const std::string& command) {
    return "rm -f port; python3 -c 'import socket, time\ns = socket.socket(); s.bind((\"127.0.0.1\", 0)); "
           "s.listen()\nopen(\"port\", \"w\").write(str(s.getsockname()[1])); time.sleep(60)' & listener=$!\n"
           "for i in $(seq 100); do [ -s port ] && break; sleep 0.1; done\n" +
           command + "; code=$?; kill $listener; exit $code";
  };
  refused(beside_a_listener("yore launch -n 2 --port $(cat port) -- " + kRun + "--steps 2 --out run"),
          "of 127.0.0.1 (Address already in use)");
  refused(beside_a_listener("WORLD_SIZE=2 RANK=0 MASTER_ADDR=127.0.0.1 MASTER_PORT=$(cat port) " + train),
          "MASTER_PORT: rank 0 cannot listen on 127.0.0.1:");
  EXPECT_EQ(run("WORLD_SIZE=1 RANK=0 " + train).exit_code, 0) << "one process needs nobody";
}

}  // namespace
}  // namespace yore::tests
