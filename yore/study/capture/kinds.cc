#include "yore/study/capture/kinds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "yore/study/measured_text.h"

namespace yore::study {
namespace {

bool is_task_path(const std::string& path) {
  return path == kTask || path.starts_with("task.");
}

std::string least_text(const Needed& p) {
  return p.censored() ? fmt::format("more than {:g}", p.above)
                      : fmt::format("{:g}", p.above < 0 ? 0 : p.most);
}

// "captured 2 of 5 (copy, induction)".
std::string captured_text(const std::vector<std::string>& captured, std::size_t all) {
  return fmt::format("{} of {}{}", captured.size(), all,
                     captured.empty() ? "" : fmt::format(" ({})", fmt::join(captured, ", ")));
}

}  // namespace

CaptureKind capture_of(const Kind& kind, const std::vector<RunRecord>& records) {
  const runs::TrainingConfig& training = kind.config.training;
  CaptureKind found{kind.name, kind.title, kind.config.task.at("name").get<std::string>(), "", {}, {}, 0,
                    0,         {}};
  found.sizes_of_task = tasks::find_task(found.task).sizes;
  for (const auto& [path, value] : kind.values)
    if (!is_task_path(path)) found.model += (found.model.empty() ? "" : ", ") + value_text(value);
  found.sizes = runs::parse_sizes(training.capture, "training.capture");
  const std::vector<std::int64_t> grid = runs::sample_grid(training.capture_samples);
  found.most = grid.back();
  std::vector<SeedErrors> all;
  for (const RunRecord& record : records)
    if (record.run.kind == kind.name && record.usable())
      all.push_back(runs::capture_errors(record.result->metrics));
  std::vector<const SeedErrors*> seeds;
  for (const SeedErrors& errors : all) seeds.push_back(&errors);
  found.seeds = seeds.size();
  for (const double eps : runs::kCaptureErrors) {
    CaptureAt at{eps, needed(seeds, found.sizes, grid, eps), {}};
    if (at.needed.size() < found.sizes.size()) {
      at.judgement.reason = "not every size is measured";
    } else if (at.needed.front().censored()) {
      at.judgement.reason =
          fmt::format("the smallest size, {}, needs more than {} samples: it was not learnt",
                      found.sizes.front(), found.most);
    } else {
      at.judgement = judge(at.needed, needed_again(seeds, found.sizes, grid, eps, kReplicates));
    }
    found.at.push_back(std::move(at));
  }
  return found;
}

std::string needed_text(const NeededSet& needed) {
  std::string text;
  for (const Needed& p : needed)
    text += fmt::format("{}{:g}: {}", text.empty() ? "" : ", ", p.size, least_text(p));
  return text;
}

std::string statement(const CaptureKind& kind, const CaptureAt& at) {
  const char* verdict = at.judgement.verdict == Capture::Consistent ? "consistent with capture"
                        : at.judgement.verdict == Capture::Not      ? "not captured"
                                                                    : "undecided";
  return fmt::format("{}, error {}: {}: {} (samples needed, {})", kind.title, at.eps, verdict,
                     at.judgement.reason, at.needed.empty() ? "none measured" : needed_text(at.needed));
}

std::vector<std::string> bias_statements(const std::vector<CaptureKind>& kinds) {
  std::vector<std::string> models, sentences;
  for (const CaptureKind& kind : kinds)
    if (std::find(models.begin(), models.end(), kind.model) == models.end()) models.push_back(kind.model);
  for (std::size_t e = 0; e < std::size(runs::kCaptureErrors); ++e)
    for (const std::string& model : models) {
      std::vector<std::string> captured[2];  // of the cheaper procedures, of the costlier ones
      std::size_t all[2] = {0, 0};
      std::size_t open = 0;
      for (const CaptureKind& kind : kinds) {
        if (kind.model != model) continue;
        const std::size_t side = kind.sizes_of_task.costlier ? 1 : 0;
        ++all[side];
        if (kind.at[e].judgement.verdict == Capture::Consistent) captured[side].push_back(kind.task);
        open += kind.at[e].judgement.verdict == Capture::Undecided;
      }
      if (all[0] == 0 || all[1] == 0) continue;
      const double cheap = static_cast<double>(captured[0].size()) / static_cast<double>(all[0]);
      const double costly = static_cast<double>(captured[1].size()) / static_cast<double>(all[1]);
      const char* found = cheap > costly ? "found" : "not found";
      sentences.push_back(fmt::format(
          "error {}{}{}: a bias against costlier procedures is {}: {} tasks with a cheap procedure are "
          "consistent "
          "with capture, and {} with a costlier one{}",
          runs::kCaptureErrors[e], model.empty() ? "" : ", ", model, found,
          captured_text(captured[0], all[0]), captured_text(captured[1], all[1]),
          open == 0 ? "" : fmt::format("; {} verdicts are open", open)));
    }
  return sentences;
}

}  // namespace yore::study
