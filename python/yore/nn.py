"""yore's mechanisms as layers: ``y = layer(x)`` for x [B, T, width], differentiable, and token by token over a state:

>>> import torch, yore
>>> layer = yore.nn.GatedDeltaNet(32, heads=2, head_dim=16)
>>> x = torch.randn(1, 10, 32)
>>> state = layer.start(batch=1)
>>> steps = [layer.step(x[:, t:t + 1], state) for t in range(10)]
>>> torch.allclose(torch.cat(steps, 1), layer(x), atol=1e-5)
True

Layers take the options that `yore mixers NAME` lists, with the same defaults (None stands for those that depend on others;
`taps` of ShortConv is the program's `width`), and their state_dict has the names of model.safetensors.
Attention alone has defaults of its own: 8 heads, rotary positions, no biases.
"""

import torch
from torch import nn

from . import _recurrent as mech
from . import _state
from ._attention import attention as _attention
from ._delta_layers import KDA, DeltaNet, GatedDeltaNet
from ._layer_parts import Mixer, linear, turned
from ._scan_layers import GLA, LinearAttention, Mamba2, Retention, ShortConv
from ._slot_layers import ABC, GSA, BlurryWindow

__all__ = ["ABC", "Attention", "BlurryWindow", "DeltaNet", "GLA", "GSA", "GatedDeltaNet", "KDA", "LinearAttention",
           "Mamba2", "Mixer", "Retention", "ShortConv", "State"]


class Whole:
    """Runs mechanisms over whole sequences by yore's operators."""

    position = 0

    def attention(self, q, k, v, **options):
        return _attention(q, k, v, **options)

    def scan(self, name, q, k, v, log_decay=None, beta=None, decay="none", delta=False, scale=None, steps=1):
        return mech._Call(name, q, k, v, "bthd", None).scan(log_decay, beta, decay=decay, delta=delta, scale=scale)

    def slots(self, q, k, v, write, log_decay, filled=None, bias=None, scale=None, grows=False):
        return mech.slots(q, k, v, write, log_decay, filled=filled, bias=bias, scale=scale, grows=grows)

    def conv(self, x, weight, bias=None, name="conv"):
        return mech.short_conv(x, weight, bias)


