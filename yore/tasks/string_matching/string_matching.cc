// The task "string_matching": a text, then a pattern that occurs in it once; which letter follows it there?
//
//   0 2 1 3 0 1 SEP 1 3      target at the last letter:  0
//
// Pattern, answer and place are drawn first, each value as likely as the next, then a text around them
// without another occurrence: neither the pattern nor its place tells the answer. Guessing gets 1 / letters:
// "chance". Patterns of one letter repeated are left out, which an answer could make occur again. Which
// sequences are held out their hash says (common/free_words.h).
#include <algorithm>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace string_matching {
namespace {

constexpr const char* kName = "string_matching";
using Word = std::vector<std::int32_t>;

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {{"letters", 8, "Different letters"},
                                       {"pattern", 2, "Letters of the pattern"}};
  for (base::OptionSpec& option : draw_options({8, 16}, {"17-32", "33-64"}, "Letters of the text"))
    all.push_back(std::move(option));
  return all;
}

bool occurs_at(const Word& text, const Word& pattern, std::size_t place) {
  return place + pattern.size() <= text.size() &&
         std::equal(pattern.begin(), pattern.end(), text.begin() + static_cast<std::ptrdiff_t>(place));
}

class StringMatching final : public DrawnTask {
 public:
  explicit StringMatching(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, options.integer("pattern", 2, 64) + 4),
                  {1, options.integer("pattern", 2, 64) + 1}),
        letters_(options.integer("letters", 3, 1024)),
        pattern_(options.integer("pattern", 2, 64)) {}

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return letters_ + 1; }
  int outputs() const override { return vocabulary(); }
  std::vector<std::string> token_names() const override { return numbered_names(letters_, {"SEP"}); }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    return draw_on_side(held_out, draws().split_seed, [&] { return sequence(length, random); });
  }
  double chance() const override { return 1.0 / letters_; }

 private:
  std::int32_t letter(base::Random& random) const {
    return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(letters_)));
  }

  Sequence sequence(int length, base::Random& random) const {
    Word pattern(static_cast<std::size_t>(pattern_));
    do {
      for (std::int32_t& l : pattern) l = letter(random);
    } while (std::all_of(pattern.begin(), pattern.end(), [&](std::int32_t l) { return l == pattern[0]; }));
    const std::int32_t answer = letter(random);
    const auto place = static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(length - pattern_)));
    Word text = text_around(static_cast<std::size_t>(length), pattern, answer, place, random);
    Sequence s{std::move(text), {}};
    s.tokens.push_back(letters_);
    s.tokens.insert(s.tokens.end(), pattern.begin(), pattern.end());
    s.targets.assign(s.tokens.size(), kIgnored);
    s.targets.back() = answer;
    return s;
  }

  // Letter by letter; one that would complete the pattern elsewhere is drawn again, and the text anew where
  // the pattern and the answer themselves would.
  Word text_around(std::size_t length, const Word& pattern, std::int32_t answer, std::size_t place,
                   base::Random& random) const {
    const std::size_t end = place + pattern.size();
    for (;;) {
      Word text;
      bool once = true;
      while (text.size() < length && once) {
        const std::size_t i = text.size();
        const bool is_fixed = i >= place && i <= end;
        text.push_back(i == end ? answer : is_fixed ? pattern[i - place] : letter(random));
        if (i + 1 < pattern.size() || i + 1 == end) continue;
        while (occurs_at(text, pattern, i + 1 - pattern.size()) && once) {
          once = !is_fixed;
          text.back() = letter(random);
        }
      }
      if (once) return text;
    }
  }

  int letters_, pattern_;
};

}  // namespace
}  // namespace string_matching

/// Named in CMakeLists.txt's list of tasks.
TaskInfo string_matching_task() {
  using namespace string_matching;
  return {kName,
          "the letter that follows a pattern's only occurrence in a text",
          "after arXiv 2603.11161, which does not describe its own in its abstract",
          Objective::NextToken,
          specs(),
          decoder_defaults(),
          complete_options<StringMatching>,
          make_from_options<StringMatching>,
          drawn_sizes("compares the pattern's letters at every place at once: T times its length")};
}

}  // namespace yore::tasks
