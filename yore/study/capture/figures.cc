#include "yore/study/capture/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace yore::study {

report::Plot needed_by_size(const std::vector<const CaptureKind*>& kinds, std::size_t error) {
  report::Plot plot;
  plot.label = fmt::format("Samples needed for an error of {} against the size, for each kind",
                           runs::kCaptureErrors[error]);
  plot.x_label = "T";
  plot.y_label = "1 + n";
  plot.log_x = plot.log_y = true;
  double least = 0, most = 0;
  int style = 0;
  for (const CaptureKind* kind : kinds) {
    const CaptureAt& at = kind->at[error];
    // Of one task's kinds the model tells them apart, unless the task has other options in some.
    const auto same = std::count_if(kinds.begin(), kinds.end(),
                                    [&](const CaptureKind* other) { return other->model == kind->model; });
    const std::string& name = same > 1 || kind->model.empty() ? kind->title : kind->model;
    report::Series points{name, {}, style, false, true, false, true};
    for (const Needed& p : at.needed) {
      if (p.censored())
        points.points.emplace_back(p.size, 1 + p.above, 1 + p.above, 2 * (1 + p.above));
      else
        points.points.emplace_back(p.size, 1 + (p.above < 0 ? 0 : p.most));
      least = least == 0 ? p.size : std::min(least, p.size);
      most = std::max(most, p.size);
    }
    if (!points.points.empty()) plot.series.push_back(std::move(points));
    if (!at.judgement.band.empty()) {
      const LawFit& law = at.judgement.fits[at.judgement.best];
      report::Series line{"", {}, style, true, false, true};
      // Far above what was tried the laws say nothing, and would squeeze the points to a line.
      const double top = 4 * (1 + static_cast<double>(kind->most));
      const auto height = [&](double n) { return std::min(top, 1 + std::max(0.0, n)); };
      for (const GrowthBand& b : at.judgement.band)
        line.points.emplace_back(b.size, height(law.at(b.size)), height(b.low), height(b.high));
      plot.series.push_back(std::move(line));
    }
    ++style;
  }
  if (least == 0) return plot;
  plot.x_range = {least / 1.3, most * 1.3};
  double size = least;
  while (size <= most) {
    plot.x_tics.emplace_back(size, fmt::format("{:g}", size));
    size *= 2;
  }
  return plot;
}

}  // namespace yore::study
