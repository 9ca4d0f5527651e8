// Qwen3: Llama with queries and keys normed, and windows in some layers where the configuration says so.
// https://arxiv.org/abs/2505.09388
#include "yore/foreign/decoder.h"
#include "yore/foreign/rotary.h"

namespace yore::foreign {
namespace {

arch::Model qwen3_model(const Fields& config) {
  Json global = read_heads(config);
  global.update(rotary_options(config, 10000));
  global["qk_norm"] = "rms";
  global["qk_norm_epsilon"] = config.number("rms_norm_eps", 1e-6);
  // As transformers reads it, which has 4096 where the field is missing.
  const bool windows = config.flag("use_sliding_window", false) && !config.is_null("sliding_window");
  Json local = global;
  if (windows) local["window"] = config.whole("sliding_window", 1, 4096);
  const std::int64_t first = config.whole("max_window_layers", 0, 28);
  const std::vector<bool> windowed = read_windowed(config, read_blocks(config, "num_hidden_layers"),
                                                   [&](std::int64_t b) { return windows && b >= first; });
  for (const bool window : windowed)
    config.require(windows || !window, "layer_types",
                   "full_attention alone without use_sliding_window and a sliding_window");
  DecoderStyle style;
  style.own = {"sliding_window", "use_sliding_window", "layer_types"};
  return read_decoder(config, style,
                      [&](std::int64_t b) { return windowed[static_cast<std::size_t>(b)] ? local : global; });
}

Json qwen3_config(const arch::Model& model) {
  Json config = decoder_config(model, "qwen3");
  config["hidden_act"] = "silu";
  Json types = Json::array();
  std::int64_t window = 0;
  for (std::size_t b = 0; b < model.blocks.size(); ++b) {
    const std::int64_t of_block = window_of(model, b);
    types.push_back(of_block > 0 ? "sliding_attention" : "full_attention");
    if (of_block > 0) window = of_block;
  }
  config["layer_types"] = types;
  config["use_sliding_window"] = window > 0;
  config["sliding_window"] = window > 0 ? Json(window) : Json();
  return config;
}

}  // namespace

Family qwen3_family() {
  Family f = decoder_family("qwen3", "Qwen3ForCausalLM");
  add_qk_norm(f);
  f.model = qwen3_model;
  f.config = qwen3_config;
  return f;
}

}  // namespace yore::foreign
