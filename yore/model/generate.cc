#include "yore/model/generate.h"

#include <chrono>
#include <stdexcept>

namespace yore::model {

Generated generate(const Model& model, Reading& reading, const Generation& generation) {
  using Clock = std::chrono::steady_clock;
  if (reading.logits.empty()) throw std::invalid_argument("generate: nothing was read to go on from");
  Generated made;
  while (static_cast<std::int64_t>(made.tokens.size()) < generation.count) {
    const auto begun = Clock::now();
    if (!made.tokens.empty()) read(model, reading, {&made.tokens.back(), 1});
    const auto position = static_cast<std::int64_t>(reading.tokens.size());
    made.tokens.push_back(pick(choices(reading.logits, reading.tokens, generation.sampling),
                               uniform(generation.sampling, generation.sample, Draw::Token, position)));
    if (made.tokens.size() > 1)
      made.seconds.push_back(std::chrono::duration<double>(Clock::now() - begun).count());
    if (generation.chosen && !generation.chosen(made.tokens.back())) break;
  }
  return made;
}

std::vector<std::int64_t> generate(const Model& model, const std::vector<std::int64_t>& prompt,
                                   std::int64_t count, const Sampling& sampling) {
  if (prompt.empty()) throw std::invalid_argument("generate: the prompt must have at least one token");
  Reading reading = start_reading(model);
  read(model, reading, prompt);
  return generate(model, reading, {count, sampling, 0, {}}).tokens;
}

}  // namespace yore::model
