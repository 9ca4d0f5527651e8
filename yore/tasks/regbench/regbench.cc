// The task "regbench": in-context language learning. A prompt is strings of one random automaton
// (automaton.h), joined by separators, and the model is asked for each next letter. It has to find out from
// the strings so far what the automaton allows.
//
//   a b a | a b | a b a b      targets:  b a . a b . a b a b       (the last token is a target only)
//
// At a string's last letter the next token is the separator: this is not asked, since strings end at random.
// Training rows are numbered, one automaton and one prompt each; training goes through all of them once an
// epoch, in an order that the run's seed and the epoch name. Rows are drawn from their number whenever they
// are needed. Two rows may have the same automaton (small ones recur), but never on two sides of the split.
//
// scores.h has the metrics: what is judged is "dfa_accuracy".
#include <fmt/format.h>

#include <tuple>

#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/common/shuffle.h"
#include "yore/tasks/common/task_options.h"
#include "yore/tasks/regbench/automaton.h"
#include "yore/tasks/regbench/scores.h"

namespace yore::tasks {
namespace regbench {
namespace {

constexpr const char* kName = "regbench";
constexpr std::int64_t kMostRows = 1'000'000'000'000;
constexpr int kMostSequences = 1'000'000;
// Draws within which each side of the split must have an automaton. A side that these all miss has less than
// a thousandth of the draws (but for a chance of 5e-5), and drawing for it would take long or never end.
constexpr int kSideDraws = 10'000;

const std::vector<base::OptionSpec>& specs() {
  static const std::vector<base::OptionSpec> all = {
      {"train_automata", 5000, "Training rows, an automaton and a prompt each"},
      {"validation_sequences", 250, "Prompts for validation, of other automata"},
      {"test_sequences", 250, "Prompts of the test set, of other automata again"},
      {"letters", 18, "Different letters"},
      {"min_states", 4, "States drawn, before the automaton is minimised, at least"},
      {"max_states", 12, "States drawn, at most"},
      {"min_alphabet", 4, "Letters that an automaton may use, at least"},
      {"max_alphabet", 18, "Letters that an automaton may use, at most"},
      {"min_moves", 1, "Moves out of a state as drawn, at least"},
      {"max_moves", 3, "Moves out of a state as drawn, at most"},
      {"min_strings", 10, "Strings in a prompt, at least"},
      {"max_strings", 19, "Strings in a prompt, at most"},
      {"min_length", 1, "Letters in a string, at least"},
      {"max_length", 49, "Letters in a string, at most"},
      {"ngram", 3, "Order n of the baseline, the in-context n-gram model with back-off"},
      {"split_seed", std::uint64_t{0}, "Seed of the automata, their strings, and which are for evaluation"}};
  return all;
}

struct Settings {
  AutomatonShape shape;
  std::int64_t rows = 0;
  int validation = 0, test = 0, ngram = 0;
  LengthRange strings, lengths;
  std::uint64_t seed = 0;
};

LengthRange read_range(const TaskOptions& options, const std::string& what, int low, int high) {
  const LengthRange range = {options.integer("min_" + what, low, high),
                             options.integer("max_" + what, low, high)};
  if (range.first > range.second)
    options.refuse(fmt::format("min_{0}, max_{0}", what),
                   fmt::format("low <= high, found {} and {}", range.first, range.second));
  return range;
}

Settings read_settings(const TaskOptions& options) {
  Settings s;
  s.rows = options.whole("train_automata", 1, kMostRows);
  s.validation = options.integer("validation_sequences", 1, kMostSequences);
  s.test = options.integer("test_sequences", 1, kMostSequences);
  s.shape.letters = options.integer("letters", 2, 128);
  std::tie(s.shape.min_states, s.shape.max_states) = read_range(options, "states", 2, 1000);
  std::tie(s.shape.min_alphabet, s.shape.max_alphabet) = read_range(options, "alphabet", 1, 128);
  std::tie(s.shape.min_moves, s.shape.max_moves) = read_range(options, "moves", 1, 128);
  s.strings = read_range(options, "strings", 1, 10'000);
  s.lengths = read_range(options, "length", 1, 100'000);
  s.ngram = options.integer("ngram", 1, 8);
  s.seed = options.seed("split_seed");
  if (s.shape.max_alphabet > s.shape.letters)
    options.refuse("max_alphabet",
                   fmt::format("at most the {} letters, found {}", s.shape.letters, s.shape.max_alphabet));
  if (s.shape.max_moves >= s.shape.min_states)
    options.refuse("max_moves", fmt::format("fewer than the {} states of the smallest automaton, since "
                                            "moves lead to distinct other states; found {}",
                                            s.shape.min_states, s.shape.max_moves));
  if (s.shape.max_moves > s.shape.min_alphabet)
    options.refuse("max_moves",
                   fmt::format("at most the {} letters of the smallest alphabet, since moves have "
                               "distinct letters; found {}",
                               s.shape.min_alphabet, s.shape.max_moves));
  require_set_memory(fmt::format("task {}", kName), double(s.validation) + s.test,
                     (double(s.validation) + s.test) * s.strings.second * (s.lengths.second + 1.0));
  if (s.strings.first == 1 && s.lengths.first == 1)
    options.refuse("min_strings, min_length",
                   "one of them above 1, since a prompt of a single letter asks nothing; found 1 and 1");
  bool found[3] = {};
  base::Random random({0, s.seed});
  for (int i = 0; i < kSideDraws && !(found[0] && found[1] && found[2]); ++i)
    found[static_cast<int>(side_of(PromptAutomaton(draw_moves(s.shape, random)), s.seed))] = true;
  if (!(found[0] && found[1] && found[2]))
    options.refuse("letters, states, alphabet, moves",
                   fmt::format("room for more different automata: {} draws gave none for training, for "
                               "validation or for the test",
                               kSideDraws));
  return s;
}

class RegBench final : public Task {
 public:
  explicit RegBench(const TaskOptions& options) : s_(read_settings(options)) {}

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return s_.shape.letters + 1; }
  int outputs() const override { return vocabulary(); }
  std::vector<std::string> token_names() const override {
    std::vector<std::string> names = letter_names(s_.shape.letters);
    names.emplace_back("|");
    return names;
  }
  std::int64_t longest() const override {
    return static_cast<std::int64_t>(s_.strings.second) * (s_.lengths.second + 1) - 2;
  }
  Goal goal() const override { return {"dfa_accuracy", true, 1}; }

  Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const override {
    Batch batch;
    const auto rows = static_cast<std::uint64_t>(s_.rows);
    const auto first = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(sequences);
    for (std::uint64_t i = first; i < first + static_cast<std::uint64_t>(sequences); ++i)
      add_row(Side::Training, shuffled(i % rows, rows, {s_.seed, seed, i / rows}), batch);
    return batch;
  }

  EvaluationSet validation() const override {
    return draw_set("validation", s_.validation, Side::Validation);
  }
  std::vector<EvaluationSet> tests() const override {
    std::vector<EvaluationSet> sets;
    sets.push_back(draw_set("test", s_.test, Side::Test));
    return sets;
  }

  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override {
    const Side side = set.name == "validation" ? Side::Validation : Side::Test;
    std::vector<PromptAutomaton> automata;
    for (std::int64_t b = 0; b < set.batch.sequences(); ++b) {
      base::Random random = stream(side, static_cast<std::uint64_t>(b));
      automata.push_back(draw_automaton(s_.shape, side, s_.seed, random));
    }
    return prompt_scorer(set, automata, s_.shape.letters, s_.ngram);
  }

 private:
  base::Random stream(Side side, std::uint64_t row) const {
    return base::Random({1 + static_cast<std::uint64_t>(side), s_.seed, row});
  }

  void add_row(Side side, std::uint64_t row, Batch& batch) const {
    base::Random random = stream(side, row);
    const PromptAutomaton automaton = draw_automaton(s_.shape, side, s_.seed, random);
    const auto between = [&](LengthRange range) {
      return range.first +
             static_cast<int>(random.below(static_cast<std::uint64_t>(range.second - range.first) + 1));
    };
    const std::int32_t separator = s_.shape.letters;
    std::vector<std::int32_t> tokens, targets;
    const int strings = between(s_.strings);
    for (int i = 0; i < strings; ++i) {
      if (i > 0) tokens.push_back(separator);
      automaton.draw_string(between(s_.lengths), random, tokens);
    }
    for (std::size_t i = 1; i < tokens.size(); ++i)
      targets.push_back(tokens[i] == separator ? kIgnored : tokens[i]);
    tokens.pop_back();
    batch.add(tokens, targets);
  }

  EvaluationSet draw_set(const char* name, int prompts, Side side) const {
    EvaluationSet set{name, Json::object(), {}};
    for (int i = 0; i < prompts; ++i) add_row(side, static_cast<std::uint64_t>(i), set.batch);
    return set;
  }

  Settings s_;
};

Json complete(const TaskInfo& info, const Json& given) {
  const TaskOptions options(given, info.options, info.name);
  read_settings(options);
  return options.json();
}

}  // namespace
}  // namespace regbench

/// Named in CMakeLists.txt's list of tasks. The defaults of training are the published ones, except that the
/// number of steps (200 epochs: 31,400 of 32 rows, a tenth of them warm-up) is left to the user; the
/// published model is 128 wide.
TaskInfo regbench_task() {
  using namespace regbench;
  return {kName,
          "in-context language learning: strings of a random automaton; which letters may come next?",
          "Akyurek, Wang, Kim & Andreas 2024, arXiv 2401.12973; berlino/seq_icl",
          Objective::NextToken,
          specs(),
          decoder_defaults({{"model.heads", 2},
                            {"training.batch", 32},
                            {"training.learning_rate", 5e-4},
                            {"training.final_learning_rate", 0.1},
                            {"training.weight_decay", 0.1},
                            {"training.beta2", 0.99}}),
          complete,
          make_from_options<RegBench>};
}

}  // namespace yore::tasks
