#!/usr/bin/env python3
"""bench/peers.py [--tokens 4096] [--repeats 5] [--flex] [--bfloat16]: yore's attention beside PyTorch's own from Python, one
thread, B=1 H=8 D=64 float32 or bfloat16; medians in ms. Answers are compared first. Needs the yore that `pip install .` makes."""

import argparse
import statistics
import time

import torch
from torch.nn.functional import scaled_dot_product_attention as sdpa

import yore


def milliseconds(call, repeats):
    times = []
    for _ in range(repeats + 1):
        begun = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(times[1:])  # the first one warms up


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--flex", action="store_true", help="compiled flex_attention as well (a C++ compiler, a minute)")
    parser.add_argument("--bfloat16", action="store_true", help="inputs in bfloat16")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    tokens = arguments.tokens
    dtype = torch.bfloat16 if arguments.bfloat16 else torch.float32
    q, k, v = (torch.randn(1, 8, tokens, 64).to(dtype).requires_grad_() for _ in range(3))
    # Outputs are averages of v. In bfloat16 each of the two results rounds its weights and its output once, by at most 2^-9 of them.
    atol = 4 * 2**-9 * v.abs().max().item() if arguments.bfloat16 else 1e-4
    i = torch.arange(tokens)
    print(f"torch {torch.__version__}, {yore.backend(q)}, T={tokens}, {dtype}")
    print(f"{'':28}{'yore':>10}{'SDPA':>10}{'flex':>10}   SDPA / yore")
    for window in (None, 256, 64):
        mask = None if window is None else (i[:, None] >= i) & (i[:, None] - i < window)
        ours = lambda: yore.scaled_dot_product_attention(q, k, v, is_causal=True, window=window)
        theirs = lambda: sdpa(q, k, v, mask, is_causal=mask is None)
        flex = None
        if arguments.flex:
            from torch.nn.attention.flex_attention import create_block_mask, flex_attention
            block = create_block_mask(yore.window_mask(window), None, None, tokens, tokens, device="cpu")
            compiled = torch.compile(flex_attention)
            plain = [x.detach() for x in (q, k, v)]  # flex_attention has no backward on a CPU and refuses inputs that ask for one
            flex = lambda: compiled(*plain, block_mask=block)
            try:
                flex()
            except Exception as e:  # what PyTorch compiles depends on the compiler and the processor
                print(f"flex_attention is left out: it does not compile here ({type(e).__name__}: {str(e).splitlines()[0]})")
                flex, arguments.flex = None, False
        with torch.no_grad():
            expected = ours()
            for peer in (theirs, flex):
                assert peer is None or torch.allclose(expected, peer(), rtol=0, atol=atol)
            row = [milliseconds(call, arguments.repeats) if call else None for call in (ours, theirs, flex)]
        both = [milliseconds(lambda: call().sum().backward(), arguments.repeats) for call in (ours, theirs)]
        for what, (a, b, c) in (("forward", row), ("forward + backward", (*both, None))):
            name = f"{'full' if window is None else f'window {window}'} {what}"
            print(f"{name:28}{a:10.1f}{b:10.1f}{'' if c is None else format(c, '10.1f'):>10}{b / a:10.1f}")


if __name__ == "__main__":
    main()
