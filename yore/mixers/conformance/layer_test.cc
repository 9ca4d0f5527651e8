// Every mechanism as a layer of a model: derivatives, packing, causality, states. In double, against
// differences of itself and against other ways to the same rows; what a row is, is the kernels' and the
// models' tests' affair.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/mixers/conformance/layer_cases.h"

namespace yore::mixers::conformance {
namespace {

at::Tensor random_tensor(const std::vector<std::int64_t>& shape, base::Random& random) {
  at::Tensor x = at::empty(shape, at::kDouble);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] = 2 * random.uniform() - 1;
  return x;
}

/// The next lengths[b] tokens of sequences that have been through before[b] already.
PackedRows rows_of(const std::vector<std::int64_t>& lengths, std::vector<std::int64_t> before = {}) {
  before.resize(lengths.size());
  PackedRows rows;
  std::vector<std::int64_t> position, last, last_position;
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    for (std::int64_t t = 0; t < lengths[b]; ++t) position.push_back(before[b] + t);
    rows.starts.push_back(rows.starts.back() + lengths[b]);
    last.push_back(lengths[b] == 0 ? -1 : rows.starts.back() - 1);
    last_position.push_back(before[b] + lengths[b] - 1);
    rows.longest = std::max(rows.longest, before[b] + lengths[b]);
  }
  rows.position = at::tensor(position, at::kLong);
  rows.last = at::tensor(last, at::kLong);
  rows.last_position = at::tensor(last_position, at::kLong);
  return rows;
}

/// A layer with random parameters.
struct Bound {
  std::unique_ptr<Mixer> layer;
  std::vector<at::Tensor> parameters;
  std::int64_t width;
  std::string name;
  Bound(const LayerCase& c, std::uint64_t seed)
      : layer(make_mixer(c.mechanism, c.setting)),
        width(c.setting.width),
        name(fmt::format("{}, {}", c.mechanism, c.setting.options.dump())) {
    base::Random random(seed);
    for (const ParameterSpec& spec : layer->parameters())
      parameters.push_back(random_tensor(spec.shape, random).set_requires_grad(true));
    layer->bind(parameters);
  }
};

std::vector<Bound> all_layers() {
  std::vector<Bound> all;
  for (const LayerCase& c : all_layer_cases()) all.emplace_back(c, 1);
  return all;
}

/// Rounding of a few hundred operations on numbers of this size.
double rounding(const at::Tensor& x) {
  return 1e-13 * (1 + x.detach().abs().max().item<double>());
}
double distance(const at::Tensor& a, const at::Tensor& b) {
  return a.numel() == 0 ? 0 : (a - b).detach().abs().max().item<double>();
}

const std::vector<std::int64_t> kLengths = {1, 7, 3, 12};

TEST(Layers, AllOfTheRegistryAreChecked) {
  std::vector<std::string> names;
  for (const LayerCase& c : all_layer_cases())
    if (names.empty() || names.back() != c.mechanism) names.push_back(c.mechanism);
  std::vector<std::string> registry;
  for (const Spec* spec : specs()) registry.push_back(spec->name());
  EXPECT_EQ(names, registry);
}

// Along random directions, by the rows' own central differences: their error is the third derivative times
// the square of the step, and the rounding divided by it.
TEST(Layers, DerivativesAreThoseOfTheRows) {
  constexpr double kStep = 1e-5;
  double largest = 0;
  for (const bool last : {false, true})
    for (const Bound& b : all_layers()) {
      base::Random random(2);
      const PackedRows rows = rows_of(kLengths);
      const at::Tensor x = random_tensor({rows.starts.back(), b.width}, random).set_requires_grad(true);
      const auto value = [&] { return last ? b.layer->forward_last(x, rows) : b.layer->forward(x, rows); };
      const at::Tensor cotangent = random_tensor(value().sizes().vec(), random);
      std::vector<at::Tensor> inputs = b.parameters;
      inputs.push_back(x);
      const std::vector<at::Tensor> gradients = torch::autograd::grad({(value() * cotangent).sum()}, inputs);
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const at::Tensor direction = random_tensor(inputs[i].sizes().vec(), random);
        at::Tensor data = inputs[i].detach();
        const auto moved = [&](double by) {
          const at::NoGradGuard no_gradients;
          data.add_(direction, by);
          const double sum = (value() * cotangent).sum().item<double>();
          data.sub_(direction, by);
          return sum;
        };
        const double expected = (moved(kStep) - moved(-kStep)) / (2 * kStep);
        const double found = (gradients[i] * direction).sum().item<double>();
        const double error = std::abs(found - expected) / (1 + std::abs(expected));
        EXPECT_LT(error, 1e-7) << b.name << (last ? ", last rows" : "") << ", input " << i;
        largest = std::max(largest, error);
      }
    }
  fmt::print("  largest relative error {:.1e}\n", largest);
  EXPECT_GT(largest, 0);  // differences are never exact
}

