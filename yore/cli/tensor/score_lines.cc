#include "yore/cli/tensor/score_lines.h"

#include <fmt/format.h>

namespace yore::cli {

std::string line(const runs::Score& score) {
  return fmt::format("  {:<14}{:7.2f} %   {} of {} words\n", score.name, 100 * score.accuracy(),
                     score.correct, score.words);
}

std::string witness_lines(const std::vector<runs::WitnessScore>& scores) {
  std::string text;
  std::string last;
  for (const runs::WitnessScore& first : scores) {
    if (first.witness_of == last) continue;
    last = first.witness_of;
    int right = 0, all = 0;
    for (const runs::WitnessScore& s : scores)
      if (s.witness_of == last) right += (s.logit > 0) == s.accepted, ++all;
    text +=
        fmt::format("  {:<14}{:7.2f} %   {} of {} strings that no {} model can tell apart at every length\n",
                    "witness " + last, 100.0 * right / all, right, all, last);
  }
  return text;
}

}  // namespace yore::cli
