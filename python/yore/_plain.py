"""The mechanisms in plain torch operations, token by token as yore/mixers/*/math.md defines them: for modules that are to be
taken apart, moved to other devices and differentiated as often as one likes. The operators (yore.gla ..) are faster."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F


class Plain:
    """Runs mechanisms over whole sequences, as yore.nn.Whole does with the operators."""

    position = 0

    def attention(self, q, k, v, window=None, lookback=None, strict=False, sinks=0, soft_cap=None):
        from ._attention import distances

        reach = distances("yore.nn.Attention", q.shape[2], window, lookback, strict)
        group, tokens = q.shape[2] // k.shape[2], q.shape[1]
        k, v = (x.repeat_interleave(group, 2) for x in (k, v))
        key = torch.arange(tokens, device=q.device)
        age = key[:, None] - key
        farthest = torch.tensor([tokens if far < 0 else far for far in reach], device=q.device)[:, None, None]
        seen = (age >= int(strict)) & ((age <= farthest) | (key < sinks))
        scores = torch.einsum("bihd,bjhd->bhij", q, k) * q.shape[-1] ** -0.5
        if soft_cap:
            scores = soft_cap * torch.tanh(scores / soft_cap)
        # Where nothing is seen all scores are alike, and the weights 0.
        weights = scores.masked_fill(~seen, torch.finfo(scores.dtype).min).softmax(-1) * seen
        return torch.einsum("bhij,bjhd->bihd", weights, v)

    def conv(self, x, weight, bias=None, name="conv"):
        # One row more, whose output is left out: torch refuses to convolve fewer rows than taps, which no tokens would be.
        past = F.pad(x.transpose(1, 2), (weight.shape[1], 0))
        return F.conv1d(past, weight[:, None], bias, groups=weight.shape[0])[..., 1:].transpose(1, 2)

    def scan(self, name, q, k, v, log_decay=None, beta=None, decay="none", delta=False, scale=None, steps=1):
        group = v.shape[2] // q.shape[2]
        q, k = (x.repeat_interleave(group, 2) for x in (q, k))
        fade = None if log_decay is None else log_decay.exp()[..., None]
        if decay == "head":
            fade = fade[..., None]
        state = v.new_zeros(v.shape[0], v.shape[2], q.shape[3], v.shape[3])
        out = []
        for t in range(v.shape[1]):
            if fade is not None:
                state = state * fade[:, t]
            write = v[:, t]
            if delta:
                write = write - (k[:, t, :, None] @ state)[:, :, 0]
            if beta is not None:
                write = write * beta[:, t, :, None]
            state = state + k[:, t, :, :, None] * write[:, :, None]
            out.append((q[:, t, :, None] @ state)[:, :, 0])
        factor = q.shape[-1] ** -0.5 if scale is None else scale
        return torch.stack(out, 1) * factor if out else v

    def slots(self, q, k, v, write, log_decay=None, filled=None, bias=None, scale=None, grows=False):
        factor = q.shape[-1] ** -0.5 if scale is None else scale
        keys = k.new_zeros(write.shape[0], *write.shape[2:], k.shape[-1])
        values = v.new_zeros(*keys.shape[:-1], v.shape[-1])
        fade = None if log_decay is None else log_decay.exp()
        out = []
        for t in range(v.shape[1]):
            w = write[:, t, :, :, None]
            new = []
            for held, row in ((keys, k[:, t, :, None]), (values, v[:, t, :, None])):
                gone = held - w * (w * held).sum(2, keepdim=True) if fade is None else held * fade[:, t, :, :, None]
                new.append(gone + w * row)
            keys, values = new
            logits = factor * (keys @ q[:, t, :, :, None])[..., 0]
            z = torch.ones_like(logits) if filled is None else filled[:, t]
            there = z > 0  # a slot that holds nothing is not seen
            z = torch.where(there, z, torch.ones_like(z))
            logits = logits / z + z.log() + (0 if bias is None else bias[:, t])
            weights = logits.masked_fill(~there & there.any(-1, keepdim=True), -math.inf).softmax(-1)
            weights = weights * there  # a token that sees no slot gives 0
            out.append(((weights / z)[:, :, None] @ values)[:, :, 0])
        return torch.stack(out, 1) if out else v
