// The task "search": a list without an order, then a class; what is the value of the only item of that class?
//
//   b3 a1 d0 a2 ?b      target at ?b:  3
//
// Each item is one token that has a class and a value. Every other item is of some other class. Values are
// independent of everything, so that nothing but the item tells the answer; guessing gets 1 / values:
// "chance". Which sequences are held out their hash says (common/free_words.h).
#include <fmt/format.h>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace search {
namespace {

constexpr const char* kName = "search";

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {{"classes", 8, "Classes of items"},
                                       {"values", 8, "Values that an item may have"}};
  for (base::OptionSpec& option : draw_options({8, 16}, {"17-32", "33-64"}, "Items"))
    all.push_back(std::move(option));
  return all;
}

class Search final : public DrawnTask {
 public:
  explicit Search(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, 4), {1, 1}),
        classes_(options.integer("classes", 2, 1024)),
        values_(options.integer("values", 2, 1024)) {}

  Objective objective() const override { return Objective::Tags; }
  int vocabulary() const override { return classes_ * values_ + classes_; }
  int outputs() const override { return values_; }
  std::vector<std::string> token_names() const override {
    std::vector<std::string> names;
    for (int c = 0; c < classes_; ++c)
      for (int v = 0; v < values_; ++v) names.push_back(fmt::format("{}:{}", c, v));
    for (int c = 0; c < classes_; ++c) names.push_back(fmt::format("?{}", c));
    return names;
  }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    return draw_on_side(held_out, draws().split_seed, [&] { return list(length, random); });
  }
  double chance() const override { return 1.0 / values_; }

 private:
  Sequence list(int length, base::Random& random) const {
    const auto below = [&](int n) {
      return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(n)));
    };
    const std::int32_t asked = below(classes_), place = below(length);
    Sequence s;
    std::int32_t answer = 0;
    for (std::int32_t i = 0; i < length; ++i) {
      std::int32_t kind = asked;
      if (i != place) kind = below(classes_ - 1), kind += kind >= asked;
      const std::int32_t value = below(values_);
      if (i == place) answer = value;
      s.tokens.push_back(kind * values_ + value);
      s.targets.push_back(kIgnored);
    }
    s.tokens.push_back(classes_ * values_ + asked);
    s.targets.push_back(answer);
    return s;
  }

  int classes_, values_;
};

}  // namespace
}  // namespace search

/// Named in CMakeLists.txt's list of tasks.
TaskInfo search_task() {
  using namespace search;
  return {kName,
          "the value of the only item of a class, in a list without an order",
          "after arXiv 2603.11161, which does not describe its own in its abstract",
          Objective::Tags,
          specs(),
          decoder_defaults(),
          complete_options<Search>,
          make_from_options<Search>,
          drawn_sizes("looks for one class: T")};
}

}  // namespace yore::tasks