class State:
    """What a layer remembers of a batch of sequences: its parts (yore.AttentionState and so on) by name."""

    def __init__(self, batch, dtype, rollback=0):
        self.batch, self.dtype, self.rollback = batch, dtype, rollback
        self.position = 0  # tokens taken in
        self.parts = {}
        self.rows = {}  # of a part that takes several a token

    def _part(self, name, kind, rows=1, **setting):
        if name not in self.parts:
            self.parts[name] = kind(self.batch, **setting, dtype=self.dtype, rollback=self.rollback * rows)
            self.rows[name] = rows
        return self.parts[name]

    def attention(self, q, k, v, sink_logits=None, **options):
        part = self._part("attention", _state.AttentionState, heads=q.shape[2], dim=q.shape[3], kv_heads=k.shape[2],
                          value_dim=v.shape[3], **options)
        return part.advance(q, k, v, sink_logits=sink_logits)

    def scan(self, name, q, k, v, log_decay=None, beta=None, decay="none", delta=False, scale=None, steps=1):
        part = self._part(name, _state.ScanState, steps, heads=v.shape[2], key_dim=q.shape[3], value_dim=v.shape[3],
                          key_heads=q.shape[2], decay=decay, delta=delta, scale=scale)
        return part.advance(q, k, v, log_decay, beta)

    def slots(self, q, k, v, write, log_decay, filled=None, bias=None, scale=None, grows=False):
        part = self._part("slots", _state.SlotsState, heads=v.shape[2], key_dim=q.shape[3], value_dim=v.shape[3],
                          slots=write.shape[3], key_heads=q.shape[2], fades=log_decay is not None, scale=scale,
                          grows=grows)
        return part.advance(q, k, v, write, log_decay, filled=filled, bias=bias)

    def conv(self, x, weight, bias=None, name="conv"):
        return self._part(name, _state.ConvState, channels=weight.shape[0], width=weight.shape[1]).advance(
            x, weight, bias)

    def roll_back(self, tokens):
        """Forgets the last `tokens` tokens of all sequences. They can be taken back as far as `rollback` tokens before the
        furthest that the state came to: one that has just been taken back by r keeps what it needs for rollback - r more.
        Some mechanisms now and then keep more than that, which is not to be relied on."""
        if not 0 <= tokens <= self.position:
            raise ValueError(f"yore.nn.State.roll_back: tokens must be 0 to {self.position}, got {tokens}")
        for parts in (self.copy().parts, self.parts):  # all or none
            for name, part in parts.items():
                part.roll_back(tokens * self.rows[name])
        self.position -= tokens

    def copy(self):
        other = State(self.batch, self.dtype, self.rollback)
        other.position, other.parts = self.position, {name: part.copy() for name, part in self.parts.items()}
        other.rows = dict(self.rows)
        return other

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def state_dict(self):
        """Plain values and tensors, which torch.save(.., weights_only) and load_state_dict take."""
        return {"batch": self.batch, "dtype": str(self.dtype).split(".")[1], "rollback": self.rollback,
                "position": self.position,
                "parts": {name: {"kind": type(part).__name__, "rows": self.rows[name], "saved": part.state_dict()["saved"],
                                 "made": {key: str(value) if key == "dtype" else value
                                          for key, value in part._made.items()}}
                          for name, part in self.parts.items()}}

    def load_state_dict(self, saved):
        parts = {}
        for name, part in saved["parts"].items():
            made = {**part["made"], "dtype": getattr(torch, part["made"]["dtype"].split(".")[1])}
            if part["kind"] not in ("AttentionState", "ScanState", "SlotsState", "ConvState"):
                raise ValueError(f"yore.nn.State.load_state_dict: no state is called {part['kind']!r}")
            parts[name] = _state._revive(getattr(_state, part["kind"]), made, part)
        self.batch, self.dtype, self.rollback = saved["batch"], getattr(torch, saved["dtype"]), saved["rollback"]
        self.position, self.parts = saved["position"], parts
        self.rows = {name: part["rows"] for name, part in saved["parts"].items()}


class Attention(Mixer):
    """Softmax attention over the past: window (one number or one a head, None = all) or lookback, strict, sinks; grouped
    key heads; rotary positions."""

    def __init__(self, width, heads=8, kv_heads=None, *, head_dim=None, window=None, lookback=None, strict=False, sinks=0,
                 rotary=True, soft_cap=None, bias=False):
        super().__init__()
        self.heads, self.kv_heads = heads, heads if kv_heads is None else kv_heads
        self._width(width, heads=heads, kv_heads=self.kv_heads)
        if head_dim is None and width % heads:
            raise ValueError(f"yore.nn.Attention: heads must divide width, {width}, got {heads}")
        self.dim = head_dim or width // heads
        if heads % self.kv_heads:
            raise ValueError(f"yore.nn.Attention: kv_heads must divide heads, {heads}, got {self.kv_heads}")
        self.rotary = rotary
        self.options = {"window": window, "lookback": lookback, "strict": strict, "sinks": sinks, "soft_cap": soft_cap}
        self.qkv = linear(width, (heads + 2 * self.kv_heads) * self.dim, bias=bias)
        self.out = linear(heads * self.dim, width, bias=bias)

    def _mix(self, x, run):
        qkv = self.qkv(x).unflatten(-1, (-1, self.dim))
        q, k, v = qkv.split([self.heads, self.kv_heads, self.kv_heads], 2)
        if self.rotary:
            q, k = (turned(each, run.position) for each in (q, k))
        return self.out(run.attention(q, k, v, **self.options).flatten(2))
