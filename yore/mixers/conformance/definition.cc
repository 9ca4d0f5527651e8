#include "yore/mixers/conformance/definition.h"

#include <algorithm>
#include <cmath>

#include "yore/base/random.h"

namespace yore::mixers::conformance {
namespace {

constexpr double kComplexStep = 1e-40;
/// Roundings of the functions (exponentials, divisions) on the way to an output.
constexpr double kFunctions = 32;

Numbers cut(const Numbers& array, Part part) {
  const auto first = array.begin() + static_cast<std::ptrdiff_t>(part.first);
  return {first, first + static_cast<std::ptrdiff_t>(part.count)};
}

/// What sequence b reads of one input's array, or of a direction in it.
Numbers part_of(const InputSpec& spec, const Numbers& array, const Packed& sequences, std::int64_t b) {
  return cut(array, conformance::part_of(spec, sequences, b));
}

/// The outputs and the final state of sequence b in an array like out.
Numbers results_of(const Mechanism& mechanism, const Numbers& array, const Packed& sequences,
                   std::int64_t b) {
  Numbers all = cut(array, outputs_of(mechanism, sequences, b));
  const Numbers last = cut(array, final_of(mechanism, sequences, b));
  all.insert(all.end(), last.begin(), last.end());
  return all;
}

std::vector<Complex> with_direction(const Numbers& x, const Numbers* direction) {
  std::vector<Complex> z;
  for (std::size_t n = 0; n < x.size(); ++n)
    z.emplace_back(x[n], direction == nullptr ? 0.0 : kComplexStep * (*direction)[n]);
  return z;
}

/// The shares that the outputs have in the derivative along `direction` of input i, at inputs whose last
/// array is the cotangent.
Numbers shares(const Mechanism& mechanism, const Packed& sequences, const std::vector<InputSpec>& specs,
               std::size_t i, const Numbers& direction, const std::vector<Numbers>& in) {
  Numbers terms;
  for (std::int64_t b = 0; b < sequences.batch(); ++b) {
    const Numbers along = part_of(specs[i], direction, sequences, b);
    // Nothing of this sequence moves.
    if (std::all_of(along.begin(), along.end(), [](double x) { return x == 0; })) continue;
    std::vector<std::vector<Complex>> z;
    for (std::size_t j = 0; j < specs.size(); ++j)
      z.push_back(with_direction(part_of(specs[j], in[j], sequences, b), j == i ? &along : nullptr));
    const std::vector<Complex> out = mechanism.reference(sequences.length(b), z);
    const Numbers cotangent = results_of(mechanism, in.back(), sequences, b);
    for (std::size_t n = 0; n < out.size(); ++n) terms.push_back(cotangent[n] * out[n].imag() / kComplexStep);
  }
  return terms;
}

}  // namespace

double operations_of(const Mechanism& mechanism, std::int64_t tokens) {
  double sum = static_cast<double>(tokens) + static_cast<double>(mechanism.value_dim()) + kFunctions;
  for (const InputSpec& spec : mechanism.inputs()) sum += spec.dim;
  return sum;
}

std::vector<Judged> judge_outputs(const Mechanism& mechanism, const Packed& sequences,
                                  const std::vector<Numbers>& in) {
  std::vector<Judged> all(mechanism.out_size(sequences));
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::int64_t b = 0; b < sequences.batch(); ++b) {
    const std::int64_t tokens = sequences.length(b);
    std::vector<Numbers> parts;
    for (std::size_t i = 0; i < specs.size(); ++i) parts.push_back(part_of(specs[i], in[i], sequences, b));
    const Function outputs = [&](const std::vector<Numbers>& x) {
      std::vector<std::vector<Complex>> z;
      for (const Numbers& array : x) z.push_back(with_direction(array, nullptr));
      Numbers values;
      for (const Complex& y : mechanism.reference(tokens, z)) values.push_back(y.real());
      return values;
    };
    const std::vector<Judged> its = judge(outputs, parts, operations_of(mechanism, tokens));
    const Part rows = outputs_of(mechanism, sequences, b), last = final_of(mechanism, sequences, b);
    const auto split = its.begin() + static_cast<std::ptrdiff_t>(rows.count);
    std::copy(its.begin(), split, all.begin() + static_cast<std::ptrdiff_t>(rows.first));
    std::copy(split, its.end(), all.begin() + static_cast<std::ptrdiff_t>(last.first));
  }
  return all;
}

std::vector<Slope> judge_slopes(const Mechanism& mechanism, const Packed& sequences,
                                const std::vector<Numbers>& in, const Numbers& cotangent) {
  const std::vector<InputSpec> specs = mechanism.inputs();
  std::vector<Numbers> all = in;
  all.push_back(cotangent);
  base::Random random(5);
  // The size of one number of the gradient: along random signs all of them add up as their norm.
  double squares = 0, count = 0;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    Numbers signs(in[i].size());
    for (double& x : signs) x = random.uniform() < 0.5 ? -1 : 1;
    double along = 0;
    for (const double term : shares(mechanism, sequences, specs, i, signs, all)) along += term;
    squares += along * along;
    count += static_cast<double>(signs.size());
  }
  const double one = std::sqrt(squares / count);
  // A gradient adds up over tokens and the heads that share an input.
  const double operations = operations_of(mechanism, sequences.tokens() * mechanism.heads());

  std::vector<Slope> slopes;
  constexpr int kTrials = 6, kSingle = 4;
  for (std::size_t i = 0; i < specs.size(); ++i)
    for (int trial = 0; trial < kTrials; ++trial) {
      Slope slope{i, Numbers(in[i].size(), 0.0), {}};
      const auto at =
          static_cast<std::size_t>(random.uniform() * static_cast<double>(slope.direction.size()));
      const std::size_t width = trial < kSingle ? 1 : specs[i].width();
      for (std::size_t n = at / width * width; n < at / width * width + width; ++n)
        slope.direction[n] = width == 1 || random.uniform() < 0.5 ? 1 : -1;
      const Function terms = [&](const std::vector<Numbers>& x) {
        return shares(mechanism, sequences, specs, i, slope.direction, x);
      };
      slope.judged = judge_sum(terms, all, operations, one * std::sqrt(static_cast<double>(width)));
      slopes.push_back(std::move(slope));
    }
  return slopes;
}

}  // namespace yore::mixers::conformance
