// Squares of numbers as SVG files, which every browser shows: a row a word that asks, a column a word that is
// asked.
#pragma once
#include <string>
#include <vector>

#include "attention.h"

/// One square. A number is a colour, blue above 0 and orange below, the stronger the larger, and stands in
/// its cell unless it would be 0.00. What the mask hides is grey.
struct Square {
  std::string title;
  Matrix numbers;
  Mask mask;
  double largest = 1;  ///< this number, and its negative, have the full colour
};

/// Squares side by side, with the words at the left and above. `words` names rows and columns.
std::string picture(const std::vector<Square>& squares, const std::vector<std::string>& words);
