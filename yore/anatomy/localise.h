// Which heads of a trained model need the whole past: ranks its global heads by what they would lose, makes
// some local, and measures what the loss says to that, beside a random choice of as many.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "yore/anatomy/local_share.h"
#include "yore/arch/local_heads.h"
#include "yore/model/model.h"

namespace yore::anatomy {

using arch::HeadPlace;
/// Texts of tokens, each read from its beginning.
using Texts = std::vector<std::vector<std::int64_t>>;

/// A global head and the share of its attention that stays inside (local_share), mean over texts.
struct RankedHead {
  HeadPlace place;
  double share = 0;
};

/// All global heads, those that would lose least first; heads that lose the same in their order. Throws
/// base::Interrupted.
std::vector<RankedHead> rank_by_share(const model::Model& model, const Texts& texts,
                                      const Locality& locality);

/// The global heads in an order drawn from the seed.
std::vector<HeadPlace> random_order(const arch::Model& model, std::uint64_t seed);

/// The same weights, in the same memory, as another description reads them: it differs in what attention
/// sees alone.
model::Model rewired(const model::Model& model, arch::Model description);

/// The loss of the model whose first `count` heads of `order` are local (nats a token, mean_loss).
double loss_with_local(const model::Model& model, const std::vector<HeadPlace>& order, std::size_t count,
                       const Locality& locality, const Texts& texts);

/// The most heads, from the front of an order of `heads`, for which loss(count) is at most `most`, by
/// bisection: it takes for granted that more local heads lose more, and the count it hands back was measured
/// (0 needs no measuring). loss is called about log2(heads) times.
std::size_t most_local(std::size_t heads, double most, const std::function<double(std::size_t)>& loss);

/// Milliseconds a token, median of `count` tokens that the model goes on with after reading the prompt.
double decode_milliseconds(const model::Model& model, const std::vector<std::int64_t>& prompt,
                           std::int64_t count);

}  // namespace yore::anatomy
