// Mistral: Llama with one window for all layers. https://arxiv.org/abs/2310.06825
#include "yore/foreign/decoder.h"
#include "yore/foreign/rotary.h"

namespace yore::foreign {
namespace {

arch::Model mistral_model(const Fields& config) {
  Json options = read_heads(config);
  options["bias"] = false;  // whatever a field attention_bias says, which this family does not have
  options.update(rotary_options(config, 10000));
  // Where the field is missing transformers reads 4096; null is no window.
  constexpr std::int64_t kMistralWindow = 4096;
  if (!config.is_null("sliding_window"))
    options["window"] = config.whole("sliding_window", 1, kMistralWindow);
  config.require(!config.has("layer_types"), "layer_types", "none: all layers have the same window");
  DecoderStyle style;
  style.own = {"sliding_window", "layer_types"};
  return read_decoder(config, style, [&](std::int64_t) { return options; });
}

Json mistral_config(const arch::Model& model) {
  Json config = decoder_config(model, "mistral");
  config["hidden_act"] = "silu";
  config.erase("attention_bias");
  const std::int64_t window = window_of(model, 0);
  config["sliding_window"] = window > 0 ? Json(window) : Json();
  return config;
}

}  // namespace

Family mistral_family() {
  Family f = decoder_family("mistral", "MistralForCausalLM");
  f.gguf = "llama";
  f.gguf_mark = "attention.sliding_window";
  f.gguf_turns_neighbours = true;
  f.metadata.emplace_back("attention.sliding_window", "sliding_window");
  f.model = mistral_model;
  f.config = mistral_config;
  return f;
}

}  // namespace yore::foreign
