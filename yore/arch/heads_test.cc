#include "yore/arch/heads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "yore/arch/options.h"
#include "yore/arch/test_descriptions.h"
#include "yore/base/random.h"
#include "yore/base/test_refusal.h"

namespace yore::arch {
namespace {

ModelFile with_random_weights(const Model& model, std::uint64_t seed) {
  ModelFile file;
  file.model = model;
  base::Random random(seed);
  for (const mixers::ParameterSpec& p : parameters(model)) {
    std::size_t size = 1;
    for (const std::int64_t n : p.shape) size *= static_cast<std::size_t>(n);
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) {
      const auto x = static_cast<float>(random.normal());
      bytes.append(reinterpret_cast<const char*>(&x), sizeof x);
    }
    file.weights.arrays.emplace(p.name, base::NamedArray{"F32", p.shape, bytes});
  }
  return file;
}

std::vector<float> floats_of(const ModelFile& file, const std::string& name) {
  const std::string& bytes = file.weights.arrays.at(name).bytes;
  std::vector<float> list(bytes.size() / sizeof(float));
  std::memcpy(list.data(), bytes.data(), bytes.size());
  return list;
}

Model model_with(const std::string& mixer, int width = 12) {
  ModelOptions o = small_options();
  o.attention = ModelOptions{}.attention;
  o.width = width;
  o.mixer = mixer;
  o.layers = 1 + static_cast<int>(std::count(mixer.begin(), mixer.end(), '/'));
  o.strict = false;
  return expand(o, 5, ReadOutKind::Vocabulary);
}

// Against trying every set of k heads: of those with a head in each layer, none has a larger sum of scores.
TEST(ChooseHeads, KeepsTheBestWithOneALayer) {
  base::Random random(3);
  for (int turn = 0; turn < 200; ++turn) {
    PerHead scores = {{}, {}, {}};
    for (const std::size_t l : {0u, 2u})
      for (int h = 0; h < 4; ++h) scores[l].push_back(static_cast<double>(random.below(6)));
    const int k = 2 + static_cast<int>(random.below(7));
    const KeptHeads kept = choose_heads(scores, k / 8.0);
    double sum = 0;
    for (const std::size_t l : {0u, 2u})
      for (const int h : kept[l]) sum += scores[l][static_cast<std::size_t>(h)];
    EXPECT_EQ(static_cast<int>(kept[0].size() + kept[2].size()), k);
    EXPECT_TRUE(!kept[0].empty() && kept[1].empty() && !kept[2].empty());
    double best = -1;
    for (unsigned set = 0; set < 256; ++set) {
      if (__builtin_popcount(set) != k || (set & 15) == 0 || (set >> 4) == 0) continue;
      double s = 0;
      for (std::size_t i = 0; i < 8; ++i)
        if ((set >> i & 1) != 0) s += scores[i < 4 ? 0 : 2][i % 4];
      best = std::max(best, s);
    }
    EXPECT_EQ(sum, best);
  }
}

TEST(ChooseHeads, RefusesWhatCannotBeKept) {
  const PerHead scores = {{1, 2, 3, 4}, {1, 2, 3, 4}};
  for (const double budget : {0.0, -0.5, 1.01, std::nan("")})
    EXPECT_TRUE(base::refused([&] { choose_heads(scores, budget); }, "--budget: expected a share"));
  EXPECT_TRUE(base::refused([&] { choose_heads(scores, 0.2); },
                            "0.2 of 8 heads are fewer than one in each of the 2"));
  EXPECT_EQ(choose_heads(scores, 0.25), (KeptHeads{{3}, {3}}));
  EXPECT_EQ(choose_heads(scores, 1), (KeptHeads{{0, 1, 2, 3}, {0, 1, 2, 3}}));
  EXPECT_TRUE(base::refused(
      [&] {
        choose_heads({{1, 2}, {0, std::nan("")}}, 0.5);
      },
      "scores: layer 1 head 1: nan ranks no head"));
  EXPECT_EQ(choose_heads({{1, 1}, {1, 1}}, 0.75), (KeptHeads{{0, 1}, {0}}));  // ties: the earlier one
}

TEST(SeveralHeads, AModelWithoutThemIsRefused) {
  EXPECT_EQ(several_heads(model_with("attention:heads=3/gla:heads=2"), "x"), (std::vector<int>{3, 0}));
  EXPECT_TRUE(base::refused([] { several_heads(model_with("gla:heads=2"), "x"); }, "its layers are gla"));
  EXPECT_TRUE(base::refused([] { several_heads(model_with("attention:heads=1"), "x"); }, "has one head"));
}

// Rows and columns by their definition, one by one: head h has rows h D .. of queries, its group's of keys,
// values.
TEST(SliceHeads, TakesTheRowsAndColumnsOfTheHeads) {
  const ModelFile whole =
      with_random_weights(model_with("attention:heads=4,head_width=3,lookback=hybrid:2,sink_logits=true"), 1);
  const ModelFile sliced = slice_heads(whole, {{1, 3}}, "x");
  const Json& options = sliced.model.blocks[0].mixer.options;
  EXPECT_EQ(options["heads"], 2);
  EXPECT_EQ(options["kv_heads"], 2);
  const Json& before = whole.model.blocks[0].mixer.options["lookback"];
  EXPECT_EQ(options["lookback"], (Json{before[1], before[3]}));
  const auto qkv = floats_of(whole, "layers.0.attention.qkv.weight"),
             less = floats_of(sliced, "layers.0.attention.qkv.weight");
  ASSERT_EQ(less.size(), 3u * 6 * 12);
  for (std::size_t part = 0; part < 3; ++part)
    for (std::size_t h = 0; h < 2; ++h)
      for (std::size_t i = 0; i < 3 * 12; ++i)
        EXPECT_EQ(less[part * 72 + h * 36 + i], qkv[part * 144 + (2 * h + 1) * 36 + i]);
  const auto out = floats_of(whole, "layers.0.attention.out.weight"),
             narrow = floats_of(sliced, "layers.0.attention.out.weight");
  for (std::size_t row = 0; row < 12; ++row)
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_EQ(narrow[row * 6 + i], out[row * 12 + (i < 3 ? 3 : 9) + i % 3]);
  EXPECT_EQ(floats_of(sliced, "layers.0.attention.sink_logits")[1],
            floats_of(whole, "layers.0.attention.sink_logits")[3]);
  EXPECT_EQ(floats_of(sliced, "read_out.weight"), floats_of(whole, "read_out.weight"));
}

// Six heads read three of keys: a head of keys without readers goes, and unequal numbers of readers are made
// equal.
TEST(SliceHeads, HeadsOfKeysFollowTheirReaders) {
  const ModelFile whole = with_random_weights(model_with("attention:heads=6,kv_heads=3,head_width=2"), 2);
  const auto sliced = [&](std::vector<int> kept) { return slice_heads(whole, {std::move(kept)}, "x"); };
  const auto kv_heads = [&](std::vector<int> kept) {
    return sliced(std::move(kept)).model.blocks[0].mixer.options["kv_heads"].get<int>();
  };
  EXPECT_EQ(kv_heads({0, 1, 4, 5}), 2);  // none reads the second one
  EXPECT_EQ(kv_heads({0, 2, 5}), 3);
  EXPECT_EQ(kv_heads({4}), 1);
  EXPECT_EQ(kv_heads({0, 1, 2}), 3);  // the first one twice
  const auto keys = floats_of(whole, "layers.0.attention.qkv.bias"),
             uneven = floats_of(sliced({0, 1, 2}), "layers.0.attention.qkv.bias");
  // Queries 0-11, keys 12-17, values 18-23; of the sliced 0-5, 6-11, 12-17.
  const std::size_t from[] = {0, 1, 2, 3, 4, 5, 12, 13, 12, 13, 14, 15, 18, 19, 18, 19, 20, 21};
  ASSERT_EQ(uneven.size(), 18u);
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(uneven[i], keys[from[i]]);
  // What a head of keys has learnt for itself goes with it.
  const ModelFile scaled =
      with_random_weights(model_with("attention:heads=6,kv_heads=3,head_width=2,value_scale=on"), 5);
  const auto theta = floats_of(scaled, "layers.0.attention.value_scale.theta");
  EXPECT_EQ(floats_of(slice_heads(scaled, {{0, 1, 4}}, "x"), "layers.0.attention.value_scale.theta"),
            (std::vector<float>{theta[0], theta[0], theta[2]}));
}

TEST(SliceHeads, RefusesWhatIsNotOfTheModel) {
  const ModelFile whole = with_random_weights(
      model_with("attention:heads=4,lookback=local:3,sinks=2/attention:positions=alibi"), 3);
  EXPECT_TRUE(base::refused([&] { slice_heads(whole, {{0}}, "x"); }, "speaks of 1 layers, the model has 2"));
  EXPECT_TRUE(base::refused([&] { slice_heads(whole, {{}, {0}}, "x"); }, "no head of layer 0 is left"));
  EXPECT_TRUE(base::refused(
      [&] {
        slice_heads(whole, {{4}, {0}}, "x");
      },
      "layer 0: expected heads of its 4"));
  EXPECT_TRUE(base::refused([&] { slice_heads(whole, {{1, 1}, {0}}, "x"); }, "ascending"));
  EXPECT_TRUE(base::refused([&] { slice_heads(whole, {{0}, {0}}, "x"); }, "block 1 has ALiBi"));
  EXPECT_EQ(slice_heads(whole, {{0}, {0, 1}}, "x").model.blocks[0].mixer.options["sinks"], 2);
}

TEST(ScaleHeads, ScalesTheColumnsOfEach) {
  ModelFile file = with_random_weights(model_with("attention:heads=2,head_width=3"), 4);
  const auto before = floats_of(file, "layers.0.attention.out.weight");
  scale_heads(file, {{0.5, 0}});
  const auto after = floats_of(file, "layers.0.attention.out.weight");
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(after[i], i % 6 < 3 ? before[i] / 2 : 0 * before[i]);
  EXPECT_EQ(mask_of(file.model, {{1}}), (PerHead{{0, 1}}));
}

}  // namespace
}  // namespace yore::arch
