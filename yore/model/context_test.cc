// What a forward pass is asked beside its input: probes at every point, and factors on heads.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "yore/mixers/attention/attention.h"
#include "yore/mixers/heads_seen.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

arch::ModelOptions options(const char* place, const char* activation = "gelu") {
  arch::ModelOptions c = small_options();
  c.norm_place = place;
  c.activation = activation;
  return c;
}

Model shaken(const arch::ModelOptions& c) {
  Model model(arch::expand(c, kLetters + 1, arch::ReadOutKind::Tags, 2), 5, at::kDouble);
  shake(model);
  return model;
}

/// The numbers of a parameter, to be changed.
at::Tensor numbers(const Model& model, const std::string& name) {
  const Parameter& p = model.parameters().all()[model.parameters().index(name)];
  return model.parameters().flat().narrow(0, p.offset, p.size).view(p.shape);
}

bool near(const at::Tensor& a, const at::Tensor& b) {
  return at::allclose(a, b, 0, 1e-12);
}

using Place = std::pair<Point, int>;

/// Every point a probe meets, in order.
std::vector<Place> places(bool feed_forward) {
  std::vector<Place> all = {{Point::Embedded, -1}};
  for (int b = 0; b < 2; ++b) {
    all.insert(all.end(), {{Point::MixerIn, b}, {Point::MixerOut, b}, {Point::AfterMixer, b}});
    if (feed_forward)
      all.insert(all.end(), {{Point::FeedForwardIn, b}, {Point::FeedForward, b}, {Point::AfterBlock, b}});
  }
  all.emplace_back(Point::Final, -1);
  return all;
}

/// The rows at every point.
std::vector<at::Tensor> recorded(const Model& model, const Input& input, std::vector<Place>& where) {
  std::vector<at::Tensor> all;
  Context context;
  context.probe = [&](Point point, int block, const at::Tensor& x) {
    where.emplace_back(point, block);
    all.push_back(x);
    return x;
  };
  model.hidden(input, context);
  return all;
}

Context replacing(const Place& place, const at::Tensor& by) {
  Context context;
  context.probe = [place, by](Point point, int block, const at::Tensor& x) {
    return Place(point, block) == place ? by : x;
  };
  return context;
}

TEST(Probe, SeesEveryPointInItsOrder) {
  const Input input = rows(some_words());
  for (const char* place : {"pre", "post", "both"})
    for (const char* activation : {"gelu", "none"}) {
      const Model model = shaken(options(place, activation));
      std::vector<Place> where;
      const auto seen = recorded(model, input, where);
      EXPECT_EQ(where, places(std::string(activation) != "none"));
      for (const at::Tensor& x : seen) EXPECT_EQ(x.sizes().vec(), (std::vector<std::int64_t>{24, 8}));
      // Looking changes nothing, and the last point is what is read.
      EXPECT_TRUE(at::equal(seen.back(), model.hidden(input)));
      // After the mixer is before it and its out.
      EXPECT_EQ(at::equal(seen[3], seen[0] + seen[2]), std::string(place) != "post");
      // Without a norm before it the mixer is given the stream itself.
      EXPECT_EQ(at::equal(seen[1], seen[0]), std::string(place) == "post");
    }
}

// The stream of another input, put in where the stream is all that goes on, gives that input's answer.
TEST(Probe, ReplacedRowsGoOn) {
  const Input a = rows({{0, 1, 2, 2, 1}, {2}}), b = rows({{1, 1, 0, 0, 2}, {0}});
  for (const char* place : {"pre", "post", "both"}) {
    const Model model = shaken(options(place));
    std::vector<Place> where;
    const auto other = recorded(model, b, where);
    const at::Tensor expected = model.forward(b);
    EXPECT_FALSE(near(model.forward(a), expected));
    for (std::size_t i = 0; i < where.size(); ++i) {
      const Point at = where[i].first;
      const bool whole =
          at == Point::Embedded || at == Point::AfterMixer || at == Point::AfterBlock || at == Point::Final;
      EXPECT_EQ(near(model.forward(a, replacing(where[i], other[i])), expected), whole) << place << " " << i;
    }
  }
}

// A part replaced by zeros is a part whose last matrix is zero.
TEST(Probe, APartReplacedByZerosIsAModelWithoutIt) {
  const Input input = rows(some_words());
  const at::Tensor zeros = at::zeros({24, 8}, at::kDouble);
  for (const auto& [point, name] :
       {std::pair{Point::MixerOut, "attention.out"}, {Point::FeedForward, "mlp.down"}})
    for (int b : {0, 1}) {
      const Model model = shaken(options("pre")), without = shaken(options("pre"));
      for (const char* part : {".weight", ".bias"})
        numbers(without, "layers." + std::to_string(b) + "." + name + part).zero_();
      EXPECT_TRUE(near(model.forward(input, replacing({point, b}, zeros)), without.forward(input)));
      EXPECT_FALSE(near(model.forward(input), without.forward(input)));
    }
}

