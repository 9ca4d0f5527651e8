"""Layers whose memory is a matrix a head: linear attention, retention, gated linear attention and Mamba-2
(yore/mixers/*/math.md, "What the layer does around it"); and the short convolution as a layer of its own. The delta rules
are in _delta_layers."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from ._layer_parts import Mixer, Named, before_softplus, decay_start, fan_in, linear, rms, softplus_decay, turned


class Headed(Mixer):
    """q, k, v = W_qkv x, perhaps convolved; a memory; perhaps each head's RMS norm and a gate; W_o."""

    strict_read, steps = False, 1

    def _begin(self, width, heads, key_dim, value_dim, conv=0, conv_bias=False, key_heads=None, steps=1, **numbers):
        key_heads = heads if key_heads in (None, 0) else key_heads
        self._width(width, heads=heads, key_heads=key_heads, key_dim=key_dim, value_dim=value_dim, steps=steps, **numbers)
        if heads % key_heads:
            self._refuse(f"key_heads must divide heads, {heads}, got {key_heads}")
        self._taps(conv)
        self.heads, self.key_heads, self.key_dim, self.value_dim, self.steps = heads, key_heads, key_dim, value_dim, steps
        channels = (1 + steps) * key_heads * key_dim + steps * heads * value_dim
        self.qkv = linear(width, channels)
        self.conv = Named(fan_in(channels, conv), torch.zeros(channels) if conv_bias else None) if conv else None

    def _finish(self, out_norm, norm_epsilon, gate=False, gate_rank=0):
        """The parameters behind those of the mechanism. out_norm: numbers that are normed together, or 0."""
        values = self.heads * self.value_dim
        self.gate = self.gate_in = self.gate_out = None
        if gate and gate_rank:
            self.gate_in, self.gate_out = linear(self.width, gate_rank), linear(gate_rank, values, bias=True)
        elif gate:
            self.gate = linear(self.width, values)
        self.out_norm = Named(torch.ones(out_norm)) if out_norm else None
        self.norm_epsilon = norm_epsilon
        self.out = linear(values, self.width)

    def _projected(self, x, run):
        qkv = self.qkv(x)
        return qkv if self.conv is None else run.conv(qkv, self.conv.weight, self.conv.bias)

    def _split(self, qkv):
        """[B, T, heads, dim] each; with several steps those of the first, then those of the second .."""
        keys, values = self.key_heads * self.key_dim, self.heads * self.value_dim
        q, k, v = qkv.split([keys, self.steps * keys, self.steps * values], -1)
        return (q.unflatten(-1, (self.key_heads, self.key_dim)), k.unflatten(-1, (-1, self.key_dim)),
                v.unflatten(-1, (-1, self.value_dim)))

    def _qkv(self, x, run):
        qkv = self._projected(x, run)
        return self._split(qkv if self.conv is None else F.silu(qkv))

    def _remember(self, run, name, q, k, v, log_decay=None, beta=None, decay="none", delta=False, scale=None):
        """The scan, read strictly and in several steps a token if the layer is so (common/math.md)."""
        if self.strict_read:  # what a token writes comes in a token later
            parts = [k, v, *[x for x in (log_decay, beta) if x is not None]]
            columns = torch.cat([x.flatten(2) for x in parts], -1)
            taps = columns.new_zeros(columns.shape[-1], 2)
            taps[:, 0] = 1
            late = run.conv(columns, taps, name="delay").split([x.shape[2:].numel() for x in parts], -1)
            k, v, *gates = (x.reshape(like.shape) for x, like in zip(late, parts))
            log_decay = None if log_decay is None else gates.pop(0)
            beta = None if beta is None else gates.pop(0)
        if self.steps > 1:  # a row a step: the decay in the first, the query in the last
            n, (batch, time) = self.steps, q.shape[:2]

            def alone(x, first):
                rest = x.new_zeros(batch, time, n - 1, *x.shape[2:])
                return torch.cat([x[:, :, None], rest] if first else [rest, x[:, :, None]], 2).flatten(1, 2)

            def steps(x):
                return None if x is None else x.unflatten(2, (n, -1)).flatten(1, 2)

            q, k, v, beta = alone(q, False), steps(k), steps(v), steps(beta)
            log_decay = None if log_decay is None else alone(log_decay, True)
        y = run.scan(name, q, k, v, log_decay, beta, decay=decay, delta=delta, scale=scale, steps=self.steps)
        return y[:, self.steps - 1 :: self.steps]

    def _gated(self, x):
        """What the normed outputs are multiplied by, or None."""
        return None if self.gate is None else F.silu(self.gate(x))

    def _normed_out(self, y):
        return y if self.out_norm is None else rms(y, self.out_norm.weight, self.norm_epsilon)

    def _end(self, x, y):
        y = self._normed_out(y)
        gate = self._gated(x)
        if gate is not None:
            y = y * gate.unflatten(-1, (self.heads, self.value_dim))
        return self.out(y.flatten(2))


