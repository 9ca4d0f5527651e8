// Pictures for a page: SVG as other programs write it, made fit to stand beside others in one HTML document.
#pragma once
#include <string>

namespace yore::report {

/// Checks that `program` can be run; throws InputError naming the Debian `package` that has it.
void require_program(const std::string& program, const std::string& package);

/// Checks that gnuplot and dot are there, so that hours of work do not end in a report that cannot be drawn.
void require_picture_programs();

/// What is left of a picture's own size at least: text of 12 pixels stays above 9.
inline constexpr double kSmallest = 0.8;

/// How wide an embedded picture is shown.
enum class Fit {
  Shrink,   ///< at most as wide as its place
  Natural,  ///< as wide as its place, but no smaller than kSmallest of its own size, where the place scrolls
            ///< (for pictures that nobody could read if they shrank)
};

/// An SVG file's text as an element for the middle of a page: the XML prologue, comments, titles (browsers
/// show them as tooltips) and descriptions are gone; every id and every reference to one begins with
/// `id_prefix`; `label` is what a screen reader says. Throws std::invalid_argument if there is no <svg> in
/// `text` or it has no viewBox.
std::string embed_svg(const std::string& text, const std::string& id_prefix, const std::string& label,
                      Fit fit = Fit::Shrink);

/// A graph given as Graphviz text, drawn by `dot` and embedded. Throws InputError if dot is missing or
/// refuses.
std::string draw_graph(const std::string& dot_text, const std::string& id_prefix, const std::string& label,
                       Fit fit = Fit::Shrink);

}  // namespace yore::report
