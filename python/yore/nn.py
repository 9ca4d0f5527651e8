"""yore's mechanisms as layers: ``y = layer(x)`` for x [B, T, width], differentiable, and token by token over a state:

>>> import torch, yore
>>> layer = yore.nn.GatedDeltaNet(32, heads=2, head_dim=16)
>>> x = torch.randn(1, 10, 32)
>>> state = layer.start(batch=1)
>>> steps = [layer.step(x[:, t:t + 1], state) for t in range(10)]
>>> torch.allclose(torch.cat(steps, 1), layer(x), atol=1e-5)
True

What a layer does around its mechanism is that of yore's own layers (yore/mixers/*/math.md, "What the layer does around
it") with their published defaults, and so are names and orders of its parameters.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from . import _recurrent as mech
from . import _state
from ._attention import attention as _attention

__all__ = ["ABC", "Attention", "BlurryWindow", "DeltaNet", "GLA", "GSA", "GatedDeltaNet", "KDA", "LinearAttention",
           "Mamba2", "Mixer", "Retention", "ShortConv", "State"]


class _Whole:
    """Runs mechanisms over whole sequences."""

    position = 0

    def attention(self, q, k, v, **options):
        return _attention(q, k, v, **options)

    def scan(self, name, q, k, v, log_decay=None, beta=None, decay="none", delta=False, scale=None):
        return mech._Call(name, q, k, v, "bthd", None).scan(log_decay, beta, decay=decay, delta=delta, scale=scale)

    def slots(self, q, k, v, write, log_decay, filled=None, scale=None):
        return mech.slots(q, k, v, write, log_decay, filled=filled, scale=scale)

    def conv(self, x, weight, bias=None):
        return mech.short_conv(x, weight, bias)


class State:
    """What a layer remembers of a batch of sequences: its parts (yore.AttentionState and so on) by name."""

    def __init__(self, batch, dtype, rollback=0):
        self.batch, self.dtype, self.rollback = batch, dtype, rollback
        self.position = 0  # tokens taken in
        self.parts = {}

    def _part(self, name, kind, **setting):
        if name not in self.parts:
            self.parts[name] = kind(self.batch, **setting, dtype=self.dtype, rollback=self.rollback)
        return self.parts[name]

    def attention(self, q, k, v, sink_logits=None, **options):
        part = self._part("attention", _state.AttentionState, heads=q.shape[2], dim=q.shape[3], kv_heads=k.shape[2],
                          value_dim=v.shape[3], **options)
        return part.advance(q, k, v, sink_logits=sink_logits)

    def scan(self, name, q, k, v, log_decay=None, beta=None, decay="none", delta=False, scale=None):
        part = self._part(name, _state.ScanState, heads=v.shape[2], key_dim=q.shape[3], value_dim=v.shape[3],
                          key_heads=q.shape[2], decay=decay, delta=delta, scale=scale)
        return part.advance(q, k, v, log_decay, beta)

    def slots(self, q, k, v, write, log_decay, filled=None, scale=None):
        part = self._part("slots", _state.SlotsState, heads=v.shape[2], key_dim=q.shape[3], value_dim=v.shape[3],
                          slots=write.shape[3], key_heads=q.shape[2], fades=log_decay is not None, scale=scale)
        return part.advance(q, k, v, write, log_decay, filled=filled)

    def conv(self, x, weight, bias=None):
        return self._part("conv", _state.ConvState, channels=weight.shape[0], width=weight.shape[1]).advance(
            x, weight, bias)

    def roll_back(self, tokens):
        """Forgets the last `tokens` tokens of all sequences; at least `rollback` of them can be."""
        if not 0 <= tokens <= self.position:
            raise ValueError(f"yore.nn.State.roll_back: tokens must be 0 to {self.position}, got {tokens}")
        for part in self.copy().parts.values():  # all or none
            part.roll_back(tokens)
        for part in self.parts.values():
            part.roll_back(tokens)
        self.position -= tokens

    def copy(self):
        other = State(self.batch, self.dtype, self.rollback)
        other.position, other.parts = self.position, {name: part.copy() for name, part in self.parts.items()}
        return other

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def state_dict(self):
        """Plain values and tensors, which torch.save(.., weights_only) and load_state_dict take."""
        return {"batch": self.batch, "dtype": str(self.dtype).split(".")[1], "rollback": self.rollback,
                "position": self.position,
                "parts": {name: {"kind": type(part).__name__, "saved": part.state_dict()["saved"],
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


class Mixer(nn.Module):
    """A layer [B, T, width] -> [B, T, width]."""

    def forward(self, x):
        return self._mix(self._rows(x), _Whole())

    def start(self, batch=1, rollback=0):
        """A State before the first token, in which `rollback` tokens can always be taken back."""
        dtype = next(self.parameters()).dtype
        return State(batch, torch.float64 if dtype == torch.float64 else torch.float32, rollback)

    @torch.no_grad()
    def step(self, x, state):
        """What forward gives for the next tokens x [B, T, width] (mostly T = 1) of the sequences in `state`, which takes
        them in."""
        y = self._mix(self._rows(x), state)
        state.position += x.shape[1]
        return y

    def _rows(self, x):
        if not isinstance(x, torch.Tensor) or x.dim() != 3 or x.shape[2] != self.width:
            got = list(x.shape) if isinstance(x, torch.Tensor) else type(x).__name__
            raise ValueError(f"yore.nn.{type(self).__name__}: x must be [B, T, {self.width}], got {got}")
        return x

    def _width(self, width, **numbers):
        self.width = width
        for name, x in {"width": width, **numbers}.items():
            if isinstance(x, bool) or not isinstance(x, int) or x < 1:
                raise ValueError(f"yore.nn.{type(self).__name__}: {name} must be an integer of at least 1, got {x!r}")


class _Weight(nn.Module):
    """A weight by itself, under the name that yore's layers have for it."""

    def __init__(self, *shape, start):
        super().__init__()
        self.weight = nn.Parameter(start(torch.empty(*shape)))


