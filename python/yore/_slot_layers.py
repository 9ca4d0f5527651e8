"""Layers whose memory is slots read by a softmax: gated slot attention, bounded-memory control and blurry windows
(yore/mixers/{gsa,abc,blurry_window}/math.md, "What the layer does around it")."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from . import _blurry
from ._layer_parts import alibi_slopes, linear, rms, turned
from ._scan_layers import Headed


class Slotted(Headed):
    """q, k, v = W_qkv x, perhaps a convolution and SiLU, and maps; slots; perhaps a map, a norm, a gate; W_o."""

    def _begin_slots(self, width, heads, slots, expand_k, expand_v, feature_map, value_map, output_map, norm, conv, scale):
        self._width(width, heads=heads, slots=slots)
        self._begin(width, heads, self._share("expand_k", expand_k, heads), self._share("expand_v", expand_v, heads), conv)
        self.count, self.scale = slots, scale
        self.feature_map = self._word("feature_map", feature_map, "none", "silu")
        self.value_map = self._word("value_map", value_map, "none", "silu")
        self.output_map = self._word("output_map", output_map, "none", "silu")
        self.norm_of = self._word("norm", norm, "none", "head", "layer")

    def _finish_slots(self, norm_epsilon, output_gate):
        sizes = {"none": 0, "head": self.value_dim, "layer": self.heads * self.value_dim}
        self._finish(sizes[self.norm_of], norm_epsilon, output_gate)

    def _asking(self, x, run):
        q, k, v = self._qkv(x, run)
        if self.feature_map == "silu":
            q, k = F.silu(q), F.silu(k)
        return q, k, F.silu(v) if self.value_map == "silu" else v

    def _normed_out(self, y):
        if self.output_map == "silu":
            y = F.silu(y)
        if self.norm_of == "layer":
            return rms(y.flatten(2), self.out_norm.weight, self.norm_epsilon).unflatten(-1, (self.heads, self.value_dim))
        return super()._normed_out(y)


class GSA(Slotted):
    """Gated slot attention."""

    def __init__(self, width, heads=4, *, slots=64, expand_k=1.0, expand_v=1.0, feature_map="silu", value_map="silu",
                 output_map="silu", norm="layer", norm_epsilon=1e-5, output_gate=False, conv=0, scale=None,
                 gate_divisor=8.0):
        super().__init__()
        self._begin_slots(width, heads, slots, expand_k, expand_v, feature_map, value_map, output_map, norm, conv,
                          scale or 1.0)
        self.gate_divisor = gate_divisor
        self.fade = linear(width, heads * slots)
        self._finish_slots(norm_epsilon, output_gate)

    def _mix(self, x, run):
        q, k, v = self._asking(x, run)
        log_decay = F.logsigmoid(self.fade(x).unflatten(-1, (self.heads, self.count))) / self.gate_divisor
        return self._end(x, run.slots(q, k, v, -torch.expm1(log_decay), log_decay, scale=self.scale))


class ABC(Slotted):
    """Attention with bounded-memory control."""

    def __init__(self, width, heads=4, *, slots=64, expand_k=0.5, expand_v=1.0, feature_map="none", value_map="none",
                 output_map="none", norm="head", norm_epsilon=1e-5, output_gate=True, conv=0, scale=None,
                 positions="rotary", rotary_base=10000.0, clamp=32.0):
        super().__init__()
        self._begin_slots(width, heads, slots, expand_k, expand_v, feature_map, value_map, output_map, norm, conv,
                          scale or None)
        self.positions, self.rotary_base = self._word("positions", positions, "none", "rotary"), rotary_base
        if positions == "rotary" and self.key_dim % 2:
            self._refuse(f"heads must have an even number of keys with positions='rotary', got {self.key_dim}")
        self.clamp = clamp
        self.slots = linear(width, heads * slots)
        self._finish_slots(norm_epsilon, output_gate)

    def _mix(self, x, run):
        q, k, v = self._asking(x, run)
        if self.positions == "rotary":
            q, k = (turned(each, run.position, self.rotary_base) for each in (q, k))
        logits = self.slots(x).clamp(-self.clamp, self.clamp)
        given = torch.exp(logits).unflatten(-1, (self.heads, self.count))
        # Sums over all tokens so far: the scan of linear attention with queries and keys of 1.
        one = torch.ones_like(given[..., :1])
        total = run.scan("sums", one, one, given, scale=1.0)
        write = given / total
        # At a sequence's first token all of a slot is new, and there is nothing to be forgotten.
        log_decay = torch.log1p(-write.clamp(max=1 - torch.finfo(write.dtype).eps))
        return self._end(x, run.slots(q, k, v, write, log_decay, scale=self.scale))


class BlurryWindow(Slotted):
    """Blurry window attention: `slots` slots of `stretch` tokens each. stretch (4 unless given: a number, "3/2" or one a
    head), phase ("spread", "none" or a list), kernel, gain, erase and age_bias as yore/mixers/blurry_window/math.md says."""

    def __init__(self, width, heads=4, *, slots=64, expand_k=1.0, expand_v=1.0, feature_map="none", value_map="none",
                 output_map="none", norm="head", norm_epsilon=1e-5, output_gate=False, conv=0, scale=None, stretch=None,
                 phase=None, kernel="main_lobe", gain="one", erase="decay", age_bias=None):
        super().__init__()
        self._begin_slots(width, heads, slots, expand_k, expand_v, feature_map, value_map, output_map, norm, conv,
                          scale or None)
        self._word("kernel", kernel, "main_lobe", "signed", "squared")
        self._word("gain", gain, "one", "stretch")
        self._word("erase", erase, "decay", "delta")
        try:
            stretches = [_blurry.fraction(x) for x in self._each("stretch", 4 if stretch is None else stretch)]
        except (ValueError, TypeError, ZeroDivisionError) as error:
            self._refuse(str(error))
        phase = "spread" if phase is None else phase
        if isinstance(phase, str):
            self._word("phase", phase, "spread", "none")
            phase = [h / heads if phase == "spread" else 0.0 for h in range(heads)]
        slopes = alibi_slopes(heads) if age_bias == "alibi" else self._each("age_bias", age_bias or 0.0)
        if any(slopes) and kernel == "signed":
            self._refuse("age_bias must be 0 with kernel='signed', whose weights below 0 leave no mean age")
        self.table = {"slots": slots, "stretches": tuple(stretches),
                      "phases": tuple(float(x) for x in self._each("phase", phase)), "kernel": kernel, "gain": gain,
                      "erase": erase, "age_bias": tuple(float(x) for x in slopes)}
        self._finish_slots(norm_epsilon, output_gate)

    def _each(self, name, value):
        """One a head."""
        if not isinstance(value, (list, tuple)):
            return [value] * self.heads
        if len(value) != self.heads:
            self._refuse(f"{name} must be one value or {self.heads}, one a head, got {len(value)}")
        return list(value)

    def _mix(self, x, run):
        q, k, v = self._asking(x, run)
        first = run.position
        write, filled, bias = (None if each is None else each[first:].to(v).expand(*v.shape[:2], self.heads, self.count)
                               for each in _blurry.tables(first + x.shape[1], **self.table))
        fades = self.table["erase"] == "decay"
        return self._end(x, run.slots(q, k, v, write, torch.log1p(-write) if fades else None, filled=filled, bias=bias,
                                      scale=self.scale, grows=fades and self.table["kernel"] == "signed"))
