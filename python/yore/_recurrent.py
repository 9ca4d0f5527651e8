"""The mechanisms whose memory has one size for good, as functions: linear attention, retention, gated linear attention,
Mamba-2, the delta rules, memory in slots, and the short convolution before them.

All but the convolution take q and k [B, T, H_k, K] and v [B, T, H, V] (``layout='bhtd'``: heads before time; with
``cu_seqlens``, which `abc` and `blurry_window` do not take: [N, ..] rows of sequences of different lengths), H_k dividing
H, and give back [B, T, H, V] of q's type. All take float32, float64, bfloat16 or float16 (computed in float32) and give,
with ``return_state=True``, also the state after the last tokens, which ``initial_state`` (of the convolution: ``history``)
takes: a sequence may be gone through in pieces. Differentiable once in every tensor.
"""

import functools

import torch

from . import _blurry, _checks, _load

if not _load.STABLE:
    raise ImportError(f"yore: {_load.LIBRARY} has attention alone; the other mixers want PyTorch 2.10 or newer and "
                      "the yore that `pip install .` makes for it")
from . import _operators


def _keeps(*tensors):
    """Whether a gradient may be asked for. Inside torch.vmap tensors do not say that they require one."""
    return torch.is_grad_enabled() and (torch._C._are_functorch_transforms_active()
                                        or any(x is not None and x.requires_grad for x in tensors))


class _Call:
    """Arguments that all mechanisms share, checked; `rows` brings others into the operator's layout."""

    def __init__(self, op, q, k, v, layout, cu_seqlens):
        self.op = f"yore.{op}"
        self.heads_first = _checks.layout(self.op, layout)
        self.lead = 2 if cu_seqlens is None else 1
        if self.heads_first and cu_seqlens is not None:
            raise ValueError(f"{self.op}: layout='bhtd' is for [B, H, T, D] tensors; with cu_seqlens they are [N, H, D]")
        for name, x in (("q", q), ("k", k), ("v", v)):
            _checks.tensor(self.op, name, x)
            if x.dim() != self.lead + 2:
                shape = "[N, H, D]" if self.lead == 1 else "[B, H, T, D]" if self.heads_first else "[B, T, H, D]"
                raise ValueError(f"{self.op}: {name} must be {shape}, got {list(x.shape)}")
        _checks.one_device(self.op, q=q, k=k, v=v, cu_seqlens=cu_seqlens)
        self.q, self.k, self.v = self.rows(q), self.rows(k), self.rows(v)
        self.cu_seqlens = cu_seqlens
        heads, key_heads = self.v.shape[-2], self.q.shape[-2]
        if key_heads == 0 or heads % key_heads != 0:
            hint = "" if self.heads_first or self.lead == 1 else "; tensors that are [B, H, T, D] want layout='bhtd'"
            raise ValueError(f"{self.op}: the heads of q must divide those of v: {key_heads} and {heads}{hint}")
        if self.k.shape != self.q.shape:
            raise ValueError(f"{self.op}: k must be shaped as q, {list(q.shape)}, got {list(k.shape)}")
        if self.v.shape[:self.lead] != self.q.shape[:self.lead]:
            raise ValueError(f"{self.op}: v must have q's batch and time, {list(q.shape)}, got {list(v.shape)}")

    def rows(self, x):
        return x.transpose(1, 2) if self.heads_first and x is not None else x

    def gate(self, name, x, *rest):
        """x, which must be [.., H, *rest], for the operator; None stays None."""
        if x is None:
            return None
        shape = [*self.q.shape[:self.lead], self.v.shape[-2], *rest]
        x = self.rows(_checks.tensor(self.op, name, x)) if getattr(x, "dim", lambda: 2)() > 1 else x
        if list(x.shape) != shape:
            if self.heads_first:
                shape[1], shape[2] = shape[2], shape[1]
            raise ValueError(f"{self.op}: {name} must be {shape}, got {list(self.rows(x).shape)}")
        return x

    def scale(self, value):
        return _checks.scale(self.op, self.q.shape[-1], value)

    def scan(self, log_decay=None, beta=None, *, decay="none", delta=False, scale=None, initial_state=None,
             return_state=False):
        _checks.one_device(self.op, q=self.q, log_decay=log_decay, beta=beta, initial_state=initial_state)
        out, final, _ = _operators.scan_forward(
            self.q, self.k, self.v, log_decay, beta, initial_state, decay, delta, self.scale(scale), False,
            self.cu_seqlens, _keeps(self.q, self.k, self.v, log_decay, beta, initial_state))
        out = self.rows(out)
        return (out, final) if return_state else out


