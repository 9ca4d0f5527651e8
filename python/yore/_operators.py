"""What torch has to know of yore's operators beside how they compute (python/stable/*.cc): shapes of results before
there are any, and derivatives. Importing this registers them.

An operator of the library computes everything autograd needs and gives it back; its gradient is another operator.
The kernels have no second derivatives, which the gradient's own derivative says.
"""

import torch
from torch.autograd import forward_ad

from . import _checks, _load  # noqa: F401: the operators of _load must be there first

_NS = torch.ops.yore


def _computed_in(dtype):
    return torch.float64 if dtype == torch.float64 else torch.float32


def _loop_over(function, info, in_dims, args):
    """One call after another, for torch.vmap: an operator has one batch, and parameters that all of it shares."""
    calls = [function(*[x.select(d, i) if isinstance(d, int) else x for x, d in zip(args, in_dims)])
             for i in range(info.batch_size)]
    return tuple(torch.stack(each) for each in zip(*calls)), (0,) * len(calls[0])


def _no_second_derivative(name):
    """The gradient operator `name` as a function that says that it cannot be differentiated."""

    def refuse(ctx, *grads):
        raise RuntimeError(f"{name.replace('_backward', '')}: the kernel has no second derivatives")

    return differentiable(name, lambda ctx, inputs, output: None, refuse)


def differentiable(name, keep, gradient):
    """Gives operator `name` its derivative, and returns what calls it. torch.library's registration serves
    everything but the transforms of torch.func, for which there has to be an autograd.Function, and forward
    derivatives, which it would drop without a word."""
    operator = getattr(_NS, name).default
    torch.library.register_autograd(f"yore::{name}", gradient, setup_context=keep)

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(*args):
            return operator(*args)

        setup_context = staticmethod(keep)
        backward = staticmethod(gradient)

        @staticmethod
        def vmap(info, in_dims, *args):
            return _loop_over(Function.apply, info, in_dims, args)

        @staticmethod
        def jvp(ctx, *tangents):
            raise NotImplementedError(f"yore::{name} has no forward derivative: the kernel computes gradients only")

    Function.__name__ = name

    def call(*args):
        special = torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0
        return Function.apply(*args) if special else operator(*args)

    return call


def _wanted(ctx, gradients):
    """None where nobody asked."""
    return tuple(g if needed else None for g, needed in zip(gradients, ctx.needs_input_grad))


# Attention.


@torch.library.register_fake("yore::attention_forward")
def _(q, k, v, sink_logits, lookback, strict, scale, sinks, alibi_slopes, soft_cap, cu_seqlens_q, cu_seqlens_k):
    _checks.one_device("yore.attention", q=q, k=k, v=v, sink_logits=sink_logits, cu_seqlens_q=cu_seqlens_q,
                       cu_seqlens_k=cu_seqlens_k)
    out = q.new_empty((*q.shape[:-1], v.shape[-1]))
    return out, q.new_empty(q.shape[:-1], dtype=_computed_in(q.dtype))


@torch.library.register_fake("yore::attention_backward")
def _(grad_out, q, k, v, out, lse, sink_logits, *options):
    _checks.one_device("yore.attention_backward", grad_out=grad_out, q=q, k=k, v=v, out=out, lse=lse, sink_logits=sink_logits,
                       cu_seqlens_q=options[-2], cu_seqlens_k=options[-1])
    sinks = q.new_empty(0, dtype=_computed_in(q.dtype)) if sink_logits is None else sink_logits.new_empty(
        sink_logits.shape)
    return q.new_empty(q.shape), k.new_empty(k.shape), v.new_empty(v.shape), sinks


def _keep_attention(ctx, inputs, output):
    q, k, v, sink_logits, *options, cu_seqlens_q, cu_seqlens_k = inputs
    out, lse = output
    ctx.mark_non_differentiable(lse)
    ctx.save_for_backward(q, k, v, out, lse, sink_logits, cu_seqlens_q, cu_seqlens_k)
    ctx.options = options


def _attention_gradient(ctx, grad_out, _):
    q, k, v, out, lse, sink_logits, *starts = ctx.saved_tensors
    gradients = _attention_backward(grad_out, q, k, v, out, lse, sink_logits, *ctx.options, *starts)
    return (*_wanted(ctx, gradients), *[None] * 8)


