// A model's scores as lines for people.
#pragma once
#include <string>
#include <vector>

#include "yore/runs/run_result.h"

namespace yore::cli {

std::string line(const runs::Score& score);

/// Witness strings come in pairs, one accepted and one not: half right is what knowing nothing gives.
std::string witness_lines(const std::vector<runs::WitnessScore>& scores);

}  // namespace yore::cli
