"""What every function of yore asks of its arguments: one line that names the function and the argument."""

import math
import numbers

import torch

_INTEGERS = (numbers.Integral, getattr(torch, "SymInt", int))  # PyTorch 1.13 has no symbolic ones


def tensor(op, name, x):
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"{op}: {name} must be a Tensor, got {type(x).__name__}")
    return x


def one_device(op, **tensors):
    """Refuses tensors, each by its name and perhaps None, that are not where the first one is: with one of them on
    "meta" torch would take the shapes for the result."""
    (first, where), *others = ((name, x.device) for name, x in tensors.items() if isinstance(x, torch.Tensor))
    for name, device in others:
        if device != where:
            raise ValueError(f"{op}: {name} must be on the device of {first}, {where}, got {device}")


def layout(op, value):
    """Whether tensors are [B, H, T, D]."""
    if value not in ("bthd", "bhtd"):
        raise ValueError(f"{op}: layout must be 'bthd' ([B, T, H, D]) or 'bhtd' ([B, H, T, D]), got {value!r}")
    return value == "bhtd"


def number(op, name, x):
    """x as a float; a tensor of one number is taken, and is not differentiated."""
    if isinstance(x, torch.Tensor) and x.numel() == 1:
        x = x.item()
    if isinstance(x, bool) or not isinstance(x, numbers.Real):
        raise TypeError(f"{op}: {name} must be a number, got {x!r}")
    return float(x)


def scale(op, dim, x):
    """x, a finite number, or 1 / sqrt(dim) for None."""
    if whole(op, "the key dimension", dim) < 1:
        raise ValueError(f"{op}: the key dimension must be at least 1, got {dim}")
    if x is None:
        return dim**-0.5
    x = number(op, "scale", x)
    if not math.isfinite(x):
        raise ValueError(f"{op}: scale must be a finite number, got {x}")
    return x


def whole(op, name, x, what="an integer"):
    if isinstance(x, torch.Tensor) and x.numel() == 1 and not x.is_floating_point():
        x = x.item()
    if isinstance(x, bool) or not isinstance(x, _INTEGERS):
        raise TypeError(f"{op}: {name} must be {what}, got {x!r}")
    return x


def flag(op, name, x):
    if not isinstance(x, bool):
        raise TypeError(f"{op}: {name} must be True or False, got {x!r}")
    return x
