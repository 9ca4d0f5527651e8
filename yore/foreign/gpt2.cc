// GPT-2: learned positions, layer norms, every head global; weights of linear maps are [in, out] in Hugging
// Face files, queries, keys and values one array.
#include <fmt/format.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/foreign/decoder.h"

namespace yore::foreign {
namespace {

arch::Model gpt2_model(const Fields& config) {
  config.require(!config.flag("scale_attn_by_inverse_layer_idx", false), "scale_attn_by_inverse_layer_idx",
                 "false");
  config.require(!config.flag("add_cross_attention", false), "add_cross_attention", "false");
  refuse_others_fields(config, {});
  arch::Model model;
  const std::int64_t vocabulary = config.whole("vocab_size", 1), width = config.whole("n_embd", 1),
                     heads = config.whole("n_head", 1);
  constexpr std::int64_t kWidest = std::int64_t{1} << 20;  // as a description may have
  config.require(width <= kWidest, "n_embd", fmt::format("at most {}", kWidest));
  config.require(width % heads == 0, "n_embd", "a multiple of n_head");
  model.embedding = {vocabulary, width, 1, arch::Positions::Learned, config.whole("n_positions", 1)};
  const std::string activation = config.text("activation_function", "gelu_new");
  arch::FeedForward feed_forward{arch::Activation::GeluTanh, config.whole("n_inner", 1, 4 * width), true};
  if (activation == "gelu")
    feed_forward.activation = arch::Activation::Gelu;
  else if (activation == "relu")
    feed_forward.activation = arch::Activation::Relu;
  else
    config.require(activation == "gelu_new" || activation == "gelu_pytorch_tanh", "activation_function",
                   "one of gelu_new, gelu_pytorch_tanh, gelu, relu");
  const arch::Norm norm{arch::NormKind::Layer, config.number("layer_norm_epsilon", 1e-5)};
  Json options = {{"heads", heads}, {"strict", false}, {"bias", true}};
  if (!config.flag("scale_attn_weights", true)) options["scale"] = 1.0;
  const std::int64_t blocks = read_blocks(config, "n_layer");
  try {
    options = mixers::find_spec("attention").complete(width, options);
    for (std::int64_t b = 0; b < blocks; ++b)
      model.blocks.push_back({{"attention", options}, feed_forward, norm, arch::NormPlace::Pre});
    model.final_norm = norm;
    model.read_out = {arch::ReadOutKind::Vocabulary, vocabulary, false,
                      config.flag("tie_word_embeddings", true), 0};
    arch::validate(model);
  } catch (const base::InputError& e) {
    throw base::InputError(config.source(), e.what());  // in words of the description
  }
  return model;
}

Json gpt2_config(const arch::Model& model) {
  const mixers::AttentionOptions a = attention_of(model, 0);
  const arch::Block& block = model.blocks.front();
  const arch::Activation activation = block.feed_forward.activation;
  return {{"model_type", "gpt2"},
          {"vocab_size", model.embedding.vocabulary},
          {"n_positions", model.embedding.max_positions},
          {"n_embd", model.embedding.width},
          {"n_layer", model.blocks.size()},
          {"n_head", a.heads},
          {"n_inner", block.feed_forward.width},
          {"activation_function", activation == arch::Activation::Gelu   ? "gelu"
                                  : activation == arch::Activation::Relu ? "relu"
                                                                         : "gelu_new"},
          {"layer_norm_epsilon", block.norm.epsilon},
          {"scale_attn_weights", a.head_width == 1 || a.params.scale.value() != 1},
          {"tie_word_embeddings", model.read_out.tied}};
}

}  // namespace

Family gpt2_family() {
  Family f;
  f.name = f.gguf = "gpt2";
  f.model_types = {"gpt2"};
  f.model_class = "GPT2LMHeadModel";
  const std::string layer = "transformer.h.*.";
  f.names = {
      {"embedding", {"transformer.wte"}, {"token_embd"}},
      {"positions", {"transformer.wpe"}, {"position_embd"}},
      {"layers.*.attention.qkv", {layer + "attn.c_attn"}, {"blk.*.attn_qkv"}, true},
      {"layers.*.attention.out", {layer + "attn.c_proj"}, {"blk.*.attn_output"}, true},
      {"layers.*.attention.norm", {layer + "ln_1"}, {"blk.*.attn_norm"}},
      {"layers.*.mlp.up", {layer + "mlp.c_fc"}, {"blk.*.ffn_up"}, true},
      {"layers.*.mlp.down", {layer + "mlp.c_proj"}, {"blk.*.ffn_down"}, true},
      {"layers.*.mlp.norm", {layer + "ln_2"}, {"blk.*.ffn_norm"}},
      {"final_norm", {"transformer.ln_f"}, {"output_norm"}},
      {"read_out", {"lm_head"}, {"output"}},
  };
  f.prefix = "transformer.";
  f.other_prefixes = {""};
  f.metadata = {{"context_length", "n_positions"},  {"embedding_length", "n_embd"},
                {"block_count", "n_layer"},         {"feed_forward_length", "n_inner"},
                {"attention.head_count", "n_head"}, {"attention.layer_norm_epsilon", "layer_norm_epsilon"}};
  f.model = gpt2_model;
  f.config = gpt2_config;
  return f;
}

}  // namespace yore::foreign
