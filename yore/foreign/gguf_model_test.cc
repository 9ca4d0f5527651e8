// What the metadata of a GGUF file mean, as llama.cpp reads them: what they leave out, and what is refused by
// the name of its key. (Numbers are judged by other programs: tests/judges.)
#include "yore/foreign/gguf_model.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/foreign/decoder.h"
#include "yore/foreign/test_gguf.h"

namespace yore::foreign {
namespace {

/// A file of two layers; `change` adds more, or another value of a key of `left_out`.
template <class Change>
arch::Model model_of(const std::string& architecture, const std::string& left_out, const Change& change) {
  GgufBytes b;
  b.key("general.architecture", architecture);
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::uint32_t>>{{"context_length", 64},
                                                          {"embedding_length", 8},
                                                          {"block_count", 2},
                                                          {"feed_forward_length", 16},
                                                          {"attention.head_count", 2},
                                                          {"attention.head_count_kv", 1},
                                                          {"attention.key_length", 4},
                                                          {"attention.sliding_window", 5}})
    if (name != left_out && (architecture == "gemma3" || name != "attention.sliding_window"))
      b.key(architecture + "." + name, value);
  if (left_out != "attention.layer_norm_rms_epsilon")
    b.key(architecture + ".attention.layer_norm_rms_epsilon", 1e-5F);
  b.tensor("token_embd.weight", {8, 3}, 0, 0);
  change(b);
  const std::string bytes = b.bytes(std::string(128, '\0'));
  const GgufFile file = parse_gguf(bytes, "m.gguf");
  const Family& family = family_of_gguf(file, "m.gguf");
  return family.model(config_of_gguf(file, family, "m.gguf"));
}

void nothing(GgufBytes&) {}

TEST(GgufModel, GemmaWithoutAWindowIsGlobal) {
  EXPECT_EQ(window_of(model_of("gemma3", "", nothing), 0), 5);
  const std::string window = "attention.sliding_window";
  EXPECT_EQ(window_of(model_of("gemma3", window, nothing), 0), 0);
  EXPECT_EQ(window_of(model_of("gemma3", window, [&](auto& b) { b.key("gemma3." + window, 0U); }), 1), 0);
}

TEST(GgufModel, AFactorWithoutATypeIsLinear) {
  using Kind = mixers::RotaryScaling::Kind;
  const auto scaling = [](const auto& change) {
    return attention_of(model_of("llama", "", change), 0).rotary.scaling;
  };
  const auto with_factor = [](auto& b) { b.key("llama.rope.scaling.factor", 4.0F); };
  EXPECT_EQ(scaling(nothing).kind, Kind::None);
  EXPECT_EQ(scaling(with_factor).kind, Kind::Linear);
  EXPECT_EQ(scaling(with_factor).factor, 4);
  EXPECT_EQ(scaling([&](auto& b) {
              with_factor(b);
              b.key("llama.rope.scaling.type", std::string("none"));
            }).kind,
            Kind::None);
  EXPECT_TRUE(base::refused(
      [&] {
        scaling([&](auto& b) {
          with_factor(b);
          b.tensor("rope_freqs.weight", {2}, 0, 96);
        });
      },
      "key llama.rope.scaling.*: expected no scaling of positions beside the tensor rope_freqs.weight"));
}

TEST(GgufModel, WhatIsMissingIsNamedByItsKey) {
  for (const std::string key : {"block_count", "embedding_length", "attention.layer_norm_rms_epsilon"})
    EXPECT_TRUE(base::refused([&] { model_of("llama", key, nothing); }, "key llama." + key + " is missing"));
  EXPECT_TRUE(base::refused(
      [&] { model_of("llama", "", [](auto& b) { b.key("llama.rope.dimension_count", 2.0F); }); },
      "key llama.rope.dimension_count: expected the head's width 4"));
}

}  // namespace
}  // namespace yore::foreign
