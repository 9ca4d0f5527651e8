"""Rotary positions with every option that attention has for them (yore/mixers/common/rotary.h)."""

from __future__ import annotations

import math

import torch


def _kept(c, dims, base, kind, numbers):
    """The share of pair c's frequency that is not divided by the factor."""
    if kind == "llama3":
        _, low, high, original = numbers
        turns = original * base ** (-2.0 * c / dims) / (2 * math.pi)
        return min(max((turns - low) / (high - low), 0.0), 1.0)
    if kind == "yarn":
        _, original, fast, slow = numbers

        def pair_of(turns):
            return dims * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(base))

        first = max(0.0, math.floor(pair_of(fast)))
        last = min(dims - 1.0, math.ceil(pair_of(slow)))
        return 1 - min(max((c - first) / ((last if last != first else last + 0.001) - first), 0.0), 1.0)
    return 0.0  # linear


class Rotary:
    """Turns the first dims of x [B, H, T, D] by their positions. `o`: the complete options of an attention layer."""

    def __init__(self, o):
        self.dims = round(o["head_width"] * o["rotary_fraction"])
        self.adjacent = o["rotary_style"] == "adjacent"
        pairs = range(self.dims // 2)
        speed = [o["rotary_base"] ** (-2.0 * c / self.dims) for c in pairs]
        self.length = 1.0  # of the turned dims
        kind, _, text = o.get("rotary_scaling", "none").partition(":")
        if kind != "none":
            numbers = [float(x) for x in text.strip("[]").split(",")]
            if kind == "yarn":
                numbers += [32.0, 1.0][len(numbers) - 2 :]
                self.length = 0.1 * math.log(numbers[0]) + 1
            kept = [_kept(c, self.dims, o["rotary_base"], kind, numbers) for c in pairs]
            speed = [s * (k + (1 - k) / numbers[0]) for s, k in zip(speed, kept)]
        self.speed = torch.tensor(speed, dtype=torch.float64)

    def __call__(self, x):
        angle = torch.arange(x.shape[2], dtype=torch.float64)[:, None] * self.speed
        cos, sin = ((f(angle) * self.length).to(x) for f in (torch.cos, torch.sin))
        turning, rest = x[..., : self.dims], x[..., self.dims :]
        a, b = (turning[..., 0::2], turning[..., 1::2]) if self.adjacent else turning.split(self.dims // 2, -1)
        both = (a * cos - b * sin, a * sin + b * cos)
        return torch.cat([torch.stack(both, -1).flatten(-2) if self.adjacent else torch.cat(both, -1), rest], -1)
