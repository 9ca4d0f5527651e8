"""Writes models of transformers as GGUF files, as llama.cpp's convert_hf_to_gguf.py does (the names are the package's own)."""

import gguf
import numpy as np
import torch

# general.architecture, and in what each conversion differs: see set_gguf_parameters and modify_tensors there.
ARCHITECTURES = {"gpt2": gguf.MODEL_ARCH.GPT2, "llama": gguf.MODEL_ARCH.LLAMA, "mistral": gguf.MODEL_ARCH.LLAMA,
                 "qwen3": gguf.MODEL_ARCH.QWEN3, "gemma3_text": gguf.MODEL_ARCH.GEMMA3}


def permute(weights, heads):
    """LlamaModel.permute: rows of a head from half-split pairs to adjacent ones."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def metadata(writer, config):
    if config.model_type == "gpt2":
        writer.add_context_length(config.n_positions)
        writer.add_embedding_length(config.n_embd)
        writer.add_block_count(config.n_layer)
        writer.add_feed_forward_length(config.n_inner or 4 * config.n_embd)
        writer.add_head_count(config.n_head)
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
        return
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    rope = config.rope_parameters
    if config.model_type == "gemma3_text":
        writer.add_sliding_window(config.sliding_window)
        if config.final_logit_softcapping:
            writer.add_final_logit_softcapping(config.final_logit_softcapping)
        rope = rope["full_attention"]
    else:
        writer.add_vocab_size(config.vocab_size)
        writer.add_rope_dimension_count(config.head_dim)
    if config.model_type == "mistral" and config.sliding_window:
        writer.add_sliding_window(config.sliding_window)
    writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope["factor"])
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])


def rope_factors(config):
    """LlamaModel.generate_extra_tensors for Llama 3's scaling: divisors of the frequencies."""
    rope = config.rope_parameters
    low, high, old = rope["low_freq_factor"], rope["high_freq_factor"], rope["original_max_position_embeddings"]
    factors = []
    for freq in 1.0 / rope["rope_theta"]**(np.arange(0, config.head_dim, 2) / config.head_dim):
        wavelength = 2 * np.pi / freq
        smooth = (old / wavelength - low) / (high - low)
        factors.append(1.0 if wavelength < old / high else rope["factor"] if wavelength > old / low else
                       1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def write(model, path, kind=None, extra=None):
    """extra: a function that gives the writer more. kind: a function of the name and the numbers (float32) that gives (numbers or bytes, ggml's type or None)."""
    config = model.config
    architecture = ARCHITECTURES[config.model_type]
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[architecture])
    blocks = config.n_layer if config.model_type == "gpt2" else config.num_hidden_layers
    names = gguf.get_tensor_name_map(architecture, blocks)
    metadata(writer, config)
    if config.model_type == "llama" and config.rope_parameters["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", rope_factors(config))
    for key, value in model.state_dict().items():
        if key.endswith((".attn.bias", ".attn.masked_bias")) or (key == "lm_head.weight" and config.tie_word_embeddings):
            continue
        value = value.float().numpy()
        if config.model_type == "gpt2" and key.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
            value = value.T
        if config.model_type in ("llama", "mistral") and ".q_proj." in key:
            value = permute(value, config.num_attention_heads)
        if config.model_type in ("llama", "mistral") and ".k_proj." in key:
            value = permute(value, config.num_key_value_heads)
        if config.model_type == "gemma3_text" and key.endswith("norm.weight"):
            value = value + 1
        name = names.get_name(key, try_suffixes=(".weight", ".bias"))
        assert name is not None, key
        data, raw = (np.ascontiguousarray(value), None) if kind is None or value.ndim == 1 else kind(name, np.ascontiguousarray(value))
        writer.add_tensor(name, data, raw_dtype=raw)
    if extra is not None:
        extra(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantised(type_):
    """For write(): the type's own bytes; of types that the package cannot quantise to, random blocks with scales that keep the
    numbers near those of a weight."""
    random = np.random.default_rng(5)

    def kind(_, value):
        numbers, size = gguf.GGML_QUANT_SIZES[type_]
        if value.shape[-1] % numbers != 0:
            return value, None
        try:
            return gguf.quants.quantize(value, type_), type_
        except NotImplementedError:
            shape = (*value.shape[:-1], value.shape[-1] // numbers, size)
            data = random.integers(0, 256, shape, dtype=np.uint8)
            halves = random.uniform(1e-4, 2e-4, (*shape[:-1], 2)).astype(np.float16).view(np.uint8)
            if type_ == gguf.GGMLQuantizationType.Q6_K:
                data[..., -2:] = halves[..., :2]
            else:
                data[..., :4] = halves
            return data.reshape(*value.shape[:-1], -1), type_

    return kind
