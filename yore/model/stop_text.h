// Text that comes in pieces, up to the first of some stops, shown as early as can be.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace yore::model {

/// Hands out a text as it grows: whole UTF-8 characters, and nothing that a stop may still turn out to begin
/// with. The first stop is the one that is complete first (of two that end together the longer one); it and
/// what follows are no part of the text. How the text is cut into pieces changes nothing.
///
///   StopText text({"END"});
///   text.push("a E");   // "a "
///   text.push("Nd");    // "ENd": it was none
///   text.push("xEND");  // "x", and stopped()
class StopText {
 public:
  /// Throws std::invalid_argument for an empty stop.
  explicit StopText(std::vector<std::string> stops);
  /// What can be shown now; nothing once a stop was found.
  std::string push(std::string_view piece);
  /// What was kept back at the end of the text; half a character becomes U+FFFD.
  std::string finish();
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string kept_;  ///< not yet shown
  bool stopped_ = false;
};

}  // namespace yore::model
