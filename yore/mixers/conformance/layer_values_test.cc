// Every mechanism as a layer of a model, against its definition: rows, derivatives, head gates, packing.
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cstring>

#include "yore/base/error.h"
#include "yore/mixers/conformance/layer_support.h"

namespace yore::mixers::conformance {
namespace {

INSTANTIATE_TEST_SUITE_P(Mixers, Layers, testing::ValuesIn(all_layer_cases()), name_of);

/// One of them beyond a chunk of scans.
const std::vector<std::int64_t> kLengths = {1, 7, 3, 18};

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() &&
         std::memcmp(a.contiguous().data_ptr(), b.contiguous().data_ptr(),
                     static_cast<std::size_t>(a.numel()) * a.element_size()) == 0;
}

TEST_P(Layers, RowsAreThoseOfTheDefinition) {
  base::Random random(2);
  const PackedRows rows = rows_of(kLengths);
  const at::Tensor x = random_tensor({rows.starts.back(), width()}, random);
  for (const at::Tensor& gates : {at::Tensor(), random_gates(random)}) {
    const std::vector<Judged> right = definition(rows, x, gates);
    const at::Tensor last = layer().forward_last(x, rows, {gates});
    std::vector<Judged> right_last;
    for (std::int64_t b = 0; b < rows.last.numel(); ++b) {
      const auto first =
          right.begin() + static_cast<std::ptrdiff_t>(rows.last[b].item<std::int64_t>() * width());
      right_last.insert(right_last.end(), first, first + static_cast<std::ptrdiff_t>(width()));
    }
    const at::Tensor in_float =
        layer_in(at::kFloat)
            ->forward(x.to(at::kFloat), rows, {gates.defined() ? gates.to(at::kFloat) : gates});
    EXPECT_EQ(in_float.scalar_type(), at::kFloat);
    fmt::print("  measured/allowed {:.3f} in double, {:.3f} of last rows, {:.3f} in float\n",
               compare(layer().forward(x, rows, {gates}), right, kUnit<double>).ratio,
               compare(last, right_last, kUnit<double>).ratio, compare(in_float, right, kUnit<float>).ratio);
  }
}

TEST_P(Layers, DerivativesAreThoseOfTheDefinition) {
  base::Random random(3);
  const PackedRows rows = rows_of(kLengths);
  const at::Tensor x = random_tensor({rows.starts.back(), width()}, random).set_requires_grad(true);
  at::Tensor gates = random_gates(random);
  if (gates.defined()) gates.set_requires_grad(true);
  std::vector<at::Tensor> inputs = parameters();
  inputs.push_back(x);
  if (gates.defined()) inputs.push_back(gates);
  for (const bool last : {false, true}) {
    const at::Tensor value =
        last ? layer().forward_last(x, rows, {gates}) : layer().forward(x, rows, {gates});
    const at::Tensor cotangent = random_tensor(value.sizes(), random);
    const std::vector<at::Tensor> gradients = torch::autograd::grad({(value * cotangent).sum()}, inputs);
    Worst worst;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      for (int trial = 0; trial < 3; ++trial) {
        const at::Tensor direction = random_tensor(inputs[i].sizes(), random);
        const Judged right = slope(rows, x, gates, cotangent, last, i, direction);
        worst.see(right.value, (gradients[i] * direction).sum().item<double>(), right.allowed(kUnit<double>),
                  i);
      }
    fmt::print("  measured/allowed {:.3f}{}\n", worst.ratio, last ? " of last rows" : "");
    EXPECT_LE(worst.ratio, 1) << (last ? "last rows, " : "")
                              << (worst.index < parameters().size() ? layer().parameters()[worst.index].name
                                  : worst.index == parameters().size() ? "x"
                                                                       : "head gates")
                              << ": " << worst.found << " for " << worst.expected;
  }
}

TEST_P(Layers, NoTokensGiveNoRows) {
  base::Random random(6);
  const PackedRows none = rows_of({0, 0}), some = rows_of({3, 18}), among = rows_of({0, 3, 0, 18, 0});
  at::Tensor x = at::zeros({0, width()}, at::kDouble);
  EXPECT_EQ(layer().forward(x, none).sizes(), x.sizes());
  EXPECT_EQ(layer().advance(*layer().start({2, 0, 0}), x, none).sizes(), x.sizes());
  x = random_tensor({some.starts.back(), width()}, random);
  EXPECT_TRUE(same_bits(layer().forward(x, among), layer().forward(x, some)));
}

// A mechanism without heads refuses gates, everywhere.
TEST_P(Layers, GatesOfOneChangeNoBitAndNeedHeads) {
  base::Random random(4);
  const PackedRows rows = rows_of(kLengths);
  const at::Tensor x = random_tensor({rows.starts.back(), width()}, random);
  const at::Tensor ones = at::ones({setting().options.value("heads", std::int64_t{1})}, at::kDouble);
  const std::unique_ptr<State> with = layer().start({4, 0, 0}), without = layer().start({4, 0, 0});
  if (!heads()) {
    EXPECT_THROW(layer().forward(x, rows, {ones}), std::invalid_argument);
    EXPECT_THROW(layer().forward_last(x, rows, {ones}), std::invalid_argument);
    EXPECT_THROW(layer().advance(*with, x, rows, {ones}), std::invalid_argument);
    return;
  }
  EXPECT_TRUE(same_bits(layer().forward(x, rows, {ones}), layer().forward(x, rows)));
  EXPECT_TRUE(same_bits(layer().forward_last(x, rows, {ones}), layer().forward_last(x, rows)));
  EXPECT_TRUE(same_bits(layer().advance(*with, x, rows, {ones}), layer().advance(*without, x, rows)));
}

TEST_P(Layers, AGateOfZeroTakesItsHeadAway) {
  base::Random random(5);
  const PackedRows rows = rows_of(kLengths);
  const at::Tensor x = random_tensor({rows.starts.back(), width()}, random);
  const std::vector<Judged> full = definition(rows, x, {});
  const std::int64_t count = heads() ? setting().options["heads"].get<std::int64_t>() : 0;
  for (std::int64_t h = 0; h < count; ++h) {
    at::Tensor gates = at::ones({count}, at::kDouble);
    gates[h] = 0;
    const at::Tensor gated = layer().forward(x, rows, {gates});
    const std::vector<Judged> right = definition(rows, x, gates);
    compare(gated, right, kUnit<double>);
    // Only a head that sees nothing is not missed.
    const bool missed = !std::equal(right.begin(), right.end(), full.begin(),
                                    [](const Judged& a, const Judged& b) { return a.value == b.value; });
    EXPECT_EQ(same_bits(gated, layer().forward(x, rows)), !missed) << "head " << h;
  }
}

TEST_P(Layers, SequencesDoNotTouchEachOtherAndLaterTokensDoNotReachEarlierRows) {
  base::Random random(7);
  const PackedRows rows = rows_of(kLengths);
  const at::Tensor x = random_tensor({rows.starts.back(), width()}, random);
  const std::vector<Judged> right = definition(rows, x, {});
  for (std::size_t s = 0; s < kLengths.size(); ++s)
    for (std::int64_t length = 1; length <= kLengths[s]; ++length) {
      const auto first = right.begin() + static_cast<std::ptrdiff_t>(rows.starts[s] * width());
      const std::vector<Judged> part(first, first + static_cast<std::ptrdiff_t>(length * width()));
      const at::Tensor cut = x.narrow(0, rows.starts[s], length);
      SCOPED_TRACE(fmt::format("sequence {}, {} tokens", s, length));
      compare(layer().forward(cut, rows_of({length})), part, kUnit<double>);
      compare(layer().forward_last(cut, rows_of({length})),
              {part.end() - static_cast<std::ptrdiff_t>(width()), part.end()}, kUnit<double>);
    }
}

TEST_P(Layers, ParametersThatDoNotFitAreRefused) {
  const auto other = make_mixer(GetParam().mechanism, setting());
  const std::vector<ParameterSpec> specs = other->parameters();
  EXPECT_EQ(specs, find_spec(GetParam().mechanism).parameters(setting()));
  std::vector<at::Tensor> values;
  for (const ParameterSpec& spec : specs) values.push_back(at::zeros(spec.shape, at::kFloat));
  other->bind(values);
  const auto refused = [&](std::vector<at::Tensor> wrong, const std::string& part) {
    try {
      other->bind(std::move(wrong));
      ADD_FAILURE() << "accepted; expected an error with: " << part;
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
    }
  };
  refused({}, fmt::format("expected {} parameters, got 0", specs.size()));
  std::vector<at::Tensor> wrong = values;
  wrong.back() = at::zeros({2, 3, 1}, at::kFloat);
  refused(wrong, specs.back().name + ": expected [");
  if (specs.size() > 1) {
    wrong.back() = values.back().to(at::kDouble);
    refused(wrong, specs.back().name + ": expected Float, got Double");
  }
  wrong.back() = values.back().to(at::kLong);
  refused(wrong, specs.back().name + ": expected float or double, got Long");
  wrong.back() = at::Tensor();
  refused(wrong, specs.back().name + ": expected a tensor, got none");
}

TEST(MixerRegistry, RefusesUnknownNamesWithTheNearest) {
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