class LinearAttention(Headed):
    """Linear attention. feature_map: 'hadamard' (the product of two learnt maps), 'identity', 'elu' (plus 1) or 'relu'."""

    def __init__(self, width, heads=8, *, expand_k=1.0, expand_v=1.0, feature_map="hadamard", tied_map=False, q_norm=False,
                 k_norm=False, normaliser=False, normaliser_epsilon=1e-10, output_norm=True, norm_epsilon=1e-5, scale=None):
        super().__init__()
        self._width(width, heads=heads)
        self._begin(width, heads, self._share("expand_k", expand_k, heads), self._share("expand_v", expand_v, heads))
        self.feature_map = self._word("feature_map", feature_map, "hadamard", "identity", "elu", "relu")
        if tied_map and feature_map != "hadamard":
            self._refuse(f"tied_map must be False with feature_map={feature_map!r}, which learns nothing")
        self.q_norm, self.k_norm, self.scale = q_norm, k_norm, scale
        self.normaliser, self.normaliser_epsilon = normaliser, normaliser_epsilon
        self.map = self.q_map = self.k_map = None
        if feature_map == "hadamard":
            for name in ["map"] if tied_map else ["q_map", "k_map"]:
                setattr(self, name, linear(self.key_dim, 2 * self.key_dim, bias=True))
        self._finish(self.value_dim if output_norm else 0, norm_epsilon)

    def _features(self, x, learnt, normed):
        if self.feature_map == "hadamard":
            a, b = learnt(x).chunk(2, -1)
            x = a * b
        elif self.feature_map != "identity":
            x = F.elu(x) + 1 if self.feature_map == "elu" else F.relu(x)
        return x / (x.sum(-1, keepdim=True) + 1e-4) if normed else x

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        q = self._features(q, self.map or self.q_map, self.q_norm)
        k = self._features(k, self.map or self.k_map, self.k_norm)
        if self.normaliser:
            v = torch.cat([v, torch.ones_like(v[..., :1])], -1)
        y = self._remember(run, "linear_attention", q, k, v, scale=self.scale or None)
        if self.normaliser:
            y = y[..., :-1] / (y[..., -1:] + self.normaliser_epsilon)
        return self._end(x, y)


class Retention(Headed):
    """Retention: head h decays by decays[h], 1 - 2^(-5-h) unless given, a token; rotary positions."""

    def __init__(self, width, heads=8, *, expand_k=1.0, expand_v=2.0, decays=None, rotary=True, rotary_base=10000.0,
                 output_gate=True, norm_epsilon=1e-5, conv=0, scale=None):
        super().__init__()
        self._width(width, heads=heads)
        self._begin(width, heads, self._share("expand_k", expand_k, heads), self._share("expand_v", expand_v, heads), conv)
        if rotary and self.key_dim % 2:
            self._refuse(f"heads must have an even number of keys with rotary=True, got {self.key_dim}")
        self.decays = [float(x) for x in decays or [1 - 2.0 ** (-5 - h) for h in range(heads)]]
        if len(self.decays) != heads or not all(0 < x <= 1 for x in self.decays):
            self._refuse(f"decays must be {heads} numbers in (0, 1], got {decays}")
        self.rotary, self.rotary_base, self.scale = rotary, rotary_base, scale
        self._finish(self.value_dim, norm_epsilon, output_gate)

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        if self.rotary:
            q, k = (turned(each, run.position, self.rotary_base) for each in (q, k))
        rates = torch.tensor(self.decays, dtype=torch.float64).log().to(v)
        return self._end(x, self._remember(run, "retention", q, k, v, rates.expand(*v.shape[:2], self.heads), decay="head",
                                           scale=self.scale or None))


class GLA(Headed):
    """Gated linear attention."""

    def __init__(self, width, heads=4, *, expand_k=0.5, expand_v=1.0, gate_rank=16, gate_divisor=16.0, output_gate=True,
                 norm_epsilon=1e-5, conv=0, scale=None, out_norm=True, strict_read=False):
        super().__init__()
        self._width(width, heads=heads)
        self._begin(width, heads, self._share("expand_k", expand_k, heads), self._share("expand_v", expand_v, heads), conv,
                    gate_rank=gate_rank)
        self.gate_divisor, self.scale, self.strict_read = gate_divisor, scale, strict_read
        self.decay_in = linear(width, gate_rank)
        self.decay_out = linear(gate_rank, heads * self.key_dim, bias=True)
        self._finish(self.value_dim if out_norm else 0, norm_epsilon, output_gate)

    def _mix(self, x, run):
        q, k, v = self._qkv(x, run)
        fade = self.decay_out(self.decay_in(x)).unflatten(-1, (self.heads, self.key_dim))
        return self._end(x, self._remember(run, "gla", q, k, v, F.logsigmoid(fade) / self.gate_divisor, decay="key",
                                           scale=self.scale or None))


