"""Trained and compiled models as torch modules, written from their description (docs of arch/model.h) with plain torch
operations: to run, to train on, to take apart. The program's own kernels are faster. Attention is here; the layers of every
other mixer are those of yore.nn, run by yore._plain.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from . import _delta_layers, _rotary, _scan_layers, _slot_layers
from ._layer_parts import Named, alibi_slopes
from .errors import InputError

__all__ = ["Recogniser", "load"]


def _refuse(what, why):
    raise InputError(f"model: {what}; yore.load refuses it: {why}. The program runs every model")


class _Norm(nn.Module):
    """Layer norm or root mean square; "rms+1" stores its weight less 1."""

    def __init__(self, width, kind, epsilon):
        super().__init__()
        self.kind, self.epsilon = kind, epsilon
        self.weight = nn.Parameter(torch.zeros(width) if kind == "rms+1" else torch.ones(width))
        if kind == "layer":
            self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        if self.kind == "layer":
            return F.layer_norm(x, (x.shape[-1],), self.weight, self.bias, self.epsilon)
        unit = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon)
        return unit * (self.weight + 1 if self.kind == "rms+1" else self.weight)


def _norm(width, record):
    return None if record["kind"] == "none" else _Norm(width, record["kind"], record["epsilon"])


def _angles(length, width, base):
    pairs = torch.arange((width + 1) // 2, dtype=torch.float64)
    return torch.arange(length, dtype=torch.float64)[:, None] * torch.exp(pairs * (-2.0 * math.log(base) / width))


class _Attention(nn.Module):
    """Softmax attention over the past: o["lookback"] earlier positions a head (-1: all), with or without the own one; or
    over the whole sequence (mask none)."""

    def __init__(self, width, o):
        super().__init__()
        if o.get("weights", "softmax") != "softmax":
            _refuse(f"attention with weights={o['weights']}", "the last bit of a sum decides which scores tie")
        self.o = o
        heads, kv_heads, dim = o["heads"], o["kv_heads"], o["head_width"]
        self.qkv = nn.Linear(width, (heads + 2 * kv_heads) * dim, bias=o["bias"])
        self.out = nn.Linear(heads * dim, width, bias=o["out_bias"])
        if o["qk_norm"] != "none":
            self.q_norm = _Norm(dim, o["qk_norm"], o["qk_norm_epsilon"])
            self.k_norm = _Norm(dim, o["qk_norm"], o["qk_norm_epsilon"])
        if o["sink_logits"]:
            self.sink_logits = nn.Parameter(torch.zeros(heads))
        self.value_constant = width * dim * o.get("value_scale_sigma", 0.0) ** 2
        if o.get("value_scale") == "on":
            self.value_scale = nn.Module()
            self.value_scale.theta = nn.Parameter(torch.zeros(kv_heads))
        self.slopes = alibi_slopes(heads) if o["positions"] == "alibi" else None
        self.rotary = _rotary.Rotary(o) if o["positions"] == "rotary" else None
        lookback = o["lookback"]
        self.lookback = list(lookback) if isinstance(lookback, list) else [lookback] * heads

    def _values(self, v):
        """v [B, H, T, D], perhaps made smaller where it is small (attention/math.md, "V-scale")."""
        kind = self.o.get("value_scale", "off")
        if kind == "off":
            return v
        constant = self.value_constant * (self.value_scale.theta.exp()[:, None, None] if kind == "on" else 1.0)
        size = v.square().sum(-1, keepdim=True)
        scaled = size / (size + constant) * v
        return scaled if kind == "on" else v.detach() + (scaled - scaled.detach())

    def _seen(self, time, device):
        """[H, T, T]: which keys each query sees; and how far they are."""
        place = torch.arange(time, device=device)
        distance = place[:, None] - place[None, :]
        if self.o.get("mask", "causal") == "none":
            return torch.ones(self.o["heads"], time, time, dtype=torch.bool, device=device), distance
        earlier = distance >= (1 if self.o["strict"] else 0)
        return torch.stack([earlier & ((distance <= k) | (place < self.o["sinks"])) if k >= 0 else earlier
                            for k in self.lookback]), distance

    def forward(self, x):
        o, (batch, time, _) = self.o, x.shape
        heads, kv_heads, dim = o["heads"], o["kv_heads"], o["head_width"]
        qkv = self.qkv(x).view(batch, time, heads + 2 * kv_heads, dim).transpose(1, 2)
        q, k, v = qkv.split([heads, kv_heads, kv_heads], 1)
        if o["qk_norm"] != "none":
            q, k = self.q_norm(q), self.k_norm(k)
        if self.rotary is not None:
            q, k = self.rotary(q), self.rotary(k)
        k, v = (part.repeat_interleave(heads // kv_heads, 1) for part in (k, self._values(v)))
        scores = q @ k.transpose(-1, -2) * o["scale"]
        if o["soft_cap"] > 0:
            scores = o["soft_cap"] * torch.tanh(scores / o["soft_cap"])
        seen, distance = self._seen(time, x.device)
        if self.slopes:
            scores = scores - torch.tensor(self.slopes, dtype=x.dtype, device=x.device)[:, None, None] * distance
        scores = scores.masked_fill(~seen, -math.inf)
        if o["sink_logits"]:
            sink = self.sink_logits[None, :, None, None].expand(batch, heads, time, 1)
            weights = torch.cat([scores, sink], -1).softmax(-1)[..., :-1]
        else:
            # Where nothing is seen nothing is handed on.
            weights = torch.where(seen.any(-1, keepdim=True), scores.softmax(-1), torch.zeros_like(scores))
        return self.out((weights @ v).transpose(1, 2).reshape(batch, time, heads * dim))


_RECURRENT = {
    "linear_attention": _scan_layers.LinearAttention, "retention": _scan_layers.Retention, "gla": _scan_layers.GLA,
    "mamba2": _scan_layers.Mamba2, "delta_net": _delta_layers.DeltaNet, "gated_delta_net": _delta_layers.GatedDeltaNet,
    "kda": _delta_layers.KDA, "gsa": _slot_layers.GSA, "abc": _slot_layers.ABC,
    "blurry_window": _slot_layers.BlurryWindow, "short_conv": _scan_layers.ShortConv,
}


def _mixer(width, record):
    name, options = record["name"], dict(record["options"])
    if name == "attention":
        return _Attention(width, options)
    if name not in _RECURRENT:
        _refuse(f"a layer of {name}", f"the mixers it knows are attention, {', '.join(sorted(_RECURRENT))}")
    if name == "short_conv":  # the first argument of a layer is the model's width
        options["taps"] = options.pop("width")
    layer = _RECURRENT[name](width, **options)
    layer.plain = True
    return layer


_ACTIVATIONS = {
    "relu": F.relu, "gelu": F.gelu, "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"),
    "swiglu": F.silu, "geglu": lambda x: F.gelu(x, approximate="tanh"),
}


class _FeedForward(nn.Module):
    def __init__(self, width, record):
        super().__init__()
        self.activation = record["activation"]
        if self.activation not in _ACTIVATIONS:
            _refuse(f"a feed-forward net with activation={self.activation}",
                    "it is for arithmetic circuits, whose numbers outgrow float32")
        if self.activation in ("swiglu", "geglu"):
            self.gate = nn.Linear(width, record["width"], bias=record["bias"])
        self.up = nn.Linear(width, record["width"], bias=record["bias"])
        self.down = nn.Linear(record["width"], width, bias=record["bias"])

    def forward(self, x):
        act = _ACTIVATIONS[self.activation]
        return self.down(act(self.gate(x)) * self.up(x) if hasattr(self, "gate") else act(self.up(x)))


class _Block(nn.Module):
    def __init__(self, width, record):
        super().__init__()
        self.place = record["norm_place"]
        self.mixer_name = record["mixer"]["name"]
        parts = {self.mixer_name: _mixer(width, record["mixer"])}
        if record["feed_forward"]["activation"] != "none":
            parts["mlp"] = _FeedForward(width, record["feed_forward"])
        for name, part in parts.items():
            part.norm = _norm(width, record["norm"])
            part.norm_after = _norm(width, record["norm"]) if self.place == "both" else None
            setattr(self, name, part)

    def forward(self, x):
        for part in (getattr(self, self.mixer_name), getattr(self, "mlp", None)):
            if part is None:
                continue
            norm = part.norm or (lambda y: y)
            if self.place == "post":
                x = norm(x + part(x))
            else:
                x = x + (part.norm_after or (lambda y: y))(part(norm(x)))
        return x


class Recogniser(nn.Module):
    """A model from its description, model.json: {"model", "alphabet", ..}. Parameters are named as in model.safetensors.

    ``module(tokens)`` takes token numbers [batch, time] (for a recogniser the letters, and EOS, number ``len(alphabet)``,
    last) and gives a logit a sequence [batch], or for other read-outs [batch, time, outputs]. ``module.logits(words)`` and
    ``module.accepts(words)`` take words of any lengths.

    >>> import yore
    >>> module = yore.compile_language("(ab)*").module()
    >>> module.logits(["abab", "aba"])
    tensor([ 4., -4.])
    """

    def __init__(self, description: dict):
        super().__init__()
        model = description["model"]
        self.description, self.alphabet = description, list(description.get("alphabet") or [])
        embedding, read_out = model["embedding"], model["read_out"]
        width = embedding["width"]
        if embedding["vocabulary"] == 0:
            _refuse("a model that reads numbers", "it is for arithmetic circuits, whose numbers outgrow float32")
        self.embedding = nn.Embedding(embedding["vocabulary"], width)
        if embedding["positions"] not in ("none", "sinusoidal", "learned", "periodic"):
            _refuse(f"positions={embedding['positions']}", "the positions it knows are none, sinusoidal, learned and periodic")
        if embedding["positions"] in ("learned", "periodic"):
            self.positions = nn.Embedding(embedding["max_positions"], width)
        self.layers = nn.ModuleList(_Block(width, block) for block in model["blocks"])
        self.final_norm = _norm(width, model["final_norm"])
        if read_out["tied"]:
            self.read_out = Named(bias=torch.zeros(read_out["outputs"])) if read_out["bias"] else None
        else:
            self.read_out = nn.Linear(width, read_out["outputs"], bias=read_out["bias"])

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        record = self.description["model"]
        x = self.embedding(tokens) * record["embedding"]["scale"]
        time, width = x.shape[1:]
        if record["embedding"]["positions"] == "sinusoidal":
            angle = _angles(time, width, 10000.0)
            x = x + torch.stack([angle.sin(), angle.cos()], 2).flatten(1)[:, :width].to(x)
        elif record["embedding"]["positions"] == "learned":
            if time > self.positions.num_embeddings:
                raise InputError(f"positions: a sequence of {time} tokens needs as many learned positions, the model has "
                                 f"{self.positions.num_embeddings}")
            x = x + self.positions.weight[:time]
        elif record["embedding"]["positions"] == "periodic":
            x = x + self.positions.weight[torch.arange(time, device=x.device) % self.positions.num_embeddings]
        for block in self.layers:
            x = block(x)
        accept = record["read_out"]["kind"] == "accept"
        if accept:
            x = x[:, -1]
        if self.final_norm is not None:
            x = self.final_norm(x)
        if record["read_out"]["tied"]:
            logits = F.linear(x, self.embedding.weight, self.read_out.bias if self.read_out is not None else None)
        else:
            logits = self.read_out(x)
        cap = record["read_out"]["soft_cap"]
        if cap > 0:
            logits = cap * torch.tanh(logits / cap)
        return logits.squeeze(-1) if accept else logits

    def tokens(self, word) -> list[int]:
        """The letters' numbers, and EOS. InputError for a letter outside the alphabet."""
        if not self.alphabet:
            raise InputError("word: the model's tokens have no names")
        short = all(len(name) == 1 for name in self.alphabet)
        letters = (list(word) if short else word.split()) if isinstance(word, str) else list(word)
        for letter in letters:
            if letter not in self.alphabet:
                raise InputError(f'word: "{letter}" is no letter of the alphabet {", ".join(self.alphabet)}')
        return [self.alphabet.index(letter) for letter in letters] + [len(self.alphabet)]

    def logits(self, words) -> torch.Tensor:
        """One a word, without gradients; words of one length are computed together."""
        rows = [self.tokens(word) for word in words]
        by_length: dict[int, list[int]] = {}
        for i, row in enumerate(rows):
            by_length.setdefault(len(row), []).append(i)
        found = torch.empty(len(rows))
        with torch.no_grad():
            for places in by_length.values():
                found[places] = self(torch.tensor([rows[i] for i in places], device=self.embedding.weight.device)).float().cpu()
        return found

    def accepts(self, words) -> list[bool]:
        """Whether each logit is above 0; what `yore.extract` asks."""
        return (self.logits(words) > 0).tolist()


