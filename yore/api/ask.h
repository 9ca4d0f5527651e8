// One question as JSON, one answer as JSON: the door for programs that share no C++ types with yore, such as
// the page of `make playground`.
//
// A question has "ask" and, for most, a language: {"kind": "regex" | "ltl" | "dfa" | "name" | "", "text",
// "alphabet" (optional)} under "language", read as api::read does.
//
//   {"ask": "languages"}                                  the suite, as yore languages --json
//   {"ask": "read", language}                             {"title", "note", "alphabet", "dfa" (as convert to
//   json),
//                                                          "dot": the drawing as Graphviz text}
//   {"ask": "classify", language, "options": {..}}        {"json": the text that yore classify --json prints,
//                                                          "text": what it prints without,
//                                                          "replays": {class: [first, second]} of the
//                                                          witnesses}
//   {"ask": "convert", language, "to": "regex"}           {"text"}, null where there is no formula
//   {"ask": "replay", language, "word": "abab"}           as api::replay
//   {"ask": "compile", language, "options": {..}}         {"json": the text that yore compile --json prints,
//   "explain",
//                                                          "proof", "note", "dot"}
//   {"ask": "trace", language, "options", "word": "abab"} as yore run --trace --json prints it
//   {"ask": "equivalent", "first": language, "second": language}   as yore equivalent --json, with "note"
//
// Options of classify: lookback, period (a number or "any"), formulas, witness_depth, max_monoid, max_pairs,
// max_formula, max_types; of compile: mixer, encoding, once, length, period, max_formula, max_parameters; of
// both, and of read, convert and replay, max_states. As the command's, with underscores. Keys and options
// that a question does not have are refused.
#pragma once
#include <memory>
#include <string>

#include "yore/base/files.h"

namespace yore::api {

/// Remembers the language and the model last asked about, so that one more word costs no new compilation.
class Session {
 public:
  Session();
  ~Session();
  /// Throws InputError, BudgetError.
  base::Json ask(const base::Json& question);
  /// The same as texts, for callers that cannot catch: {"answer": ..}, or {"error": {"kind": "input" |
  /// "budget" | "internal", "text": as the program prints it}}, for bad input with "source", "message" and
  /// "position", a byte offset in the text of that source or null.
  std::string ask_text(const std::string& question) noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace yore::api
