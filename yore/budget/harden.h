// A hardened model on disk: an ordinary model of the same shape in which the heads that go hand on nothing,
// and heads.json, which says which heads these are. Any command takes it; slicing makes the smaller model of
// it.
#pragma once
#include <filesystem>

#include "yore/budget/adapt.h"

namespace yore::budget {

struct Hardened {
  arch::ModelFile file;  ///< the output map's columns of the heads that are not kept are 0
  arch::KeptHeads kept;
  double budget = 1;
  Rank by = Rank::Gate;
  std::int64_t adapted_steps = 0;
};

/// Ranks, keeps what the budget says, adapts. Throws InputError as choose_heads, head_scores and adapt.
Hardened harden(const Subject& subject, const RankOptions& rank, const AdaptOptions& adapt);

/// The two files in the folder of a model. Reading throws InputError naming the file that is missing, broken,
/// or that does not go with the model: heads that the model lacks, or that are not kept but hand something
/// on.
void write_hardened(const Hardened& hardened, const std::filesystem::path& folder);
Hardened read_hardened(const std::filesystem::path& folder);

}  // namespace yore::budget
