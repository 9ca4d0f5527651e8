#include "yore/tasks/text/default_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/process.h"

namespace yore::tasks {
namespace {

constexpr std::size_t kVerses = 31'102;

}  // namespace

std::string default_text() {
  if (!base::find_program("bible"))
    throw base::InputError(
        "task text", fmt::format("file: expected a text, as in text:book.txt; where none is given it is {}, "
                                 "which is not installed (scripts/setup texts)",
                                 kDefaultText));
  const base::ProcessResult printed = base::run_process({"bible", "-f", "gen1:1-rev22:21"});
  std::string text;
  std::size_t verses = 0;
  for (std::size_t at = 0; at < printed.out.size(); ++verses) {
    const std::size_t end = std::min(printed.out.find('\n', at), printed.out.size());
    const std::size_t verse = std::min(printed.out.find(' ', at), end);  // behind "Ge1:1"
    text.append(printed.out, std::min(verse + 1, end), end - std::min(verse + 1, end)).push_back('\n');
    at = end + 1;
  }
  if (printed.exit_code != 0 || verses != kVerses)
    throw base::InputError("task text",
                           fmt::format("file: the program bible printed {} lines and ended with {}; "
                                       "expected the {} verses of {}",
                                       verses, printed.exit_code, kVerses, kDefaultText));
  return text;
}

}  // namespace yore::tasks
