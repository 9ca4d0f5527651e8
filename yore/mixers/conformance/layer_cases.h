// The layers that the suite checks, and the definition each is held to: what layer_cases.cc of a mechanism
// offers. No torch, so that specs are checked in builds without it.
#pragma once
#include <complex>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "yore/mixers/spec.h"

namespace yore::mixers::conformance {

using Complex = std::complex<double>;

/// What a layer is asked for one sequence, in numbers that complex steps can pass through.
struct LayerInput {
  std::int64_t tokens = 0;
  std::vector<Complex> x;                                  ///< [tokens, width]
  std::map<std::string, std::vector<Complex>> parameters;  ///< by the names of Spec::parameters, row-major
  std::vector<Complex> head_gates;                         ///< one a head, or empty: all 1
};

/// The rows [tokens, width] of a sequence as the layer's definition says them, one scalar at a time, sharing
/// no code with the layer. `setting` is complete. Analytic. An option that it does not know must be an error
/// (std::logic_error), not ignored.
using LayerReference = std::vector<Complex> (*)(const MixerSetting& setting, const LayerInput& input);

/// What a mechanism's layer_cases.cc returns.
struct LayerCases {
  struct Named {
    std::string name;
    MixerSetting setting;  ///< perhaps incomplete
  };
  std::vector<Named> cases;
  LayerReference reference = nullptr;
};

/// One case of one mechanism.
struct LayerCase {
  std::string mechanism, name;
  MixerSetting setting;  ///< complete
  LayerReference reference = nullptr;
};

/// Every mechanism of the build in the settings that its layer_cases.cc lists, in the registry's order.
const std::vector<LayerCase>& all_layer_cases();

}  // namespace yore::mixers::conformance
