// A run's folder on disk: what marks it, and reading it back.
#pragma once
#include <filesystem>

#include "yore/runs/run_config.h"
#include "yore/runs/run_result.h"

namespace yore::runs {

/// Whether the folder holds a run's configuration.
bool is_run_folder(const std::filesystem::path& folder);
/// Whether the run in it is complete (its result is written last).
bool is_finished(const std::filesystem::path& folder);

/// Throws InputError if `folder` is a file, or a folder that holds something and not `marker`, the file by
/// which a `noun` ("run", "study") is known and that is made first. Missing and empty folders are fine, and
/// so is one in which others are making the same at this moment; `also_ours` is a file that may be there
/// before the marker.
void require_free(const std::filesystem::path& folder, const std::string& marker, const std::string& noun,
                  const std::string& also_ours = "");

/// Throws InputError if `folder` is a file, or a folder that holds something other than a run. Missing and
/// empty folders are fine, and so is one in which a run is just about to be written.
void check_output_folder(const std::filesystem::path& folder);

/// Has the run in `folder` go on to `steps` steps in all. A finished one becomes an unfinished one that is to
/// be trained on: its result is kept as files::earlier_result, and its configuration says from where and to
/// where it goes on (TrainingConfig::continued). One that was continued to so many steps already is left as
/// it is. Returns the configuration. Throws InputError: not a finished run, or one without its checkpoint;
/// `steps` not more than it has; a run that diverged, or that its time limit ended (both would end again at
/// once); a process that trains in it.
RunConfig continue_run(const std::filesystem::path& folder, std::int64_t steps);

/// The configuration and the result of a run; InputError naming the file if it is missing or broken.
RunConfig read_config(const std::filesystem::path& folder);
RunResult read_result(const std::filesystem::path& folder);

/// Whole-file writes (see base::write_file) that create the folder, with a checksum (base/checksum.h) that
/// reading checks.
void write_config(const std::filesystem::path& folder, const RunConfig& config);
void write_result(const std::filesystem::path& folder, const RunResult& result);

}  // namespace yore::runs