TEST(Layers, LastRowsAreThoseOfAllRows) {
  for (const Bound& b : all_layers()) {
    base::Random random(3);
    const PackedRows rows = rows_of(kLengths);
    const at::Tensor x = random_tensor({rows.starts.back(), b.width}, random);
    const at::Tensor all = b.layer->forward(x, rows).index_select(0, rows.last);
    EXPECT_LT(distance(b.layer->forward_last(x, rows), all), rounding(all)) << b.name;
  }
}

TEST(Layers, SequencesDoNotTouchEachOtherAndLaterTokensDoNotReachEarlierRows) {
  for (const Bound& b : all_layers()) {
    base::Random random(4);
    const PackedRows rows = rows_of(kLengths);
    const at::Tensor x = random_tensor({rows.starts.back(), b.width}, random);
    const at::Tensor all = b.layer->forward(x, rows);
    for (std::size_t s = 0; s < kLengths.size(); ++s)
      for (const std::int64_t length : {std::int64_t{1}, kLengths[s]}) {
        const at::Tensor alone = b.layer->forward(x.narrow(0, rows.starts[s], length), rows_of({length}));
        EXPECT_LT(distance(alone, all.narrow(0, rows.starts[s], length)), rounding(all))
            << b.name << ", sequence " << s << ", " << length << " tokens";
      }
  }
}

TEST(Layers, AStateGoesOnAsIfTheWholeHadBeenThere) {
  constexpr std::int64_t kMost = 5;  // tokens at a time
  const std::vector<std::vector<std::int64_t>> pieces = {{1, 0, 3, 5}, {0, 4, 0, 4}, {0, 3, 0, 3}};
  for (const Bound& b : all_layers()) {
    base::Random random(5);
    const PackedRows rows = rows_of(kLengths);
    const at::Tensor x = random_tensor({rows.starts.back(), b.width}, random);
    const at::Tensor all = b.layer->forward(x, rows);
    const std::unique_ptr<State> state = b.layer->start({4, kMost, 0});
    std::vector<std::int64_t> before(kLengths.size(), 0);
    for (const std::vector<std::int64_t>& lengths : pieces) {
      std::vector<at::Tensor> taken, expected;
      for (std::size_t s = 0; s < lengths.size(); ++s) {
        taken.push_back(x.narrow(0, rows.starts[s] + before[s], lengths[s]));
        expected.push_back(all.narrow(0, rows.starts[s] + before[s], lengths[s]));
      }
      const at::Tensor tokens = at::cat(taken), wanted = at::cat(expected);
      const PackedRows next = rows_of(lengths, before);
      // A detour that is taken back leaves no trace.
      b.layer->advance(*state, tokens * -0.5, next);
      for (std::size_t s = 0; s < lengths.size(); ++s) {
        state->roll_back(static_cast<std::int64_t>(s), lengths[s]);
        EXPECT_EQ(state->length(static_cast<std::int64_t>(s)), before[s]) << b.name;
      }
      EXPECT_LT(distance(b.layer->advance(*state, tokens, next), wanted), rounding(all)) << b.name;
      for (std::size_t s = 0; s < lengths.size(); ++s) before[s] += lengths[s];
    }
  }
}

TEST(Layers, ParametersThatDoNotFitAreRefused) {
  for (const LayerCase& c : all_layer_cases()) {
    const auto layer = make_mixer(c.mechanism, c.setting);
    const std::vector<ParameterSpec> specs = layer->parameters();
    std::vector<at::Tensor> values;
    for (const ParameterSpec& spec : specs) values.push_back(at::zeros(spec.shape, at::kFloat));
    layer->bind(values);
    const auto refused = [&](std::vector<at::Tensor> wrong, const std::string& part) {
      try {
        layer->bind(std::move(wrong));
        ADD_FAILURE() << "accepted; expected an error with: " << part;
      } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
      }
    };
    refused({}, fmt::format("expected {} parameters, got 0", specs.size()));
    std::vector<at::Tensor> wrong = values;
    wrong.back() = at::zeros({2, 3, 1}, at::kFloat);
    refused(wrong, specs.back().name + ": expected [");
    wrong.back() = values.back().to(at::kDouble);
    refused(wrong, specs.back().name + ": expected Float, got Double");
    wrong.back() = values.back().to(at::kLong);
    refused(wrong, specs.back().name + ": expected float or double, got Long");
    wrong.back() = at::Tensor();
    refused(wrong, specs.back().name + ": expected a tensor, got none");
  }
}

TEST(Layers, AnUnknownNameIsRefused) {
  const std::string name = specs().front()->name();
  try {
    make_mixer(name + "x", {});
    FAIL() << "made";
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find("did you mean " + name), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace yore::mixers::conformance
