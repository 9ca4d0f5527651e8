// The task "majority": at every letter, which of two has occurred more often so far?
//
//   1 0 0 1 0      targets:  1 . 0 . 0
//
// Where both have, nothing is asked. Words are split into training and evaluation by the rule of
// common/free_words.h. Guessing gets 1 / 2: "chance".
#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace majority {
namespace {

constexpr const char* kName = "majority";

class Majority final : public DrawnTask {
 public:
  explicit Majority(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, 1)), words_(2, draws().split_seed) {}

  Objective objective() const override { return Objective::Tags; }
  int vocabulary() const override { return 2; }
  int outputs() const override { return 2; }
  std::vector<std::string> token_names() const override { return numbered_names(2, {}); }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    Sequence s{words_.draw(length, held_out, random), {}};
    int lead = 0;
    for (const std::int32_t letter : s.tokens) {
      lead += letter == 1 ? 1 : -1;
      s.targets.push_back(lead == 0 ? kIgnored : lead > 0 ? 1 : 0);
    }
    return s;
  }
  double chance() const override { return 0.5; }

 private:
  FreeWords words_;
};

}  // namespace
}  // namespace majority

/// Named in CMakeLists.txt's list of tasks.
TaskInfo majority_task() {
  using namespace majority;
  return {kName,
          "which of two letters has occurred more often so far, at every letter",
          "Perez, Barcelo & Marinkovic 2021, JMLR 22(75); Yao et al. 2021, arXiv 2105.11115",
          Objective::Tags,
          draw_options({1, 16}, {"17-32", "33-64"}, "Letters"),
          decoder_defaults(),
          complete_options<Majority>,
          make_from_options<Majority>,
          drawn_sizes("averages all letters at once: T")};
}

}  // namespace yore::tasks
