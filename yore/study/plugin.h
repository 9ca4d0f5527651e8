// What may be added to a study beside its measurements: theory's answers, a compiled model, published values.
// A plug-in applies to some studies; it adds columns, rows and sections to the report, and files beside it. A
// new one costs a folder and one line where they are listed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "yore/report/html.h"
#include "yore/study/executor.h"
#include "yore/study/results.h"

namespace yore::study {

/// A column of the table of kinds: its cells in the order of the kinds.
struct Column {
  report::Html header;
  bool numeric = false;
  bool early = false;  ///< stands right after the kind's name, before what was measured
  std::vector<report::Html> cells;
};
/// A row beside the kinds: the cells of every column, own and others'.
struct ExtraRow {
  report::Html title;
  std::vector<std::pair<std::string, report::Html>> by_set;  ///< under the columns of these sets
  std::vector<report::Html> early;                           ///< under the early columns, in their order
};

class Plugin {
 public:
  virtual ~Plugin() = default;

  /// Before anything is written: computes what it needs, may add kinds. Throws InputError.
  virtual void prepare(StudyConfig&) {}
  /// Before the runs: writes and measures what is its own in the study's folder.
  virtual void measure(const StudyConfig&, const Execution&) {}
  /// After the runs, or what there is of them.
  virtual void take(const StudyConfig&, const std::vector<RunRecord>&, const std::vector<KindResults>&) {}

  // Of what was taken:
  virtual report::Html heading() const { return {}; }  ///< of the report; empty = the core's
  virtual report::Html lead() const { return {}; }     ///< sentences under the heading
  virtual std::vector<Column> columns() const { return {}; }
  virtual std::vector<ExtraRow> rows() const { return {}; }
  virtual report::Html under_table() const { return {}; }  ///< conclusions
  virtual std::vector<report::Section> sections() const { return {}; }
  /// Sections that stand before the table of all kinds: what a reader should see first.
  virtual std::vector<report::Section> first_sections() const { return {}; }
  /// Lines for the terminal, one a kind or statement.
  virtual std::vector<std::string> statements() const { return {}; }
  /// What it adds to numbers.json: keys and values.
  virtual Json numbers() const { return Json::object(); }
  /// Files to write beside the report and offer in it: name, media type, content.
  struct File {
    std::string name, type, content;
  };
  virtual std::vector<File> files() const { return {}; }
  /// Whether what it measured itself is as it must be.
  virtual bool fine() const { return true; }
};

/// Those that apply to the study.
std::vector<std::unique_ptr<Plugin>> plugins_for(const StudyConfig& config);

}  // namespace yore::study
