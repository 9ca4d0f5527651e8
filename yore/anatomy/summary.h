// What was found inside a model, as a page of text.
#pragma once
#include <string>

#include "yore/anatomy/inspect.h"

namespace yore::anatomy {

/// The window at which summaries and pages ask which heads could be local, in keys: 64, or, of a
/// shorter text, the largest of window_sizes() below its length.
std::int64_t shown_window(std::int64_t tokens);
/// Of a head, the share of the attention inside that window.
double inside_shown(const HeadStatistics& head, std::int64_t tokens);
/// A head whose share inside is at least so much could be local, as the summary counts.
inline constexpr double kCouldBeLocal = 0.95;

/// Lines, the last one ended: a table with a line a layer, massive activations, heads that could be local,
/// and gradients.
std::string summary(const Inspection& inspection);

}  // namespace yore::anatomy