def linear_attention(q, k, v, *, scale=None, initial_state=None, return_state=False, cu_seqlens=None, layout="bthd"):
    """``S_t = S_{t-1} + k_t v_t^T, o_t = scale S_t^T q_t`` (Katharopoulos et al. 2020); maps of q and k are the caller's.

    >>> import torch, yore
    >>> q = k = v = torch.ones(1, 3, 1, 1)
    >>> yore.linear_attention(q, k, v, scale=1.0).flatten().tolist()
    [1.0, 2.0, 3.0]
    """
    return _Call("linear_attention", q, k, v, layout, cu_seqlens).scan(
        scale=scale, initial_state=initial_state, return_state=return_state)


def retention(q, k, v, decay=None, *, scale=None, initial_state=None, return_state=False, cu_seqlens=None,
              layout="bthd"):
    """``S_t = decay_h S_{t-1} + k_t v_t^T, o_t = scale S_t^T q_t`` (Sun et al. 2023).

    decay: H numbers in (0, 1], published 1 - 2^(-5-h) unless given. Turning q and k by their positions is the caller's.
    """
    call = _Call("retention", q, k, v, layout, cu_seqlens)
    heads = call.v.shape[-2]
    if decay is None:
        decay = [1 - 2.0 ** (-5 - h) for h in range(heads)]
    decay = torch.as_tensor(decay, dtype=torch.float64)  # near 1, where float32 has no number between the last and 1
    if list(decay.shape) != [heads] or not bool(((decay > 0) & (decay <= 1)).all()):
        raise ValueError(f"{call.op}: decay must be {heads} numbers in (0, 1], got {decay.tolist()}")
    log_decay = decay.log().to(q.device, _operators._computed_in(q.dtype)).expand(*call.q.shape[:call.lead], heads)
    return call.scan(log_decay, decay="head", scale=scale, initial_state=initial_state, return_state=return_state)


def gla(q, k, v, log_decay, *, scale=None, initial_state=None, return_state=False, cu_seqlens=None, layout="bthd"):
    """Gated linear attention (Yang et al. 2024): ``S_t = diag(exp(log_decay_t)) S_{t-1} + k_t v_t^T``.

    log_decay: [B, T, H, K], none above 0.
    """
    call = _Call("gla", q, k, v, layout, cu_seqlens)
    return call.scan(call.gate("log_decay", log_decay, q.shape[-1]), decay="key", scale=scale,
                     initial_state=initial_state, return_state=return_state)


def mamba2(x, dt, A, B, C, D=None, *, initial_state=None, return_state=False, cu_seqlens=None, layout="bthd"):
    """The state space dual of Mamba-2 (Dao and Gu 2024): ``h_t = exp(A dt_t) h_{t-1} + dt_t B_t x_t^T``, ``y_t =
    h_t^T C_t + D x_t``.

    x [B, T, H, P]; dt [B, T, H], above 0 (after softplus); A [H], below 0; B and C [B, T, G, N], G dividing H; D [H].
    The state is [B, H, N, P].
    """
    call = _Call("mamba2", C, B, x, layout, cu_seqlens)
    dt = call.gate("dt", dt)
    if dt is None:
        raise TypeError(f"{call.op}: dt must be a Tensor, got NoneType")
    for name, each in (("A", A), ("D", D)):
        if each is not None or name == "A":
            shape = list(_checks.tensor(call.op, name, each).shape)
            if shape != [call.v.shape[-2]]:
                raise ValueError(f"{call.op}: {name} must be [{call.v.shape[-2]}], one a head, got {shape}")
    _checks.one_device(call.op, x=x, dt=dt, A=A, D=D)
    y = call.scan(dt * A, dt, decay="head", scale=1.0, initial_state=initial_state, return_state=return_state)
    if D is None:
        return y
    skip = call.rows(call.v * D[:, None]).to(x.dtype)
    return (y[0] + skip, y[1]) if return_state else y + skip


