// The task "selective_copy": letters scattered among blanks, then to be given in their order.
//
//   . 3 . . 0 7 . M M M      targets at the markers:  3 0 7          (two letters and a blank before the
//   first)
//
// With answers_fed the first marker alone stands, followed by the right answers, as a decoder would see them:
//
//   . 3 . . 0 7 . M 3 0      targets:  3 0 7 at M, 3, 0
//
// A length counts the tokens before the first marker; places are uniform among the subsets of that many
// places. The letters are a word, split into training and evaluation by the rule of common/free_words.h: no
// word that is evaluated was trained on at any places. Guessing gets 1 / letters: "chance".
#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace selective_copy {
namespace {

constexpr const char* kName = "selective_copy";

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {
      {"letters", 8, "Different letters"},
      {"items", 4, "Letters in a sequence"},
      {"answers_fed", false, "Whether each answer follows as the next token"}};
  for (base::OptionSpec& option :
       draw_options({16, 32}, {"33-64", "65-128"}, "Tokens before the first marker"))
    all.push_back(std::move(option));
  return all;
}

class SelectiveCopy final : public DrawnTask {
 public:
  explicit SelectiveCopy(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, options.integer("items", 1, 1'000'000)),
                  {1, options.integer("items", 1, 1'000'000)}),
        items_(options.integer("items", 1, 1'000'000)),
        fed_(options.flag("answers_fed")),
        words_(options.integer("letters", 2, 1 << 20), draws().split_seed) {}

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return words_.letters() + 2; }
  int outputs() const override { return vocabulary(); }
  std::vector<std::string> token_names() const override {
    return numbered_names(words_.letters(), {".", "M"});
  }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    const std::vector<std::int32_t> word = words_.draw(items_, held_out, random);
    Sequence s;
    std::size_t next = 0;
    for (int left = length; left > 0; --left) {
      // Of the places left, as many are taken as there are letters left (Knuth's algorithm S).
      const bool take = random.below(static_cast<std::uint64_t>(left)) < word.size() - next;
      s.tokens.push_back(take ? word[next++] : words_.letters());
    }
    s.targets.assign(s.tokens.size(), kIgnored);
    for (std::size_t i = 0; i < word.size(); ++i) {
      s.tokens.push_back(fed_ && i > 0 ? word[i - 1] : words_.letters() + 1);
      s.targets.push_back(word[i]);
    }
    return s;
  }
  double chance() const override { return 1.0 / words_.letters(); }

 private:
  int items_;
  bool fed_;
  FreeWords words_;
};

}  // namespace
}  // namespace selective_copy

/// Named in CMakeLists.txt's list of tasks.
TaskInfo selective_copy_task() {
  using namespace selective_copy;
  return {kName,
          "letters scattered among blanks, to be given in their order",
          "Gu & Dao 2023, arXiv 2312.00752",
          Objective::NextToken,
          specs(),
          decoder_defaults(),
          complete_options<SelectiveCopy>,
          make_from_options<SelectiveCopy>,
          drawn_sizes("looks for the next letter past the blanks: T")};
}

}  // namespace yore::tasks
