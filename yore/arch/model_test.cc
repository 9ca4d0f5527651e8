// Descriptions of models: what options expand to, which parameters follow, what is refused.
#include "yore/arch/model.h"

#include <gtest/gtest.h>

#include "yore/arch/options.h"
#include "yore/base/test_refusal.h"

namespace yore::arch {
namespace {

std::vector<std::string> names(const Model& model) {
  std::vector<std::string> all;
  for (const mixers::ParameterSpec& p : parameters(model)) all.push_back(p.name);
  return all;
}

TEST(Arch, AParametersNamesAndOrderAreThoseOfEarlierVersions) {
  ModelOptions o;
  o.layers = 1;
  EXPECT_EQ(names(expand(o, 3, ReadOutKind::Accept)),
            (std::vector<std::string>{
                "embedding.weight", "layers.0.attention.qkv.weight", "layers.0.attention.qkv.bias",
                "layers.0.attention.out.weight", "layers.0.attention.out.bias",
                "layers.0.attention.norm.weight", "layers.0.attention.norm.bias", "layers.0.mlp.up.weight",
                "layers.0.mlp.up.bias", "layers.0.mlp.down.weight", "layers.0.mlp.down.bias",
                "layers.0.mlp.norm.weight", "layers.0.mlp.norm.bias", "read_out.weight", "read_out.bias"}));
}

// Counted by hand: GPT-2's parts at width 8.
TEST(Arch, ParametersOfAGatedPreNormModelWithTiedWeights) {
  ModelOptions o;
  o.layers = 1, o.width = 8, o.heads = 2, o.mlp_width = 16;
  o.activation = "swiglu", o.norm = "rms", o.norm_place = "both", o.bias = false, o.tied = true;
  const Model m = expand(o, 10, ReadOutKind::Vocabulary);
  Model large = m;
  large.embedding.positions = Positions::Learned;
  large.embedding.max_positions = std::int64_t{1} << 60;
  EXPECT_TRUE(base::refused([&] { validate(large); }, "model.max_positions: expected 1 to 2147483648"));
  EXPECT_TRUE(
      base::refused([&] { parameter_count(large); }, "positions.weight it has more than 9007199254740992"));
  EXPECT_EQ(parameter_count(m), 10 * 8 + 4 * 8 * 8 + 4 * 8 + 3 * 8 * 16 + 8);
  EXPECT_EQ(m.final_norm.kind, NormKind::Rms);
}

TEST(Arch, JsonAndBack) {
  for (const char* mixer : {"", "attention:window=4/attention", "2*attention:lookback=1"}) {
    ModelOptions o;
    o.mixer = mixer;
    o.strict = false;
    const Model m = expand(o, 5, ReadOutKind::Tags, 7);
    EXPECT_EQ(model_from_json(to_json(m), "file"), m) << mixer;
    EXPECT_EQ(m.blocks.size(), 2u);
  }
}

TEST(Arch, AListOfMixersIsThatManyLayers) {
  ModelOptions o;
  o.strict = false;
  o.mixer = "2*attention:window=64,heads=2/attention";
  const Model m = expand(o, 5, ReadOutKind::Vocabulary);
  ASSERT_EQ(m.blocks.size(), 3u);
  EXPECT_EQ(m.blocks[1].mixer.options["lookback"], Json({63, 63}));
  EXPECT_EQ(m.blocks[2].mixer.options["lookback"], Json({-1, -1, -1, -1}));
  EXPECT_EQ(mixer_text(m), "attention");
  EXPECT_EQ(smallest_lookback(m), 63);
}

// A slash separates layers, but not within a list.
TEST(Arch, FractionsOfALayerStandInAList) {
  ModelOptions o;
  o.mixer = "blurry_window:heads=2,slots=5,stretch=[4/3,2]/attention";
  const Model m = expand(o, 5, ReadOutKind::Vocabulary);
  ASSERT_EQ(m.blocks.size(), 2u);
  EXPECT_EQ(m.blocks[0].mixer.options["stretch"], Json({"4/3", "2"}));
  EXPECT_EQ(m.blocks[1].mixer.name, "attention");
}

TEST(Arch, ShorthandIsTheInverseOfExpand) {
  for (const char* attention : {"global", "local:3", "hybrid", "3*local:2+1*global/global"})
    for (const char* positions : {"none", "sinusoidal", "learned", "rotary", "alibi", "periodic:3"})
      for (const char* place : {"pre", "post"}) {
        ModelOptions o;
        o.attention = attention, o.positions = positions, o.norm_place = place;
        const Model m = expand(o, 4, ReadOutKind::Accept);
        EXPECT_EQ(expand(shorthand(m, "file", "export"), 4, ReadOutKind::Accept), m)
            << attention << positions;
      }
  ModelOptions mixed;
  mixed.strict = false;
  mixed.mixer = "attention/attention:head_width=4";
  const Model m = expand(mixed, 4, ReadOutKind::Accept);
  EXPECT_TRUE(base::refused([&] { shorthand(m, "file", "ONNX export"); }, "block 1 has other"));
}

// Position i has row i mod M of a table of M rows.
TEST(Arch, PeriodicPositionsHaveATableOfOnePeriod) {
  ModelOptions o;
  o.positions = "periodic:3";
  const Model m = expand(o, 5, ReadOutKind::Accept);
  EXPECT_EQ(m.embedding.positions, Positions::Periodic);
  const auto all = parameters(m);
  const auto table =
      std::find_if(all.begin(), all.end(), [](const auto& p) { return p.name == "positions.weight"; });
  ASSERT_NE(table, all.end());
  EXPECT_EQ(table->shape, (std::vector<std::int64_t>{3, o.width}));
  EXPECT_EQ(period_of_positions("none"), 1);
  EXPECT_EQ(period_of_positions("periodic:12"), 12);
  EXPECT_EQ(period_of_positions("rotary"), std::nullopt);
  for (const char* wrong :
       {"periodic:", "periodic:1", "periodic:-2", "periodic:2x", "periodic:1025", "periodic"})
    EXPECT_TRUE(base::refused(
        [&] {
          ModelOptions with = o;
          with.positions = wrong;
          expand(with, 5, ReadOutKind::Accept);
        },
        wrong))
        << wrong;
}

TEST(Arch, BiasesOfAttentionAreTheModelsUnlessTheLayerSaysItself) {
  const auto biases = [](bool bias, const std::string& mixer) {
    ModelOptions o;
    o.layers = 1, o.bias = bias, o.strict = false, o.mixer = mixer;
    std::vector<std::string> found;
    for (const std::string& name : names(expand(o, 3, ReadOutKind::Vocabulary)))
      if (name.find("attention") != std::string::npos && name.find(".bias") != std::string::npos &&
          name.find("norm") == std::string::npos)
        found.push_back(name.substr(std::string("layers.0.attention.").size()));
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(biases(true, "attention"), (Names{"qkv.bias", "out.bias"}));
  EXPECT_EQ(biases(false, "attention"), Names{});
  EXPECT_EQ(biases(false, "attention:bias=true,out_bias=false"), Names{"qkv.bias"});  // Qwen2
  EXPECT_EQ(biases(true, "attention:out_bias=false"), Names{"qkv.bias"});
}

// A published model's attention goes into a description and back, and is no matter for the shorthand.
TEST(Arch, OptionsOfAttentionBeyondTheShorthandAreKeptAndRefusedThere) {
  for (const char* mixer :
       {"attention:kv_heads=2", "attention:qk_norm=rms", "attention:scale=0.5", "attention:soft_cap=50",
        "attention:sink_logits", "attention:sinks=1,lookback=3", "attention:bias=false",
        "attention:out_bias=false", "attention:value_scale=on", "attention:value_scale=backward_only",
        "attention:positions=rotary,rotary_base=500000,rotary_scaling=llama3:[8,1,4,8192]",
        "attention:positions=rotary,rotary_fraction=0.5",
        "attention:positions=rotary,rotary_style=adjacent"}) {
    ModelOptions o;
    o.strict = false, o.mixer = mixer;
    const Model m = expand(o, 5, ReadOutKind::Vocabulary);
    EXPECT_EQ(model_from_json(Json::parse(to_json(m).dump()), "file"), m) << mixer;
    EXPECT_TRUE(base::refused([&] { shorthand(m, "file", "ONNX export"); }, "or some beyond a lookback"))
        << mixer;
  }
}

TEST(Arch, ModelsThatReadNumbersHaveNoEmbedding) {
  ModelOptions o;
  o.layers = 1, o.strict = false, o.width = 6, o.activation = "arithmetic", o.mlp_width = 4, o.norm = "none";
  o.mixer = "attention:heads=1,mask=none,weights=hard";
  Model m = expand(o, 3, ReadOutKind::Tags, 2);
  EXPECT_EQ(model_from_json(to_json(m), "file"), m);
  m.embedding.vocabulary = 0;
  EXPECT_EQ(model_from_json(to_json(m), "file"), m);
  // qkv and out with biases, gate and up, down, read-out.
  EXPECT_EQ(parameter_count(m), 4 * (36 + 6) + 2 * (24 + 4) + 24 + 6 + 2 * 6 + 2);
  EXPECT_EQ(names(m).front(), "layers.0.attention.qkv.weight");
  const auto refused = [&](const auto& change, const std::string& part) {
    Model other = m;
    change(other);
    EXPECT_TRUE(base::refused([&] { validate(other); }, part));
  };
  refused([](Model& x) { x.read_out.kind = ReadOutKind::Accept; }, "expected tags");
  refused([](Model& x) { x.embedding.scale = 2; }, "no scale and no positions");
  refused([](Model& x) { x.blocks[0].feed_forward.width = 5; }, "an even number for activation arithmetic");
  refused([](Model& x) { x.embedding.vocabulary = -1; }, "or 0 to read numbers");
  EXPECT_TRUE(base::refused([&] { expand(o, 3, ReadOutKind::Vocabulary); }, "sees the next tokens"));
}

TEST(Arch, DifferencesAreNamed) {
  const ModelOptions o;
  const Model m = expand(o, 4, ReadOutKind::Accept);
  EXPECT_TRUE(differences(m, m).empty());
  const auto with = [&](const auto& change) {
    Model other = m;
    change(other);
    return differences(m, other);
  };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(with([](Model& x) { x.embedding.width = 24; }), Lines{"embedding.width: 32 and 24"});
  EXPECT_EQ(with([](Model& x) { x.blocks.pop_back(); }), Lines{"blocks: 2 and 1"});
  EXPECT_EQ(with([](Model& x) { x.blocks[1].norm.kind = NormKind::Rms, x.read_out.tied = true; }),
            (Lines{"blocks[1].norm.kind: \"layer\" and \"rms\"", "read_out.tied: false and true"}));
  EXPECT_EQ(with([](Model& x) {
              x.blocks[0].mixer.options["lookback"] = {1, 1, 1, 2};
            }),
            Lines{"blocks[0].mixer.options.lookback: [1,1,-1,-1] and [1,1,1,2]"});
}

TEST(Arch, AnAcceptorHasALetterAndEos) {
  EXPECT_TRUE(base::refused([] { expand({}, 1, ReadOutKind::Accept); }, "at least a letter and EOS"));
  EXPECT_NO_THROW(expand({}, 1, ReadOutKind::Vocabulary));
}

// By hand: a hybrid of two heads of width 16, one 1-local, after 10 tokens keeps 1 + 10 keys and values.
TEST(Arch, StateAndCostFollowFromTheDescription) {
  ModelOptions o;
  o.layers = 1, o.heads = 2, o.activation = "none";
  const Model m = expand(o, 3, ReadOutKind::Accept);
  EXPECT_EQ(state_bytes(m, 10), (1 + 10) * 2 * 16 * 4);
  EXPECT_EQ(flops(m, 10), 2.0 * 32 * 4 * 32 + (1 + 10) * 4.0 * 16 + 2 * 32);
}

// Of every mechanism: its own defaults and those of a model go together.
TEST(Arch, AMixerNeedsNoOptions) {
  for (const mixers::Spec* spec : mixers::specs()) {
    ModelOptions o;
    o.mixer = spec->name();
    EXPECT_NO_THROW(validate(o)) << spec->name();
  }
  ModelOptions o;
  o.mixer = "mamba2", o.width = 8;
  EXPECT_EQ(parse_mixers(o).front().options["head_width"], 4) << "16 channels in the model's 4 heads";
  o.head_width = 2;
  EXPECT_EQ(parse_mixers(o).front().options["heads"], 8) << "the width is given, the heads are not";
  o.heads = 2;
  EXPECT_TRUE(
      base::refused([&] { validate(o); }, "heads: expected 0 or 8: 16 channels in heads of 2, found 2"));
}

TEST(Arch, WhatDoesNotFitIsRefusedByName) {
  const auto refused = [](auto change, const std::string& part) {
    ModelOptions o;
    change(o);
    EXPECT_TRUE(base::refused([&] { validate(o); }, part));
  };
  refused([](ModelOptions& o) { o.mixer = "atention"; }, "did you mean attention");
  refused([](ModelOptions& o) { o.mixer = "attention:windw=3"; }, "did you mean window?");
  refused([](ModelOptions& o) { o.mixer = "blurry_window:stretch=[1000003/1000001],heads=1"; },
          "stretch: expected stretches whose slots come round again within reach");
  refused([](ModelOptions& o) { o.mixer = "blurry_window:stretch=[1/2],heads=1"; },
          "stretch: expected a number of at least 1");
  refused([](ModelOptions& o) { o.mixer = "0*attention"; }, "a number of layers");
  refused([](ModelOptions& o) { o.mixer = "attention//attention"; }, "expected the name of a mixer");
  refused([](ModelOptions& o) { o.mixer = "attention", o.attention = "global"; }, "list of mixers");
  refused([](ModelOptions& o) { o.mixer = "attention/gla", o.layers = 3; }, "a list of 2 mixers, found 3");
  refused([](ModelOptions& o) { o.activation = "swish"; }, "expected one of none, relu");
  refused([](ModelOptions& o) { o.width = 30; }, "width 30: 4 heads do not divide");
  refused([](ModelOptions& o) { o.layers = 0; }, "model.layers");
  refused([](ModelOptions& o) { o.mlp_width = 0; }, "model.mlp_width");
}

}  // namespace
}  // namespace yore::arch
