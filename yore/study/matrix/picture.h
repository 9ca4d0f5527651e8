// A matrix as a picture: theory as the outline of a cell, measurement as its fill.
#pragma once
#include <string>

#include "yore/study/matrix/matrix.h"

namespace yore::study {

/// Wide: a language and its cells on one line. Narrow, for phones: its name stands above them.
enum class MatrixFit { Wide, Narrow };

/// An <svg> element in its natural size, which scrolls inside its place where that is narrower, on a white
/// ground; it names what it shows to screen readers, and each cell says what it means when pointed at.
std::string draw_matrix(const Matrix& matrix, MatrixFit fit);

/// One sentence for readers who cannot see it.
std::string alternative_text(const Matrix& matrix);

}  // namespace yore::study
