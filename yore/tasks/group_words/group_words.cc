// The task "group_words": a sequence g1 g2 .. gn of elements of a group; at each the product of all so far.
//
//   S3, elements named by what they do to 123:   213 231 213   ->   213 321 312
//
// Which groups a model can track tells what it can compute: a solvable one is within TC0, S5 and A5 are
// complete for NC1 (Barrington 1989), out of reach for attention of a fixed depth unless TC0 = NC1.
//
// A sequence's tokens are the elements, or only some that generate the group. Its sequences are words over
// them, split into training and evaluation by the rule of common/free_words.h. Guessing gets 1 / |G|:
// "chance".
#include <fmt/format.h>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"
#include "yore/tasks/group_words/group.h"

namespace yore::tasks {
namespace group_words {
namespace {

constexpr const char* kName = "group_words";

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {
      {"group", "s3", "s3 to s6, a4 to a6, z2 to z1024, parity (= z2), or a product, such as a4xz5"},
      {"tokens", "all", "all: every element is a token; generators: two or more that generate the group"}};
  for (base::OptionSpec& option : draw_options({1, 8}, {"9-16", "17-32"}, "Factors"))
    all.push_back(std::move(option));
  return all;
}

class GroupWords final : public DrawnTask {
 public:
  GroupWords(Group group, std::vector<std::int32_t> letters, Draws draws)
      : DrawnTask(kName, std::move(draws)),
        group_(std::move(group)),
        letters_(std::move(letters)),
        words_(static_cast<int>(letters_.size()), this->draws().split_seed) {}

  Objective objective() const override { return Objective::Tags; }
  int vocabulary() const override { return static_cast<int>(letters_.size()); }
  int outputs() const override { return group_.order(); }
  std::vector<std::string> token_names() const override {
    std::vector<std::string> names;
    for (const std::int32_t element : letters_)
      names.push_back(group_.names[static_cast<std::size_t>(element)]);
    return names;
  }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    Sequence sequence{words_.draw(length, held_out, random), {}};
    std::int32_t product = 0;
    for (const std::int32_t letter : sequence.tokens) {
      product = group_.product(product, letters_[static_cast<std::size_t>(letter)]);
      sequence.targets.push_back(product);
    }
    return sequence;
  }
  double chance() const override { return 1.0 / group_.order(); }

 private:
  Group group_;
  std::vector<std::int32_t> letters_;  ///< the element that each token is
  FreeWords words_;
};

std::unique_ptr<GroupWords> read(const TaskOptions& options) {
  Group group = parse_group(options.text("group"), fmt::format("task {}: group", kName));
  std::vector<std::int32_t> letters = group.generators;
  if (options.choice("tokens", {"all", "generators"}) == 0) {
    letters.clear();
    for (std::int32_t i = 0; i < group.order(); ++i) letters.push_back(i);
  }
  return std::make_unique<GroupWords>(std::move(group), std::move(letters), read_draws(options, 1));
}

Json complete(const TaskInfo& info, const Json& given) {
  const TaskOptions options(given, info.options, info.name);
  read(options);
  return options.json();
}

std::unique_ptr<Task> make(const TaskInfo& info, const Json& given, const TaskContext&) {
  return read(TaskOptions(given, info.options, info.name));
}

}  // namespace
}  // namespace group_words

/// Named in CMakeLists.txt's list of tasks.
TaskInfo group_words_task() {
  using namespace group_words;
  return {kName,
          "prefix products in S5, A5, Z60, parity and other groups, at every token",
          "Merrill, Petty & Sabharwal 2024, arXiv 2404.08819; Liu et al. 2023, arXiv 2210.10749",
          Objective::Tags,
          specs(),
          decoder_defaults({{"model.layers", 3}}),
          complete,
          make,
          drawn_sizes("takes the letters in one after another: T steps, each of which needs the one before",
                      true)};
}

}  // namespace yore::tasks
