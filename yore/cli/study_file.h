// studies/NAME.toml: a published number, or several, with the grid that measures them again.
//
//   title = "Local and global attention on (ab)*"
//   scale = "Published: 5 layers of width 64, a million steps. Here: ..."
//   [run]                       # options of yore study, by their long names
//   language = "(ab)*"
//   steps = 3000
//   seeds = [1, 2, 3]
//   [axes]                      # --axis PATH=VALUES
//   attention = ["global", "hybrid"]
//   [[published]]
//   where = { "model.attention" = "hybrid" }
//   set = "41-100"              # and metric; the one by which the runs are judged, unless given
//   value = 0.998
//   tolerance = 0.02
//   source = "arXiv 2605.00768, table 1"
//   [[published]]               # many at once: instead of value a table over two paths
//   by = ["task.language", "model.attention"]
//   columns = ["global", "hybrid"]
//   values = { "name:last-a" = [0.584, 1.0], "name:ab-star" = [0.752, 0.998] }   # and set, tolerance, source
//
//   [[contrast]]                # differences between two values of an axis, everything else equal
//   path = "model.attention"
//   of = "hybrid"
//   against = "global"
//   set = "41-100"
//   published = [{ where = { "task.language" = "name:ab-star" }, value = 0.246 }]   # and source; may be left
//   out
//
// Instead of the one text `scale`, a file may have several scales, of which --scale NAME chooses and "laptop"
// is the default. What a scale sets stands in for the same key of [run] and [axes]:
//
//   [scales.papers]
//   about = "As published: .."
//   run = { steps = 1000000 }
//   axes = { learning_rate = [1e-3, 1e-4] }
//   [scales.laptop]
//   about = "30 minutes on 2 cores; left out: .."
//
// Automata that are no part of yore can join the axis `language`, from a folder that --automata names:
//
//   [automata]
//   files = ["04.03.TSL.2.1.4.att"]
//   source = "where they can be had, and their licence"
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "yore/study/grid.h"

namespace yore::cli {

/// An option as a study file gives it.
struct FileOption {
  /// The long option's name and its values; an axis is {"--axis", "PATH=VALUES"}.
  std::vector<std::string> words;
  std::string place;  ///< "FILE:LINE:COLUMN"
};
using FileOptions = std::vector<FileOption>;

struct StudyScale {
  std::string name, about;
  FileOptions options;
};

struct StudyFile {
  std::string title, scale;
  FileOptions options;  ///< [run] and [axes]
  std::vector<StudyScale> scales;
  std::vector<study::PublishedValue> published;
  std::vector<study::Contrast> contrasts;
  std::vector<std::string> automata;  ///< names of files
  std::string automata_source;
};

/// `app` has the options that [run] may give. Throws InputError with the file, line and column for what is
/// not as above.
StudyFile read_study_file(const std::string& path, const CLI::App& app);

/// The place of the scale of that name, or of "laptop" if it is empty. Throws InputError("--scale") for a
/// name that the file does not have. The file has scales.
std::size_t find_scale(const StudyFile& file, const std::string& name, const std::string& path);

/// The options at a scale: the file's, without those that the scale sets, then the scale's.
FileOptions options_at(const StudyFile& file, const StudyScale& scale);

/// `options` with the file's automata from `folder` as further languages. Throws InputError("--automata")
/// naming those that are not there, or if the file has none.
FileOptions with_automata(FileOptions options, const StudyFile& file, const std::string& folder,
                          const std::string& path);

/// Parses the `options` of the file at `path` and the command line's `given`; an option that is given there
/// replaces the file's, and so does an axis of the same path. Throws InputError at the option's place for a
/// value that it does not take.
void parse_study_arguments(CLI::App& app, const FileOptions& options, std::vector<std::string> given,
                           const std::string& path);

}  // namespace yore::cli
