// Ctrl-C and SIGTERM: every command ends within a second, with the signal's exit code and one line that says
// so and what is left.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/program.h"

namespace yore::tests {
namespace {

namespace fs = std::filesystem;

struct Stopped {
  int exit_code = 0, milliseconds = 0;
  std::string err;
};

/// Runs the shell line in `folder` and sends it the signal ("INT") after so many seconds.
Stopped stop(const std::string& line, const fs::path& folder, const std::string& signal, double seconds) {
  const auto result = shell(line + " >out 2>err & pid=$!; sleep " + std::to_string(seconds) +
                                "; begin=$(date +%s%N); kill -" + signal +
                                " $pid; wait $pid; code=$?; "
                                "echo $code $(( ($(date +%s%N) - begin) / 1000000 ))",
                            folder);
  Stopped stopped;
  EXPECT_EQ(std::sscanf(result.out.c_str(), "%d %d", &stopped.exit_code, &stopped.milliseconds), 2)
      << result.out << result.err;
  stopped.err = base::read_file(folder / "err");
  return stopped;
}

/// The last line of what was said names the signal, and `kept`.
void expect_told(const std::string& line, const Stopped& stopped, int code, const std::string& kept) {
  EXPECT_EQ(stopped.exit_code, code) << line << "\n" << stopped.err;
  EXPECT_LT(stopped.milliseconds, kStopWithin) << line;
  const std::size_t at = stopped.err.rfind("stopped");
  ASSERT_NE(at, std::string::npos) << line << ": " << stopped.err;
  EXPECT_NE(stopped.err.find(kept, at), std::string::npos) << line << ": " << stopped.err;
  EXPECT_EQ(stopped.err.find('\n', at), stopped.err.size() - 1) << line << ": " << stopped.err;
}

// What waits looks at no flag: opening a pipe that nobody opens at its other end.
TEST(Interrupts, ACommandThatWaits) {
  const Scratch scratch;
  ASSERT_EQ(shell("mkfifo pipe && yore compile '(ab)*' -o m", scratch.path()).exit_code, 0);
  for (const std::string line :
       {"yore classify --dfa pipe", "yore compile --dfa pipe -o other", "yore convert --dfa pipe --to json",
        "yore equivalent dfa:pipe a", "yore export m --to onnx -o pipe"})
    expect_told(line, stop(line, scratch.path(), "TERM", 0.5), 143, "nothing was written");
  const std::string line = "yore classify --dfa pipe";
  expect_told(line, stop(line, scratch.path(), "INT", 0.5), 130, "nothing was written");
}

TEST(Interrupts, ACommandThatComputes) {
  const Scratch scratch;
  base::write_file(scratch / "words.tsv", "before");
  const std::string sample = "yore sample '(ab)*' --count 2147483647";
  expect_told(sample, stop(sample, scratch.path(), "TERM", 1), 143, "the words printed before stand");
  expect_told(sample, stop(sample + " -o words.tsv --force", scratch.path(), "INT", 1), 130,
              "words.tsv is as it was");
  EXPECT_EQ(base::read_file(scratch / "words.tsv"), "before");
  const std::string plan = "yore plan '(ab)*' --test-words-per-bucket 1000000";
  expect_told(plan, stop(plan, scratch.path(), "INT", 1), 130, "nothing was written");
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(scratch.path())) {
    ++files;
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
  EXPECT_EQ(files, 3u) << "out, err, words.tsv: nothing half written is left";
}

// What takes long because it was asked for much says where it is before it is stopped, if a part of it is
// done by then.
TEST(Interrupts, AFitAndCircuits) {
  const Scratch scratch;
  base::write_file(scratch / "points.csv", "8,1\n16,2\n32,3\n64,4\n128,9\n256,7\n");
  ASSERT_EQ(shell("yore circuit compile --depth 4 -o m4", scratch.path()).exit_code, 0);
  struct Line {
    std::string line, place;
  };
  for (const auto& [line, place] : std::vector<Line>{
           {"yore capture points.csv --replicates 100000 --max-fits 1000000", "fitting 100000 replicates"},
           {"yore circuit verify m4 --exhaustive 0 --gates 100000 --random 100", ""},
           {"yore circuit precision m4 --widths 1000 --depths 4 --circuits 100 --max-tokens 1000000000",
            "depth 4, width 1000, circuit "}}) {
    const Stopped stopped = stop(line, scratch.path(), "INT", 4);
    expect_told(line, stopped, 130, "nothing was written");
    EXPECT_NE(stopped.err.find(place), std::string::npos) << line << ": " << stopped.err;
  }
}

// A folder's automata are judged in processes of their own, which end with the one that is stopped.
TEST(Interrupts, AFolderOfAutomata) {
  const Scratch scratch;
  ASSERT_EQ(shell("mkdir f && yore convert '(ab)*' --to json -o f/a.json && yore convert '(a|b)*a(a|b){14}' "
                  "--to json "
                  "-o f/b00.json && for i in $(seq 10 99); do cp f/b00.json f/b$i.json; done",
                  scratch.path())
                .exit_code,
            0);
  const std::string line = "yore classify --dfa-folder f --csv --jobs 1";
  const Stopped stopped = stop(line, scratch.path(), "INT", 1);
  expect_told(line, stopped, 130, "the files printed before stand");
  EXPECT_NE(stopped.err.find(" of 92"), std::string::npos) << stopped.err;
  EXPECT_NE(base::read_file(scratch / "out").find("a.json"), std::string::npos);
}

TEST(Interrupts, TheTensorHalf) {
  if (!YORE_HAS_TENSOR) GTEST_SKIP() << "this build trains nothing";
  const Scratch scratch;
  base::write_file(scratch / "t.txt", std::string(5000, 'a') + std::string(5000, 'b'));
  ASSERT_EQ(
      shell("yore compile '(ab)*' -o m && yore train --task text:t.txt --context 16 --width 8 --layers 1 "
            "--steps 1 --out g --quiet && yore train --task text:t.txt --context 16 --width 256 --layers 8 "
            "--heads 8 --attention global --steps 1 --out w --quiet",
            scratch.path())
          .exit_code,
      0);
  struct Line {
    std::string line, kept;
  };
  for (const auto& [line, kept] : std::vector<Line>{
           {"yore evaluate m --words-per-bucket 1000000", "nothing was written"},
           {"yore verify m --max-words 1000000000", "; "},
           {"yore extract m --exhaustive-words 1000000000 --length 1000", "the automaton is what they told"},
           {"yore budget bench g --budgets 0.5 --seconds 100000", "nothing was written"},
           {"yore generate g --prompt a --count 100000000", "which stand"},
           {"yore inspect w --text t.txt --tokens 10000", "nothing was written"},
           {"yore inspect w --text t.txt --tokens 500 --select tau=0.9,control=random,seeds=1000",
            "nothing was written"},
           {"yore localise w --text t.txt --budget 1 --random 1000 --out l", "nothing was written"},
           {"yore train '(ab)*' --steps 1000000 --out r --quiet", "the same command continues"},
           {"yore study '(ab)*' --steps 1000000 --out s --quiet", "he same command goes on"}}) {
    expect_told(line, stop(line, scratch.path(), "TERM", 3), 143, kept);
  }
  // While libtorch is loaded, too.
  const std::string line = "yore evaluate m --words-per-bucket 1000000";
  expect_told(line, stop(line, scratch.path(), "INT", 0.1), 130, "nothing was written");
}

}  // namespace
}  // namespace yore::tests
