"""Softmax attention over the past."""

import warnings

import torch

from . import _checks, _load

if _load.STABLE:
    from . import _operators  # noqa: F401: registers derivatives

_OP = "yore.attention"
_MANY_HEADS = 256  # more than models have


def reaches(op, name, value, heads, least, mistaken=0):
    """One lookback a head from `value`: None, a number, or a sequence of such. An exception names what came.
    `mistaken`: how many heads there were if axes 1 and 2 had been exchanged."""

    def one(each, where):
        if each is None:
            return -1
        each = _checks.whole(op, where, each, "None (the whole past) or an integer")
        if each == -1 and name == "lookback":
            return -1
        if each < least:
            raise ValueError(f"{op}: {where} must be None (the whole past) or at least {least}, got {each}")
        return int(each) - least

    if isinstance(value, torch.Tensor):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        return [one(value, name)] * heads
    if len(value) != heads:
        hint = "; tensors that are [B, H, T, D] want layout='bhtd'" if len(value) == mistaken else ""
        raise ValueError(f"{op}: {name} must be one value or one a head, {heads}, got {len(value)}{hint}")
    return [one(each, f"{name}[{h}]") for h, each in enumerate(value)]


def distances(op, heads, window, lookback, strict, mistaken=0):
    """One lookback a head, -1 for the whole past, from what was given of window and lookback."""
    if window is None:
        return reaches(op, "lookback", lookback, heads, 0, mistaken)
    if lookback is not None:
        raise ValueError(f"{op}: expected lookback or window, got both, {lookback!r} and {window!r}")
    if strict:
        raise ValueError(f"{op}: window counts the position itself, which strict=True hides; expected a lookback, "
                         f"got window={window!r}")
    return reaches(op, "window", window, heads, 1, mistaken)


def _expect_time_first(q, k):
    """Refuses, or warns of, tensors that only make sense as [B, H, T, D]."""
    heads, key_heads = q.shape[2], k.shape[2]
    if key_heads > heads > 0:
        raise ValueError(f"{_OP}: the heads of k must divide those of q: {key_heads} and {heads}; tensors that are "
                         "[B, H, T, D] want layout='bhtd'")
    if heads > _MANY_HEADS and k.shape[1] < heads // 4:
        warnings.warn(f"{_OP}: q {list(q.shape)} is read as {heads} heads over {q.shape[1]} positions; tensors that "
                      "are [B, H, T, D] want layout='bhtd'", stacklevel=3)


