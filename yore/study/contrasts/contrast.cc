#include "yore/study/contrasts/contrast.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace yore::study {
namespace {

const KindResults* find_kind(const std::vector<KindResults>& kinds,
                             const std::vector<std::pair<std::string, Json>>& values) {
  for (const KindResults& kind : kinds)
    if (kind.kind.values == values) return &kind;
  return nullptr;
}

std::optional<double> value_of(const RunRecord& record, const Contrast& contrast) {
  if (!record.usable()) return std::nullopt;
  for (const base::Metric& metric : record.result->metrics)
    if (metric.set == contrast.set && metric.name == contrast.metric && metric.count > 0 &&
        std::isfinite(metric.value))
      return metric.value;
  return std::nullopt;
}

bool published_sign_is(const ContrastRow& row, Sign sign) {
  return row.published && (*row.published < 0 ? Sign::Below : Sign::Above) == sign;
}

}  // namespace

double student_t(int degrees) {
  static constexpr std::array<double, 30> kTable = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                                    2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                                    2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                                    2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
  // Beyond, the first terms of Cornish and Fisher's expansion: at most 0.0002 too small.
  const double d = degrees;
  return degrees <= static_cast<int>(kTable.size())
             ? kTable[static_cast<std::size_t>(std::max(1, degrees)) - 1]
             : 1.959964 + 2.372271 / d + 2.822500 / (d * d);
}

double Difference::half_interval() const {
  if (spread.runs < 2) return std::numeric_limits<double>::infinity();
  return student_t(spread.runs - 1) * spread.deviation() / std::sqrt(static_cast<double>(spread.runs));
}

Sign Difference::sign() const {
  if (spread.runs < 2) return Sign::Unknown;
  if (std::abs(spread.mean) <= half_interval()) return Sign::Open;
  return spread.mean < 0 ? Sign::Below : Sign::Above;
}

std::vector<ContrastRow> contrast_rows(const Contrast& contrast, const std::vector<RunRecord>& records,
                                       const std::vector<KindResults>& kinds) {
  std::vector<ContrastRow> rows;
  for (const KindResults& first : kinds) {
    auto values = first.kind.values;
    const auto axis =
        std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == contrast.path; });
    if (axis == values.end() || axis->second != contrast.of) continue;
    axis->second = contrast.against;
    const KindResults* second = find_kind(kinds, values);
    if (second == nullptr) continue;
    values.erase(axis);
    ContrastRow row{std::move(values), {}, std::nullopt};
    for (const RunRecord& a : records)
      for (const RunRecord& b : records) {
        if (a.run.kind != first.kind.name || b.run.kind != second->kind.name || a.run.seed != b.run.seed)
          continue;
        const auto x = value_of(a, contrast), y = value_of(b, contrast);
        if (x && y) row.difference.spread.add(*x - *y);
      }
    for (const PublishedDifference& published : contrast.published)
      if (matches(first.kind, published.where)) row.published = published.value;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string conclusion(const std::vector<ContrastRow>& rows) {
  int all = 0, same = 0, opposite = 0;
  for (const ContrastRow& row : rows) {
    if (!row.published || *row.published == 0) continue;
    const Sign sign = row.difference.sign();
    ++all;
    same += published_sign_is(row, sign);
    opposite += (sign == Sign::Below || sign == Sign::Above) && !published_sign_is(row, sign);
  }
  if (all == 0) return "";
  return fmt::format("Of {} published {} {} reproduced, {} contradicted and {} left open.", all,
                     all == 1 ? "sign" : "signs", same, opposite, all - same - opposite);
}

}  // namespace yore::study
