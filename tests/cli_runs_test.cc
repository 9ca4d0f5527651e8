// Runs and studies as a user drives them: going on after the end, stopping, starting together, asking for too
// much.
#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

#include "tests/program.h"

namespace yore::tests {
namespace {

constexpr const char* kTiny =
    " --steps 20 --evaluate-every 10 --batch 8 --width 8 --heads 2 --layers 1 --mlp-width 16 "
    "--validation-words 16 "
    "--test-words-per-bucket 8 --test-buckets 41-50 --witness-depth 2 --quiet";

TEST(ContinuedRun, GoesOnAndSaysHow) {
  const Scratch scratch;
  const auto first = shell("yore train '(ab)*' --out run" + std::string(kTiny), scratch.path());
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto again = shell("yore train --run run --quiet", scratch.path());
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_NE(
      again.err.find("the run in run is complete (finished after 20 steps): nothing was trained. To go on: "
                     "yore train --run run --steps 40"),
      std::string::npos)
      << again.err;
  const auto same = shell("yore train '(ab)*' --out run" + std::string(kTiny), scratch.path());
  EXPECT_NE(same.err.find("nothing was trained"), std::string::npos) << "the same command again";
  const auto less = shell("yore train --run run --steps 20 --quiet", scratch.path());
  EXPECT_EQ(less.exit_code, 2);
  EXPECT_NE(less.err.find("--steps: expected more than the 20 steps"), std::string::npos) << less.err;
  const auto more = shell(
      "cp -r run cut; yore train --run run --steps 50 --quiet --log-every 20; echo $?; "
      "yore train --run cut --steps 50 --quiet --stop-after 7; "
      "yore train --run cut --steps 50 --quiet --stop-after 9; "
      "yore train --run cut --quiet",
      scratch.path());
  EXPECT_NE(more.out.find("\n0\n"), std::string::npos) << more.out;
  EXPECT_NE(more.err.find("continuing the finished run at step 20"), std::string::npos) << more.err;
  EXPECT_NE(more.err.find("step 40 of 50: loss "), std::string::npos) << more.err;
  EXPECT_EQ(base::read_file(scratch / "run/model.safetensors"),
            base::read_file(scratch / "cut/model.safetensors"));
  EXPECT_EQ(base::read_json(scratch / "run/result.json")["steps"], 50);
  EXPECT_EQ(base::read_json(scratch / "run/result-20.json")["steps"], 20);
  for (const std::string option : {"--alphabet ab", "--max-states 9"}) {
    const auto setting = shell("yore train --run run --steps 60 --quiet " + option, scratch.path());
    EXPECT_EQ(setting.exit_code, 2) << option;
    EXPECT_NE(setting.err.find("--run: takes the stored configuration"), std::string::npos) << setting.err;
  }
  const auto other = shell("yore train --run run --steps 60 --width 16 --quiet", scratch.path());
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("--width does not go with it"), std::string::npos) << other.err;
}

// What is told to be done next can be done.
TEST(ContinuedRun, SaysCommandsThatAShellTakes) {
  const Scratch scratch;
  const std::string line = "yore train '(ab)*' --out 'a run' --early-stop 1 --early-stop-at 0.01 --steps " +
                           std::to_string(std::numeric_limits<std::int64_t>::max()) +
                           std::string(kTiny).substr(std::string(" --steps 20").size());
  const auto stopped = shell(line + " --stop-after 1", scratch.path());
  EXPECT_NE(stopped.err.find("or: yore train --run 'a run'\n"), std::string::npos) << stopped.err;
  EXPECT_EQ(shell(line, scratch.path()).exit_code, 0);
  const auto again = shell(line, scratch.path());
  EXPECT_NE(again.err.find("yore train --run 'a run' --steps 9223372036854775807\n"), std::string::npos)
      << again.err;
  const auto word = shell("yore evaluate 'a run' --words ab abx", scratch.path());
  EXPECT_EQ(word.exit_code, 2);
  EXPECT_NE(word.err.find("--words: "), std::string::npos) << word.err;
}

TEST(DamagedRun, IsRefusedByName) {
  const Scratch scratch;
  ASSERT_EQ(shell("yore train '(ab)*' --out run" + std::string(kTiny) + " --stop-after 15", scratch.path())
                .exit_code,
            0);
  std::string bytes = base::read_file(scratch / "run/checkpoint.safetensors");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 16);
  base::write_file(scratch / "run/checkpoint.safetensors", bytes);
  const auto result = shell("yore train --run run --quiet", scratch.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("run/checkpoint.safetensors: is damaged"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(": array "), std::string::npos) << result.err;
}

// Each with a limit of memory that it would go past, and a time in which it must have been refused.
TEST(Budgets, NumbersThatCannotFitAreRefused) {
  const Scratch scratch;
  const std::pair<const char*, const char*> hostile[] = {
      {"--test-words-per-bucket 2000000000", "test_words_per_bucket: expected 1 to 10000000"},
      {"--validation-words 2000000000", "validation_words: expected 1 to 10000000"},
      {"--near-miss-edits 2000000000", "near_miss_edits: expected 0 to 1000"},
      {"--witness-depth 100000", "witness_depth: expected 0 to 1000"},
      {"--positions learned --max-positions 2000000000", "positions.weight [2000000000, 32]"},
      {"--test-words-per-bucket 10000000 --test-buckets 100000-1000000", "of memory"},
      {"--train-max-length 1000000", "the table for drawing words of up to 1000000 letters"},
      {"--width 2147483644", "width 2147483644 in 4 heads: head_width: expected 1 to 256"},
      {"--mlp-width 2147483647", "model.mlp_width: expected 1 to 1048576"},
      {"--batch 2147483647", "training.batch: a step of 2147483647 sequences"},
      {"--layers 2147483647", "model.layers: expected 1 to 4096"},
      {"--heads 2147483647", "model.heads: expected 1 to 4096"},
      {"--head-width 2147483647", "head_width: expected 1 to 256"},
      {"--threads 2147483647", "training.threads"},
      {"--steps 99999999999999999999", "--steps: expected a whole number"},
      {"--task mqar --test-sequences 10000000 --test 1048576:4", "of memory"},
      {"--task copy --test-sequences 10000000 --test-lengths 1000000-1000000", "of memory"}};
  for (const auto& [options, part] : hostile) {
    const std::string language = std::string(options).starts_with("--task") ? "" : "'(ab)*' ";
    const auto result =
        shell("ulimit -v 8000000; timeout 20 yore train " + language + "--out run --quiet " + options,
              scratch.path());
    EXPECT_EQ(result.exit_code, 2) << options << "\n" << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << options << "\n" << result.err;
    EXPECT_FALSE(std::filesystem::exists(scratch / "run")) << options;
  }
}

// What takes long within its limits is stopped by a signal within a second: drawing, counting, evaluating.
TEST(Budgets, LongWorkSeesSignals) {
  const Scratch scratch;
  const char* const lines[] = {
      "yore train '(ab)*' --out r0 --quiet --test-words-per-bucket 1000000 --steps 1 --evaluate-every 1 "
      "--batch 1 "
      "--validation-words 1000000",
      "yore train '(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)' --out r1 --quiet --test-buckets 60000-60000 --steps 1",
      "yore train '(ab)*' --out r2 --quiet --steps 1 --evaluate-every 1 --batch 1 --validation-words 2000 "
      "--train-max-length 3000 --test-words-per-bucket 1 --witness-depth 0",
      "yore verify m --max-words 1000000000 --json",
      "yore verify m 'ltl:Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y Y a' --alphabet ab "
      "--max-states "
      "1000000000",
      "yore extract m --exhaustive-words 1000000000 --length 1000"};
  ASSERT_EQ(shell("yore compile '(ab)*' -o m", scratch.path()).exit_code, 0);
  for (const char* line : lines) {
    const auto result =
        shell(std::string(line) +
                  " & pid=$!; sleep 2; begin=$(date +%s%N); kill -TERM $pid; wait $pid; code=$?; "
                  "echo $code $(( ($(date +%s%N) - begin) / 1000000 ))",
              scratch.path());
    int code = 0, milliseconds = 0;
    // The last line; what a run that was stopped as it evaluates has to say comes before.
    const std::size_t before =
        result.out.size() < 2 ? std::string::npos : result.out.rfind('\n', result.out.size() - 2);
    const std::string last = before == std::string::npos ? result.out : result.out.substr(before + 1);
    ASSERT_EQ(std::sscanf(last.c_str(), "%d %d", &code, &milliseconds), 2) << result.out << result.err;
    EXPECT_EQ(code, 143) << line << "\n" << result.err;
    EXPECT_LT(milliseconds, kStopWithin) << line;
  }
}

// One trains, the others are told so; nobody is told that the folder holds something else.
TEST(Together, ManyTrainingsOfOneNewFolder) {
  const Scratch scratch;
  const auto result = shell("for i in 1 2 3 4 5 6 7 8; do (yore train '(ab)*' --out new" +
                                std::string(kTiny) + " > /dev/null; echo $?) & done; wait",
                            scratch.path());
  int trained = 0, refused = 0;
  for (const char c : result.out) trained += c == '0', refused += c == '2';
  EXPECT_GE(trained, 1) << result.err;
  EXPECT_EQ(trained + refused, 8) << result.out << result.err;
  EXPECT_EQ(result.err.find("holds something else"), std::string::npos) << result.err;
  if (refused > 0) {
    EXPECT_NE(result.err.find("another process is training in it"), std::string::npos) << result.err;
  }
  EXPECT_TRUE(std::filesystem::exists(scratch / "new/result.json"));
}

// As a user who may not write there: root, who may write everywhere, becomes nobody.
TEST(ReadOnlyFolder, IsNamedByEveryCommandThatWritesAndNoHindranceToOthers) {
  const Scratch scratch;
  const std::string prefix = ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
  const auto made = shell(
      "chmod 755 . && yore compile '(ab)*' -o model && yore export model -o model.onnx && yore train '(ab)*' "
      "--out "
      "locked/run --stop-after 10" +
          std::string(kTiny) +
          "; yore compile '(ab)*' -o locked/model && mkdir locked/empty && chmod -R a-w,a+rX locked . && " +
          prefix + "yore evaluate model --words ab",  // which both programs run
      scratch.path());
  if (made.exit_code != 0) GTEST_SKIP() << "needs setpriv, and a build that others may read: " << made.err;
  const std::string tiny = kTiny;
  const std::vector<std::pair<std::string, std::string>> writing = {
      {"train '(ab)*' --out locked/new" + tiny, "locked/new"},
      {"train '(ab)*' --out locked/empty" + tiny, "locked/empty"},
      {"train --run locked/run --quiet", "locked/run"},
      {"study '(ab)*' --out locked/s", "locked/s"},
      {"compile a -o locked/m", "locked/m"},
      {"compile a -o locked/model --force", "locked/model"},
      {"convert a --to json -o locked/a.json", "locked/a.json"},
      {"sample a -o locked/a.tsv", "locked/a.tsv"},
      {"export model -o locked/m.onnx", "locked/m.onnx"},
      {"import model.onnx -o locked/m", "locked/m"},
      {"import model.onnx -o locked/model --force", "locked/model"},
      {"picture model -o locked/m.html", "locked/m.html"},
      {"extract model -o locked/a.json", "locked/a.json"}};
  for (const auto& [line, place] : writing) {
    const auto result = shell(prefix + "yore " + line, scratch.path());
    EXPECT_EQ(result.exit_code, 2) << line << "\n" << result.err;
    EXPECT_NE(result.err.find(place), std::string::npos) << line << "\n" << result.err;
    EXPECT_NE(result.err.find("Permission denied"), std::string::npos) << line << "\n" << result.err;
    EXPECT_EQ(result.err.find("internal error"), std::string::npos) << line << "\n" << result.err;
  }
  for (const std::string line :
       {"plan --model locked/model", "verify locked/model --max-words 100 --random 10 --length 20",
        "run locked/model --words ab", "evaluate locked/model --words ab", "extract locked/model",
        "export locked/model -o /dev/null --to onnx --force", "picture locked/model --to dot"}) {
    const auto result = shell(prefix + "yore " + line, scratch.path());
    EXPECT_EQ(result.exit_code, 0) << line << "\n" << result.err;
  }
}

// The wall clock jumps by hours, back and forth, at every look: nothing but the date of a report may read it.
TEST(Clock, ThatJumpsChangesNothing) {
  const Scratch scratch;
  base::write_file(scratch / "jump.c", R"(
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long jump(void) { static long n; return (n++ % 3 - 1) * 40000; }
int clock_gettime(clockid_t clock, struct timespec* t) {
  int code = syscall(SYS_clock_gettime, clock, t);
  if (clock == CLOCK_REALTIME) t->tv_sec += jump();
  return code;
}
int gettimeofday(struct timeval* t, void* zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  t->tv_sec = now.tv_sec, t->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t* t) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (t) *t = now.tv_sec;
  return now.tv_sec;
}
)");
  if (shell("cc --version", scratch.path()).exit_code != 0) GTEST_SKIP() << "needs cc";
  const auto made = shell("cc -shared -fPIC -o jump.so jump.c", scratch.path());
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string jumping = "LD_PRELOAD=$PWD/jump.so ";
  // The shim works: two looks are hours apart.
  const auto looks =
      shell(jumping + "bash -c 'echo $(( EPOCHSECONDS )) $(( EPOCHSECONDS ))'", scratch.path());
  long first = 0, second = 0;
  ASSERT_EQ(std::sscanf(looks.out.c_str(), "%ld %ld", &first, &second), 2) << looks.out << looks.err;
  ASSERT_GT(std::abs(first - second), 10'000) << looks.out;

  const std::string line = "yore train '(ab)*' --out ", tiny = kTiny;
  ASSERT_EQ(shell(line + "straight" + tiny, scratch.path()).exit_code, 0);
  ASSERT_EQ(shell(jumping + line + "jumped --stop-after 10" + tiny, scratch.path()).exit_code, 0);
  const auto jumped = shell(jumping + line + "jumped" + tiny + " --json", scratch.path());
  ASSERT_EQ(jumped.exit_code, 0) << jumped.err;
  const base::Json result = base::parse_json(jumped.out, "json");
  EXPECT_GE(result.at("seconds").get<double>(), 0);
  EXPECT_LT(result.at("seconds").get<double>(), 1000);
  EXPECT_EQ(shell("cmp straight/model.safetensors jumped/model.safetensors", scratch.path()).exit_code, 0);
  const auto study = shell(jumping + "yore study '(ab)*' --attention hybrid --seeds 1 2 --out s" + tiny +
                               "; echo $?; yore study '(ab)*' --attention hybrid --seeds 1 2 --out s" + tiny,
                           scratch.path());
  EXPECT_TRUE(study.out.starts_with("0\n") || study.out.find("\n0\n") != std::string::npos)
      << study.out << study.err;
  EXPECT_NE(study.err.find("2 runs had a result before"), std::string::npos) << study.err;
}

TEST(OneClass, IsMarkedWhereverAccuracyIsShown) {
  const Scratch scratch;
  const auto train = shell("yore train 'a*' --alphabet a --out run" + std::string(kTiny), scratch.path());
  ASSERT_EQ(train.exit_code, 0) << train.err;
  EXPECT_NE(train.out.find("all of one class"), std::string::npos) << train.out;
  EXPECT_NE(train.err.find("every validation sequence has the same answer"), std::string::npos) << train.err;
  const auto text = shell("yore evaluate run", scratch.path());
  EXPECT_NE(text.out.find("all of one class"), std::string::npos) << text.out;
  const auto json = shell("yore evaluate run --json", scratch.path());
  EXPECT_EQ(base::parse_json(json.out, "json")["metrics"][0]["keys"]["one_class"], true) << json.out;
}

}  // namespace
}  // namespace yore::tests
