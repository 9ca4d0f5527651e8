// Gemma 3, the decoder of texts: five layers with a window to one global, each kind with a rotary base of its
// own; norms on both sides of a block's halves, whose weights are stored less 1.
// https://arxiv.org/abs/2503.19786
#include <cmath>

#include "yore/base/bfloat16.h"
#include "yore/foreign/decoder.h"
#include "yore/foreign/rotary.h"

namespace yore::foreign {
namespace {

constexpr double kGlobalBase = 1'000'000, kLocalBase = 10'000;
constexpr std::int64_t kDefaultWindow = 4096, kDefaultPattern = 6;

/// sqrt(width) as the model was trained with it, in bfloat16.
double embedding_scale(std::int64_t width) {
  const auto root = static_cast<float>(std::sqrt(static_cast<double>(width)));
  return static_cast<double>(base::from_bfloat16(base::to_bfloat16(root)));
}

arch::Model gemma3_text_model(const Fields& config) {
  config.require(!config.flag("use_bidirectional_attention", false), "use_bidirectional_attention", "false");
  Json global = read_heads(config);
  if (!config.has("head_dim")) global["head_width"] = 256;  // which transformers reads then
  global["qk_norm"] = "rms+1";
  global["qk_norm_epsilon"] = config.number("rms_norm_eps", 1e-6);
  const double scalar = config.number("query_pre_attn_scalar", 256);
  config.require(scalar > 0, "query_pre_attn_scalar", "a number above 0");
  global["scale"] = 1 / std::sqrt(scalar);
  // transformers has the field and passes over it; no published model has a number there.
  config.require(!config.has("attn_logit_softcapping"), "attn_logit_softcapping", "none");
  Json local = global;
  local["window"] = config.whole("sliding_window", 1, kDefaultWindow);
  const std::int64_t length = config.whole("max_position_embeddings", 1, 0);
  const double global_base = config.number("rope_theta", kGlobalBase),
               local_base = config.number("rope_local_base_freq", kLocalBase);
  if (config.has("rope_parameters")) {
    config.require(!config.has("rope_scaling"), "rope_scaling", "none beside rope_parameters");
    const Fields rope = config.inner("rope_parameters");
    global.update(rotary_options_of(rope.inner("full_attention"), global_base, length));
    local.update(rotary_options_of(rope.inner("sliding_attention"), local_base, length));
  } else {
    global.update(rotary_options_of(config.inner("rope_scaling"), global_base, length));
    local.update({{"positions", "rotary"}, {"rotary_base", local_base}});
  }
  // Newer files have it with an underscore.
  const std::int64_t pattern =
      config.whole("sliding_window_pattern", 1, config.whole("_sliding_window_pattern", 1, kDefaultPattern));
  const std::vector<bool> windowed = read_windowed(config, read_blocks(config, "num_hidden_layers"),
                                                   [&](std::int64_t b) { return (b + 1) % pattern != 0; });
  for (const bool window : windowed)
    config.require(!window || !config.is_null("sliding_window"), "sliding_window",
                   "a window for the layers of sliding_attention");
  DecoderStyle style{arch::NormKind::RmsPlusOne, arch::NormPlace::Both, arch::Activation::Geglu,
                     "hidden_activation",        {"gelu_pytorch_tanh"}, true};
  style.own = {"sliding_window",
               "sliding_window_pattern",
               "use_bidirectional_attention",
               "query_pre_attn_scalar",
               "attn_logit_softcapping",
               "final_logit_softcapping",
               "rope_local_base_freq",
               "layer_types"};
  arch::Model model = read_decoder(
      config, style, [&](std::int64_t b) { return windowed[static_cast<std::size_t>(b)] ? local : global; });
  model.embedding.scale = embedding_scale(model.embedding.width);
  model.read_out.soft_cap = config.number("final_logit_softcapping", 0);
  config.require(model.read_out.soft_cap >= 0, "final_logit_softcapping", "a number of at least 0");
  return model;
}

/// A model of pictures and texts has the text's part within, less what transformers knows of the family (the
/// published one of 4 billion parameters has no heads there).
arch::Model gemma3_model(const Fields& config) {
  if (!config.has("text_config")) return gemma3_text_model(config);
  Json text = config.inner("text_config").object();
  for (const auto& [name, value] : {std::pair{"vocab_size", 262208},
                                    {"num_attention_heads", 8},
                                    {"num_key_value_heads", 4},
                                    {"head_dim", 256}})
    if (!text.contains(name)) text[name] = value;
  return gemma3_text_model({std::move(text), config.source(), "text_config."});
}

Json gemma3_config(const arch::Model& model) {
  Json config = decoder_config(model, "gemma3_text");
  config["hidden_activation"] = "gelu_pytorch_tanh";
  Json types = Json::array(), rope = Json::object();
  std::int64_t window = kDefaultWindow;
  for (std::size_t b = 0; b < model.blocks.size(); ++b) {
    const std::int64_t of_block = window_of(model, b);
    const char* type = of_block > 0 ? "sliding_attention" : "full_attention";
    types.push_back(type);
    rope[type] = rope_parameters(attention_of(model, b).rotary);
    if (of_block > 0) window = of_block;
  }
  for (const auto& [type, base] :
       {std::pair{"full_attention", kGlobalBase}, {"sliding_attention", kLocalBase}})
    if (!rope.contains(type)) rope[type] = {{"rope_type", "default"}, {"rope_theta", base}};
  config["layer_types"] = types;
  config["rope_parameters"] = rope;
  config["sliding_window"] = window;
  const mixers::AttentionOptions a = attention_of(model, 0);
  config["query_pre_attn_scalar"] = std::llround(std::pow(a.params.scale.value(), -2));
  config["final_logit_softcapping"] = model.read_out.soft_cap > 0 ? Json(model.read_out.soft_cap) : Json();
  return config;
}

/// What GGUF leaves to be known: scores are scaled by a head's width, but in the largest model; every sixth
/// layer is global.
void complete_gemma3(Json& config) {
  constexpr int kBlocksOf27B = 62;
  const auto whole = [&](const char* name) {
    const auto found = config.find(name);
    return found != config.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  const std::int64_t heads = whole("num_attention_heads");
  if (whole("num_hidden_layers") == kBlocksOf27B && heads > 0)
    config["query_pre_attn_scalar"] = whole("hidden_size") / heads;
  else if (config.contains("head_dim"))
    config["query_pre_attn_scalar"] = config["head_dim"];
  // Without a window every layer is global, as llama.cpp reads it.
  if (!config.contains("sliding_window") || config["sliding_window"] == 0) {
    config.erase("sliding_window");
    config["sliding_window_pattern"] = 1;
  }
}

}  // namespace

Family gemma3_family() {
  Family f = decoder_family("gemma3", "Gemma3ForCausalLM");
  f.model_types = {"gemma3_text", "gemma3"};
  add_qk_norm(f);
  const std::string layer = "model.layers.*.";
  std::erase_if(f.names, [](const Name& name) { return name.ours == "layers.*.mlp.norm"; });
  f.names.push_back(
      {"layers.*.attention.norm_after", {layer + "post_attention_layernorm"}, {"blk.*.post_attention_norm"}});
  f.names.push_back({"layers.*.mlp.norm", {layer + "pre_feedforward_layernorm"}, {"blk.*.ffn_norm"}});
  f.names.push_back(
      {"layers.*.mlp.norm_after", {layer + "post_feedforward_layernorm"}, {"blk.*.post_ffw_norm"}});
  f.other_prefixes = {"", "language_model.model.", "model.language_model."};
  f.gguf_norms_plus_one = true;
  f.metadata.emplace_back("attention.sliding_window", "sliding_window");
  f.metadata.emplace_back("rope.freq_base_swa", "rope_local_base_freq");
  f.metadata.emplace_back("final_logit_softcapping", "final_logit_softcapping");
  f.complete_gguf = complete_gemma3;
  f.model = gemma3_model;
  f.config = gemma3_config;
  return f;
}

}  // namespace yore::foreign
