"""Decoding token by token: states over the library's functions for C (yore/mixers/c_state.h). Nothing here is recorded
for gradients. A state takes tokens in (`advance`), says how many (`length`), can be copied, pickled, saved and restored
(`state_dict`, `load_state_dict`) and take back its last tokens (`roll_back`): as many as `rollback`, for certain.
"""

import ctypes
import threading

import torch

from . import _checks, _load
from ._attention import distances

if not _load.STABLE:
    raise ImportError(f"yore: {_load.LIBRARY} has no states; they want the yore that `pip install .` makes")

_c = ctypes.CDLL(_load.LIBRARY)
_c.yore_last_error.restype = ctypes.c_char_p
_ATTENTION, _SCAN, _SLOTS, _CONV = range(4)
_DECAYS = ("none", "head", "key", "value")
_F32, _F64 = 0, 1


class _Setting(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("mechanism", ctypes.c_int32), ("type", ctypes.c_int32),
                ("batch", ctypes.c_int64), ("rollback", ctypes.c_int64), ("max_tokens", ctypes.c_int64),
                ("heads", ctypes.c_int32), ("key_heads", ctypes.c_int32), ("key_dim", ctypes.c_int32),
                ("value_dim", ctypes.c_int32), ("scale", ctypes.c_double), ("strict", ctypes.c_int32),
                ("sinks", ctypes.c_int32), ("lookback", ctypes.POINTER(ctypes.c_int32)),
                ("alibi_slopes", ctypes.POINTER(ctypes.c_double)), ("soft_cap", ctypes.c_double),
                ("decay", ctypes.c_int32), ("delta", ctypes.c_int32), ("grows", ctypes.c_int32),
                ("slots", ctypes.c_int32), ("channels", ctypes.c_int64), ("width", ctypes.c_int64)]


class _Tokens(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), *[(name, ctypes.c_void_p) for name in (
        "q", "k", "v", "log_decay", "beta", "filled", "bias", "weight")], ("threads", ctypes.c_int32)]


def _call(function, *args):
    if getattr(_c, function)(*args) != 0:
        text = _c.yore_last_error().decode()
        raise (MemoryError if "bad_alloc" in text else ValueError)(text)


def _fitting(name, kind, value):
    """value, an integer that a C integer of this kind holds: ctypes would cut off what is too much."""
    value, most = _checks.whole("yore.State", name, value), 2 ** (8 * ctypes.sizeof(kind) - 1) - 1
    if not -most - 1 <= value <= most:
        raise ValueError(f"yore.State: {name} must be at most {most}, got {value}")
    return value