// At chosen rows a probe sees these alone from the last block's mixer on; a state is probed like a whole.
TEST(Probe, SeesTheRowsThatAreComputed) {
  const Input input = rows(some_words());
  const Model model = shaken(options("pre"));
  std::vector<std::int64_t> counts;
  Context context;
  context.probe = [&](Point, int, const at::Tensor& x) {
    counts.push_back(x.size(0));
    return x;
  };
  model.hidden_last(input, context);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{24, 24, 24, 24, 24, 24, 24, 24, 5, 5, 5, 5, 5, 5}));
  counts.clear();
  model.hidden_at(input, at::tensor(std::vector<std::int64_t>{1, 2}, at::kLong), context);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{24, 24, 24, 24, 24, 24, 24, 24, 2, 2, 2, 2, 2, 2}));
  counts.clear();
  Model::State state = model.start(1);
  model.advance(state, {{0, 1, 2}}, context);
  EXPECT_EQ(counts, std::vector<std::int64_t>(14, 3));
}

// What an observer is handed is what the layer computed with: the definition spelled out on it gives what the
// heads hand on, and the numbers that go on are those of a pass that nobody observes.
TEST(Observe, SeesWhatTheHeadsComputeWith) {
  const Input input = rows({{0, 1, 2, 2, 1}});
  for (const char* positions : {"none", "rotary"}) {
    arch::ModelOptions c = options("pre");
    c.positions = positions;
    const Model model = shaken(c);
    std::vector<int> blocks;
    std::vector<at::Tensor> given, hands;
    Context context;
    context.probe = [&](Point point, int, const at::Tensor& x) {
      if (point == Point::MixerIn) given.push_back(x);
      return x;
    };
    context.observe = [&](int block, const mixers::HeadsSeen& seen) {
      blocks.push_back(block);
      EXPECT_TRUE(at::equal(seen.x, given.back()));
      EXPECT_EQ(seen.q.sizes().vec(), (std::vector<std::int64_t>{6, 2, 4}));
      hands.push_back(seen.mixed);
      EXPECT_TRUE(
          near(seen.mixed, mixers::attention_composition(seen.q.unsqueeze(0), seen.k.unsqueeze(0),
                                                         seen.v.unsqueeze(0), seen.params, seen.sink_logits)
                               .squeeze(0)));
      EXPECT_EQ(seen.rows.starts, (std::vector<std::int64_t>{0, 6}));
    };
    EXPECT_TRUE(near(model.hidden(input, context), model.hidden(input)));
    EXPECT_EQ(blocks, (std::vector<int>{0, 1}));
    EXPECT_FALSE(near(hands[0], hands[1]));
  }
}

at::Tensor factors(double a, double b) {
  return at::tensor(std::vector<double>{a, b}, at::kDouble);
}

// A factor on what a head hands on is a factor on the columns of the matrix that reads it.
TEST(HeadGates, ScaleWhatAHeadHandsOn) {
  const Input input = rows(some_words());
  const Model model = shaken(options("post"));
  const at::Tensor plain = model.forward(input);
  EXPECT_TRUE(at::equal(plain, model.forward(input, {{factors(1, 1), factors(1, 1)}, {}, {}})));
  EXPECT_TRUE(at::equal(plain, model.forward(input, {{at::Tensor(), factors(1, 1)}, {}, {}})));
  for (int b : {0, 1})
    for (int h : {0, 1})
      for (double gate : {0.0, 0.3, -2.0}) {
        const Model scaled = shaken(options("post"));
        numbers(scaled, "layers." + std::to_string(b) + ".attention.out.weight")
            .narrow(1, 4 * h, 4)
            .mul_(gate);
        Context context;
        context.head_gates.resize(static_cast<std::size_t>(b) + 1);  // the blocks after it have none
        context.head_gates.back() = factors(h == 0 ? gate : 1, h == 1 ? gate : 1);
        const at::Tensor expected = scaled.forward(input);
        EXPECT_FALSE(near(plain, expected));
        EXPECT_TRUE(near(model.forward(input, context), expected)) << b << " " << h << " " << gate;
        EXPECT_TRUE(near(model.hidden_last(input, context), scaled.hidden_last(input)));
        Model::State state = model.start(1);
        const at::Tensor advanced = model.advance(state, {{0, 1, 2, 2, 1, kLetters}}, context);
        EXPECT_TRUE(near(advanced, expected.narrow(0, 0, 6)));
      }
}

TEST(HeadGates, HaveGradients) {
  const Input input = rows(some_words());
  const Model model = shaken(options("both"));
  const std::vector<at::Tensor> gates = {factors(0.9, 0.2).set_requires_grad(true),
                                         factors(-0.4, 1.1).set_requires_grad(true)};
  const at::Tensor weights = at::sin(at::arange(48, at::kDouble)).view({24, 2});
  const auto loss = [&](const std::vector<at::Tensor>& g) {
    return (model.forward(input, {g, {}, {}}) * weights).sum();
  };
  const auto gradients = torch::autograd::grad({loss(gates)}, gates);
  for (std::size_t b : {0U, 1U})
    for (std::int64_t h : {0, 1}) {
      const auto moved = [&](double by) {
        std::vector<at::Tensor> g = {gates[0].detach().clone(), gates[1].detach().clone()};
        g[b].data_ptr<double>()[h] += by;
        return loss(g).item<double>();
      };
      const double expected = (moved(1e-5) - moved(-1e-5)) / 2e-5, got = gradients[b][h].item<double>();
      EXPECT_NEAR(got, expected, 1e-6 * (1 + std::abs(expected)));
      EXPECT_NE(got, 0);
    }
}

}  // namespace
}  // namespace yore::model
