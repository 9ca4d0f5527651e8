"""What yore's layers are made of, without operators: the module that a mixer is, maps and weights under the names that
model.safetensors has for them, norms, turned positions, decays."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F


class Mixer(nn.Module):
    """A layer [B, T, width] -> [B, T, width]. Its options have the names, meanings and defaults of `yore mixers NAME`; None
    stands for those that depend on others."""

    #: Computed by plain torch operations (yore._plain) instead of yore's operators: slower, and on any device.
    plain = False

    def forward(self, x):
        return self._mix(self._rows(x), self._whole())

    def _whole(self):
        if self.plain:
            from ._plain import Plain

            return Plain()
        from .nn import Whole

        return Whole()

    def start(self, batch=1, rollback=0):
        """A State before the first token, which can go back (State.roll_back) to wherever it was at most `rollback` tokens
        before the furthest that it came: after r tokens were taken back another rollback - r of them can be."""
        from .nn import State

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

    def _refuse(self, reason):
        raise ValueError(f"yore.nn.{type(self).__name__}: {reason}")

    def _width(self, width, **numbers):
        self.width = width
        for name, x in {"width": width, **numbers}.items():
            if isinstance(x, bool) or not isinstance(x, int) or x < 1:
                self._refuse(f"{name} must be an integer of at least 1, got {x!r}")

    def _word(self, name, value, *words):
        if value not in words:
            self._refuse(f"{name} must be one of {', '.join(words)}, got {value!r}")
        return value

    def _taps(self, conv):
        if conv == 1 or conv < 0:
            self._refuse(f"conv must be 0 (none) or at least 2 tokens, got {conv}")

    def _share(self, name, share, heads):
        """The width of each of `heads` heads that together have `share` times the layer's width."""
        each = share * self.width / heads
        if round(each) < 1 or abs(each - round(each)) > 1e-9:
            self._refuse(f"heads must divide width * {name}, {share * self.width:g}, got {heads}")
        return round(each)


class Named(nn.Module):
    """Parameters by themselves under one name: NAME.weight, NAME.bias."""

    def __init__(self, weight=None, bias=None):
        super().__init__()
        for name, start in (("weight", weight), ("bias", bias)):
            self.register_parameter(name, None if start is None else nn.Parameter(start))


def fan_in(*shape):
    """Uniform in +-1 / sqrt(numbers that a row sums up)."""
    return torch.empty(shape).uniform_(-(shape[-1] ** -0.5), shape[-1] ** -0.5)


def linear(width, out, bias=False):
    """A map that starts as yore's do: biases of 0."""
    made = nn.Linear(width, out, bias=bias)
    if bias:
        nn.init.zeros_(made.bias)
    return made


def rms(x, weight, epsilon):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon) * weight


def unit(x, epsilon=1e-6):
    return x * torch.rsqrt(x.square().sum(-1, keepdim=True) + epsilon)


def turned(x, start, base=10000.0):
    """x [B, T, H, D] turned by rotary positions start .. : pairs are numbers c and c + D/2."""
    half = x.shape[-1] // 2
    speed = base ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = (start + torch.arange(x.shape[1], dtype=torch.float64))[:, None] * speed
    cos, sin = (f(angle).to(x)[:, None, :] for f in (torch.cos, torch.sin))
    a, b = x[..., :half], x[..., half : 2 * half]
    return torch.cat([a * cos - b * sin, a * sin + b * cos, x[..., 2 * half :]], -1)


def softplus_decay(log_rate, x):
    """-exp(log_rate) softplus(x), in which neither factor leaves the range of numbers by itself (common/math.md,
    "Decays")."""
    rate = torch.exp(torch.clamp(log_rate + torch.clamp(x + 40.0, max=0.0), max=60.0))
    return torch.clamp(rate * F.logsigmoid(-torch.clamp(x, min=-40.0)), min=-1e3)


def before_softplus(y):
    """x with softplus(x) = y."""
    return y + math.log(-math.expm1(-y))


def decay_start(heads, least_rate, most_rate, least_step, most_step, channels=1):
    """(log_rate [heads], bias [heads * channels]) of a decay exp(-e^log_rate softplus(. + bias)): rates uniform, steps
    uniform in their logarithm."""
    step = torch.exp(torch.rand(heads * channels) * math.log(most_step / least_step) + math.log(least_step))
    rate = torch.rand(heads) * (most_rate - least_rate) + least_rate
    return nn.Parameter(torch.clamp(rate, min=1e-12).log()), step + torch.log(-torch.expm1(-step))


def alibi_slopes(heads):
    """Press et al. 2022: for H a power of two 2^(-8h/H), else those below it and every second one above."""
    power = 2 ** math.floor(math.log2(heads))
    slopes = [2.0 ** (-8.0 * h / power) for h in range(1, power + 1)]
    return slopes + [2.0 ** (-8.0 * h / (2 * power)) for h in range(1, 2 * power + 1, 2)][: heads - power]
