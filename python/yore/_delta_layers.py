"""Layers around the delta rules: DeltaNet, gated DeltaNet and Kimi delta attention (yore/mixers/common/math.md, "Layers around
a delta rule")."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from ._layer_parts import decay_start, linear, softplus_decay, unit
from ._scan_layers import Headed


class Delta(Headed):
    """What the delta rules share (common/math.md, "Layers around a delta rule")."""

    def _begin_delta(self, width, heads, key_dim, value_dim, *, negative_eigenvalues, conv, conv_bias, scale, v_activation,
                     strict_read, steps, qk_activation, qk_norm, key_heads=None, beta=True, **numbers):
        self._begin(width, heads, key_dim, value_dim, conv, conv_bias, key_heads, steps, **numbers)
        self._word("v_activation", v_activation, "silu", "none")
        self._word("qk_activation", qk_activation, "silu", "relu", "elu", "none")
        if self._word("qk_norm", qk_norm, "l2", "sum", "none") == "sum" and qk_activation not in ("relu", "elu"):
            self._refuse("qk_norm must be l2 or none without qk_activation relu or elu: a sum with both signs may be 0")
        self.v_activation, self.qk_activation, self.qk_norm = v_activation, qk_activation, qk_norm
        self.scale, self.strict_read, self.strength = scale, strict_read, 2.0 if negative_eigenvalues else 1.0
        self.beta = linear(width, steps * heads) if beta else None

    def _asked(self, x):
        if self.qk_activation != "none":
            x = {"silu": F.silu, "relu": F.relu, "elu": lambda u: F.elu(u) + 1}[self.qk_activation](x)
        if self.qk_norm == "sum":
            return x / (x.sum(-1, keepdim=True) + 1e-6)
        return unit(x) if self.qk_norm == "l2" else x

    def _written(self, x, run, name, log_decay=None, decay="none"):
        q, k, v = self._split(self._projected(x, run))
        q, k, v = self._asked(q), self._asked(k), F.silu(v) if self.v_activation == "silu" else v
        beta = None
        if self.beta is not None:
            beta = torch.sigmoid(self.beta(x)) * self.strength
        elif self.strength != 1:
            beta = torch.full_like(v[..., 0], self.strength)
        y = self._remember(run, name, q, k, v, log_decay, beta, decay=decay, delta=True, scale=self.scale or None)
        return self._end(x, y)


class DeltaNet(Delta):
    """DeltaNet."""

    def __init__(self, width, heads=4, *, expand_k=1.0, expand_v=1.0, qk_activation="silu", qk_norm="l2", beta=True,
                 output_gate=False, negative_eigenvalues=False, conv=4, conv_bias=False, norm_epsilon=1e-5, scale=None,
                 v_activation="silu", out_norm=True, strict_read=False, steps=1):
        super().__init__()
        self._width(width, heads=heads)
        self._begin_delta(width, heads, self._share("expand_k", expand_k, heads), self._share("expand_v", expand_v, heads),
                          negative_eigenvalues=negative_eigenvalues, conv=conv, conv_bias=conv_bias, scale=scale,
                          v_activation=v_activation, strict_read=strict_read, steps=steps, qk_activation=qk_activation,
                          qk_norm=qk_norm, beta=beta)
        self._finish(self.value_dim if out_norm else 0, norm_epsilon, output_gate)

    def _mix(self, x, run):
        return self._written(x, run, "delta_net")


class GatedDeltaNet(Delta):
    """Gated DeltaNet: the delta rule over a state that decays."""

    def __init__(self, width, heads=6, *, key_heads=None, head_dim=256, expand_v=2.0, output_gate=True, least_rate=0.0,
                 most_rate=16.0, least_step=1e-3, most_step=0.1, qk_activation="silu", qk_norm="l2",
                 negative_eigenvalues=False, conv=4, conv_bias=False, norm_epsilon=1e-5, scale=None, v_activation="silu",
                 out_norm=True, strict_read=False, steps=1):
        super().__init__()
        self._begin_delta(width, heads, head_dim, round(head_dim * expand_v), key_heads=key_heads,
                          negative_eigenvalues=negative_eigenvalues, conv=conv, conv_bias=conv_bias, scale=scale,
                          v_activation=v_activation, strict_read=strict_read, steps=steps, qk_activation=qk_activation,
                          qk_norm=qk_norm)
        self.decay = linear(width, heads, bias=True)
        self.log_rate, bias = decay_start(heads, least_rate, most_rate, least_step, most_step)
        with torch.no_grad():
            self.decay.bias.copy_(bias)
        self._finish(self.value_dim if out_norm else 0, norm_epsilon, output_gate)

    def _mix(self, x, run):
        return self._written(x, run, "gated_delta_net", softplus_decay(self.log_rate, self.decay(x)), "head")


class KDA(Delta):
    """Kimi delta attention: a decay for every channel of the keys."""

    def __init__(self, width, heads=16, *, key_heads=None, head_dim=128, expand_v=1.0, decay_rank=None, lower_bound=0.0,
                 output_gate=True, gate_rank=None, least_rate=1.0, most_rate=16.0, least_step=1e-3, most_step=0.1,
                 qk_activation="silu", qk_norm="l2", negative_eigenvalues=False, conv=4, conv_bias=False, norm_epsilon=1e-5,
                 scale=None, v_activation="silu", out_norm=True, strict_read=False, steps=1):
        super().__init__()
        self._begin_delta(width, heads, head_dim, round(head_dim * expand_v), key_heads=key_heads,
                          negative_eigenvalues=negative_eigenvalues, conv=conv, conv_bias=conv_bias, scale=scale,
                          v_activation=v_activation, strict_read=strict_read, steps=steps, qk_activation=qk_activation,
                          qk_norm=qk_norm)
        self.lower_bound = lower_bound
        rank = decay_rank or self.value_dim
        self.decay_in = linear(width, rank)
        self.decay_out = linear(rank, heads * head_dim, bias=True)
        self.log_rate, bias = decay_start(heads, least_rate, most_rate, least_step, most_step, channels=head_dim)
        with torch.no_grad():
            self.decay_out.bias.copy_(bias)
        self._finish(self.value_dim if out_norm else 0, norm_epsilon, output_gate, gate_rank or self.value_dim)

    def _gated(self, x):
        return None if self.gate_in is None else torch.sigmoid(self.gate_out(self.gate_in(x)))

    def _mix(self, x, run):
        step = self.decay_out(self.decay_in(x)).unflatten(-1, (self.heads, self.key_dim))
        rate = self.log_rate[:, None]
        if self.lower_bound:
            log_decay = self.lower_bound * torch.sigmoid(torch.exp(torch.clamp(rate, max=60.0)) * step)
        else:
            log_decay = softplus_decay(rate, step)
        return self._written(x, run, "kda", log_decay, "key")
