"""yore's attention under the signatures of PyTorch's own: [.., H, T, D], query i and key j counted from the beginning."""

import torch

from . import _checks
from ._attention import attention


def _common(op, query, first, shapes):
    """The shape that all of `shapes`, which are by argument, broadcast to; `first` is that of query."""
    for name, shape in shapes.items():
        if shape != first:
            try:
                first = torch.broadcast_shapes(first, shape)
            except RuntimeError as error:
                raise ValueError(f"{op}: {name} must have leading dimensions that broadcast with {list(first)}, those of "
                                 f"query {list(query.shape)}, got {list(shape)}") from error
    return first


def _window(op, query, key, value, window, enable_gqa, heads_broadcast=False, **options):
    """Attention where query i sees keys i - window < j <= i and the first `sinks`."""
    for name, x in (("query", query), ("key", key), ("value", value)):
        if _checks.tensor(op, name, x).dim() < 2:
            raise ValueError(f"{op}: {name} must be [.., T, D], got {list(x.shape)}")
    queries = query.shape[-2]
    if queries > key.shape[-2]:
        raise ValueError(f"{op}: query has {queries} positions, key {key.shape[-2]}: expected at least as many keys")
    if value.shape[-2] != key.shape[-2]:
        raise ValueError(f"{op}: value must have key's {key.shape[-2]} positions, got {value.shape[-2]}")
    alone = max(x.dim() for x in (query, key, value)) == 2
    query, key, value = (x[None] if x.dim() == 2 else x for x in (query, key, value))
    if heads_broadcast and not enable_gqa:
        heads = _common(op, query, query.shape[-3:-2], {"key": key.shape[-3:-2], "value": value.shape[-3:-2]})
        query, key, value = (x.expand(*x.shape[:-3], *heads, *x.shape[-2:]) for x in (query, key, value))
    elif not enable_gqa and query.shape[-3] != key.shape[-3]:
        raise ValueError(f"{op}: key has {key.shape[-3]} heads, query {query.shape[-3]}: expected enable_gqa=True")
    lead = _common(op, query, query.shape[:-3], {"key": key.shape[:-3], "value": value.shape[:-3]})
    # Counted from the beginning, keys beyond the last query are seen by nobody.
    key, value = key[..., :queries, :], value[..., :queries, :]
    # A first dimension of 1, so that there is always one to be flattened.
    q, k, v = (x.expand(1, *lead, *x.shape[-3:]).flatten(0, -4) for x in (query, key, value))
    out = attention(q, k, v, window=window, layout="bhtd", **options)
    out = out.reshape(*lead, *out.shape[1:])
    return out[0] if alone else out


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None,
                                 enable_gqa=False, *, window=None, sinks=0, sink_logits=None, soft_cap=None):
    """torch.nn.functional.scaled_dot_product_attention, and beyond it a `window` of keys including the position itself
    (one number, or one a head, None = all), attention `sinks`, learned `sink_logits` [H] and a `soft_cap`.

    query [.., H, T, D], key and value [.., H, S, D]; S >= T where the past is looked at (T = S, mostly: as in PyTorch,
    query i sees keys up to i, so that a single new query wants `yore.attention`). Dimensions before T broadcast, and
    [T, D] alone is one head. Whatever looks at the past runs yore's kernel. PyTorch's own function runs without is_causal
    and window, with attn_mask or dropout, and for causal calls that the kernel cannot do: on another device, with D above
    256 (of query or value), or with T above S. With window, sinks, sink_logits or soft_cap those raise ValueError.
    """
    op = "yore.scaled_dot_product_attention"
    own = window is not None or sinks or sink_logits is not None or soft_cap is not None
    if own and attn_mask is not None:
        raise ValueError(f"{op}: attn_mask must be None with window, sinks, sink_logits or soft_cap")
    if own and dropout_p:
        raise ValueError(f"{op}: dropout_p must be 0 with window, sinks, sink_logits or soft_cap, got {dropout_p}")
    if own and not is_causal and window is None:
        raise ValueError(f"{op}: is_causal must be True with sinks, sink_logits or soft_cap")
    for name, x in (("query", query), ("key", key), ("value", value)):
        _checks.tensor(op, name, x)
    if not own and (not is_causal or attn_mask is not None or dropout_p or query.device.type != "cpu"
                    or min(query.dim(), key.dim(), value.dim()) < 2 or max(query.shape[-1], value.shape[-1]) > 256
                    or query.shape[-2] > key.shape[-2]):
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal,
                                                                scale=scale, enable_gqa=enable_gqa)
    return _window(op, query, key, value, window, enable_gqa, True, scale=scale, sinks=sinks, sink_logits=sink_logits,
                   soft_cap=soft_cap)


def flex_window(query, key, value, window=None, *, sinks=0, soft_cap=None, alibi_slopes=None, sink_logits=None,
                scale=None, enable_gqa=False):
    """What torch's flex_attention computes for the mask `window_mask(window, sinks)`, with gradients on a processor.

    query [B, H, T, D], key and value [B, H_kv, S, D], S >= T, B broadcasting. soft_cap and alibi_slopes are the score_mod
    ``cap * tanh(score / cap)`` and then ``score - slope[h] * (i - j)``. window: one number, or one a head.
    """
    return _window("yore.flex_window", query, key, value, window, enable_gqa, scale=scale, sinks=sinks,
                   soft_cap=soft_cap, alibi_slopes=alibi_slopes, sink_logits=sink_logits)


def window_mask(window=None, sinks=0):
    """The mask_mod of flex_attention's create_block_mask for which `flex_window` gives the same; one window for all
    heads, None = all."""

    def mask(b, h, i, j):
        causal = j <= i
        return causal if window is None else causal & ((i - j < window) | (j < sinks))

    return mask