def attention(q, k, v, lookback=None, strict=False, window=None, *, scale=None, sinks=0, sink_logits=None,
              alibi_slopes=None, soft_cap=None, cu_seqlens_q=None, cu_seqlens_k=None, layout="bthd"):
    """Softmax attention over the past, with a lookback per head.

    ``out[b, i, h] = sum_j softmax_j(scale * q[b, i, h] . k[b, j, g] - slope[h] * (p - j)) * v[b, j, g]`` over the
    visible keys j, where ``p = i + T_k - T_q`` is the position of query i (aligned at the end) and
    ``g = h // (H // H_kv)`` its key head; 0, with zero gradients, where nothing is visible. Visible are ``p - lookback
    <= j <= p`` (``j < p`` if strict) and the first `sinks` keys up to there.

    Differentiable, once, in q, k, v and sink_logits: a second derivative raises RuntimeError. On the CPU a kernel
    computes it in O(T x window); see `backend`. NaN or infinity in a key that the kernel hides from a query reaches
    neither its output nor its gradient.

    Arithmetic is float64 for a q of that type, else float32, with one exception: where q, k and v are all bfloat16 and
    the processor has AVX-512-BF16 and not AMX (AMD's Zen 4 and 5), products of the forward pass are made in bfloat16, about
    twice as fast. Sums and softmax stay float32; rounding the weights moves an output by at most 2^-8 of its weighted
    average of abs(v). `backend(q)` says whether that is so; ``q.float()`` keeps products in float32.

    Parameters
    ----------
    q : Tensor [B, T_q, H, D], float32 or float64; with PyTorch 2 also bfloat16 or float16
        Queries. With cu_seqlens: [N, H, D]. D is 1 to 256. Any strides.
    k : Tensor [B, T_k, H_kv, D]
        Keys; beside a q that is not float64, float32, bfloat16 or float16 (arithmetic is float32). H_kv divides H:
        grouped or multi-query attention. With cu_seqlens: [M, H_kv, D].
    v : Tensor [B, T_k, H_kv, D_v]
        Values, as k. With cu_seqlens: [M, H_kv, D_v].
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
        exp(sink_logits[h]) is added to each denominator.
    alibi_slopes : sequence of H floats, optional
        ALiBi: lowers the score of a key by slope times its distance. Not differentiated.
    soft_cap : float, optional
        c: a score s = scale * q.k becomes c * tanh(s / c), before ALiBi lowers it. None (or 0): scores stay.
    cu_seqlens_q, cu_seqlens_k : Tensor [B + 1], int32 or int64, optional
        Sequences of different lengths without padding: sequence b owns rows cu_seqlens_q[b] to cu_seqlens_q[b + 1] - 1
        of q, and so for k and v. From 0, never falling, to N and to M. Both or neither.
    layout : 'bthd' or 'bhtd'
        'bhtd': q, k, v and the result are [B, H, T, D] instead, as PyTorch's own attention has them. Tensors in the
        other layout than said are not recognised where their shapes make sense both ways: they are read wrongly.

    Returns
    -------
    Tensor [B, T_q, H, D_v], or [N, H, D_v] with cu_seqlens; of q's type.

    Raises
    ------
    ValueError
        Shapes, types, devices or parameters that do not fit; the text says what was expected and what came.
    TypeError
        Something that is no tensor, number or list where one was expected.
    RuntimeError
        A second derivative.
    """
    for name, x in (("q", q), ("k", k), ("v", v)):
        _checks.tensor(_OP, name, x)
    _checks.one_device(_OP, q=q, k=k, v=v, sink_logits=sink_logits, cu_seqlens_q=cu_seqlens_q, cu_seqlens_k=cu_seqlens_k)
    heads_first = _checks.layout(_OP, layout)
    if heads_first:
        if cu_seqlens_q is not None or cu_seqlens_k is not None:
            raise ValueError(f"{_OP}: layout='bhtd' is for [B, H, T, D] tensors; with cu_seqlens they are [N, H, D]")
        for name, x in (("q", q), ("k", k), ("v", v)):
            if x.dim() != 4:
                raise ValueError(f"{_OP}: {name} must be [B, H, T, D], got {list(x.shape)}")
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    _checks.flag(_OP, "strict", strict)
    heads = q.shape[-2] if q.dim() > 1 else 1
    mistaken = q.shape[1] if q.dim() == 4 and not heads_first else 0
    reach = distances(_OP, heads, window, lookback, strict, mistaken)
    if alibi_slopes is not None:
        slopes = alibi_slopes.tolist() if isinstance(alibi_slopes, torch.Tensor) else alibi_slopes
        alibi_slopes = [_checks.number(_OP, f"alibi_slopes[{h}]", slope) for h, slope in enumerate(slopes)]
    if not heads_first and q.dim() == 4 == k.dim():
        _expect_time_first(q, k)
    scale = None if scale is None else _checks.number(_OP, "scale", scale)
    soft_cap = 0.0 if soft_cap is None else _checks.number(_OP, "soft_cap", soft_cap)
    sinks = _checks.whole(_OP, "sinks", sinks)
    if _load.STABLE:
        if q.device.type not in ("cpu", "meta"):
            raise ValueError(f"{_OP}: q must be on the CPU, got {q.device}")
        out, _ = _operators.attention_forward(q, k, v, sink_logits, reach, strict, scale, sinks, alibi_slopes or [],
                                              soft_cap, cu_seqlens_q, cu_seqlens_k)
    else:
        out = torch.ops.yore.attention(q, k, v, lookback=reach, strict=strict, scale=scale, sinks=sinks,
                                       sink_logits=sink_logits, alibi_slopes=alibi_slopes, soft_cap=soft_cap,
                                       cu_seqlens_q=cu_seqlens_q, cu_seqlens_k=cu_seqlens_k)
    return out.transpose(1, 2) if heads_first else out


def backend(q=None):
    """What `attention` runs for queries like `q`, or for CPU tensors.

    Parameters
    ----------
    q : Tensor, optional
        Only its device and type matter.

    Returns
    -------
    str
        "kernel (AVX2)" or the like, with the SIMD target in use; "kernel (AVX3, products in bfloat16)" where q is
        bfloat16 (and k and v are) and this processor multiplies that faster; or "composition", torch operations; or
        "none".
    """
    if not _load.STABLE:
        return torch.ops.yore.backend(torch.empty(0) if q is None else q)
    if q is not None and q.device.type != "cpu":
        return "none"
    narrow = q is not None and q.dtype == torch.bfloat16 and torch.ops.yore.bfloat16_products()
    return f"kernel ({targets()[0]}{', products in bfloat16' if narrow else ''})"


def targets():
    """SIMD targets that the kernel was compiled for and that this processor has.

    Returns
    -------
    list of str
        The best first: that is the one that runs, which `backend` names.
    """
    return torch.ops.yore.targets()