def _read_safetensors(path):
    """The arrays of a safetensors file in float32; InputError for what is none."""
    try:
        data = path.read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        arrays = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            if not (type(begin) is type(end) is int and 0 <= begin <= end <= len(data) - 8 - length):
                raise ValueError(f"{name}: data_offsets {entry['data_offsets']} of {len(data) - 8 - length} bytes")
            begin, end = 8 + length + begin, 8 + length + end
            kinds = {"F32": torch.float32, "F64": torch.float64, "BF16": torch.bfloat16}
            if entry["dtype"] not in kinds:
                raise ValueError(f"{name} is {entry['dtype']}, expected {', '.join(kinds)}")
            kind = kinds[entry["dtype"]]
            arrays[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=kind).reshape(entry["shape"]).float()
        return arrays
    except (OSError, struct.error, ValueError, KeyError, TypeError, AttributeError, RuntimeError, RecursionError) as error:
        raise InputError(f"{path}: is no safetensors file of such arrays ({error})") from error


def load(run) -> Recogniser:
    """A trained run, a compiled or an imported model, by its folder, as a torch module with the program's logits.

    Models of every mixer. InputError where there is no model, or one that the module cannot be: attention with hard weights,
    and arithmetic circuits.

    >>> import tempfile, yore
    >>> folder = tempfile.mkdtemp()
    >>> yore.compile_language("(ab)*").save(folder)
    >>> yore.load(folder).accepts(["abab", "abba"])
    [True, False]
    """
    folder = Path(run)
    if not (folder / "model.json").is_file():
        raise InputError(f"{folder}: expected the folder of a run or a model, with model.json and model.safetensors")
    try:
        description = json.loads((folder / "model.json").read_text("utf-8"))
        module = Recogniser(description)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{folder / 'model.json'}: is no description of a model ({error!r})") from error
    try:
        module.load_state_dict(_read_safetensors(folder / "model.safetensors"))
    except RuntimeError as error:
        raise InputError(f"{folder / 'model.safetensors'}: does not fit model.json: {error}") from error
    return module.eval()
