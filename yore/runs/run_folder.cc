#include "yore/runs/run_folder.h"

#include "yore/base/error.h"

namespace yore::runs {

namespace fs = std::filesystem;

namespace {

// What is there before a run's configuration is: its lock, and a neighbour from which base::write_file is
// just about to make it (or was, when it was killed).
bool begins_a_run(const std::string& name) {
  return name == files::kLock || (name.starts_with(files::kConfig) && name.ends_with(".partial"));
}

}  // namespace

bool is_run_folder(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / files::kConfig, ignored);
}

bool is_finished(const fs::path& folder) {
  std::error_code ignored;
  return is_run_folder(folder) && fs::is_regular_file(folder / files::kResult, ignored);
}

void check_output_folder(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return;
  if (error) throw base::InputError(folder.string(), "cannot look at it: " + error.message());
  if (!fs::is_directory(status))
    throw base::InputError(folder.string(), "is a file, expected a folder for a run");
  if (is_run_folder(folder)) return;
  fs::directory_iterator first(folder, error);
  while (!error && first != fs::directory_iterator() && begins_a_run(first->path().filename().string()))
    first.increment(error);
  if (error) throw base::InputError(folder.string(), "cannot list it: " + error.message());
  if (first != fs::directory_iterator())
    throw base::InputError(folder.string(),
                           "holds something else than a run (" + first->path().filename().string() +
                               " and no " + files::kConfig + "); expected a new, an empty or a run's folder");
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
  base::write_file(folder / files::kConfig, to_json(config).dump(2) + "\n");
}

void write_result(const fs::path& folder, const RunResult& result) {
  base::write_file(folder / files::kResult, to_json(result).dump(2) + "\n");
}

}  // namespace yore::runs
