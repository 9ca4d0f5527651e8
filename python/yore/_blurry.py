"""Which slots a token of blurry window attention is written into (yore/mixers/blurry_window/math.md): weights by position,
what slots hold, and what their age takes off their logits."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import torch


def dirichlet_kernel(x, slots):
    """The mean of `slots` waves symmetric around frequency 0: 1 at 0, 0 at the other slots."""
    turns = math.pi * x / slots
    sine = torch.sin(turns)
    near = sine.abs() < 1e-12
    safe = torch.where(near, torch.ones_like(sine), sine)
    value = (torch.sin(math.pi * x) / (slots * safe)).clamp(-1, 1)  # rounding must not pass 1
    if slots % 2 == 0:
        value = value * torch.cos(turns)
    return torch.where(near, torch.ones_like(value), torch.where(x == x.round(), torch.zeros_like(value), value))


def fraction(stretch):
    """4, 1.5 (up to four decimals) or "3/2"; ValueError for what is none of at least 1."""
    exact = Fraction(str(round(stretch, 4)) if isinstance(stretch, float) else stretch)
    if not 1 <= exact <= 2**20 or exact.numerator > 2**32:
        raise ValueError(f"a stretch must be at least 1 and at most 2^20, a fraction of numbers up to 2^32, got {stretch}")
    return exact


def tables(tokens, slots, stretches, phases, kernel="main_lobe", gain="one", erase="decay", age_bias=None):
    """(weights, fillings, biases or None) of tokens 0 .. tokens - 1, [tokens, heads, slots] each, float64. One stretch
    (a Fraction), one phase and one slope of age_bias a head; token t stands at slot coordinate t / stretch + phase."""
    setting = (slots, tuple(s.numerator for s in stretches), tuple(s.denominator for s in stretches), tuple(phases), kernel,
               gain, erase, tuple(age_bias or ()))
    compiling = hasattr(torch, "compiler") and torch.compiler.is_compiling()
    made = torch.ops.yore.blurry_tables(tokens, *setting) if compiling else _rows(tokens, *setting)
    return made[0], made[1], made[2] if any(age_bias or ()) else None


def _rows(tokens, *setting):
    """The tables' first rows, of tables of few sizes, so that decoding makes few of them."""
    return _tables(max(64, 1 << max(tokens - 1, 0).bit_length()), *setting)[:, :tokens]


if hasattr(torch, "compiler"):  # PyTorch 1.13 compiles nothing
    # To compilers an operator for any number of tokens, not a loop to be traced. Its result is its caller's own.
    _library = torch.library.Library("yore", "FRAGMENT")
    _library.define("blurry_tables(SymInt tokens, int slots, int[] tops, int[] bottoms, float[] phases, str kernel, "
                    "str gain, str erase, float[] age_bias) -> Tensor")
    _library.impl("blurry_tables", lambda tokens, *setting: _rows(
        tokens, *(tuple(x) if isinstance(x, list) else x for x in setting)).clone(), "CompositeExplicitAutograd")

    @torch.library.register_fake("yore::blurry_tables")
    def _(tokens, slots, tops, *_):
        return torch.empty(3, tokens, len(tops), slots, dtype=torch.float64)


@functools.lru_cache(maxsize=16)
def _tables(tokens, slots, tops, bottoms, phases, kernel, gain, erase, age_bias):
    """Weights, fillings and biases, one behind the other."""
    top, bottom = torch.tensor(tops)[None, :, None], torch.tensor(bottoms)[None, :, None]
    whole = slots * top
    # Whole numbers: t / stretch in floating point would drift.
    place = torch.remainder(torch.arange(tokens)[:, None, None] * bottom, whole) - torch.arange(slots) * top
    x = place.double() / top + torch.tensor(phases, dtype=torch.float64)[None, :, None]
    x = torch.remainder(x + slots / 2, slots) - slots / 2
    weight = dirichlet_kernel(x, slots)
    if kernel == "squared":
        weight = weight.square()
    elif kernel == "main_lobe":
        weight = torch.where(x.abs() >= 1, torch.zeros_like(weight), weight)
    if gain == "stretch":
        weight = weight * bottom / top
    filled, bias = torch.empty_like(weight), torch.zeros_like(weight)
    slopes = torch.tensor(age_bias, dtype=torch.float64)[:, None]
    z = torch.zeros_like(weight[0])
    held, age = z, z  # of slots that fade, whatever erases them
    for t in range(tokens):
        w = weight[t]
        z = z + w * (1 - (w * z).sum(-1, keepdim=True)) if erase == "delta" else (1 - w) * z + w
        filled[t] = torch.where(z.abs() < 1e-12, torch.zeros_like(z), z)
        if any(age_bias):
            left = (1 - w) * held
            held = left + w
            age = torch.where(held > 0, left * (age + 1) / torch.where(held > 0, held, torch.ones_like(held)), 0.0)
            bias[t] = -slopes * age
    return torch.stack([weight, filled, bias])
