// The published table beside the measured one, as files and as a page.
#pragma once
#include <string>
#include <vector>

#include "yore/study/papers/suite.h"

namespace yore::study {

/// One object a row: language, attention, theory, published (mean, best, source), measured, worst seed,
/// agreement, conclusion.
Json table_json(const std::vector<SuiteRow>& rows);
/// The same, a line a row; the source that has the mean first stands for several.
std::string table_csv(const std::vector<SuiteRow>& rows);
/// Languages as rows, kinds as columns, "published / measured" in the cells; says at which scale.
std::string table_markdown(const SuiteConfig& config, const std::vector<SuiteRow>& rows);
/// The page: the table, the conclusions, links to the reports of the languages beside it.
std::string suite_page(const SuiteConfig& config, const std::vector<SuiteRow>& rows,
                       const std::string& command);

/// Writes all of them into the suite's folder.
void write_suite(const SuiteConfig& config, const std::vector<SuiteRow>& rows, const Execution& execution);

}  // namespace yore::study
