// Errors a person can act on. InputError is for what the user handed in (exit code 2); BudgetError for a
// computation that was stopped at a stated limit, which callers may turn into the answer "unknown".
#pragma once
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

namespace yore::base {

/// Bad input: names the source (file, option, "regex"), says what was expected and, where known, points at
/// the place.
class InputError : public std::runtime_error {
 public:
  /// `source`: what the text came from, e.g. "regex" or "file a.json". `message`: what is wrong and what was
  /// expected.
  InputError(std::string source, std::string message);
  /// As above with the offending `text` and a byte `position` in it (0..text.size()); what() then ends with
  /// the line at fault and a caret under the position.
  InputError(std::string source, std::string message, const std::string& text, std::size_t position);

  /// Where the input came from.
  const std::string& source() const { return source_; }
  /// The message without source and caret.
  const std::string& message() const { return message_; }
  /// Byte offset of the fault in the text, if one is known.
  std::optional<std::size_t> position() const { return position_; }

 private:
  std::string source_;
  std::string message_;
  std::optional<std::size_t> position_;
};

/// A stated budget was spent. `budget` names the option that raises it, e.g. "max-states", or, where no
/// command offers one, the parameter.
class BudgetError : public std::runtime_error {
 public:
  /// `what_grew`: what was being built, e.g. "determinising the regex".
  BudgetError(const std::string& budget, std::size_t limit, const std::string& what_grew);
  /// As above for a budget that no option raises; `remedy` says what helps, e.g. "shorter words need less".
  BudgetError(std::string budget, std::size_t limit, const std::string& what_grew, const std::string& remedy);
  /// Name of the budget, as the command line spells it without dashes.
  const std::string& budget() const { return budget_; }
  /// The limit that was reached.
  std::size_t limit() const { return limit_; }

 private:
  std::string budget_;
  std::size_t limit_;
};

}  // namespace yore::base
