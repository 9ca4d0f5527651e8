// Verdicts of every automaton in a folder, many files at a time.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

struct FolderOptions {
  ClassifyOptions classify{.witnesses = false, .formulas = false};
  std::optional<logic::Alphabet> alphabet;               ///< of every file; else each file's own
  std::size_t max_states = automata::kDefaultMaxStates;  ///< when a file is read
  int jobs = 1;                                          ///< files at a time, at least 1
  int file_seconds = 60;                                 ///< processor time for one file, at least 1
  bool details = false;                                  ///< fill FolderRow::details
};

/// What is known of one file.
struct FolderRow {
  std::string file;  ///< its name in the folder
  int states = 0;    ///< of the minimal automaton
  int letters = 0;   ///< of its alphabet
  Answer members[4]{Answer::Unknown, Answer::Unknown, Answer::Unknown, Answer::Unknown};  ///< as kClasses
  std::vector<Answer> families;                                                           ///< as kFamilies
  std::string cheapest;  ///< the cheapest mixer that suffices, with its options
  /// Hybrid without the neutral letters: "yes", "no", "unknown"; empty if that was not asked.
  std::string tier;
  std::string formula;  ///< of the first of global, local, hybrid, star_free that has one, else empty
  double seconds = 0;   ///< from reading to the verdict
  std::string error;    ///< one line; then nothing else but `file` is known
  base::Json details;   ///< to_json of the classification, if asked for
};

/// The names of the files that classify_folder reads, sorted by their bytes: those that end in .att, .fsm,
/// .json or .txt (in any case), subfolders and hidden files left out. Throws InputError(`folder`) if it
/// cannot be read or holds none.
std::vector<std::string> automaton_files(const std::string& folder);

/// Reads and classifies each of automaton_files(folder), `jobs` at a time, each in a process of its own, so
/// that a file which takes too long or too much fails alone. Calls visit(row) in the order of the names, each
/// as soon as it is known. Throws as automaton_files does.
void classify_folder(const std::string& folder, const FolderOptions& options,
                     const std::function<void(const FolderRow&)>& visit);

/// One line of JSON: "file", "seconds" and "error" (null, or then nothing else but "file"), and after them
/// the keys of to_json.
std::string json_line(const FolderRow& row);

/// The first line of a table (RFC 4180, but lines end in LF) and a row of it: file, states, letters, global,
/// local, hybrid, star_free (yes, no, unknown), seconds, error, formula if `formulas`, the families (yes, no,
/// unknown), cheapest and tier. What an error leaves open is empty.
std::string csv_header(bool formulas);
std::string csv_line(const FolderRow& row, bool formulas);

}  // namespace yore::expressivity