def _renamed(state, prefix, old, new):
    for part in ("weight", "bias"):
        if prefix + old + part in state:
            state[prefix + new + part] = state.pop(prefix + old + part)


def _say_in(module, state, prefix, metadata):
    _renamed(state, prefix, "inp.", "in.")


def _hear_in(state, prefix, *rest):
    _renamed(state, prefix, "in.", "inp.")


class Mamba2(Headed):
    """Mamba-2."""

    def __init__(self, width, *, expand=2.0, head_width=64, heads=None, state=128, groups=1, conv=4, conv_bias=True,
                 bias=False, a_min=1.0, a_max=16.0, dt_min=0.001, dt_max=0.1, dt_least=0.0, dt_most=0.0,
                 skip_per_channel=False, norm="group", norm_before_gate=False, norm_epsilon=1e-5, strict_read=False):
        super().__init__()
        inner = round(expand * width)
        if not head_width and heads:
            head_width = inner // heads
        self._width(width, head_width=head_width, state=state, groups=groups)
        if abs(inner - expand * width) > 1e-9 or inner % head_width or heads not in (None, 0, inner // head_width) or \
                inner // head_width % groups:
            self._refuse(f"head_width must divide {expand * width:g} into heads that groups divide, got {head_width}, "
                         f"heads {heads} and {groups} groups")
        self._taps(conv)
        self._word("norm", norm, "group", "whole", "none")
        self.inner, self.head_width, self.state, self.groups = inner, head_width, state, groups
        self.heads, self.channels = inner // head_width, inner + 2 * groups * state
        self.dt_least, self.dt_most, self.strict_read = dt_least, dt_most, strict_read
        self.norm_groups, self.norm_before_gate = groups if norm == "group" else 1, norm_before_gate
        self.norm_epsilon = norm_epsilon
        # In the files it is called "in", a word of Python that code made from modules cannot have as an attribute.
        self.inp = linear(width, inner + self.channels + self.heads, bias=bias)
        self._register_state_dict_hook(_say_in)
        self._register_load_state_dict_pre_hook(_hear_in)
        self.conv = Named(fan_in(self.channels, conv), torch.zeros(self.channels) if conv_bias else None) if conv else None
        rate, step = decay_start(self.heads, a_min, a_max, dt_min, dt_max)
        self.dt = Named(bias=step)
        self.a_log = rate
        self.skip = nn.Parameter(torch.ones(inner if skip_per_channel else self.heads))
        self.out_norm = None if norm == "none" else Named(torch.ones(inner))
        self.out = linear(inner, width, bias=bias)

    def _mix(self, x, run):
        z, xbc, raw = self.inp(x).split([self.inner, self.channels, self.heads], -1)
        if self.conv is not None:
            xbc = F.silu(run.conv(xbc, self.conv.weight, self.conv.bias))
        u, b, c = xbc.split([self.inner, self.groups * self.state, self.groups * self.state], -1)
        u = u.unflatten(-1, (self.heads, self.head_width))
        b, c = (each.unflatten(-1, (self.groups, self.state)) for each in (b, c))
        raw = raw + self.dt.bias
        if self.dt_least > 0:
            raw = torch.clamp(raw, min=before_softplus(self.dt_least))
        if self.dt_most > 0:
            raw = torch.clamp(raw, max=before_softplus(self.dt_most))
        y = self._remember(run, "mamba2", c, b, u, softplus_decay(self.a_log, raw), -F.logsigmoid(-raw), decay="head",
                           scale=1.0)
        y = (y + u * self.skip.view(self.heads, -1)).flatten(2)
        if not self.norm_before_gate:
            y = y * F.silu(z)
        if self.out_norm is not None:
            weight = self.out_norm.weight.view(self.norm_groups, -1)
            y = rms(y.unflatten(-1, (self.norm_groups, -1)), weight, self.norm_epsilon).flatten(2)
        return self.out(y * F.silu(z) if self.norm_before_gate else y)


class ShortConv(Mixer):
    """The gated short convolution of Zoology: y = conv(x) (.) (W x + b) + x. `taps` is what the program calls width."""

    def __init__(self, width, *, taps=3, gate=True, skip=True, activation="none", conv_bias=True, gate_bias=True):
        super().__init__()
        self._width(width, taps=taps)
        self.conv = Named(fan_in(width, taps), torch.zeros(width) if conv_bias else None)
        self.gate = linear(width, width, bias=gate_bias) if gate else None
        self.skip, self.activation = skip, self._word("activation", activation, "none", "silu")

    def _mix(self, x, run):
        passed = F.silu if self.activation == "silu" else lambda u: u
        y = passed(run.conv(x, self.conv.weight, self.conv.bias))
        if self.gate is not None:
            y = y * passed(self.gate(x))
        return y + x if self.skip else y