class State:
    """What all states have. Made by AttentionState, ScanState, SlotsState and ConvState."""

    def __init__(self, mechanism, dtype, batch, rollback, max_tokens, **setting):
        if dtype not in (torch.float32, torch.float64):
            raise TypeError(f"yore.State: dtype must be torch.float32 or torch.float64, got {dtype}")
        self._made = {"mechanism": mechanism, "dtype": dtype, "batch": batch, "rollback": rollback,
                      "max_tokens": max_tokens, **setting}
        self.dtype, self.batch = dtype, batch
        s = _Setting(size=ctypes.sizeof(_Setting), mechanism=mechanism, type=_F64 if dtype == torch.float64 else _F32)
        for name, value in {"batch": batch, "rollback": rollback, "max_tokens": max_tokens, **setting}.items():
            if isinstance(value, list) and len(value) != setting["heads"]:
                raise ValueError(f"yore.State: {name} must be one a head, {setting['heads']}, got {len(value)}")
            if name == "lookback":
                value = (ctypes.c_int32 * len(value))(*[_fitting(name, ctypes.c_int32, each) for each in value])
            elif name == "alibi_slopes":
                value = None if value is None else (ctypes.c_double * len(value))(*value)
            elif name not in ("scale", "soft_cap"):
                value = _fitting(name, dict(_Setting._fields_)[name], value)
            setattr(s, name, value)
        self._handle, self._lock = ctypes.c_void_p(), threading.RLock()
        _call("yore_state_start", ctypes.byref(s), ctypes.byref(self._handle))

    def __del__(self):
        if getattr(self, "_handle", None) and self._handle.value:
            _c.yore_state_free(self._handle)

    def _ask(self, function, *args):
        """Python lets other threads run while C does; a state is one thread's at a time."""
        with self._lock:
            _call(function, self._handle, *args)

    def _advance(self, lead, arrays, out_shape, like, cu_seqlens):
        """`arrays`: name -> tensor; all as contiguous rows of the state's type."""
        if cu_seqlens is None:
            if lead[0] != self.batch:
                raise ValueError(f"yore.State: expected a batch of {self.batch}, got {lead[0]}")
            starts = [b * lead[1] for b in range(self.batch + 1)]
        else:
            starts = _checks.tensor("yore.State", "cu_seqlens", cu_seqlens).tolist()
            row = cu_seqlens.dim() == 1 and not cu_seqlens.is_floating_point()
            if not row or len(starts) != self.batch + 1 or starts[-1] != lead[0]:
                raise ValueError(f"yore.State: cu_seqlens must be {self.batch + 1} numbers up to {lead[0]}, got {starts}")
        arrays = {name: x for name, x in arrays.items() if x is not None}
        for name, x in arrays.items():
            if not x.is_floating_point():
                raise TypeError(f"yore.State: {name} must be floating point, got {x.dtype}")
        held = {name: x.detach().resolve_neg().to(self.dtype).contiguous() for name, x in arrays.items()}
        for name, x in held.items():
            if x.device.type != "cpu":
                raise ValueError(f"yore.State: {name} must be on the CPU, got {x.device}")
        tokens = _Tokens(size=ctypes.sizeof(_Tokens), threads=torch.get_num_threads(),
                         **{name: x.data_ptr() for name, x in held.items()})
        out = torch.empty(out_shape, dtype=self.dtype)
        rows = (ctypes.c_int64 * len(starts))(*starts)
        self._ask("yore_state_advance", rows, ctypes.byref(tokens), ctypes.c_void_p(out.data_ptr()))
        return out.to(like.dtype)

    def length(self, sequence=0):
        """Tokens that a sequence has taken in."""
        tokens = ctypes.c_int64()
        self._ask("yore_state_length", ctypes.c_int64(_fitting("sequence", ctypes.c_int64, sequence)), ctypes.byref(tokens))
        return tokens.value

    @property
    def bytes(self):
        """Memory allocated for what is remembered."""
        size = ctypes.c_size_t()
        self._ask("yore_state_bytes", ctypes.byref(size))
        return size.value

    def roll_back(self, tokens, sequence=None):
        """Forgets the last `tokens` tokens, of one sequence or of all. ValueError, and nothing is forgotten, if what came
        before them is gone in one of them."""
        if sequence is not None and not 0 <= sequence < self.batch:
            raise ValueError(f"yore.State.roll_back: sequence must be 0 to {self.batch - 1}, got {sequence}")
        self._ask("yore_state_roll_back", ctypes.c_int64(-1 if sequence is None else sequence),
                  ctypes.c_int64(_fitting("tokens", ctypes.c_int64, tokens)))

    def copy(self):
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._handle, other._lock = ctypes.c_void_p(), threading.RLock()
        self._ask("yore_state_copy", ctypes.byref(other._handle))
        return other

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def state_dict(self):
        """{'saved': uint8 tensor}, for torch.save and load_state_dict of a state made alike."""
        size = ctypes.c_size_t()
        with self._lock:
            self._ask("yore_state_save", None, ctypes.c_size_t(0), ctypes.byref(size))
            saved = torch.empty(size.value, dtype=torch.uint8)
            self._ask("yore_state_save", ctypes.c_void_p(saved.data_ptr()), size, ctypes.byref(size))
        return {"saved": saved}

    def load_state_dict(self, saved):
        data = _checks.tensor("yore.State.load_state_dict", "saved", saved["saved"])
        if data.dtype != torch.uint8 or data.device.type != "cpu":
            raise ValueError(f"yore.State.load_state_dict: saved must be uint8 on the CPU, got {data.dtype} on {data.device}")
        data = data.contiguous()
        self._ask("yore_state_restore", ctypes.c_void_p(data.data_ptr()), ctypes.c_size_t(data.numel()))

    def __reduce__(self):
        return _revive, (type(self), self._made, self.state_dict())


