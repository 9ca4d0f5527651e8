// What the compiler claims about its weights: which coordinate holds which subformula, stage by stage. The
// claims are checked by prove() and by whoever reads a trace; they are no part of what the model computes.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/compiler/compiler.h"

namespace yore::compiler {

/// What stands in a coordinate from a stage on, until a later claim about it.
struct Claim {
  enum class Kind {
    Truth,     ///< of the node
    Mean,      ///< of the node's argument over the positions it looks back to: 0 if it never held there
    Cleared,   ///< false everywhere
    Accepted,  ///< whether the letters so far, this one included, are a word of `automaton`
  };
  int coordinate = 0;
  Kind kind = Kind::Truth;
  NodeId node = kNever;
  bool operator==(const Claim&) const = default;
};

/// What a coordinate of Kind::Accepted holds, in words.
inline constexpr const char* kAcceptedSoFar = "accepted so far";

struct Manifest {
  /// Only nodes that the root reaches; the claims index them. With an automaton: its letters alone.
  Formula formula;
  std::optional<automata::Dfa> automaton;  ///< what a layer of delta steps computes (machine.h)
  Encoding encoding = Encoding::ZeroOne;
  Once once = Once::Sharp;
  std::int64_t length = 0;  ///< longest word that was asked for
  int one = kNever;
  std::vector<std::vector<Claim>> stages;  ///< as in Plan: 0 = embedding, 2b + 1 and 2b + 2 = block b
};

/// The claims of a plan.
Manifest manifest_of(const Plan& plan);

/// Both ways; from_json throws InputError(`source`) for what is no manifest of a model of this shape.
base::Json to_json(const Manifest& manifest);
Manifest manifest_from_json(const base::Json& json, const arch::ModelFile& file, const std::string& source);

}  // namespace yore::compiler
