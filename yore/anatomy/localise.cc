#include "yore/anatomy/localise.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "yore/anatomy/text_loss.h"
#include "yore/base/budget.h"
#include "yore/base/random.h"
#include "yore/model/generate.h"

namespace yore::anatomy {

std::vector<RankedHead> rank_by_share(const model::Model& model, const Texts& texts,
                                      const Locality& locality) {
  const at::NoGradGuard no_gradients;
  base::Budget budget("ranking heads");
  std::map<HeadPlace, double> shares;
  model::Context context;
  context.observe = [&](int block, const mixers::HeadsSeen& seen) {
    budget.spend();
    const std::vector<double> found = local_share(seen, locality);
    for (std::size_t h = 0; h < found.size(); ++h) shares[{block, static_cast<int>(h)}] += found[h];
  };
  for (const auto& text : texts) model.hidden(one_text(text), context);
  std::vector<RankedHead> ranked;
  for (const HeadPlace& place : arch::global_heads(model.description()))
    ranked.push_back({place, shares.at(place) / static_cast<double>(texts.size())});
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const RankedHead& a, const RankedHead& b) { return a.share > b.share; });
  return ranked;
}

std::vector<HeadPlace> random_order(const arch::Model& model, std::uint64_t seed) {
  std::vector<HeadPlace> order = arch::global_heads(model);
  base::Random random(seed);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

model::Model rewired(const model::Model& model, arch::Model description) {
  const std::vector<mixers::ParameterSpec> specs = arch::parameters(description);
  std::vector<at::Tensor> values;
  for (const model::Parameter& p : model.parameters().all()) values.push_back(p.value.detach());
  if (specs.size() != values.size())
    throw std::invalid_argument("rewired: the description has other parameters than the model");
  return {std::move(description), model::Parameters(specs, std::move(values))};
}

double loss_with_local(const model::Model& model, const std::vector<HeadPlace>& order, std::size_t count,
                       const Locality& locality, const Texts& texts) {
  const std::vector<HeadPlace> chosen(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
  return mean_loss(
      rewired(model, arch::with_local_heads(model.description(), chosen, locality.window, locality.sinks)),
      texts);
}

std::size_t most_local(std::size_t heads, double most, const std::function<double(std::size_t)>& loss) {
  std::size_t good = 0, bad = heads + 1;
  while (bad - good > 1) {
    const std::size_t middle = (good + bad) / 2;
    (loss(middle) <= most ? good : bad) = middle;
  }
  return good;
}

double decode_milliseconds(const model::Model& model, const std::vector<std::int64_t>& prompt,
                           std::int64_t count) {
  model::Reading reading = model::start_reading(model);
  model::read(model, reading, prompt);
  base::Budget budget("measuring the time of a token");
  model::Generation generation;
  generation.count = count + 1;  // the first comes of the prompt
  generation.sampling.temperature = 0;
  generation.chosen = [&](std::int64_t) {
    budget.spend();
    return true;
  };
  std::vector<double> seconds = model::generate(model, reading, generation).seconds;
  const auto middle = seconds.begin() + std::ssize(seconds) / 2;
  std::nth_element(seconds.begin(), middle, seconds.end());
  return 1000 * *middle;
}

}  // namespace yore::anatomy
