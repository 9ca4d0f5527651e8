"""Small random models of the families that yore reads, made by transformers, and how to ask yore about them."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import (AutoModelForCausalLM, Gemma3ForCausalLM, Gemma3TextConfig, GPT2Config, GPT2LMHeadModel, LlamaConfig,
                          LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen3Config, Qwen3ForCausalLM)

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(1)

VOCABULARY = 96


def decoder(**changes):
    return dict(vocab_size=VOCABULARY, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
                num_key_value_heads=2, rms_norm_eps=1e-5, max_position_embeddings=256, attn_implementation="eager") | changes


def rope(kind="default", theta=10000.0, **more):
    return dict(rope_type=kind, rope_theta=theta) | more


# Windows are shorter than the prompts of the tests, heads are grouped, biases are there where a family may have them.
CASES = {
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_positions=64, n_embd=64, n_layer=3, n_head=4,
                                               attn_implementation="eager")),
    "gpt2-other": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_positions=64, n_embd=64, n_layer=2, n_head=4,
                                                     n_inner=32, activation_function="relu", tie_word_embeddings=False,
                                                     layer_norm_epsilon=1e-3, scale_attn_weights=False,
                                                     attn_implementation="eager")),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**decoder(rope_parameters=rope(theta=500000.0), tie_word_embeddings=True))),
    "llama-biases": lambda: LlamaForCausalLM(LlamaConfig(**decoder(attention_bias=True, mlp_bias=True, head_dim=24))),
    "llama-linear": lambda: LlamaForCausalLM(LlamaConfig(**decoder(rope_parameters=rope("linear", factor=4.0)))),
    "llama-llama3": lambda: LlamaForCausalLM(LlamaConfig(**decoder(rope_parameters=rope(
        "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)))),
    "llama-yarn": lambda: LlamaForCausalLM(LlamaConfig(**decoder(rope_parameters=rope(
        "yarn", factor=4.0, original_max_position_embeddings=64)))),
    "mistral": lambda: MistralForCausalLM(MistralConfig(**decoder(sliding_window=9, num_key_value_heads=1))),
    "mistral-global": lambda: MistralForCausalLM(MistralConfig(**decoder(sliding_window=None))),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**decoder(head_dim=32, use_sliding_window=True, sliding_window=7,
                                                            max_window_layers=2, attention_bias=True))),
    "qwen3-global": lambda: Qwen3ForCausalLM(Qwen3Config(**decoder(head_dim=16, tie_word_embeddings=True))),
    "gemma3": lambda: Gemma3ForCausalLM(Gemma3TextConfig(**decoder(
        num_hidden_layers=7, head_dim=32, sliding_window=8, query_pre_attn_scalar=20, final_logit_softcapping=5.0,
        hidden_size=48))),
}


def make(name, seed=0):
    """The model in eval mode, every parameter random, norms around their neutral value."""
    return of_random_weights(CASES[name](), seed)


def of_random_weights(model, seed=0):
    torch.manual_seed(seed)
    model.eval()
    with torch.no_grad():
        for key, p in model.named_parameters():
            if p.dim() == 1:
                p.add_(torch.randn_like(p) * 0.3) if "norm" in key or ".ln_" in key else p.copy_(torch.randn_like(p) * 0.3)
            else:
                p.copy_(torch.randn_like(p) * (0.5 if "embed" in key or "wte" in key or "wpe" in key else p.shape[-1] ** -0.5))
    return as_trained(model)


def as_trained(model):
    """Gemma's embeddings are multiplied by a bfloat16 number, whatever type transformers computes in."""
    for module in model.modules():
        if hasattr(module, "embed_scale"):
            module.embed_scale = module.embed_scale.to(torch.bfloat16).to(torch.float32)
    return model


def load(folder):
    return as_trained(AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval())


def prompt(count=40, vocabulary=VOCABULARY, seed=1):
    return np.random.default_rng(seed).integers(0, vocabulary, count).tolist()


def logits_of(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].double().numpy()


class Yore:
    def __init__(self, program, next_logits):
        self.program, self.next_logits = program, next_logits

    def __call__(self, *arguments):
        return subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, timeout=300)

    def imported(self, path, *arguments):
        """The folder of ours that path becomes."""
        out = Path(tempfile.mkdtemp(dir=Path(path).parent)) / "model"
        run = self("import", path, "-o", out, *arguments)
        assert run.returncode == 0, run.stderr
        return out

    def logits(self, folder, tokens, number="double", how="whole"):
        run = subprocess.run([self.next_logits, folder, number, how, *map(str, tokens)], capture_output=True, timeout=300)
        assert run.returncode == 0, run.stderr.decode()
        return np.frombuffer(run.stdout).reshape(len(tokens), -1)


def distance(ours, theirs):
    """The largest difference, relative to the largest number."""
    return np.abs(ours - theirs).max() / np.abs(theirs).max()