attention_forward = differentiable("attention_forward", _keep_attention, _attention_gradient)
_attention_backward = _no_second_derivative("attention_backward")

# The operators as they are called by name: plain functions of the ones above, for every dispatch key. By the time that
# torch's dispatcher calls one, transforms of torch.func are out of sight, so that these are for callers without.
_library = torch.library.Library("yore", "FRAGMENT")  # holds the registrations


def define(schema, function):
    """Makes `function` the operator torch.ops.yore.<name of schema>, made of others."""
    _library.define(schema)
    _library.impl(schema.split("(")[0], function, "CompositeImplicitAutograd")


def _attention(q, k, v, *, lookback=None, strict=None, scale=None, sinks=None, sink_logits=None, alibi_slopes=None,
               soft_cap=None, cu_seqlens_q=None, cu_seqlens_k=None):
    return _NS.attention_forward(q, k, v, sink_logits, [] if lookback is None else lookback, bool(strict), scale,
                                 sinks or 0, alibi_slopes or [], soft_cap or 0.0, cu_seqlens_q, cu_seqlens_k)[0]


define("attention(Tensor q, Tensor k, Tensor v, *, int[]? lookback=None, bool? strict=None, float? scale=None, "
       "int? sinks=None, Tensor? sink_logits=None, float[]? alibi_slopes=None, float? soft_cap=None, "
       "Tensor? cu_seqlens_q=None, Tensor? cu_seqlens_k=None) -> Tensor", _attention)


# The chunk scan.


