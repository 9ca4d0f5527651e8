// Grids of numbers as pictures for a page: colours in SVG, sharp at every size, without a script.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "yore/report/html.h"

namespace yore::anatomy {

/// Rows x columns of numbers, NaN where there is none. Darker is more.
struct Grid {
  std::string label;                       ///< one sentence for readers who cannot see it
  std::vector<std::string> rows, columns;  ///< their names
  std::string row_title, column_title;
  std::vector<double> values;  ///< row by row
  double low = 0, high = 1;    ///< the ends of the scale; beyond them colours stay
};
/// The grid with a cell a number, its names, and a scale. A pointer over a cell is told its number.
report::Html heat_map(const Grid& grid);

/// A square of attention: side x side numbers from 0 to 1 in steps that grow (kSteps), with a name beside
/// each row and above each column, and four sizes to choose from; the larger ones scroll.
struct Square {
  std::string label;
  std::string id;  ///< unique on the page
  std::int64_t side = 0;
  std::vector<float> values;
  std::vector<std::string> names;
};
report::Html attention_square(const Square& square);

/// Above which values the colours of a square change.
inline constexpr double kSteps[] = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};

}  // namespace yore::anatomy