def _conv(channels, width):
    return _Weight(channels, width, start=lambda w: w.uniform_(-(width**-0.5), width**-0.5))


def _ones(n):
    return _Weight(n, start=lambda w: w.fill_(1.0))


def _rms(x, weight, epsilon=1e-5):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon) * weight


def _unit(x):
    return x * torch.rsqrt(x.square().sum(-1, keepdim=True) + 1e-6)


def _turned(x, start, base=10000.0):
    """x [B, T, H, D] turned by rotary positions start .. : pairs are numbers c and c + D/2."""
    half = x.shape[-1] // 2
    speed = base ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = (start + torch.arange(x.shape[1], dtype=torch.float64))[:, None] * speed
    cos, sin = (f(angle).to(x.dtype)[:, None, :] for f in (torch.cos, torch.sin))
    a, b = x[..., :half], x[..., half : 2 * half]
    return torch.cat([a * cos - b * sin, a * sin + b * cos, x[..., 2 * half :]], -1)


def _decay_start(heads, most_rate=16.0, least=1e-3, most=0.1, channels=1):
    """(log_rate [heads], bias [heads * channels]) of a decay exp(-e^log_rate softplus(. + bias))."""
    step = torch.exp(torch.rand(heads * channels) * math.log(most / least) + math.log(least))
    rate = torch.rand(heads) * (most_rate - 1e-3) + 1e-3
    return nn.Parameter(rate.log()), step + torch.log(-torch.expm1(-step))


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
        self.qkv = nn.Linear(width, (heads + 2 * self.kv_heads) * self.dim, bias=bias)
        self.out = nn.Linear(heads * self.dim, width, bias=bias)

    def _mix(self, x, run):
        qkv = self.qkv(x).unflatten(-1, (-1, self.dim))
        q, k, v = qkv.split([self.heads, self.kv_heads, self.kv_heads], 2)
        if self.rotary:
            q, k = (_turned(each, run.position) for each in (q, k))
        return self.out(run.attention(q, k, v, **self.options).flatten(2))


