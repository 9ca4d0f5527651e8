// Which mixers a language can be compiled for, and what their layers' states are made to do.
//
//   latches   one number a head that a token sets, or clears, or leaves as it is: the logic LTL[P,Y,S], that
//             is every star-free language
//   steps     one vector a head that a token multiplies by several matrices I - k k^T: every regular language
//
// docs/compiler.md, "Recurrences", derives both.
#pragma once
#include <string>
#include <vector>

#include "yore/base/options.h"

namespace yore::compiler {

struct Target {
  const char* mixer;
  bool steps = false;  ///< besides latches, which all but attention have
};

inline constexpr const char* kAttentionMixer = "attention";
/// `--mixer auto`: attention where it can, else kAutoLatches, else kAutoSteps.
inline constexpr const char* kAutoMixer = "auto";
inline constexpr const char* kAutoLatches = "gla";
inline constexpr const char* kAutoSteps = "delta_net";

/// All of them, attention aside.
const std::vector<Target>& recurrent_targets();
/// "auto", "attention" and those.
std::vector<std::string> target_names();
/// Nothing if there is no such one (or it is attention).
const Target* find_target(const std::string& mixer);
/// Throws InputError("--mixer") for a name that is none of target_names(): with the nearest ones, and for a
/// mixer of this program that nothing is compiled for with the reason.
void check_target(const std::string& mixer);

/// The options with which `heads` numbers, one a head, are latches of a layer of rows of this width: a mixer
/// as ModelOptions::mixer takes it. No norm and no activation is left that would round a truth value.
std::string latch_mixer(const std::string& mixer, int width, int heads);
/// The same of one head with a vector of `dim` numbers that `steps` writes of a token change.
std::string stepped_mixer(const std::string& mixer, int width, int dim, int steps);

/// The first option of a layer with which its numbers are not exact ("out_norm=true: each head's output is
/// divided by its size"), or "" where they are, as latches or with `steps`. Takes complete options.
std::string exactness_lost(const std::string& mixer, const base::Json& options, bool steps);

}  // namespace yore::compiler
