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
//   set = "41-100"              # metric = "accuracy" is the default
//   value = 0.998
//   tolerance = 0.02
//   source = "arXiv 2605.00768, table 1"
//   [[published]]               # many at once: instead of value a table over two paths
//   by = ["task.language", "model.attention"]
//   columns = ["global", "hybrid"]
//   values = { "name:last-a" = [0.584, 1.0], "name:ab-star" = [0.752, 0.998] }   # and set, tolerance, source
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "yore/study/grid.h"

namespace yore::cli {

struct StudyFile {
  std::string title, scale;
  std::vector<std::vector<std::string>> options;  ///< each a long option's name and its values
  std::vector<study::PublishedValue> published;
};

/// Throws InputError with the file, line and column for what is not as above.
StudyFile read_study_file(const std::string& path);

/// Parses the file's options and the command line's `given`; an option that is given there replaces the
/// file's. Throws InputError(`path`) for options that `app` does not have.
void parse_study_arguments(CLI::App& app, const StudyFile& file, std::vector<std::string> given,
                           const std::string& path);

}  // namespace yore::cli