def delta_net(q, k, v, beta=None, *, scale=None, initial_state=None, return_state=False, cu_seqlens=None,
              layout="bthd"):
    """The delta rule (Yang et al. 2024): ``S_t = S_{t-1} + beta_t k_t (v_t - S_{t-1}^T k_t)^T``.

    beta: [B, T, H], 1 unless given. Keys should be of length 1, which is the caller's.
    """
    call = _Call("delta_net", q, k, v, layout, cu_seqlens)
    return call.scan(None, call.gate("beta", beta), delta=True, scale=scale, initial_state=initial_state,
                     return_state=return_state)


def gated_delta_net(q, k, v, log_decay, beta=None, *, scale=None, initial_state=None, return_state=False,
                    cu_seqlens=None, layout="bthd"):
    """The gated delta rule (Yang, Kautz and Hatamizadeh 2024): the state decays by exp(log_decay_t) before each write.

    log_decay: [B, T, H], none above 0; beta: [B, T, H].
    """
    call = _Call("gated_delta_net", q, k, v, layout, cu_seqlens)
    return call.scan(call.gate("log_decay", log_decay), call.gate("beta", beta), decay="head", delta=True, scale=scale,
                     initial_state=initial_state, return_state=return_state)


def kda(q, k, v, log_decay, beta=None, *, scale=None, initial_state=None, return_state=False, cu_seqlens=None,
        layout="bthd"):
    """Kimi delta attention (Kimi Team 2025): the gated delta rule with log_decay [B, T, H, K], one for each key channel."""
    call = _Call("kda", q, k, v, layout, cu_seqlens)
    return call.scan(call.gate("log_decay", log_decay, q.shape[-1]), call.gate("beta", beta), decay="key", delta=True,
                     scale=scale, initial_state=initial_state, return_state=return_state)


def _slots(call, write, log_decay, filled, bias, scale, grows, initial_state, return_state):
    initial_k, initial_v = (None, None) if initial_state is None else initial_state
    _checks.one_device(call.op, q=call.q, write=write, log_decay=log_decay, filled=filled, bias=bias,
                       **{"initial_state[0]": initial_k, "initial_state[1]": initial_v})
    out, final_k, final_v, *_ = _operators.slots_forward(
        call.q, call.k, call.v, write, log_decay, filled, bias, initial_k, initial_v, scale, grows, call.cu_seqlens,
        _keeps(call.q, call.k, call.v, write, log_decay, initial_k, initial_v))
    out = call.rows(out)
    return (out, (final_k, final_v)) if return_state else out


def slots(q, k, v, write, log_decay=None, *, filled=None, bias=None, scale=None, grows=False, initial_state=None,
          return_state=False, cu_seqlens=None, layout="bthd"):
    """Memory in M slots read by a softmax over them: ``K_t = diag(exp(log_decay_t)) K_{t-1} + write_t k_t^T``, V_t
    likewise, ``o_t = V_t^T (p / z_t)``, ``p = softmax(scale K_t q_t / z_t + log z_t + bias_t)``.

    write, log_decay, filled (z, 1 unless given) and bias: [B, T, H, M]; the last two are constants. Without log_decay
    slots are erased by the delta rule instead, ``K_t = (I - w_t w_t^T) K_{t-1} + w_t k_t^T``. The state is (K^T, V),
    [B, H, K, M] and [B, H, M, V]. grows: whether log_decay may be above 0, a little.
    """
    call = _Call("slots", q, k, v, layout, cu_seqlens)
    count = _checks.tensor(call.op, "write", write).shape[-1]
    gates = [call.gate(name, x, count) for name, x in
             (("write", write), ("log_decay", log_decay), ("filled", filled), ("bias", bias))]
    return _slots(call, *gates, call.scale(scale), _checks.flag(call.op, "grows", grows), initial_state, return_state)