def _revive(kind, made, saved):
    mechanism = {AttentionState: _ATTENTION, ScanState: _SCAN, SlotsState: _SLOTS, ConvState: _CONV}[kind]
    if made["mechanism"] != mechanism:  # whose arrays it would read otherwise
        raise ValueError(f"yore.State: the saved {kind.__name__} is of mechanism {made['mechanism']}, expected {mechanism}")
    state = object.__new__(kind)
    State.__init__(state, **made)
    state.load_state_dict(saved)
    return state


class AttentionState(State):
    """The last keys and values of `yore.attention`, as many as its heads look back.

    >>> import torch, yore
    >>> q, k, v = torch.randn(3, 1, 8, 2, 4).unbind()
    >>> state = yore.AttentionState(batch=1, heads=2, dim=4, window=3)
    >>> steps = [state.advance(q[:, t:t + 1], k[:, t:t + 1], v[:, t:t + 1]) for t in range(8)]
    >>> torch.allclose(torch.cat(steps, 1), yore.attention(q, k, v, window=3), atol=1e-6)
    True
    """

    def __init__(self, batch, heads, dim, *, kv_heads=None, value_dim=None, lookback=None, window=None, strict=False,
                 scale=None, sinks=0, alibi_slopes=None, soft_cap=None, dtype=torch.float32, rollback=0, max_tokens=0):
        op = "yore.AttentionState"
        heads, strict = _checks.whole(op, "heads", heads), _checks.flag(op, "strict", strict)
        reach = distances(op, heads, window, lookback, strict)
        scale = None if scale is None else _checks.number(op, "scale", scale)
        if scale == 0:  # by which C means 1 / sqrt(dim)
            raise ValueError(f"{op}: scale must be None (1 / sqrt(dim)) or a number other than 0, got {scale}")
        super().__init__(_ATTENTION, dtype, batch, rollback, max_tokens, heads=heads,
                         key_heads=heads if kv_heads is None else kv_heads, key_dim=dim,
                         value_dim=dim if value_dim is None else value_dim, lookback=reach, strict=int(strict),
                         scale=0.0 if scale is None else scale, sinks=sinks,
                         soft_cap=0.0 if soft_cap is None else _checks.number(op, "soft_cap", soft_cap),
                         alibi_slopes=None if alibi_slopes is None else [float(x) for x in alibi_slopes])

    def advance(self, q, k, v, *, sink_logits=None, cu_seqlens=None):
        """Takes in tokens [B, T, H, D] (perhaps one), or with cu_seqlens rows [N, H, D]; what `attention` gives for them."""
        for name, x, heads, dim in (("q", q, "heads", "key_dim"), ("k", k, "key_heads", "key_dim"),
                                    ("v", v, "key_heads", "value_dim")):
            _expect("yore.AttentionState", name, x, q, (self._made[heads], self._made[dim]), cu_seqlens)
        if sink_logits is not None:
            _expect_shape("yore.AttentionState", "sink_logits", sink_logits, [self._made["heads"]])
        return self._advance(q.shape[:-2], {"q": q, "k": k, "v": v, "weight": sink_logits},
                             (*q.shape[:-1], v.shape[-1]), q, cu_seqlens)


def _expect(op, name, x, q, rest, cu_seqlens):
    """x must be [B, T, *rest], with q's B and T."""
    lead = 1 if cu_seqlens is not None else 2
    _expect_shape(op, name, x, [*_checks.tensor(op, "q", q).shape[:lead], *rest])


def _expect_shape(op, name, x, wanted):
    if list(_checks.tensor(op, name, x).shape) != wanted:
        raise ValueError(f"{op}: {name} must be {wanted}, got {list(x.shape)}")


