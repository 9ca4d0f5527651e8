// The registry, descriptions of tasks as text, and what every task of the registry must hold to.
#include "yore/tasks/task.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/model_for.h"

namespace yore::tasks {
namespace {

TEST(Task, NamesAreUniqueAndOptionsHaveHelp) {
  std::vector<std::string> names;
  for (const TaskInfo& info : task_infos()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), info.name), 0) << info.name;
    names.push_back(info.name);
    EXPECT_FALSE(info.summary.empty() || info.source.empty()) << info.name;
    for (const base::OptionSpec& option : info.options) EXPECT_FALSE(option.help.empty()) << option.name;
  }
}

TEST(Task, TextIsReadAsADescription) {
  EXPECT_EQ(parse_task("formal"), (Json{{"name", "formal"}}));
  EXPECT_EQ(parse_task("formal:(ab)*"), (Json{{"name", "formal"}, {"language", "(ab)*"}}));
  EXPECT_EQ(parse_task("formal:language=(ab)*,train_max_length=9"),
            (Json{{"name", "formal"}, {"language", "(ab)*"}, {"train_max_length", 9}}));
  EXPECT_EQ(parse_task("text:a.txt,b.txt,context=64,tokenizer=t.json"),
            (Json{{"name", "text"}, {"file", "a.txt,b.txt"}, {"context", 64}, {"tokenizer", "t.json"}}));
  EXPECT_TRUE(base::refused([] { parse_task("formel"); }, "did you mean formal?"));
  EXPECT_TRUE(base::refused(
      [] {
        complete_task({{"name", "formal"}, {"lengths", 3}, {"language", "a"}});
      },
      "unknown option \"lengths\""));
  EXPECT_TRUE(base::refused(
      [] {
        complete_task({{"name", "formal"}, {"language", "a"}, {"train_max_length", "9"}});
      },
      "expected a whole number"));
}

TEST(Task, AFormalTaskIsCompletedOnce) {
  const Json once = complete_task({{"name", "formal"}, {"language", "(ab)*"}});
  EXPECT_EQ(once["language"], "regex:(ab)*");
  EXPECT_EQ(once["alphabet"], "ab");
  EXPECT_EQ(complete_task(once), once);
}

// Against counts made by hand: 2 sequences of 3 and 2 tokens, targets at three places.
TEST(Task, TokensAreScored) {
  EvaluationSet set{"some", {{"n", 1}}, {}};
  const std::vector<std::int32_t> a = {0, 1, 2}, b = {2, 2}, ta = {kIgnored, 1, 2}, tb = {kIgnored, 0};
  set.batch.add(a, ta);
  set.batch.add(b, tb);
  const auto scorer = token_scorer(set);
  const std::vector<float> sure = {0, 9, 0}, wrong = {9, 0, 0};
  scorer->add(1, 4, wrong);
  scorer->add(0, 1, sure);
  scorer->add(0, 2, wrong);
  const std::vector<Metric> m = scorer->finish();
  ASSERT_EQ(m.size(), 3u);
  EXPECT_DOUBLE_EQ(m[0].value, 2.0 / 3);
  EXPECT_EQ(m[0].count, 3);
  EXPECT_DOUBLE_EQ(m[1].value, 0.5);
  const double right = std::log(1 + 2 * std::exp(-9.0));
  EXPECT_NEAR(m[2].value, (2 * right + 9 + right) / 3, 1e-12);
}

TEST(Task, ASetOfOneClassIsMarked) {
  const std::vector<std::int32_t> word = {0, 1};
  const std::vector<float> out = {1};
  EvaluationSet set{"some", {{"n", 1}}, {}};
  EXPECT_FALSE(one_class(set.batch)) << "nothing is asked";
  for (const std::int32_t target : {1, 1, 0}) {
    set.batch.add(word, {&target, 1});
    EXPECT_EQ(one_class(set.batch), target == 1);
    const auto scorer = accept_scorer(set);
    scorer->add(0, 1, out);
    EXPECT_EQ(scorer->finish()[0].keys.value(kOneClass, false), target == 1);
  }
  // Of tokens: at those at which something is asked.
  EvaluationSet tokens{"some", Json::object(), {}};
  const std::vector<std::int32_t> same = {kIgnored, 2}, other = {1, kIgnored};
  tokens.batch.add(word, same);
  tokens.batch.add(word, same);
  EXPECT_EQ(token_scorer(tokens)->finish()[0].keys, (Json{{"correct", 0}, {kOneClass, true}}));
  EXPECT_TRUE(token_scorer(tokens)->finish()[1].keys.value(kOneClass, false));
  tokens.batch.add(word, other);
  EXPECT_EQ(token_scorer(tokens)->finish()[0].keys, (Json{{"correct", 0}}));
}

// A pipe cannot be read twice: making a task reads what it names once.
TEST(Task, ALanguagesFileIsReadOnceWhenATaskIsMade) {
  const base::Scratch scratch;
  const std::string pipe = scratch / "machine.json";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string machine =
      R"({"alphabet": ["a", "b"], "states": 2, "start": 0, "accept": [0], "transitions": [[1, 0], [0, 1]]})";
  std::atomic<int> reads{0};
  std::atomic<bool> over{false};
  std::thread writer([&] {
    for (bool read = false; !over; ::usleep(1000)) {
      const int fd = ::open(pipe.c_str(), O_WRONLY | O_NONBLOCK);
      if (fd < 0) read = false;  // nobody is reading
      if (fd >= 0 && !read) {
        read = true;
        ++reads;
        EXPECT_EQ(::write(fd, machine.data(), machine.size()), static_cast<ssize_t>(machine.size()));
      }
      if (fd >= 0) ::close(fd);
    }
  });
  try {
    const auto task = make_task({{"name", "formal"}, {"language", "dfa:" + pipe}, {"train_max_length", 9}});
    EXPECT_EQ(task->vocabulary(), 3);
  } catch (const std::exception& e) {
    ADD_FAILURE() << e.what();
  }
  over = true;
  writer.join();
  EXPECT_EQ(reads, 1);
}

TEST(Task, CompleteMeansThatNothingIsLeftOpen) {
  const Json once = complete_task({{"name", "formal"}, {"language", "(ab)*"}});
  EXPECT_TRUE(is_complete(once));
  for (const auto& [name, value] : once.items()) {
    Json less = once;
    less.erase(name);
    if (name != "name") {
      EXPECT_FALSE(is_complete(less)) << name;
    }
  }
}

}  // namespace
}  // namespace yore::tasks
