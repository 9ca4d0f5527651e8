#include "yore/foreign/decoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/foreign/rotary.h"

namespace yore::foreign {
namespace {

// What a description does not have and a configuration must: far beyond what anybody runs.
constexpr std::int64_t kLongestContext = 131072;

constexpr std::int64_t kMostBlocks = 4096;  // as a description may have

/// A field of some family, and the values at which nothing changes.
struct OthersField {
  const char* name;
  std::vector<Json> harmless;
};

const std::vector<OthersField>& others_fields() {
  static const std::vector<OthersField> all = {
      // Windows: Mistral, Qwen 3, Gemma.
      {"sliding_window", {}},
      {"sliding_window_pattern", {1}},
      {"use_sliding_window", {false}},
      {"use_bidirectional_attention", {false}},
      // Scores and logits: Gemma 2 and 3, OLMo, Cohere.
      {"query_pre_attn_scalar", {}},
      {"attn_logit_softcapping", {0}},
      {"final_logit_softcapping", {0}},
      {"clip_qkv", {}},
      {"logit_scale", {1}},
      {"use_qk_norm", {false}},
      // Multipliers: Granite, MiniCPM.
      {"embedding_multiplier", {1}},
      {"residual_multiplier", {1}},
      {"attention_multiplier", {}},
      {"logits_scaling", {1}},
      {"scale_emb", {1}},
      {"scale_depth", {}},
      // Positions: Gemma 3, SmolLM 3, Llama 4, MPT.
      {"rope_local_base_freq", {}},
      {"rope_interleaved", {false}},
      {"no_rope_layers", {}},
      {"alibi", {false}},
      // Experts and compressed keys: Mixtral, Qwen's and DeepSeek's.
      {"num_local_experts", {0}},
      {"num_experts", {0}},
      {"n_routed_experts", {0}},
      {"kv_lora_rank", {}},
      // Blocks: GPT-J, GPT-NeoX, Falcon.
      {"use_parallel_residual", {false}},
      {"parallel_attn", {false}},
  };
  return all;
}

// Fields of other models of these architectures that change what is computed.
void refuse_what_would_be_passed_over(const Fields& config, std::int64_t width) {
  const std::int64_t heads = config.whole("num_attention_heads", 1),
                     head = config.whole("head_dim", 1, std::max<std::int64_t>(1, width / heads));
  if (config.has("rotary_dims"))  // GGUF's rope.dimension_count
    config.require(config.whole("rotary_dims", 0) == head, "rotary_dims",
                   fmt::format("the width of a head, {}: heads turn as a whole", head));
  if (config.has("partial_rotary_factor"))
    config.require(config.number("partial_rotary_factor") == 1, "partial_rotary_factor",
                   "1: heads turn as a whole");
  if (config.has("quantization_config"))
    config.refuse("quantization_config", "none: quantised weights are read from GGUF files");
}

}  // namespace

void refuse_others_fields(const Fields& config, const std::vector<std::string>& own) {
  const auto reads = [&](const char* name) { return std::find(own.begin(), own.end(), name) != own.end(); };
  for (const OthersField& field : others_fields()) {
    if (!config.has(field.name) || reads(field.name)) continue;
    const Json& found = config.object()[field.name];
    if (std::find(field.harmless.begin(), field.harmless.end(), found) != field.harmless.end()) continue;
    // A window that is switched off.
    if (field.name == std::string_view("sliding_window") && config.has("use_sliding_window") &&
        config.object()["use_sliding_window"] == false)
      continue;
    config.refuse(field.name, fmt::format("{}: models of this family have nothing of the kind",
                                          field.harmless.empty() ? "none" : field.harmless.front().dump()));
  }
  if (!reads("layer_types") && config.has("layer_types"))
    for (const std::string& type : config.texts("layer_types"))
      config.require(type == "full_attention", "layer_types",
                     "full_attention alone: all layers of this family are alike");
}

std::int64_t read_blocks(const Fields& config, const std::string& field) {
  const std::int64_t blocks = config.whole(field, 1);
  config.require(blocks <= kMostBlocks, field, fmt::format("at most {}", kMostBlocks));
  return blocks;
}

Json read_heads(const Fields& config) {
  const std::int64_t heads = config.whole("num_attention_heads", 1);
  return {{"heads", heads},
          {"kv_heads", config.whole("num_key_value_heads", 1, heads)},
          {"head_width", config.whole("head_dim", 1, 0)},
          {"bias", config.flag("attention_bias", false)},
          {"strict", false}};
}

arch::Model read_decoder(const Fields& config, const DecoderStyle& style,
                         const std::function<Json(std::int64_t)>& attention) {
  const std::string activation = config.text(style.activation_field, style.activations.front());
  if (std::find(style.activations.begin(), style.activations.end(), activation) == style.activations.end())
    config.refuse(style.activation_field, fmt::format("{}", fmt::join(style.activations, " or ")));
  arch::Model model;
  const std::int64_t vocabulary = config.whole("vocab_size", 1), width = config.whole("hidden_size", 1);
  model.embedding = {vocabulary, width, 1, arch::Positions::None, 0};
  const arch::Norm norm{style.norm, config.number("rms_norm_eps", 1e-6)};
  const arch::FeedForward feed_forward{style.activation, config.whole("intermediate_size", 1),
                                       style.mlp_bias && config.flag("mlp_bias", false)};
  refuse_what_would_be_passed_over(config, width);
  refuse_others_fields(config, style.own);
  const mixers::Spec& spec = mixers::find_spec("attention");
  const std::int64_t blocks = read_blocks(config, "num_hidden_layers");
  try {
    for (std::int64_t b = 0; b < blocks; ++b)
      model.blocks.push_back(
          {{"attention", spec.complete(width, attention(b))}, feed_forward, norm, style.place});
    model.final_norm = norm;
    model.read_out = {arch::ReadOutKind::Vocabulary, vocabulary, false,
                      config.flag("tie_word_embeddings", style.tied), 0};
    arch::validate(model);
  } catch (const base::InputError& e) {
    if (e.source() == config.source()) throw;
    throw base::InputError(config.source(), e.what());  // in words of the description
  }
  return model;
}

mixers::AttentionOptions attention_of(const arch::Model& model, std::size_t block) {
  const arch::Mixer& mixer = model.blocks.at(block).mixer;
  if (mixer.name != "attention")
    throw base::InputError(fmt::format("model.blocks[{}]", block), "is " + mixer.name);
  return mixers::read_attention_options({model.embedding.width, mixer.options});
}

std::int64_t window_of(const arch::Model& model, std::size_t block) {
  const mixers::AttentionOptions a = attention_of(model, block);
  for (const int k : a.params.lookback)
    if (k != a.params.lookback.front() || a.params.strict)
      throw base::InputError(fmt::format("model.blocks[{}]", block),
                             "has heads that differ in what they see, or do not see themselves");
  return a.params.lookback.front() + 1;  // a global head's lookback is -1
}

Json decoder_config(const arch::Model& model, const char* model_type) {
  const mixers::AttentionOptions a = attention_of(model, 0);
  const arch::Block& block = model.blocks.front();
  return {{"model_type", model_type},
          {"vocab_size", model.embedding.vocabulary},
          {"hidden_size", model.embedding.width},
          {"intermediate_size", block.feed_forward.width},
          {"num_hidden_layers", model.blocks.size()},
          {"num_attention_heads", a.heads},
          {"num_key_value_heads", a.kv_heads},
          {"head_dim", a.head_width},
          {"attention_bias", a.bias},
          {"rms_norm_eps", block.norm.epsilon},
          {"max_position_embeddings", kLongestContext},
          {"rope_parameters", rope_parameters(a.rotary)},
          {"tie_word_embeddings", model.read_out.tied}};
}

Family decoder_family(const std::string& name, const std::string& model_class) {
  const std::string layer = "model.layers.*.", attention = layer + "self_attn.", mlp = layer + "mlp.";
  Family f;
  f.name = f.gguf = name;
  f.model_types = {name};
  f.model_class = model_class;
  f.names = {
      {"embedding", {"model.embed_tokens"}, {"token_embd"}},
      {"layers.*.attention.qkv",
       {attention + "q_proj", attention + "k_proj", attention + "v_proj"},
       {"blk.*.attn_q", "blk.*.attn_k", "blk.*.attn_v"}},
      {"layers.*.attention.out", {attention + "o_proj"}, {"blk.*.attn_output"}},
      {"layers.*.attention.norm", {layer + "input_layernorm"}, {"blk.*.attn_norm"}},
      {"layers.*.mlp.gate", {mlp + "gate_proj"}, {"blk.*.ffn_gate"}},
      {"layers.*.mlp.up", {mlp + "up_proj"}, {"blk.*.ffn_up"}},
      {"layers.*.mlp.down", {mlp + "down_proj"}, {"blk.*.ffn_down"}},
      {"layers.*.mlp.norm", {layer + "post_attention_layernorm"}, {"blk.*.ffn_norm"}},
      {"final_norm", {"model.norm"}, {"output_norm"}},
      {"read_out", {"lm_head"}, {"output"}},
  };
  f.prefix = "model.";
  f.other_prefixes = {""};
  f.metadata = {{"context_length", "max_position_embeddings"},
                {"embedding_length", "hidden_size"},
                {"block_count", "num_hidden_layers"},
                {"feed_forward_length", "intermediate_size"},
                {"attention.head_count", "num_attention_heads"},
                {"attention.head_count_kv", "num_key_value_heads"},
                {"attention.key_length", "head_dim"},
                {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
                {"rope.dimension_count", "rotary_dims"},
                {"rope.freq_base", "rope_theta"}};
  return f;
}

void add_qk_norm(Family& family) {
  for (const std::string of : {"q_norm", "k_norm"})
    family.names.push_back(
        {"layers.*.attention." + of, {"model.layers.*.self_attn." + of}, {"blk.*.attn_" + of}});
}

std::vector<bool> read_windowed(const Fields& config, std::int64_t blocks,
                                const std::function<bool(std::int64_t)>& fallback) {
  std::vector<bool> windowed;
  if (!config.has("layer_types")) {
    for (std::int64_t b = 0; b < blocks; ++b) windowed.push_back(fallback(b));
    return windowed;
  }
  const std::vector<std::string> types = config.texts("layer_types");
  config.require(types.size() == static_cast<std::size_t>(blocks), "layer_types",
                 fmt::format("a list of num_hidden_layers = {} texts", blocks));
  for (const std::string& type : types) {
    config.require(type == "sliding_attention" || type == "full_attention", "layer_types",
                   "sliding_attention and full_attention alone");
    windowed.push_back(type == "sliding_attention");
  }
  return windowed;
}

}  // namespace yore::foreign
