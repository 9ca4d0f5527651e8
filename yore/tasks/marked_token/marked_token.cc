// The task "marked_token": a few letters of a sequence are marked, and they alone decide its class.
//
//   2 7 M4 0 M0 1 M3 5 ?      classes 4: the marked letters 4, 0, 3 are of the classes 0, 0, 3; asked at "?":
//   0
//
// A letter is of the class (letter modulo classes). The class of the sequence is the one that most marked
// letters are of; sequences in which two classes are tied are not drawn. Places of marks are uniform among
// the subsets of that many places, all letters are uniform. So a head that looks for marks and averages what
// it finds answers all, and every letter without a mark misleads. A length counts the letters.
//
// The paper that has such a task (arXiv 2605.05697) does not describe it in what is public of it: this one is
// chosen here. Whole sequences are split into training and evaluation by their hashes (common/free_words.h).
// Guessing gets 1 / classes: "chance".
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "yore/base/budget.h"
#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace marked_token {
namespace {

constexpr const char* kName = "marked_token";
/// So many places make far more sequences than those of which none, or all, would be held out.
constexpr int kShortest = 16;
/// So many are drawn on average, at most, for one in which no two classes are tied.
constexpr std::int64_t kDrawsPerSequence = 1024;

/// The class of most votes, if no other has as many.
std::optional<std::int32_t> winner(std::vector<std::int32_t>& votes) {
  std::sort(votes.begin(), votes.end());
  std::optional<std::int32_t> best;
  std::ptrdiff_t most = 0;
  for (auto at = votes.begin(); at != votes.end();) {
    const auto end = std::upper_bound(at, votes.end(), *at);
    if (end - at > most)
      best = *at;
    else if (end - at == most)
      best.reset();
    most = std::max(most, end - at);
    at = end;
  }
  return best;
}

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {{"letters", 16, "Different letters"},
                                       {"classes", 4, "Classes of letters and of sequences"},
                                       {"marks", 5, "Marked letters of a sequence"}};
  for (base::OptionSpec& option : draw_options({24, 48}, {"24-48", "49-96"}, "Letters"))
    all.push_back(std::move(option));
  return all;
}

class MarkedToken final : public DrawnTask {
 public:
  explicit MarkedToken(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, std::max(kShortest, options.integer("marks", 1, 1'000'000))),
                  {1, 1}),
        letters_(options.integer("letters", 2, 1 << 20)),
        classes_(options.integer("classes", 2, letters_)),
        marks_(options.integer("marks", 1, 1'000'000)) {
    // Where classes are many, only two marked letters of one class break a tie.
    const std::int64_t two = std::int64_t{marks_} * (marks_ - 1) / 2;
    if (marks_ > 1 && classes_ > kDrawsPerSequence * two)
      options.refuse(
          "classes",
          fmt::format("at most {} with {} marks, found {}: with more, fewer than about one sequence "
                      "in {} has a class that most marked letters are of, and others are not drawn",
                      kDrawsPerSequence * two, marks_, classes_, kDrawsPerSequence));
  }

  Objective objective() const override { return Objective::Tags; }
  int vocabulary() const override { return 2 * letters_ + 1; }
  int outputs() const override { return classes_; }
  std::vector<std::string> token_names() const override {
    std::vector<std::string> more;
    for (int i = 0; i < letters_; ++i) more.push_back(fmt::format("M{}", i));
    more.emplace_back("?");
    return numbered_names(letters_, more);
  }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    base::Budget budget("drawing a sequence of an evaluation set");
    for (;;) {
      if (held_out) budget.spend();  // training answers signals itself, between its steps
      Sequence s;
      std::vector<std::int32_t> votes;
      int marks = marks_;
      for (int left = length; left > 0; --left) {
        const auto letter = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(letters_)));
        // Of the places left, as many are marked as there are marks left (Knuth's algorithm S).
        const bool mark = random.below(static_cast<std::uint64_t>(left)) < static_cast<std::uint64_t>(marks);
        if (mark) {
          --marks;
          votes.push_back(letter % classes_);
        }
        s.tokens.push_back(mark ? letters_ + letter : letter);
      }
      const auto most = winner(votes);
      if (!most || (sequence_hash(draws().split_seed, s.tokens) < kHeldOutHash) != held_out) continue;
      s.tokens.push_back(2 * letters_);
      s.targets.assign(s.tokens.size(), kIgnored);
      s.targets.back() = *most;
      return s;
    }
  }
  double chance() const override { return 1.0 / classes_; }

 private:
  int letters_, classes_, marks_;
};

}  // namespace
}  // namespace marked_token

/// Named in CMakeLists.txt's list of tasks.
TaskInfo marked_token_task() {
  using namespace marked_token;
  return {kName,
          "a few marked letters among others decide the class of the sequence",
          "after Budgeted Attention Allocation, arXiv 2605.05697, which does not describe its own in public",
          Objective::Tags,
          specs(),
          decoder_defaults(),
          complete_options<MarkedToken>,
          make_from_options<MarkedToken>};
}

}  // namespace yore::tasks