def gsa(q, k, v, log_decay, *, scale=1.0, initial_state=None, return_state=False, cu_seqlens=None, layout="bthd"):
    """Gated slot attention (Zhang et al. 2024): `slots` whose weights are ``1 - exp(log_decay)``.

    log_decay: [B, T, H, M], none above 0. scale is 1 unless given, as published.
    """
    call = _Call("gsa", q, k, v, layout, cu_seqlens)
    log_decay = call.gate("log_decay", log_decay, _checks.tensor(call.op, "log_decay", log_decay).shape[-1])
    return _slots(call, -torch.expm1(log_decay), log_decay, None, None, call.scale(scale), False, initial_state,
                  return_state)


def abc(q, k, v, logits, *, clamp=32.0, scale=None, initial_state=None, return_state=False, cu_seqlens=None,
        layout="bthd"):
    """Attention with bounded-memory control (Peng et al. 2022): slots that are means of keys and values, to which
    token t gives ``exp(logits_t)``, kept within +-clamp.

    logits: [B, T, H, M]. The state is (K^T, V, Z): with the sums Z [B, H, M] so far.
    """
    call = _Call("abc", q, k, v, layout, cu_seqlens)
    clamp = _checks.number(call.op, "clamp", clamp)
    if not 0 < clamp <= 80:  # beyond it e^clamp is infinite in float32
        raise ValueError(f"{call.op}: clamp must be above 0 and at most 80, got {clamp}")
    logits = call.gate("logits", logits, _checks.tensor(call.op, "logits", logits).shape[-1])
    if cu_seqlens is not None:
        raise ValueError(f"{call.op}: cu_seqlens is not taken, its sums run along [B, T] tensors; pad them instead")
    given = torch.exp(torch.clamp(logits.to(_operators._computed_in(q.dtype)), -clamp, clamp))
    _checks.one_device(call.op, q=q, logits=logits, **{"initial_state[2]": initial_state and initial_state[2]})
    shape = [given.shape[0], *given.shape[2:]]
    before = given.new_zeros(shape) if initial_state is None else _checks.tensor(call.op, "initial_state[2]", initial_state[2])
    if list(before.shape) != shape:
        raise ValueError(f"{call.op}: initial_state[2] must be {shape}, got {list(before.shape)}")
    sums = torch.cat([before[:, None], before[:, None] + torch.cumsum(given, 1)], 1)
    total = sums[:, 1:]
    # At the first token of all, the decay is log 0: everything is forgotten, of which there is nothing.
    log_decay = torch.log(sums[:, :-1]) - torch.log(total)
    out = _slots(call, given / total, torch.clamp(log_decay, max=0.0), None, None, call.scale(scale), False,
                 None if initial_state is None else initial_state[:2], return_state)
    return (out[0], (*out[1], sums[:, -1])) if return_state else out


def blurry_weights(tokens, heads, slots, stretch, kernel="main_lobe"):
    """Weights w [tokens, H, M] of blurry window attention and the fillings z that they leave, float64: head h's phase is
    h / H."""
    exact = _blurry.fraction(stretch)
    return _blurry.tables(tokens, slots, [exact] * heads, [h / heads for h in range(heads)], kernel)[:2]


