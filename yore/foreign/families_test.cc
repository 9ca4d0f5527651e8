// Families: configurations as published become the models that papers and trackers describe, and a model's
// own configuration describes it again. (Numbers are judged by transformers: tests/judges.)
#include <gtest/gtest.h>

#include <cstring>

#include "yore/base/test_refusal.h"
#include "yore/foreign/arrays.h"
#include "yore/foreign/decoder.h"

namespace yore::foreign {
namespace {

arch::Model model_of(const Json& config) {
  const Fields fields(config, "config.json");
  return family_of_model_type(fields).model(fields);
}

Json with(Json config, const Json& changes) {
  config.update(changes);
  return config;
}

const Json kGemma = {{"model_type", "gemma3_text"}, {"vocab_size", 100},
                     {"hidden_size", 1152},         {"intermediate_size", 64},
                     {"num_hidden_layers", 26},     {"num_attention_heads", 4},
                     {"num_key_value_heads", 1},    {"head_dim", 256},
                     {"sliding_window", 512},       {"rms_norm_eps", 1e-6},
                     {"query_pre_attn_scalar", 256}};
const Json kLlama = {{"model_type", "llama"},      {"vocab_size", 49152},     {"hidden_size", 576},
                     {"intermediate_size", 1536},  {"num_hidden_layers", 30}, {"num_attention_heads", 9},
                     {"num_key_value_heads", 3},   {"rms_norm_eps", 1e-5},    {"rope_theta", 100000},
                     {"tie_word_embeddings", true}};

TEST(Families, GemmasLayersBasesAndScale) {
  const arch::Model m = model_of(kGemma);
  for (std::size_t b = 0; b < 26; ++b) {
    const mixers::AttentionOptions a = attention_of(m, b);
    const bool global = b == 5 || b == 11 || b == 17 || b == 23;
    // A window of 512 keys with the token itself: 511 before it.
    EXPECT_EQ(a.params.lookback, std::vector<int>(4, global ? -1 : 511)) << b;
    EXPECT_FALSE(a.params.strict);
    EXPECT_EQ(a.rotary.base, global ? 1e6 : 1e4) << b;
    EXPECT_EQ(a.params.scale.value(), 1.0 / 16);
    EXPECT_EQ(a.qk_norm, mixers::QkNorm::RmsPlusOne);
    EXPECT_EQ(m.blocks[b].norm_place, arch::NormPlace::Both);
  }
  EXPECT_EQ(m.embedding.scale, 34.0);  // sqrt(1152) = 33.94 in bfloat16
  EXPECT_EQ(model_of(with(kGemma, {{"hidden_size", 3072}})).embedding.scale, 55.5);
  EXPECT_EQ(model_of(with(kGemma, {{"hidden_size", 640}})).embedding.scale, 25.25);
  EXPECT_TRUE(m.read_out.tied);
  // A model of pictures and texts has the text's configuration within.
  EXPECT_EQ(model_of({{"model_type", "gemma3"}, {"text_config", kGemma}, {"vision_config", Json::object()}}),
            m);
}

TEST(Families, LlamaIsWhatItsConfigurationSays) {
  const arch::Model m = model_of(kLlama);
  const mixers::AttentionOptions a = attention_of(m, 29);
  EXPECT_EQ(a.heads, 9);
  EXPECT_EQ(a.kv_heads, 3);
  EXPECT_EQ(a.head_width, 64);
  EXPECT_EQ(a.rotary.base, 100000);
  EXPECT_FALSE(a.rotary.adjacent);
  EXPECT_EQ(m.blocks[0].norm.epsilon, 1e-5);
  EXPECT_EQ(arch::parameter_count(m), 134515008);  // SmolLM2-135M
}

TEST(Families, AWindowHoldsTheTokenItself) {
  EXPECT_EQ(window_of(model_of(with(kLlama, {{"model_type", "mistral"}, {"sliding_window", 9}})), 0), 9);
  EXPECT_EQ(window_of(model_of(with(kLlama, {{"model_type", "mistral"}, {"sliding_window", nullptr}})), 0),
            0);
  EXPECT_EQ(window_of(model_of(with(kLlama, {{"model_type", "mistral"}})), 0),
            4096);  // as transformers reads
}

// Null is no window, and no model of the family has layers of sliding_attention without one.
TEST(Families, NullIsNotMissing) {
  const Json qwen =
      with(kLlama, {{"model_type", "qwen3"}, {"use_sliding_window", true}, {"max_window_layers", 2}});
  EXPECT_EQ(window_of(model_of(qwen), 29), 4096);
  EXPECT_EQ(window_of(model_of(with(qwen, {{"sliding_window", nullptr}})), 29), 0);
  EXPECT_TRUE(base::refused([] { model_of(with(kGemma, {{"sliding_window", nullptr}})); }, "sliding_window"));
}

// transformers reads the old fields where the new ones have no base.
TEST(Families, GemmasBasesBesideRopeParameters) {
  const arch::Model m = model_of(with(kGemma, {{"rope_theta", 5e5},
                                               {"rope_local_base_freq", 3e4},
                                               {"rope_parameters", {{"full_attention", Json::object()}}}}));
  EXPECT_EQ(attention_of(m, 5).rotary.base, 5e5);
  EXPECT_EQ(attention_of(m, 0).rotary.base, 3e4);
}

TEST(Families, WhatIsMissingIsNotInvented) {
  EXPECT_TRUE(base::refused(
      [] {
        model_of(with(kLlama, {{"rope_scaling", {{"rope_type", "linear"}}}}));
      },
      "rope_scaling.factor is missing"));
  // The text's part of the published model of 4 billion parameters, which transformers completes.
  Json text = kGemma;
  for (const char* name : {"vocab_size", "num_attention_heads", "num_key_value_heads", "head_dim"})
    text.erase(name);
  EXPECT_TRUE(base::refused([&] { model_of(text); }, "num_attention_heads is missing"));
  const arch::Model m = model_of({{"model_type", "gemma3"}, {"text_config", text}});
  EXPECT_EQ(m.embedding.vocabulary, 262208);
  EXPECT_EQ(attention_of(m, 0).heads, 8);
  EXPECT_EQ(attention_of(m, 0).kv_heads, 4);
  EXPECT_EQ(attention_of(m, 0).head_width, 256);
  EXPECT_TRUE(base::refused(
      [] {
        model_of({{"model_type", "gpt2"},
                  {"vocab_size", 5},
                  {"n_positions", 4},
                  {"n_embd", std::int64_t{1} << 62},
                  {"n_head", 1},
                  {"n_layer", 1}});
      },
      "n_embd: expected at most 1048576"));
}

TEST(Families, EachDescribesItsModelsAgain) {
  const Json qwen = with(kLlama, {{"model_type", "qwen3"},
                                  {"head_dim", 128},
                                  {"use_sliding_window", true},
                                  {"sliding_window", 7},
                                  {"max_window_layers", 2},
                                  {"attention_bias", true}});
  const Json rope = {{"rope_type", "llama3"},
                     {"factor", 8},
                     {"low_freq_factor", 1},
                     {"high_freq_factor", 4},
                     {"original_max_position_embeddings", 8192}};
  const std::vector<std::pair<std::string, Json>> cases = {
      {"gemma3", kGemma},
      {"gemma3", with(kGemma, {{"final_logit_softcapping", 30}, {"query_pre_attn_scalar", 168}})},
      {"llama", kLlama},
      {"llama", with(kLlama, {{"rope_scaling", rope}, {"mlp_bias", true}})},
      {"mistral", with(kLlama, {{"model_type", "mistral"}, {"sliding_window", 9}})},
      {"qwen3", qwen},
      {"gpt2",
       {{"model_type", "gpt2"},
        {"vocab_size", 50},
        {"n_positions", 20},
        {"n_embd", 12},
        {"n_head", 3},
        {"n_layer", 2},
        {"activation_function", "gelu"}}}};
  for (const auto& [name, config] : cases) {
    const arch::Model model = model_of(config);
    const auto [family, again] = config_of(model, "m");
    EXPECT_EQ(family->name, name);
    EXPECT_EQ(model_of(again), model) << name;
  }
}

TEST(Families, WhatNoneCanSayIsRefused) {
  arch::Model model = model_of(kLlama);
  model.blocks[3].norm_place = arch::NormPlace::Post;
  EXPECT_TRUE(base::refused([&] { config_of(model, "m"); }, "none of the families"));
  EXPECT_TRUE(base::refused([&] { config_of(model, "m"); }, "llama (blocks[3].norm_place"));
}

// Fields with which another family would compute something else are no noise.
TEST(Families, FieldsOfOtherFamiliesAreRefusedByName) {
  const Json mistral = with(kLlama, {{"model_type", "mistral"}}),
             qwen = with(kLlama, {{"model_type", "qwen3"}}),
             gpt2 = {{"model_type", "gpt2"}, {"vocab_size", 5}, {"n_positions", 4},
                     {"n_embd", 2},          {"n_head", 1},     {"n_layer", 1}};
  const auto refused = [](const Json& config, const std::string& name, const Json& value) {
    EXPECT_TRUE(base::refused(
        [&] {
          model_of(with(config, {{name, value}}));
        },
        name + ": expected"))
        << config["model_type"] << value;
  };
  const Json windows = Json::array({"sliding_attention", "full_attention"});
  for (const Json& config : {kLlama, gpt2}) {
    refused(config, "sliding_window", 128);
    refused(config, "layer_types", windows);
    refused(config, "use_sliding_window", true);
  }
  for (const Json& config : {kLlama, mistral, qwen, gpt2}) {
    refused(config, "query_pre_attn_scalar", 64);
    refused(config, "final_logit_softcapping", 30.0);
    refused(config, "logits_scaling", 8);
    refused(config, "num_experts", 4);
    refused(config, "no_rope_layers", {1, 0});
  }
  refused(kGemma, "embedding_multiplier", 12.0);
  refused(mistral, "use_sliding_window", true);

  // At what changes nothing, and what nobody reads, they are passed over.
  const Json harmless = {{"sliding_window", nullptr}, {"use_sliding_window", false},
                         {"logits_scaling", 1.0},     {"rope_interleaved", false},
                         {"num_experts", 0},          {"nobodys_field", 3}};
  EXPECT_EQ(model_of(with(kLlama, harmless)), model_of(kLlama));
  EXPECT_EQ(model_of(with(kLlama, {{"sliding_window", 128}, {"use_sliding_window", false}})),
            model_of(kLlama));
  EXPECT_EQ(model_of(with(kLlama, {{"layer_types", std::vector<std::string>(30, "full_attention")}})),
            model_of(kLlama));
  EXPECT_EQ(model_of(with(kGemma, {{"_sliding_window_pattern", 6}})), model_of(kGemma));
  EXPECT_NE(model_of(with(kGemma, {{"_sliding_window_pattern", 2}})), model_of(kGemma));
}

// transformers reads the old field where both are there; two that disagree are nobody's intention.
TEST(Families, ScalingsOfPositionsThatDisagreeAreRefused) {
  const Json linear = {{"type", "linear"}, {"factor", 4.0}},
             rope = {{"rope_type", "linear"}, {"factor", 4.0}, {"rope_theta", 100000.0}};
  const arch::Model scaled = model_of(with(kLlama, {{"rope_scaling", linear}}));
  EXPECT_NE(scaled, model_of(kLlama));
  EXPECT_EQ(model_of(with(kLlama, {{"rope_scaling", linear}, {"rope_parameters", rope}})), scaled);
  const Json plain = {{"rope_type", "default"}, {"rope_theta", 100000.0}};
  EXPECT_TRUE(base::refused(
      [&] {
        model_of(with(kLlama, {{"rope_scaling", linear}, {"rope_parameters", plain}}));
      },
      "rope_scaling: expected the same as rope_parameters"));
  EXPECT_TRUE(base::refused(
      [&] {
        model_of(with(kGemma, {{"rope_scaling", linear}, {"rope_parameters", {{"full_attention", plain}}}}));
      },
      "rope_scaling: expected none beside rope_parameters"));
  EXPECT_TRUE(base::refused(
      [&] {
        model_of(with(kLlama, {{"rope_parameters", {{"full_attention", plain}}}}));
      },
      "rope_parameters.full_attention: expected none"));
}

// [in, out], pairs of neighbours, and a 1 that is added: each array comes from numbers that say where they
// stand.
TEST(Families, Layouts) {
  const arch::Model gpt2 = model_of({{"model_type", "gpt2"},
                                     {"vocab_size", 5},
                                     {"n_positions", 4},
                                     {"n_embd", 2},
                                     {"n_head", 1},
                                     {"n_layer", 1},
                                     {"n_inner", 3}});
  const auto numbers_of = [](const base::MadeArray& array) {
    const std::string bytes = array.make();
    std::vector<float> numbers(bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
  };
  const auto family = [](const std::string& name) -> const Family& {
    for (const Family& f : families())
      if (f.name == name) return f;
    throw std::logic_error(name);
  };
  std::vector<std::vector<float>> kept;
  const auto all_of = [&](const arch::Model& model, const Family& f, Format format) {
    Tensors tensors;
    for (const mixers::ParameterSpec& p : arch::parameters(model))
      for (const Piece& piece : pieces_of(f, format, model, p)) {
        std::size_t count = 1;
        for (const std::int64_t n : piece.shape) count *= static_cast<std::size_t>(n);
        kept.emplace_back(count);
        for (std::size_t i = 0; i < count; ++i) kept.back()[i] = static_cast<float>(i);
        tensors.all[piece.name] = {"F32",
                                   piece.shape,
                                   {reinterpret_cast<const char*>(kept.back().data()), count * sizeof(float)},
                                   "x"};
      }
    check_tensors(f, format, model, tensors.all, "x", "config.json");
    return arrays_from(f, format, model, tensors, StoredType::F32);
  };
  const auto gpt2_arrays = all_of(gpt2, family("gpt2"), Format::HuggingFace);
  EXPECT_EQ(numbers_of(gpt2_arrays.at("layers.0.mlp.up.weight")), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(numbers_of(gpt2_arrays.at("layers.0.attention.qkv.weight")),
            (std::vector<float>{0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11}));

  const Json small = with(kLlama, {{"vocab_size", 5},
                                   {"hidden_size", 1},
                                   {"num_attention_heads", 1},
                                   {"num_key_value_heads", 1},
                                   {"head_dim", 4},
                                   {"num_hidden_layers", 1},
                                   {"intermediate_size", 2}});
  // Rows 2c and 2c + 1 are a pair there, c and c + 2 here; values are not turned.
  EXPECT_EQ(
      numbers_of(all_of(model_of(small), family("llama"), Format::Gguf).at("layers.0.attention.qkv.weight")),
      (std::vector<float>{0, 2, 1, 3, 0, 2, 1, 3, 0, 1, 2, 3}));
  const Json gemma = with(kGemma, {{"num_hidden_layers", 1}, {"hidden_size", 4}, {"head_dim", 4}});
  const auto gemma_arrays = all_of(model_of(gemma), family("gemma3"), Format::Gguf);
  EXPECT_EQ(numbers_of(gemma_arrays.at("layers.0.mlp.norm_after.weight")), (std::vector<float>{-1, 0, 1, 2}));
  EXPECT_EQ(numbers_of(gemma_arrays.at("layers.0.attention.q_norm.weight")),
            (std::vector<float>{-1, 0, 1, 2}));
  EXPECT_EQ(numbers_of(gemma_arrays.at("layers.0.attention.qkv.weight"))[1], 1.0F);
}

}  // namespace
}  // namespace yore::foreign
