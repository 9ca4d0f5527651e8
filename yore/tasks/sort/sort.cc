// The task "sort": different letters, then the same ones in the order of their ranks.
//
//   5 0 7 SEP 0 5 7      targets:  . . . 0 5 7 .
//
// Asked is the second half alone, each letter given those before it: the next one is the smallest that is
// greater than the last. Letters of a list differ, so that none need be counted. Guessing gets 1 / letters:
// "chance" (who guesses among those of the list, more). Which lists are held out their hash says
// (common/free_words.h).
#include <algorithm>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"
#include "yore/tasks/common/shuffle.h"

namespace yore::tasks {
namespace sort {
namespace {

constexpr const char* kName = "sort";

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {{"letters", 128, "Different letters, at least as many as a list has"}};
  for (base::OptionSpec& option : draw_options({4, 16}, {"17-32", "33-64"}, "Letters to sort"))
    all.push_back(std::move(option));
  return all;
}

class Sort final : public DrawnTask {
 public:
  explicit Sort(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, 3), {2, 1}), letters_(options.integer("letters", 8, 1 << 20)) {
    const auto check = [&](const char* name, int high) {
      if (high > letters_)
        options.refuse(name, "at most as many as there are letters, " + std::to_string(letters_) +
                                 "; found " + std::to_string(high));
    };
    check("train_max_length", draws().training.second);
    for (const LengthRange& lengths : draws().tests) check("test_lengths", lengths.second);
  }

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return letters_ + 1; }
  int outputs() const override { return vocabulary(); }
  std::vector<std::string> token_names() const override { return numbered_names(letters_, {"SEP"}); }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    Sequence s = draw_on_side(held_out, draws().split_seed, [&] {
      Sequence list;
      const std::uint64_t key = random.bits();
      for (int i = 0; i < length; ++i)
        list.tokens.push_back(static_cast<std::int32_t>(
            shuffled(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(letters_), {key})));
      return list;
    });
    std::vector<std::int32_t> sorted = s.tokens;
    std::sort(sorted.begin(), sorted.end());
    s.targets.assign(s.tokens.size(), kIgnored);
    s.tokens.push_back(letters_);
    s.tokens.insert(s.tokens.end(), sorted.begin(), sorted.end());
    s.targets.insert(s.targets.end(), sorted.begin(), sorted.end());
    s.targets.push_back(kIgnored);
    return s;
  }
  double chance() const override { return 1.0 / letters_; }

 private:
  int letters_;
};

}  // namespace
}  // namespace sort

/// Named in CMakeLists.txt's list of tasks.
TaskInfo sort_task() {
  using namespace sort;
  return {kName,
          "different letters, then the same ones by rank",
          "after arXiv 2603.11161, which does not describe its own in its abstract",
          Objective::NextToken,
          specs(),
          decoder_defaults(),
          complete_options<Sort>,
          make_from_options<Sort>,
          drawn_sizes("looks for the next larger one at each letter: T a letter")};
}

}  // namespace yore::tasks