class ScanState(State):
    """The state of linear_attention, retention, gla, mamba2, delta_net, gated_delta_net or kda (`decay`: 'none', 'head'
    or 'key'; `delta`: the delta rule)."""

    def __init__(self, batch, heads, key_dim, value_dim, *, key_heads=None, decay="none", delta=False, scale=None,
                 dtype=torch.float32, rollback=0, max_tokens=0):
        if decay not in _DECAYS:
            raise ValueError(f"yore.ScanState: decay must be one of {_DECAYS}, got {decay!r}")
        super().__init__(_SCAN, dtype, batch, rollback, max_tokens, heads=heads,
                         key_heads=heads if key_heads is None else key_heads, key_dim=key_dim, value_dim=value_dim,
                         decay=_DECAYS.index(decay), delta=int(delta),
                         scale=_checks.scale("yore.ScanState", key_dim, scale))

    def advance(self, q, k, v, log_decay=None, beta=None, *, cu_seqlens=None):
        """Takes in tokens [B, T, H, D] and gives what the mechanism's function gives for them."""
        m, op = self._made, "yore.ScanState"
        keys = (m["key_heads"], m["key_dim"])
        _expect(op, "q", q, q, keys, cu_seqlens)
        _expect(op, "k", k, q, keys, cu_seqlens)
        _expect(op, "v", v, q, (m["heads"], m["value_dim"]), cu_seqlens)
        gates = [(), (m["heads"],), (m["heads"], m["key_dim"]), (m["heads"], m["value_dim"])][m["decay"]]
        if gates:
            _expect(op, "log_decay", log_decay, q, gates, cu_seqlens)
        if beta is not None:
            _expect(op, "beta", beta, q, (m["heads"],), cu_seqlens)
        return self._advance(q.shape[:-2], {"q": q, "k": k, "v": v, "log_decay": log_decay, "beta": beta}, v.shape, q,
                             cu_seqlens)


class SlotsState(State):
    """The state of slots, gsa, abc or blurry_window (`fades`: whether slots decay; otherwise the delta rule erases; `grows`:
    whether a decay may be above 1, a little)."""

    def __init__(self, batch, heads, key_dim, value_dim, slots, *, key_heads=None, fades=True, scale=None,
                 grows=False, dtype=torch.float32, rollback=0, max_tokens=0):
        super().__init__(_SLOTS, dtype, batch, rollback, max_tokens, heads=heads,
                         key_heads=heads if key_heads is None else key_heads, key_dim=key_dim, value_dim=value_dim,
                         slots=slots, decay=2 if fades else 0, grows=int(grows),
                         scale=_checks.scale("yore.SlotsState", key_dim, scale))

    def advance(self, q, k, v, write, log_decay=None, *, filled=None, bias=None, cu_seqlens=None):
        """Takes in tokens [B, T, H, D] and gives what `slots` gives for them."""
        m, op = self._made, "yore.SlotsState"
        keys = (m["key_heads"], m["key_dim"])
        for name, x, rest in (("q", q, keys), ("k", k, keys), ("v", v, (m["heads"], m["value_dim"])),
                              ("write", write, (m["heads"], m["slots"]))):
            _expect(op, name, x, q, rest, cu_seqlens)
        for name, x in (("log_decay", log_decay), ("filled", filled), ("bias", bias)):
            if x is not None:
                _expect(op, name, x, q, (m["heads"], m["slots"]), cu_seqlens)
        return self._advance(q.shape[:-2], {"q": q, "k": k, "v": v, "beta": write, "log_decay": log_decay,
                                            "filled": filled, "bias": bias}, v.shape, q, cu_seqlens)


class ConvState(State):
    """The last width - 1 rows of short_conv."""

    def __init__(self, batch, channels, width, *, dtype=torch.float32, rollback=0, max_tokens=0):
        super().__init__(_CONV, dtype, batch, rollback, max_tokens, channels=channels, width=width)

    def advance(self, x, weight, bias=None, *, cu_seqlens=None):
        """Takes in rows [B, T, C] and gives what `short_conv` gives for them."""
        m, op = self._made, "yore.ConvState"
        _expect(op, "x", x, x, (m["channels"],), cu_seqlens)
        _expect_shape(op, "weight", weight, [m["channels"], m["width"]])
        if bias is not None:
            _expect_shape(op, "bias", bias, [m["channels"]])
        return self._advance(x.shape[:-1], {"q": x, "weight": weight.t(), "bias": bias}, x.shape, x, cu_seqlens)
