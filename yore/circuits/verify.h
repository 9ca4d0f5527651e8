// A model for circuits held against exact evaluation, gate by gate (evaluate.h).
#pragma once
#include <optional>
#include <string>

#include "yore/base/progress.h"
#include "yore/circuits/random_circuit.h"
#include "yore/circuits/run.h"

namespace yore::circuits {

struct VerifyOptions {
  int random = 200;    ///< random circuits, of depth 1 to the model's (8 at most) and up to `gates` gates
  int gates = 200;     ///< of a random circuit, at most
  int exhaustive = 4;  ///< every circuit of up to so many gates, over all small inputs
  std::uint64_t seed = 1;
  base::Progress::Output progress = base::Progress::Output::silent();  ///< where it is, now and then
};

/// Where the model says something else.
struct Difference {
  std::string circuit;  ///< as text
  std::string inputs;   ///< "1/2 -2"
  std::string gate;     ///< "x3 = x1 * x2"
  std::string expected, found;
};

struct Verification {
  std::int64_t random_circuits = 0, small_circuits = 0;  ///< small ones: circuit and inputs
  std::int64_t gates = 0;                                ///< values compared, of all of them
  std::optional<Difference> difference;                  ///< the first one, after which nothing was tried
};

/// Small circuits deeper than the model are left out. Throws Interrupted.
Verification verify(const CircuitModel& model, const VerifyOptions& options);

}  // namespace yore::circuits