class _Headed(Mixer):
    """q, k, v = SiLU(conv(W_qkv x)) or W_qkv x; the mechanism; each head's RMS norm, perhaps times SiLU(W_g x); W_o."""

    def _make(self, width, heads, key_heads, key_dim, value_dim, conv, gate):
        self._width(width, heads=heads, key_heads=key_heads, key_dim=key_dim, value_dim=value_dim)
        self.heads, self.key_heads, self.key_dim, self.value_dim = heads, key_heads, key_dim, value_dim
        channels = 2 * key_heads * key_dim + heads * value_dim
        self.qkv = nn.Linear(width, channels, bias=False)
        self.conv = _conv(channels, conv) if conv else None
        self.gate = nn.Linear(width, heads * value_dim, bias=False) if gate else None
        self.out_norm = _ones(value_dim)
        self.out = nn.Linear(heads * value_dim, width, bias=False)

    def _split(self, qkv):
        keys = self.key_heads * self.key_dim
        q, k, v = qkv.split([keys, keys, self.heads * self.value_dim], -1)
        return (q.unflatten(-1, (self.key_heads, self.key_dim)), k.unflatten(-1, (self.key_heads, self.key_dim)),
                v.unflatten(-1, (self.heads, self.value_dim)))

    def _qkv(self, x, run):
        qkv = self.qkv(x)
        return self._split(F.silu(run.conv(qkv, self.conv.weight)) if self.conv is not None else qkv)

    def _gated(self, x):
        """What the normed outputs are multiplied by, or None."""
        return None if self.gate is None else F.silu(self.gate(x))

    def _end(self, x, y):
        y = _rms(y, self.out_norm.weight)
        gate = self._gated(x)
        if gate is not None:
            y = y * gate.unflatten(-1, (self.heads, self.value_dim))
        return self.out(y.flatten(2))


