"""Attention over the past for torch: global, local and hybrid heads in time and memory O(T x window).

>>> import torch, yore
>>> q = k = v = torch.randn(2, 128, 4, 16)           # [batch, time, heads, dim]
>>> yore.attention(q, k, v).shape                    # every head sees the whole past
torch.Size([2, 128, 4, 16])
>>> yore.attention(q, k, v, window=[16, 16, None, None]).shape   # a hybrid: two heads local, two global
torch.Size([2, 128, 4, 16])

Two words for how far a head sees. A *lookback* of K is the K positions before its own. A *window* of W counts keys
including the position itself: W = K + 1. With ``strict=True`` a position does not see itself.

The operators are ``torch.ops.yore.attention``, ``.backend`` and ``.targets``, in a library that torch loads:
``$YORE_LIBRARY`` if set, else ``libyore_torch.so`` beside this file (an installation), else that of the build tree
around it (``build/release``). Importing this module raises ImportError if there is none or if torch refuses it.
"""

import numbers
import os
from pathlib import Path

import torch

__all__ = ["attention", "backend", "targets"]


def _library():
    """Path of the operators; ImportError naming every place that was looked at."""
    given = os.environ.get("YORE_LIBRARY")
    if given:
        if not Path(given).is_file():
            raise ImportError(f"yore: expected a library at $YORE_LIBRARY, got {given!r}, which is no file")
        return given
    here = Path(__file__).resolve().parent
    name = "libyore_torch.so"
    places = [here / name, here.parents[1] / "build" / "release" / "python" / name]
    for place in places:
        if place.is_file():
            return str(place)
    raise ImportError(f"yore: expected {name} at {' or '.join(map(str, places))}, or its path in $YORE_LIBRARY")


try:
    torch.ops.load_library(_library())
except OSError as error:  # another torch than the one it was built with, or a library missing
    raise ImportError(f"yore: torch {torch.__version__} cannot load {_library()}: {error}") from error


def _reach(name, value, heads, least):
    """One lookback a head from `value`: None, a number, or a sequence of such; ValueError names what came."""

    def one(each, where):
        if each is None:
            return -1
        if isinstance(each, bool) or not isinstance(each, numbers.Integral):
            raise ValueError(f"yore.attention: {where} must be None (the whole past) or an integer, got {each!r}")
        if each == -1 and name == "lookback":
            return -1
        if each < least:
            raise ValueError(f"yore.attention: {where} must be None (the whole past) or at least {least}, got {each}")
        return int(each) - least

    if value is None or isinstance(value, numbers.Number):
        return [one(value, name)] * heads
    values = value.tolist() if isinstance(value, torch.Tensor) else list(value)
    if len(values) != heads:
        raise ValueError(f"yore.attention: {name} must be one value or one a head, {heads}, got {len(values)}")
    return [one(each, f"{name}[{h}]") for h, each in enumerate(values)]