def blurry_window(q, k, v, slots=64, stretch=1, *, kernel="main_lobe", scale=None, offset=0, initial_state=None,
                  return_state=False, layout="bthd"):
    """Blurry window attention: `slots` slots, each a blurred mean of `stretch` tokens in a row, written round and round;
    stretch 1 is a sliding window of `slots` keys, exactly, for heads whose phase h / H is 0.

    stretch counts to four decimals. kernel: 'main_lobe' or 'squared'. offset: how many tokens went before, where
    initial_state goes on from them.
    """
    call = _Call("blurry_window", q, k, v, layout, None)
    if kernel not in ("main_lobe", "squared"):
        raise ValueError(f"{call.op}: kernel must be 'main_lobe' or 'squared', got {kernel!r}")
    slots = _checks.whole(call.op, "slots", slots)
    offset = _checks.whole(call.op, "offset", offset)
    if slots < 1 or offset < 0:
        raise ValueError(f"{call.op}: slots must be at least 1 and offset at least 0, got {slots} and {offset}")
    stretch = _checks.number(call.op, "stretch", stretch)
    if not 1 <= stretch <= 2**20:
        raise ValueError(f"{call.op}: stretch must be at least 1 and at most 2^20, got {stretch}")
    batch, tokens, heads = call.v.shape[:3]
    weight, filled = (x[offset:].to(q.device, _operators._computed_in(q.dtype)).expand(batch, tokens, heads, slots)
                      for x in blurry_weights(offset + tokens, heads, slots, stretch, kernel))
    return _slots(call, weight, torch.log1p(-weight), filled, None, call.scale(scale), False, initial_state,
                  return_state)


def short_conv(x, weight, bias=None, *, history=None, return_state=False, cu_seqlens=None):
    """Causal depthwise convolution: ``y_t[c] = bias[c] + sum_w weight[c, w] x_{t - width + 1 + w}[c]``.

    x [B, T, C]; weight [C, width], the last column meeting the token itself; history [B, width - 1, C]: the rows
    before the first, zeros unless given, which ``return_state=True`` hands on.
    """
    for name, each in (("x", x), ("weight", weight)):
        _checks.tensor("yore.short_conv", name, each)
    if weight.dim() != 2 or x.dim() < 1 or weight.shape[0] != x.shape[-1]:
        raise ValueError(f"yore.short_conv: weight must be [channels, width] for x {list(x.shape)}, got "
                         f"{list(weight.shape)}")
    _checks.one_device("yore.short_conv", x=x, weight=weight, bias=bias, history=history, cu_seqlens=cu_seqlens)
    y, final = _operators.conv_forward(x, weight, bias, history, cu_seqlens)
    return (y, final) if return_state else y


def _define():
    """The mechanisms by name: torch.ops.yore.gla and so on, [B, T, H, D] alone, (out, state..)."""
    tensors = {"linear_attention": "", "retention": "float[] decay, ", "gla": "Tensor log_decay, ",
               "delta_net": "Tensor? beta=None, ", "gated_delta_net": "Tensor log_decay, Tensor? beta=None, ",
               "kda": "Tensor log_decay, Tensor? beta=None, "}
    for name, own in tensors.items():
        function = globals()[name]
        _operators.define(
            f"{name}(Tensor q, Tensor k, Tensor v, {own}*, float? scale=None, Tensor? initial_state=None, "
            "Tensor? cu_seqlens=None) -> (Tensor, Tensor)", functools.partial(function, return_state=True))
    _operators.define("mamba2(Tensor x, Tensor dt, Tensor A, Tensor B, Tensor C, Tensor? D=None, *, Tensor? "
                      "initial_state=None, Tensor? cu_seqlens=None) -> (Tensor, Tensor)",
                      functools.partial(mamba2, return_state=True))
    _operators.define("gsa(Tensor q, Tensor k, Tensor v, Tensor log_decay, *, float scale=1.0) -> Tensor", gsa)
    _operators.define("abc(Tensor q, Tensor k, Tensor v, Tensor logits, *, float clamp=32.0, float? scale=None) -> "
                      "Tensor", abc)
    _operators.define("blurry_window(Tensor q, Tensor k, Tensor v, int slots=64, float stretch=1.0, *, str "
                      "kernel='main_lobe', float? scale=None) -> Tensor", blurry_window)
    _operators.define("short_conv(Tensor x, Tensor weight, Tensor? bias=None, *, Tensor? cu_seqlens=None) -> Tensor",
                      short_conv)


_define()
