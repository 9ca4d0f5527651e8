"""Attention over the past for torch: global, local and hybrid heads in time and memory O(T x window).

>>> import torch, yore
>>> q = k = v = torch.randn(2, 128, 4, 16)           # [batch, time, heads, dim]
>>> yore.attention(q, k, v).shape                    # every head sees the whole past
torch.Size([2, 128, 4, 16])
>>> yore.attention(q, k, v, window=[16, 16, None, None]).shape   # a hybrid: two heads local, two global
torch.Size([2, 128, 4, 16])

Two words for how far a head sees. A *lookback* of K is the K positions before its own. A *window* of W counts keys
including the position itself: W = K + 1. With ``strict=True`` a position does not see itself.

The operators are ``torch.ops.yore.*``, in a library that torch loads when the first of them is wanted
(`yore._load`): ImportError if there is none or if torch refuses it. ``import yore`` alone imports nothing.
"""

import importlib

__version__ = "0.1.0"

# Where each name lives; imported when it is first asked for.
_PLACES = {
    "_attention": ["attention", "backend", "targets"],
    "_sdpa": ["flex_window", "scaled_dot_product_attention", "window_mask"],
    "_state": ["AttentionState", "ConvState", "ScanState", "SlotsState", "State"],
    "_recurrent": ["abc", "blurry_window", "delta_net", "gated_delta_net", "gla", "gsa", "kda", "linear_attention",
                   "mamba2", "retention", "short_conv", "slots"],
    "errors": ["BudgetError", "InputError"],
    "theory": ["ClassVerdict", "Extraction", "Language", "Verdict", "Witness", "classify", "extract", "named_languages"],
    "compiled": ["CompiledModel", "Trace", "compile_language"],
    "recogniser": ["Recogniser", "load"],
    "studies": ["Study"],
}
_PLACE = {name: module for module, names in _PLACES.items() for name in names}
__all__ = sorted([*_PLACE, "nn"])


def __getattr__(name):
    if name == "nn":
        return importlib.import_module(".nn", __name__)
    if name not in _PLACE:
        raise AttributeError(f"module 'yore' has no attribute {name!r}")
    value = getattr(importlib.import_module("." + _PLACE[name], __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