def attention(q, k, v, lookback=None, strict=False, window=None, *, scale=None, sinks=0, sink_logits=None,
              alibi_slopes=None, soft_cap=None, cu_seqlens_q=None, cu_seqlens_k=None):
    """Softmax attention over the past, with a lookback per head.

    ``out[b, i, h] = sum_j softmax_j(scale * q[b, i, h] . k[b, j, g] - slope[h] * (p - j)) * v[b, j, g]`` over the
    visible keys j, where ``p = i + T_k - T_q`` is the position of query i (aligned at the end) and
    ``g = h // (H // H_kv)`` its key head; 0, with zero gradients, where nothing is visible. Visible are ``p - lookback
    <= j <= p`` (``j < p`` if strict) and the first `sinks` keys up to there.

    Differentiable, once, in q, k, v and sink_logits: a second derivative raises RuntimeError. On the CPU a kernel
    computes it in O(T x window); on other devices torch operations do, in O(T_q x T_k): see `backend`. NaN or
    infinity in a key that the CPU's kernel hides from a query reaches neither its output nor its gradient.

    Parameters
    ----------
    q : Tensor [B, T_q, H, D], float32 or float64
        Queries. With cu_seqlens: [N, H, D]. D is 1 to 256. Any strides.
    k : Tensor [B, T_k, H_kv, D]
        Keys, of q's type; beside a float32 q also bfloat16 or float16 (arithmetic stays float32). H_kv divides H:
        grouped or multi-query attention. With cu_seqlens: [M, H_kv, D].
    v : Tensor [B, T_k, H_kv, D_v]
        Values, of k's type and device. With cu_seqlens: [M, H_kv, D_v].
    lookback : int, None, or a sequence of H of them
        How many positions before its own a head sees; None (or -1) is all of them. Different heads may differ.
    strict : bool
        True: a position does not see itself, and position 0 sees nothing.
    window : int, None, or a sequence of H of them
        The same in the other common word: keys seen *including* the position itself, lookback + 1, so at least 1. Give
        lookback or window, not both; not with strict, under which the position itself is not seen.
    scale : float, optional
        Factor on q.k; 1 / sqrt(D) unless given.
    sinks : int
        The first so many keys of a sequence stay visible beyond the lookback.
    sink_logits : Tensor [H], optional
        Of q's type and device: exp(sink_logits[h]) is added to each denominator.
    alibi_slopes : sequence of H floats, optional
        ALiBi: lowers the score of a key by slope times its distance. Not differentiated.
    soft_cap : float, optional
        c: a score s = scale * q.k becomes c * tanh(s / c), before ALiBi lowers it. None (or 0): scores stay.
    cu_seqlens_q, cu_seqlens_k : Tensor [B + 1], int32 or int64, optional
        Sequences of different lengths without padding: sequence b owns rows cu_seqlens_q[b] to cu_seqlens_q[b + 1] - 1
        of q, and so for k and v. From 0, never falling, to N and to M. Both or neither.

    Returns
    -------
    Tensor [B, T_q, H, D_v], or [N, H, D_v] with cu_seqlens; of q's type.

    Raises
    ------
    ValueError
        Shapes, types, devices or parameters that do not fit; the text says what was expected and what came.
    RuntimeError
        Something that is no tensor, number or list where one was expected; a second derivative.
    """
    heads = q.shape[-2] if isinstance(q, torch.Tensor) and q.dim() > 1 else 1
    if window is None:
        reach = _reach("lookback", lookback, heads, 0)
    elif lookback is not None:
        raise ValueError(f"yore.attention: expected lookback or window, got both, {lookback!r} and {window!r}")
    elif strict:
        raise ValueError("yore.attention: window counts the position itself, which strict=True hides; "
                         f"expected a lookback, got window={window!r}")
    else:
        reach = _reach("window", window, heads, 1)
    if isinstance(alibi_slopes, torch.Tensor):
        alibi_slopes = alibi_slopes.tolist()
    elif alibi_slopes is not None:
        alibi_slopes = [float(slope) for slope in alibi_slopes]
    return torch.ops.yore.attention(q, k, v, lookback=reach, strict=strict, scale=scale, sinks=sinks,
                                    sink_logits=sink_logits, alibi_slopes=alibi_slopes,
                                    soft_cap=0.0 if soft_cap is None else float(soft_cap),
                                    cu_seqlens_q=cu_seqlens_q, cu_seqlens_k=cu_seqlens_k)


def backend(q=None):
    """What `attention` runs for queries like `q`, or for CPU tensors.

    Parameters
    ----------
    q : Tensor, optional
        Only its device matters.

    Returns
    -------
    str
        "kernel (AVX2)" or the like, with the SIMD target in use; or "composition", torch operations.
    """
    return torch.ops.yore.backend(torch.empty(0) if q is None else q)


def targets():
    """SIMD targets that the kernel was compiled for and that this processor has.

    Returns
    -------
    list of str
        The best first: that is the one that runs, which `backend` names.
    """
    return torch.ops.yore.targets()


# Step-by-step decoding is to stand here: a state of keys and values that one position a call is added to.


def __getattr__(name):
    """The theory's names (``yore.classify``, ``yore.Language``, ``yore.load``, ..), imported when they are first used."""
    from . import _names

    return _names.find(name)
