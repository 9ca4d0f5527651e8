// Making a folder ours, once and for all later calls.
#pragma once
#include <filesystem>
#include <string>

#include "yore/base/files.h"

namespace yore::study {

/// The lists of a configuration that may grow from one call to the next, beside the axes' (the lists under
/// "axes"); nothing else may change.
inline constexpr const char* kGrowing[] = {"init"};

/// Calls at the same time, in this process or in others, do it one after another. Marks `folder` with a file
/// `marker` that holds `mine`, if the folder is new or empty or already marked with the same; also if only
/// growing lists got longer (one that is missing is empty), which the marker then records. Throws InputError,
/// saying what is in the way or what differs; `noun` is what the folder is for ("study").
void claim(const std::filesystem::path& folder, const std::string& marker, const std::string& noun,
           const base::Json& mine);
/// Refuses what claim() would, and writes nothing.
void check_claim(const std::filesystem::path& folder, const std::string& marker, const std::string& noun,
                 const base::Json& mine);

}  // namespace yore::study
