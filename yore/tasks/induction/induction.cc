// The task "induction": what came after this letter the last time?
//
// ask = every (Sanford, Hsu & Telgarsky's 1-hop): random letters; at every letter that occurred before, the
// answer is the letter that followed its latest occurrence. What comes next is random, so that no answer is
// ever fed. Sequences are longer than there are letters, thus something is asked of each.
//
//   0 1 1 2 0 1      targets:  . . 1 . 1 1
//
// ask = end (Gu & Dao): a marker stands once at a random place and again at the end; there, the answer is the
// letter that followed it.
//
//   2 0 M 1 2 0 M    targets:  . . . . . . 1
//
// The letters of a sequence are words split into training and evaluation by the rule of common/free_words.h.
// Guessing a letter gets 1 / letters: "chance".
#include <fmt/format.h>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace induction {
namespace {

constexpr const char* kName = "induction";

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {
      {"ask", "every", "every: at each letter that occurred before; end: once, at a marker"},
      {"letters", 8, "Different letters"}};
  for (base::OptionSpec& option : draw_options({16, 32}, {"33-64", "65-128"}, "Tokens"))
    all.push_back(std::move(option));
  return all;
}

class Induction final : public DrawnTask {
 public:
  explicit Induction(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, 3)),
        at_end_(options.choice("ask", {"every", "end"}) == 1),
        words_(options.integer("letters", 2, 1 << 20), draws().split_seed) {
    if (at_end_) return;
    const auto check = [&](const char* name, int low) {
      if (low <= words_.letters())
        options.refuse(name,
                       fmt::format("more than {} tokens, so that one of the {} letters recurs; found {}",
                                   words_.letters(), words_.letters(), low));
    };
    check("train_min_length", draws().training.first);
    for (const LengthRange& lengths : draws().tests) check("test_lengths", lengths.first);
  }

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return words_.letters() + at_end_; }
  int outputs() const override { return vocabulary(); }
  std::vector<std::string> token_names() const override {
    return numbered_names(words_.letters(),
                          at_end_ ? std::vector<std::string>{"M"} : std::vector<std::string>{});
  }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    Sequence s;
    if (at_end_) {
      s.tokens = words_.draw(length - 2, held_out, random);
      const std::size_t place = random.below(s.tokens.size());
      const std::int32_t answer = s.tokens[place];
      s.tokens.insert(s.tokens.begin() + static_cast<std::ptrdiff_t>(place), words_.letters());
      s.targets.assign(s.tokens.size(), kIgnored);
      s.tokens.push_back(words_.letters());
      s.targets.push_back(answer);
      return s;
    }
    s.tokens = words_.draw(length, held_out, random);
    std::vector<std::int32_t> followed(static_cast<std::size_t>(words_.letters()), kIgnored);
    for (std::size_t i = 0; i < s.tokens.size(); ++i) {
      if (i > 0) followed[static_cast<std::size_t>(s.tokens[i - 1])] = s.tokens[i];
      s.targets.push_back(followed[static_cast<std::size_t>(s.tokens[i])]);
    }
    return s;
  }
  double chance() const override { return 1.0 / words_.letters(); }

 private:
  bool at_end_;
  FreeWords words_;
};

}  // namespace
}  // namespace induction

/// Named in CMakeLists.txt's list of tasks.
TaskInfo induction_task() {
  using namespace induction;
  return {kName,
          "induction heads: what came after this letter the last time?",
          "Sanford, Hsu & Telgarsky 2024, arXiv 2402.09268 (every); Gu & Dao 2023, arXiv 2312.00752 (end)",
          Objective::NextToken,
          specs(),
          decoder_defaults(),
          complete_options<Induction>,
          make_from_options<Induction>,
          drawn_sizes("looks for one letter, then one place further: T")};
}

}  // namespace yore::tasks