def _kept(q, packed):
    """Room for the states that backward wants (python/stable/packed.h)."""
    return (q.shape[0] // 64 if packed else q.shape[0] * (q.shape[1] // 64)) + 2


def _sequences(q, cu_seqlens):
    return q.shape[0] if cu_seqlens is None else cu_seqlens.shape[0] - 1


def _or_nothing(x, q):
    """What an operator gives back as the gradient of x."""
    return q.new_empty(0) if x is None else x.new_empty(x.shape)


@torch.library.register_fake("yore::scan_forward")
def _(q, k, v, log_decay, beta, initial_state, decay, delta, scale, grows, cu_seqlens, keep):
    _checks.one_device("yore.scan", q=q, k=k, v=v, log_decay=log_decay, beta=beta, initial_state=initial_state,
                       cu_seqlens=cu_seqlens)
    state, dtype = (v.shape[-2], q.shape[-1], v.shape[-1]), _computed_in(q.dtype)
    return (q.new_empty(v.shape), q.new_empty((_sequences(q, cu_seqlens), *state), dtype=dtype),
            q.new_empty((_kept(q, cu_seqlens is not None) if keep else 0, *state), dtype=dtype))


@torch.library.register_fake("yore::scan_backward")
def _(grad_out, grad_final, q, k, v, log_decay, beta, initial_state, *rest):
    _checks.one_device("yore.scan_backward", grad_out=grad_out, grad_final=grad_final, q=q, k=k, v=v, log_decay=log_decay,
                       beta=beta, initial_state=initial_state, out=rest[0], kept=rest[1], cu_seqlens=rest[-1])
    return (q.new_empty(q.shape), k.new_empty(k.shape), v.new_empty(v.shape), _or_nothing(log_decay, q),
            _or_nothing(beta, q), _or_nothing(initial_state, q))


def _expect_kept(name, keep):
    if not keep:
        raise RuntimeError(f"{name}: a gradient was asked for of a call with keep=False")


def _keep_scan(ctx, inputs, output):
    *tensors, decay, delta, scale, grows, cu_seqlens, keep = inputs
    out, final, kept = output
    ctx.mark_non_differentiable(kept)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(*tensors, out, kept, cu_seqlens)
    ctx.options, ctx.keep = (decay, delta, scale, grows), keep


def _scan_gradient(ctx, grad_out, grad_final, _):
    _expect_kept("scan", ctx.keep)
    *saved, cu_seqlens = ctx.saved_tensors
    if grad_out is None:
        grad_out = torch.zeros_like(saved[-2])
    gradients = _scan_backward(grad_out, grad_final, *saved, *ctx.options, cu_seqlens)
    return (*_wanted(ctx, gradients), *[None] * 6)


scan_forward = differentiable("scan_forward", _keep_scan, _scan_gradient)
_scan_backward = _no_second_derivative("scan_backward")


# Memory in slots.


@torch.library.register_fake("yore::slots_forward")
def _(q, k, v, write, log_decay, filled, bias, initial_k, initial_v, scale, grows, cu_seqlens, keep):
    _checks.one_device("yore.slots", q=q, k=k, v=v, write=write, log_decay=log_decay, filled=filled, bias=bias,
                       initial_k=initial_k, initial_v=initial_v, cu_seqlens=cu_seqlens)
    dtype, batch, packed = _computed_in(q.dtype), _sequences(q, cu_seqlens), cu_seqlens is not None
    heads, keys, values, slots = v.shape[-2], q.shape[-1], v.shape[-1], write.shape[-1]
    states = _kept(q, packed) if keep else 0
    rows = (q.shape[0] if packed else q.shape[0] * q.shape[1]) if keep and log_decay is None else 0
    shapes = [(batch, heads, keys, slots), (batch, heads, slots, values), (states, heads, keys, slots),
              (states, heads, slots, values), (rows, heads, keys)]
    return (q.new_empty(v.shape), *[q.new_empty(shape, dtype=dtype) for shape in shapes])


@torch.library.register_fake("yore::slots_backward")
def _(grad_out, grad_final_k, grad_final_v, q, k, v, write, log_decay, filled, bias, initial_k, initial_v, *rest):
    _checks.one_device("yore.slots_backward", grad_out=grad_out, grad_final_k=grad_final_k, grad_final_v=grad_final_v, q=q,
                       k=k, v=v, write=write, log_decay=log_decay, filled=filled, bias=bias, initial_k=initial_k,
                       initial_v=initial_v, out=rest[0], kept_k=rest[1], kept_v=rest[2], erased=rest[3], cu_seqlens=rest[-1])
    return (q.new_empty(q.shape), k.new_empty(k.shape), v.new_empty(v.shape), write.new_empty(write.shape),
            _or_nothing(log_decay, q), _or_nothing(initial_k, q), _or_nothing(initial_v, q))


def _keep_slots(ctx, inputs, output):
    *tensors, scale, grows, cu_seqlens, keep = inputs
    out, final_k, final_v, *kept = output
    ctx.mark_non_differentiable(*kept)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(*tensors, out, *kept, cu_seqlens)
    ctx.options, ctx.keep = (scale, grows), keep


def _slots_gradient(ctx, grad_out, grad_final_k, grad_final_v, *_):
    _expect_kept("slots", ctx.keep)
    *saved, cu_seqlens = ctx.saved_tensors
    if grad_out is None:
        grad_out = torch.zeros_like(saved[9])
    *gradients, initial_k, initial_v = _slots_backward(grad_out, grad_final_k, grad_final_v, *saved, *ctx.options,
                                                       cu_seqlens)
    # Fillings and biases are constants.
    return (*_wanted(ctx, (*gradients, None, None, initial_k, initial_v)), *[None] * 4)


slots_forward = differentiable("slots_forward", _keep_slots, _slots_gradient)
_slots_backward = _no_second_derivative("slots_backward")


# The short convolution.


@torch.library.register_fake("yore::conv_forward")
def _(x, weight, bias, history, cu_seqlens):
    _checks.one_device("yore.conv", x=x, weight=weight, bias=bias, history=history, cu_seqlens=cu_seqlens)
    final = (_sequences(x, cu_seqlens), weight.shape[1] - 1, weight.shape[0])
    return x.new_empty(x.shape), x.new_empty(final, dtype=_computed_in(x.dtype))


@torch.library.register_fake("yore::conv_backward")
def _(grad_y, grad_final, x, weight, bias, history, cu_seqlens):
    _checks.one_device("yore.conv_backward", grad_y=grad_y, grad_final=grad_final, x=x, weight=weight, bias=bias,
                       history=history, cu_seqlens=cu_seqlens)
    return x.new_empty(x.shape), weight.new_empty(weight.shape), _or_nothing(bias, x), _or_nothing(history, x)


def _keep_conv(ctx, inputs, output):
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(*inputs)


def _conv_gradient(ctx, grad_y, grad_final):
    x = ctx.saved_tensors[0]
    gradients = _conv_backward(torch.zeros_like(x) if grad_y is None else grad_y, grad_final, *ctx.saved_tensors)
    return (*_wanted(ctx, gradients), None)


conv_forward = differentiable("conv_forward", _keep_conv, _conv_gradient)
_conv_backward = _no_second_derivative("conv_backward")
