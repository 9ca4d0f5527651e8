// What rounding costs: models for circuits in double and float against exact rationals, by depth and width.
#pragma once
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/base/progress.h"
#include "yore/circuits/run.h"

namespace yore::circuits {

struct PrecisionOptions {
  std::vector<int> depths = {1, 2, 4, 8};
  std::vector<int> widths = {4, 16, 64};  ///< gates a level, on average, and most terms of a sum
  int circuits = 20;                      ///< of each depth and width
  std::size_t max_tokens = 20'000'000;    ///< budget: of all circuits together, about
  std::uint64_t seed = 1;
  base::Progress::Output progress = base::Progress::Output::silent();  ///< where it is, now and then
};

/// How far off the outputs are: of each circuit the largest |found - exact| over its outputs, divided by the
/// largest |exact|.
struct Loss {
  double median = 0, largest = 0;  ///< NaN if all overflowed
  int overflows = 0;               ///< circuits that had no answer, and do not count above
};
struct PrecisionRow {
  int depth = 0, width = 0, circuits = 0;
  int too_long = 0;                ///< of the circuits: left out, for their exact values are beyond kMostBits
  Loss model_double, model_float;  ///< the transformer
  Loss direct_double, direct_float;  ///< gate by gate
};

/// Random circuits of sums and products (a sign would turn a rounding into an error of 1), with inputs from
/// -1 to 1. Throws InputError("depths") for one that the model does not reach,
/// BudgetError before anything is drawn.
std::vector<PrecisionRow> measure_precision(const CircuitModel& model, const PrecisionOptions& options);

/// As a table to read, and as JSON.
std::string to_text(const std::vector<PrecisionRow>& rows);
base::Json to_json(const std::vector<PrecisionRow>& rows);

}  // namespace yore::circuits
