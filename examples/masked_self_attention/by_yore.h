// The same attention by yore's kernels: a sentence at once, and word by word.
#pragma once
#include "attention.h"

/// What attention gathers for each word: yore's kernel, in 32-bit numbers. The mask must hide the future, as
/// yore's always do.
Matrix by_kernel(const Matrix& queries, const Matrix& keys, const Matrix& values, const Mask& mask);
/// The same one word at a time: each step gives yore's state one query, key and value, and is given one row.
Matrix by_state(const Matrix& queries, const Matrix& keys, const Matrix& values, const Mask& mask);

/// How far the above may be from the same in 64-bit numbers, by the rounding of 32-bit ones.
double allowed_difference(const Matrix& queries, const Matrix& keys, const Matrix& values);
