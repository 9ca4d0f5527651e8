// Llama and what was made like it (SmolLM2): every head global. https://arxiv.org/abs/2302.13971
#include "yore/foreign/decoder.h"
#include "yore/foreign/rotary.h"

namespace yore::foreign {
namespace {

arch::Model llama_model(const Fields& config) {
  Json options = read_heads(config);
  options.update(rotary_options(config, 10000));
  DecoderStyle style;
  style.mlp_bias = true;
  return read_decoder(config, style, [&](std::int64_t) { return options; });
}

Json llama_config(const arch::Model& model) {
  Json config = decoder_config(model, "llama");
  config["hidden_act"] = "silu";
  config["mlp_bias"] = model.blocks.front().feed_forward.bias;
  return config;
}

}  // namespace

Family llama_family() {
  Family f = decoder_family("llama", "LlamaForCausalLM");
  f.gguf_turns_neighbours = true;
  f.model = llama_model;
  f.config = llama_config;
  return f;
}

}  // namespace yore::foreign
