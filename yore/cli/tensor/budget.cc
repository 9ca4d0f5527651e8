// yore budget: models without some of their heads.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/base/process.h"
#include "yore/budget/bench.h"
#include "yore/budget/harden.h"
#include "yore/cli/budget_line.h"
#include "yore/cli/output.h"
#include "yore/foreign/hugging_face.h"
#include "yore/model/threads.h"

namespace yore::cli {
namespace {

using base::InputError;

budget::Rank rank_named(const std::string& name) {
  const auto names = enum_names(budget::Rank{});
  return static_cast<budget::Rank>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string heads_text(const arch::KeptHeads& kept) {
  std::string text;
  for (std::size_t l = 0; l < kept.size(); ++l)
    if (!kept[l].empty()) text += fmt::format("  layer {}: heads {}\n", l, fmt::join(kept[l], ", "));
  return text;
}

class Budget : public BudgetLine {
 public:
  int run() override {
    of_actions_.check(action_);
    refuse_what_does_nothing();
    if (action_ == "harden" && !of_actions_.given("--budget"))
      throw InputError("--budget", "missing; expected a share of the heads, more than 0 and at most 1");
    refuse_twice("--budgets", budgets_);
    refuse_twice("--rank", ranks_);
    for (const std::filesystem::path& path : paths_) arch::require_model(path);
    model::use_threads(1);
    if (action_ == "bench") return bench();
    if (paths_.size() > 1)
      throw InputError(paths_[1].string(), fmt::format("one folder too many: {} takes one", action_));
    if (folder_.empty()) throw InputError("--out", "missing; expected the folder to write the model to");
    check_folder(folder_, force_, kWhat);
    return action_ == "harden" ? harden() : slice();
  }

 private:
  static constexpr const char* kWhat = "the model in it";  ///< what --force replaces

  void refuse_what_does_nothing() const {
    if (action_ == "slice") return;
    // Which ranks a bench takes where none is named follows from the models.
    const auto ranks = [&](const std::string& name) {
      return ranks_.empty() ? action_ == "bench"
                            : std::find(ranks_.begin(), ranks_.end(), name) != ranks_.end();
    };
    const bool adapts = adapt_ > 0, asks = ranks("sensitivity");
    for (const auto& [option, does, without] :
         {std::tuple{"--learning-rate", adapts, "--adapt"},
          {"--batch", adapts || asks, "--adapt or --rank sensitivity"},
          {"--batches", asks, "--rank sensitivity"},
          {"--seed", adapts || asks || ranks("random"), "--adapt, --rank sensitivity or --rank random"}})
      if (!does && of_actions_.given(option))
        throw InputError(option, fmt::format("does nothing without {}", without));
  }

  /// A value given twice would count as two in what is said of all.
  template <class Value>
  static void refuse_twice(const char* option, std::vector<Value> values) {
    std::sort(values.begin(), values.end());
    if (const auto twice = std::adjacent_find(values.begin(), values.end()); twice != values.end())
      throw InputError(option, fmt::format("{} is given twice", *twice));
  }

  budget::RankOptions rank() const {
    budget::RankOptions options;
    options.budget = budget_;
    options.batch = batch_;
    options.batches = batches_;
    options.seed = seed_;
    return options;
  }
  budget::AdaptOptions adaptation() const {
    budget::AdaptOptions options;
    options.steps = adapt_;
    options.batch = batch_;
    options.learning_rate = learning_rate_;
    options.seed = seed_;
    if (!quiet_) options.progress = base::Progress::Output::standard_error();
    return options;
  }

  int harden() const {
    if (ranks_.size() > 1) throw InputError("--rank", "one of several: harden takes one");
    const budget::Subject subject = budget::read_subject(paths_.front());
    budget::RankOptions options = rank();
    options.by = ranks_.empty() ? budget::Rank::Gate : rank_named(ranks_.front());
    const budget::Hardened hardened = budget::harden(subject, options, adaptation());
    const auto beside = foreign::companions_of(paths_.front());
    write_folder(folder_, force_, kWhat, [&](const std::filesystem::path& folder) {
      budget::write_hardened(hardened, folder);
      foreign::write_companions(beside, folder);
    });
    if (json_)
      fmt::print("{}\n", base::Json{{"budget", budget_},
                                    {"rank", base::fields::enum_name(options.by)},
                                    {"kept", hardened.kept}}
                             .dump());
    else
      fmt::print("{}: kept by {}\n{}To take the others out: yore budget slice {} --out FOLDER\n", folder_,
                 base::fields::enum_name(options.by), heads_text(hardened.kept), base::shell_quoted(folder_));
    return kOk;
  }

  int slice() const {
    const budget::Hardened hardened = budget::read_hardened(paths_.front());
    const arch::ModelFile sliced = arch::slice_heads(hardened.file, hardened.kept, paths_.front().string());
    const auto beside = foreign::companions_of(paths_.front());
    write_folder(folder_, force_, kWhat, [&](const std::filesystem::path& folder) {
      arch::write_model(sliced, folder);
      foreign::write_companions(beside, folder);
    });
    fmt::print("{}: {} parameters of {}\n{}", folder_, arch::parameter_count(sliced.model),
               arch::parameter_count(hardened.file.model), heads_text(hardened.kept));
    return kOk;
  }

  int bench() const {
    check_output(output_, force_);
    budget::BenchOptions options;
    options.budgets = budgets_;
    for (const std::string& name : ranks_) options.ranks.push_back(rank_named(name));
    options.rank = rank();
    options.adapt = adaptation();
    options.seconds = seconds_;
    std::vector<std::filesystem::path> folders;
    std::vector<std::string> places;
    for (const std::filesystem::path& path : paths_)
      for (const std::filesystem::path& folder : budget::bench_folders(path)) {
        folders.push_back(folder);
        places.push_back(std::filesystem::canonical(folder).string());
      }
    refuse_twice("PATH", places);
    std::vector<budget::BenchRun> runs;
    for (const std::filesystem::path& folder : folders) {
      if (!quiet_) fmt::print(stderr, "yore: {}\n", folder.string());
      runs.push_back(budget::bench(folder, options));
    }
    const base::Json json = budget::bench_json(runs);
    // A folder's name may be bytes that are no text.
    const auto text = [&](int indent) {
      return json.dump(indent, ' ', false, base::Json::error_handler_t::replace) + "\n";
    };
    if (!output_.empty()) emit(text(1), output_);
    std::FILE* const to = report_stream(output_);
    fmt::print(to, "{}", json_ ? text(-1) : budget::bench_lines(json));
    if (!json_ && !output_.empty()) fmt::print(to, "written to {}\n", output_);
    return kOk;
  }
};

}  // namespace

std::unique_ptr<Command> make_budget() {
  return std::make_unique<Budget>();
}

}  // namespace yore::cli