class LinearAttention(_Headed):
    """Linear attention with feature_map 'identity', 'elu' or 'relu', and perhaps the normaliser of the paper."""

    def __init__(self, width, heads=8, *, head_dim=None, feature_map="elu", normaliser=False):
        super().__init__()
        if feature_map not in ("identity", "elu", "relu"):
            raise ValueError(f"yore.nn.LinearAttention: feature_map must be identity, elu or relu, got {feature_map!r}")
        dim = head_dim or max(width // heads, 1)
        self._make(width, heads, heads, dim, dim, 0, False)
        self.feature_map, self.normaliser = feature_map, normaliser

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        if self.feature_map != "identity":
            q, k = ((F.elu(u) + 1 if self.feature_map == "elu" else F.relu(u)) for u in (q, k))
        if self.normaliser:
            v = torch.cat([v, torch.ones_like(v[..., :1])], -1)
        y = run.scan("linear_attention", q, k, v)
        if self.normaliser:
            y = y[..., :-1] / (y[..., -1:] + 1e-10)
        return self._end(x, y)


class Retention(_Headed):
    """Retention: head h decays by 1 - 2^(-5-h) a token; rotary positions."""

    def __init__(self, width, heads=8, *, expand_v=2, rotary=True, conv=0):
        super().__init__()
        self._make(width, heads, heads, max(width // heads, 1), max(int(width * expand_v) // heads, 1), conv, True)
        self.rotary = rotary

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        if self.rotary:
            q, k = (_turned(each, run.position) for each in (q, k))
        rates = torch.log1p(-(2.0 ** (-5 - torch.arange(self.heads, dtype=torch.float64)))).to(v.dtype)
        return self._end(x, run.scan("retention", q, k, v, rates.expand(*v.shape[:2], self.heads), decay="head"))


class GLA(_Headed):
    """Gated linear attention."""

    def __init__(self, width, heads=4, *, expand_k=0.5, expand_v=1.0, gate_rank=16, gate_divisor=16.0, conv=0):
        super().__init__()
        self._make(width, heads, heads, max(int(width * expand_k) // heads, 1), max(int(width * expand_v) // heads, 1),
                   conv, True)
        self.decay_in = nn.Linear(width, gate_rank, bias=False)
        self.decay_out = nn.Linear(gate_rank, heads * self.key_dim)
        self.divisor = gate_divisor

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        fade = self.decay_out(self.decay_in(x)).unflatten(-1, (self.heads, self.key_dim))
        return self._end(x, run.scan("gla", q, k, v, F.logsigmoid(fade) / self.divisor, decay="key"))


class _Delta(_Headed):
    """The delta rules: keys and queries of length 1, strengths sigmoid(W_b x)."""

    def _beta(self, x):
        return torch.sigmoid(self.beta(x))

    def _normed(self, x, run):
        q, k, v = self._qkv(x, run)
        return _unit(q), _unit(k), v


class DeltaNet(_Delta):
    """DeltaNet."""

    def __init__(self, width, heads=4, *, expand_k=1.0, expand_v=1.0, conv=4, gate=False):
        super().__init__()
        self._make(width, heads, heads, max(int(width * expand_k) // heads, 1), max(int(width * expand_v) // heads, 1),
                   conv, gate)
        self.beta = nn.Linear(width, heads, bias=False)

    def _mix(self, x, run):
        q, k, v = self._normed(x, run)
        return self._end(x, run.scan("delta_net", q, k, v, None, self._beta(x), delta=True))


class GatedDeltaNet(_Delta):
    """Gated DeltaNet: the delta rule over a state that decays."""

    def __init__(self, width, heads=6, *, key_heads=None, head_dim=256, expand_v=2.0, conv=4):
        super().__init__()
        self._make(width, heads, key_heads or heads, head_dim, int(head_dim * expand_v), conv, True)
        self.beta = nn.Linear(width, heads, bias=False)
        self.decay = nn.Linear(width, heads)
        self.log_rate, bias = _decay_start(heads)
        with torch.no_grad():
            self.decay.bias.copy_(bias)

    def _mix(self, x, run):
        q, k, v = self._normed(x, run)
        log_decay = -torch.exp(self.log_rate) * F.softplus(self.decay(x))
        return self._end(x, run.scan("gated_delta_net", q, k, v, log_decay, self._beta(x), decay="head", delta=True))


class KDA(_Delta):
    """Kimi delta attention: a decay for every channel of the keys."""

    def __init__(self, width, heads=4, *, key_heads=None, head_dim=128, expand_v=1.0, conv=4, rank=None):
        super().__init__()
        value_dim = int(head_dim * expand_v)
        self._make(width, heads, key_heads or heads, head_dim, value_dim, conv, False)
        rank = rank or value_dim
        self.beta = nn.Linear(width, heads, bias=False)
        self.decay_in = nn.Linear(width, rank, bias=False)
        self.decay_out = nn.Linear(rank, heads * head_dim)
        self.log_rate, bias = _decay_start(heads, channels=head_dim)
        with torch.no_grad():
            self.decay_out.bias.copy_(bias)
        self.gate_in = nn.Linear(width, rank, bias=False)
        self.gate_out = nn.Linear(rank, heads * value_dim)

    def _gated(self, x):
        return torch.sigmoid(self.gate_out(self.gate_in(x)))

    def _mix(self, x, run):
        q, k, v = self._normed(x, run)
        step = self.decay_out(self.decay_in(x)).unflatten(-1, (self.heads, self.key_dim))
        log_decay = -torch.exp(self.log_rate)[:, None] * F.softplus(step)
        y = run.scan("kda", q, k, v, log_decay, self._beta(x), decay="key", delta=True)
        return self._end(x, y)


class Mamba2(Mixer):
    """Mamba-2."""

    def __init__(self, width, *, expand=2, head_dim=64, states=128, groups=1, conv=4):
        super().__init__()
        inner = expand * width
        self._width(width, head_dim=head_dim, states=states, groups=groups, conv=conv)
        if inner % head_dim or (inner // head_dim) % groups:
            raise ValueError(f"yore.nn.Mamba2: head_dim must divide {inner} into heads that groups divide, got {head_dim} "
                             f"and {groups}")
        self.inner, self.dim, self.states, self.groups = inner, head_dim, states, groups
        self.heads = inner // head_dim
        self.channels = inner + 2 * groups * states
        self.inp = nn.Linear(width, inner + self.channels + self.heads, bias=False)
        self.conv = _conv(self.channels, conv)
        self.conv_bias = nn.Parameter(torch.zeros(self.channels))
        rate, bias = torch.rand(self.heads) * 15 + 1, _decay_start(self.heads)[1]
        self.dt_bias, self.a_log = nn.Parameter(bias), nn.Parameter(rate.log())
        self.skip = nn.Parameter(torch.ones(self.heads))
        self.norm = _ones(inner)
        self.out = nn.Linear(inner, width, bias=False)

    def _mix(self, x, run):
        z, xbc, raw = self.inp(x).split([self.inner, self.channels, self.heads], -1)
        xbc = F.silu(run.conv(xbc, self.conv.weight, self.conv_bias))
        u, b, c = xbc.split([self.inner, self.groups * self.states, self.groups * self.states], -1)
        u = u.unflatten(-1, (self.heads, self.dim))
        b, c = (each.unflatten(-1, (self.groups, self.states)) for each in (b, c))
        step = F.softplus(raw + self.dt_bias)
        y = run.scan("mamba2", c, b, u, -torch.exp(self.a_log) * step, step, decay="head", scale=1.0)
        y = (y + u * self.skip[:, None]).flatten(2) * F.silu(z)
        y = _rms(y.unflatten(-1, (self.groups, -1)), self.norm.weight.view(self.groups, -1)).flatten(2)
        return self.out(y)


class GSA(_Headed):
    """Gated slot attention."""

    def __init__(self, width, heads=4, *, slots=64, conv=0, gate_divisor=8.0):
        super().__init__()
        dim = max(width // heads, 1)
        self._make(width, heads, heads, dim, dim, conv, False)
        self.decay = nn.Linear(width, heads * slots, bias=False)
        self.slots, self.divisor = slots, gate_divisor

    def _mix(self, x, run):
        q, k, v = (F.silu(each) for each in self._qkv(x, run))
        log_decay = F.logsigmoid(self.decay(x).unflatten(-1, (self.heads, self.slots))) / self.divisor
        return self._end(x, F.silu(run.slots(q, k, v, -torch.expm1(log_decay), log_decay, scale=1.0)))


class ABC(_Headed):
    """Attention with bounded-memory control."""

    def __init__(self, width, heads=4, *, slots=64, clamp=32.0, rotary=True):
        super().__init__()
        dim = max(width // heads, 1)
        self._make(width, heads, heads, dim, dim, 0, True)
        self.slot = nn.Linear(width, heads * slots, bias=False)
        self.slots, self.clamp, self.rotary = slots, clamp, rotary

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        if self.rotary:
            q, k = (_turned(each, run.position) for each in (q, k))
        given = torch.exp(self.slot(x).clamp(-self.clamp, self.clamp)).unflatten(-1, (self.heads, self.slots))
        # Sums over all tokens so far: the scan of linear attention with queries and keys of 1.
        one = torch.ones_like(given[:, :, :, :1])
        total = run.scan("sums", one, one, given, scale=1.0)
        write = given / total
        # At a sequence's first token all of a slot is new, and there is nothing to be forgotten.
        log_decay = torch.log1p(-write.clamp(max=1 - torch.finfo(write.dtype).eps))
        return self._end(x, run.slots(q, k, v, write, log_decay))


class BlurryWindow(_Headed):
    """Blurry window attention: `slots` slots of `stretch` tokens each."""

    def __init__(self, width, heads=4, *, slots=64, stretch=4, kernel="main_lobe", conv=0):
        super().__init__()
        dim = max(width // heads, 1)
        self._make(width, heads, heads, dim, dim, conv, False)
        self.slots, self.stretch, self.kernel = slots, float(stretch), kernel

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        first, tokens = run.position, x.shape[1]
        weight, filled = (w[first:].to(v.dtype).expand(*v.shape[:2], self.heads, self.slots) for w in
                          mech.blurry_weights(first + tokens, self.heads, self.slots, self.stretch, self.kernel))
        return self._end(x, run.slots(q, k, v, weight, torch.log1p(-weight), filled))


class ShortConv(Mixer):
    """The gated short convolution of Zoology: y = conv(x) (.) (W x + b) + x."""

    def __init__(self, width, *, taps=3):
        super().__init__()
        self._width(width, taps=taps)
        self.conv = _conv(width, taps)
        self.conv_bias = nn.Parameter(torch.zeros(width))
        self.gate = nn.Linear(width, width)

    def _mix(self, x, run):
        return run.conv(x, self.conv.weight, self.conv_bias) * self.gate(x) + x
