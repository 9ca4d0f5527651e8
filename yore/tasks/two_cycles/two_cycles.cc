// The task "two_cycles": the edges of a graph of two cycles in any order, then two vertices; does a path lead
// from one to the other?
//
//   4 9  2 7  9 4  7 0  0 2   7 2      target at the last vertex:  1 (they are on one cycle)
//
// A size counts the vertices, of which one cycle has half (the first one more, of an odd number). Names of
// vertices are drawn from more. The answer is yes as often as no, whatever the names and the order: guessing
// gets 1 / 2, "chance". The vertices asked about differ. Which sequences are held out their hash says
// (common/free_words.h).
#include <fmt/format.h>

#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/free_words.h"
#include "yore/tasks/common/shuffle.h"

namespace yore::tasks {
namespace two_cycles {
namespace {

constexpr const char* kName = "two_cycles";

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {
      {"names", 128, "Names that vertices may have, at least as many as a graph has"}};
  for (base::OptionSpec& option : draw_options({4, 8}, {"9-16", "17-32"}, "Vertices"))
    all.push_back(std::move(option));
  return all;
}

class TwoCycles final : public DrawnTask {
 public:
  explicit TwoCycles(const TaskOptions& options)
      : DrawnTask(kName, read_draws(options, 4), {2, 2}), names_(options.integer("names", 8, 1 << 20)) {
    const auto check = [&](const char* name, int high) {
      if (high > names_)
        options.refuse(name, fmt::format("at most as many as there are names, {}; found {}", names_, high));
    };
    check("train_max_length", draws().training.second);
    for (const LengthRange& lengths : draws().tests) check("test_lengths", lengths.second);
  }

  Objective objective() const override { return Objective::Tags; }
  int vocabulary() const override { return names_; }
  int outputs() const override { return 2; }
  std::vector<std::string> token_names() const override { return numbered_names(names_, {}); }

 protected:
  Sequence draw(int length, bool held_out, base::Random& random) const override {
    return draw_on_side(held_out, draws().split_seed, [&] { return graph(length, random); });
  }
  double chance() const override { return 0.5; }

 private:
  Sequence graph(int size, base::Random& random) const {
    const int half = (size + 1) / 2;
    const std::uint64_t names = random.bits(), order = random.bits();
    const auto all = static_cast<std::uint64_t>(size);
    const auto name = [&](int vertex) {
      return static_cast<std::int32_t>(
          shuffled(static_cast<std::uint64_t>(vertex), static_cast<std::uint64_t>(names_), {names}));
    };
    Sequence s;
    for (std::uint64_t i = 0; i < all; ++i) {
      const int from = static_cast<int>(shuffled(i, all, {order}));
      const int begin = from < half ? 0 : half, end = from < half ? half : size;
      s.tokens.push_back(name(from));
      s.tokens.push_back(name(from + 1 == end ? begin : from + 1));
    }
    const auto below = [&](int n) { return static_cast<int>(random.below(static_cast<std::uint64_t>(n))); };
    // The vertex asked from: on either cycle, as likely as the other; to: another one, on the same or on the
    // other.
    const bool first = below(2) == 0, same = below(2) == 0;
    const int begin = first ? 0 : half, count = first ? half : size - half;
    const int from = below(count);
    const int other = first ? half : 0;  // where the other cycle begins
    const auto on_same = [&] {
      const int to = from + 1 + below(count - 1);
      return begin + (to < count ? to : to - count);
    };
    const int to = same ? on_same() : other + below(size - count);
    s.tokens.push_back(name(begin + from));
    s.tokens.push_back(name(to));
    s.targets.assign(s.tokens.size(), kIgnored);
    s.targets.back() = same ? 1 : 0;
    return s;
  }

  int names_;
};

}  // namespace
}  // namespace two_cycles

/// Named in CMakeLists.txt's list of tasks.
TaskInfo two_cycles_task() {
  using namespace two_cycles;
  return {
      kName,
      "reachability in a graph of two cycles, whose edges come in any order",
      "Sanford, Hsu & Telgarsky 2024, arXiv 2402.09268 (one cycle or two); 2-cycle reachability",
      Objective::Tags,
      specs(),
      decoder_defaults(),
      complete_options<TwoCycles>,
      make_from_options<TwoCycles>,
      drawn_sizes("follows edge after edge, or doubles the paths it knows: T steps, or ln T rounds", true)};
}

}  // namespace yore::tasks
