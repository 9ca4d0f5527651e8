#include "yore/runs/run_folder.h"

#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/process.h"
#include "yore/runs/run_lock.h"

namespace yore::runs {

namespace fs = std::filesystem;

bool is_run_folder(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / files::kConfig, ignored);
}

bool is_finished(const fs::path& folder) {
  std::error_code ignored;
  return is_run_folder(folder) && fs::is_regular_file(folder / files::kResult, ignored);
}

void require_free(const fs::path& folder, const std::string& marker, const std::string& noun,
                  const std::string& also_ours) {
  const auto marked = [&] {
    std::error_code ignored;
    return fs::is_regular_file(folder / marker, ignored);
  };
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return;
  if (error) throw base::InputError(folder.string(), "cannot look at it: " + error.message());
  if (!fs::is_directory(status))
    throw base::InputError(folder.string(), "is a file, expected a folder for a " + noun);
  if (marked()) return;
  // The marker may have been made since, or be about to be: base::write_file makes it from a neighbour.
  const auto ours = [&](const std::string& name) {
    return name == marker || name == also_ours || (name.starts_with(marker) && name.ends_with(".partial"));
  };
  fs::directory_iterator first(folder, error);
  while (!error && first != fs::directory_iterator() && ours(first->path().filename().string()))
    first.increment(error);
  if (error) throw base::InputError(folder.string(), "cannot list it: " + error.message());
  // What another process has put there since stands behind its marker, which it made first.
  if (first != fs::directory_iterator() && !marked())
    throw base::InputError(folder.string(), "holds something else than a " + noun + " (" +
                                                first->path().filename().string() + " and no " + marker +
                                                "); expected a new or empty folder, or a " + noun + "'s");
}

void check_output_folder(const fs::path& folder) {
  require_free(folder, files::kConfig, "run", files::kLock);
}

RunConfig continue_run(const fs::path& folder, std::int64_t steps) {
  RunConfig config = read_config(folder);  // says that it is no run, before a lock is made in it
  const RunLock lock(folder);
  config = read_config(folder);
  const auto refuse = [&](const std::string& why) { throw base::InputError("--steps", why); };
  const std::string name = folder.string();
  if (!is_finished(folder)) {
    if (config.training.steps == steps) return config;
    refuse(
        fmt::format("the run in {} is not finished; yore train --run {} brings it to its {} steps, and then "
                    "--steps continues it",
                    name, base::shell_quoted(name), config.training.steps));
  }
  const RunResult result = read_result(folder);
  if (result.status == "nan")
    refuse(
        fmt::format("the run in {} diverged after step {}, and would again; --init {} with another --out "
                    "starts a new one from its weights",
                    name, result.steps, base::shell_quoted(name)));
  if (result.status == "time-limit")
    refuse(
        fmt::format("the run in {} was ended by its time limit of {} s, which holds for all of it; --init {} "
                    "with another --out starts a new one from its weights",
                    name, config.training.max_seconds, base::shell_quoted(name)));
  if (steps <= result.steps)
    refuse(fmt::format("expected more than the {} steps that the run in {} has, found {}", result.steps, name,
                       steps));
  if (!fs::is_regular_file(folder / files::kCheckpoint))
    throw base::InputError((folder / files::kCheckpoint).string(),
                           "is not there: without the optimiser's moments the run cannot go on");
  config.training.continued.push_back({result.steps, config.training.steps});
  config.training.steps = steps;
  validate(config);
  // In this order: a run without a result is finished again from its checkpoint, whatever comes in between.
  std::error_code error;
  fs::rename(folder / files::kResult, folder / files::earlier_result(result.steps), error);
  if (error)
    throw base::InputError((folder / files::kResult).string(), "cannot be renamed: " + error.message());
  write_config(folder, config);
  return config;
}

RunConfig read_config(const fs::path& folder) {
  const fs::path file = folder / files::kConfig;
  return run_config_from_json(base::read_json(file), file.string());
}

RunResult read_result(const fs::path& folder) {
  const fs::path file = folder / files::kResult;
  return run_result_from_json(base::read_json(file), file.string());
}

void write_config(const fs::path& folder, const RunConfig& config) {
  base::write_file(folder / files::kConfig, base::with_checksum(to_json(config)).dump(2) + "\n");
}

void write_result(const fs::path& folder, const RunResult& result) {
  base::write_file(folder / files::kResult, base::with_checksum(to_json(result)).dump(2) + "\n");
}

}  // namespace yore::runs
