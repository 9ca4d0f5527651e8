// The task "copy": a word, then the same word again.
//
//   BOS 3 0 7 SEP 3 0 7      targets:  . . . . 3 0 7 .
//
// Asked is the second half alone, each letter given those before it. Words are split into training and
// evaluation by the rule of common/free_words.h. Guessing gets 1 / letters: "chance".
#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace copy {
namespace {

constexpr const char* kName = "copy";

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {{"letters", 16, "Different letters that a word is made of"}};
  for (base::OptionSpec& option : draw_options({1, 16}, {"17-32", "33-64"}, "Letters to copy"))
    all.push_back(std::move(option));
  return all;
}

class Copy final : public DrawnTask {
 public:
  explicit Copy(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, 1), {2, 2}),
        words_(options.integer("letters", 2, 1 << 20), draws().split_seed) {}

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return words_.letters() + 2; }
  int outputs() const override { return vocabulary(); }
  std::vector<std::string> token_names() const override {
    return numbered_names(words_.letters(), {"BOS", "SEP"});
  }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    const std::vector<std::int32_t> word = words_.draw(length, held_out, random);
    Sequence s;
    s.tokens.push_back(words_.letters());
    s.tokens.insert(s.tokens.end(), word.begin(), word.end());
    s.targets.assign(s.tokens.size(), kIgnored);
    s.tokens.push_back(words_.letters() + 1);
    s.tokens.insert(s.tokens.end(), word.begin(), word.end());
    s.targets.insert(s.targets.end(), word.begin(), word.end());
    s.targets.push_back(kIgnored);
    return s;
  }
  double chance() const override { return 1.0 / words_.letters(); }

 private:
  FreeWords words_;
};

}  // namespace
}  // namespace copy

/// Named in CMakeLists.txt's list of tasks.
TaskInfo copy_task() {
  using namespace copy;
  return {kName,
          "a word, then the same word again, letter by letter",
          "Jelassi, Brandfonbrener, Kakade & Malach 2024, arXiv 2402.01032",
          Objective::NextToken,
          specs(),
          decoder_defaults(),
          complete_options<Copy>,
          make_from_options<Copy>,
          drawn_sizes("looks one place further at each letter: T")};
}

}  // namespace yore::tasks
