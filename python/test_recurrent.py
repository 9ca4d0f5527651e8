"""The recurrent mechanisms against their definitions token by token, numerical derivatives, and torch's own checks."""

import math
import random
import sys
import unittest

try:
    import torch
except ImportError as error:
    print(f"SKIPPED: no torch for {sys.executable} ({error})")
    sys.exit(0)

from yore import _load

if not _load.STABLE:
    print(f"SKIPPED: {_load.LIBRARY} has attention alone")
    sys.exit(0)

import yore

torch.manual_seed(0)


def naive_scan(q, k, v, log_decay=None, beta=None, delta=False, scale=1.0, state=None):
    """The definition at the head of scan.h, [B, T, H, D]; log_decay [B, T, H, 1 or K]."""
    batch, tokens, heads, values = v.shape
    group = heads // q.shape[2]
    q, k = q.repeat_interleave(group, 2), k.repeat_interleave(group, 2)
    s = v.new_zeros(batch, heads, q.shape[-1], values) if state is None else state
    out = []
    for t in range(tokens):
        if log_decay is not None:
            s = s * log_decay[:, t].exp()[..., None]
        u = v[:, t]
        if delta:
            u = u - torch.einsum("bhkv,bhk->bhv", s, k[:, t])
        if beta is not None:
            u = u * beta[:, t][..., None]
        s = s + k[:, t][..., None] * u[..., None, :]
        out.append(scale * torch.einsum("bhkv,bhk->bhv", s, q[:, t]))
    return torch.stack(out, 1), s


def naive_slots(q, k, v, write, log_decay, scale, filled=None):
    """The definition at the head of slots.h."""
    batch, tokens, heads, _ = v.shape
    group = heads // q.shape[2]
    q, k = q.repeat_interleave(group, 2), k.repeat_interleave(group, 2)
    keys = v.new_zeros(batch, heads, write.shape[-1], q.shape[-1])
    values = v.new_zeros(batch, heads, write.shape[-1], v.shape[-1])
    out = []
    for t in range(tokens):
        w = write[:, t][..., None]
        if log_decay is None:
            keys, values = (x - w * (w.transpose(-1, -2) @ x) for x in (keys, values))
        else:
            keys, values = (x * log_decay[:, t].exp()[..., None] for x in (keys, values))
        keys, values = keys + w * k[:, t][:, :, None], values + w * v[:, t][:, :, None]
        score = scale * (keys @ q[:, t][..., None])[..., 0]
        z = torch.ones_like(score) if filled is None else filled[:, t]
        p = torch.where(z > 0, score / z + torch.log(z.clamp(min=1e-300)), float("-inf")).softmax(-1)
        out.append(((p / z.clamp(min=1e-300)).masked_fill(z <= 0, 0)[..., None, :] @ values)[..., 0, :])
    return torch.stack(out, 1)


def uniform(*shape, dtype=torch.float64):
    return (2 * torch.rand(shape, dtype=torch.float64) - 1).to(dtype).requires_grad_()


def case(name, tokens=70, batch=2, heads=2, key_heads=1, keys=3, values=4, dtype=torch.float64):
    """(function of yore, the same by definition, tensors) of one mechanism."""
    q, k, v = (uniform(batch, tokens, key_heads, keys, dtype=dtype), uniform(batch, tokens, key_heads, keys, dtype=dtype),
               uniform(batch, tokens, heads, values, dtype=dtype))
    beta = torch.rand(batch, tokens, heads, dtype=torch.float64).to(dtype).requires_grad_()
    of_head = (-torch.rand(batch, tokens, heads, dtype=torch.float64)).to(dtype).requires_grad_()
    of_key = (-torch.rand(batch, tokens, heads, keys, dtype=torch.float64)).to(dtype).requires_grad_()
    of_slot = (-0.01 - torch.rand(batch, tokens, heads, 5, dtype=torch.float64)).to(dtype).requires_grad_()
    scale = keys**-0.5
    rate = -torch.rand(heads, dtype=torch.float64).to(dtype)
    write = (0.4 * torch.rand(batch, tokens, heads, 5, dtype=torch.float64)).to(dtype).requires_grad_()

    def abc(q, k, v, logits):
        given = logits.exp()
        total = given.cumsum(1)
        before = torch.cat([torch.zeros_like(total[:, :1]), total[:, :-1]], 1)
        # The first token's decay, of nothing, is 1 instead of 0: log 0 has no derivative.
        log_decay = torch.where(before > 0, (before / total).clamp(min=1e-300), 1.0).log()
        return naive_slots(q, k, v, given / total, log_decay, scale)

    return {
        "linear_attention": (yore.linear_attention, lambda q, k, v: naive_scan(q, k, v, scale=scale)[0], (q, k, v)),
        "retention": (lambda q, k, v: yore.retention(q, k, v, [0.9, 0.5][:heads]),
                      lambda q, k, v: naive_scan(q, k, v, torch.tensor([0.9, 0.5][:heads], dtype=q.dtype).log()
                                                 .expand(batch, tokens, heads)[..., None], scale=scale)[0], (q, k, v)),
        "gla": (yore.gla, lambda q, k, v, g: naive_scan(q, k, v, g, scale=scale)[0], (q, k, v, of_key)),
        "mamba2": (lambda c, b, x, dt: yore.mamba2(x, dt, rate, b, c, torch.ones(heads, dtype=x.dtype)),
                   lambda c, b, x, dt: naive_scan(c, b, x, (dt * rate)[..., None], dt)[0] + x, (q, k, v, beta)),
        "delta_net": (yore.delta_net, lambda q, k, v, b: naive_scan(q, k, v, None, b, True, scale)[0], (q, k, v, beta)),
        "gated_delta_net": (yore.gated_delta_net, lambda q, k, v, g, b: naive_scan(q, k, v, g[..., None], b, True, scale)[0],
                            (q, k, v, of_head, beta)),
        "kda": (yore.kda, lambda q, k, v, g, b: naive_scan(q, k, v, g, b, True, scale)[0], (q, k, v, of_key, beta)),
        "gsa": (yore.gsa, lambda q, k, v, g: naive_slots(q, k, v, -torch.expm1(g), g, 1.0), (q, k, v, of_slot)),
        "slots erased": (lambda q, k, v, w: yore.slots(q, k, v, w), lambda q, k, v, w: naive_slots(q, k, v, w, None, scale),
                         (q.detach().repeat(1, 1, heads // key_heads, 1).requires_grad_(),
                          k.detach().repeat(1, 1, heads // key_heads, 1).requires_grad_(), v, write)),
        "abc": (yore.abc, abc, (q, k, v, uniform(batch, tokens, heads, 5, dtype=dtype))),
    }[name]


NAMES = ["linear_attention", "retention", "gla", "mamba2", "delta_net", "gated_delta_net", "kda", "gsa", "slots erased",
         "abc"]


class Case(unittest.TestCase):
    def close(self, got, wanted, tolerance, what="out"):
        self.assertEqual(got.shape, wanted.shape, what)
        size = max(1.0, wanted.detach().abs().max().item()) if wanted.numel() else 1.0
        error = (got.double() - wanted.double()).abs().max().item() if got.numel() else 0.0
        self.assertLessEqual(error, tolerance * size, what)


class ByDefinition(Case):
    def test_values_and_gradients(self):
        for name in NAMES:
            for tokens in (1, 3, 64, 130):
                with self.subTest(name=name, tokens=tokens):
                    ours, naive, tensors = case(name, tokens)
                    got, wanted = ours(*tensors), naive(*tensors)
                    # Sums of `tokens` products, of 16 roundings each.
                    allowed = 16 * (tokens + 8) * torch.finfo(torch.float64).eps
                    self.close(got, wanted, 10 * allowed)
                    cotangent = torch.rand_like(wanted) - 0.5
                    for i, (a, b) in enumerate(zip(torch.autograd.grad(got, tensors, cotangent),
                                                   torch.autograd.grad(wanted, tensors, cotangent))):
                        self.close(a, b, 100 * allowed, f"gradient {i}")

    def test_100_random_configurations(self):
        draw = random.Random(3)
        for trial in range(100):
            name, key_heads = draw.choice(NAMES), draw.randint(1, 2)
            shape = {"tokens": draw.randint(1, 90), "batch": draw.randint(1, 2), "key_heads": key_heads,
                     "heads": key_heads * draw.randint(1, 2) if name != "retention" else 2, "keys": draw.randint(1, 20),
                     "values": draw.randint(1, 20)}
            with self.subTest(trial=trial, name=name, **shape):
                ours, naive, tensors = case(name, **shape)
                got, wanted = ours(*tensors), naive(*tensors)
                self.close(got, wanted, 1e-10)
                for a, b in zip(torch.autograd.grad(got.sum(), tensors), torch.autograd.grad(wanted.sum(), tensors)):
                    self.close(a, b, 1e-9, "gradient")

    def test_narrow_types(self):
        for name in NAMES:
            for dtype in (torch.bfloat16, torch.float16):
                with self.subTest(name=name, dtype=dtype):
                    ours, naive, tensors = case(name, 40, dtype=dtype)
                    got = ours(*tensors)
                    self.assertEqual(got.dtype, dtype)
                    wanted = naive(*[x.detach().double() for x in tensors]) if name != "mamba2" else None
                    if wanted is not None:  # rounded once, except what functions do to gates before
                        self.close(got, wanted, 8 * torch.finfo(dtype).eps)
                    got.float().sum().backward()
                    for x in tensors:
                        self.assertEqual(x.grad.dtype, dtype)
                        self.assertTrue(x.grad.isfinite().all())

    def test_pieces(self):
        """A sequence in two pieces, the second from the state of the first; gradients flow through it."""
        for name in NAMES:
            if name in ("slots erased", "retention"):
                continue
            for cut in (1, 17, 64):
                with self.subTest(name=name, cut=cut):
                    ours, _, tensors = case(name, 70)
                    call = ours
                    if name == "mamba2":
                        call = lambda c, b, x, dt, **more: yore.mamba2(x, dt, torch.tensor([-0.5, -0.1]).double(), b, c,
                                                                       **more)
                    whole = call(*tensors)
                    first, state = call(*[x[:, :cut] for x in tensors], return_state=True)
                    second = call(*[x[:, cut:] for x in tensors], initial_state=state)
                    joined = torch.cat([first, second], 1)
                    self.close(joined, whole, 1e-11)
                    for a, b in zip(torch.autograd.grad(joined.square().sum(), tensors),
                                    torch.autograd.grad(whole.square().sum(), tensors)):
                        self.close(a, b, 1e-9, "gradient")

    def test_layouts_and_packing(self):
        for name in ("gla", "kda", "gated_delta_net", "delta_net", "gsa"):
            with self.subTest(name=name):
                ours, _, tensors = case(name, 40)
                tensors = [x.detach() for x in tensors]
                wanted = ours(*tensors)
                swapped = ours(*[x.transpose(1, 2).contiguous() for x in tensors], layout="bhtd")
                self.close(swapped.transpose(1, 2), wanted, 1e-13)
                rows = [torch.cat([x[0, :11], x[1]]) for x in tensors]
                packed = ours(*rows, cu_seqlens=torch.tensor([0, 11, 51]))
                self.close(packed[11:], wanted[1], 1e-13)
                self.close(packed[:11], wanted[0, :11], 1e-13)

    def test_one_token_as_a_view(self):
        """Strides of dimensions of size 1 say nothing: of [B, H, 1, D] seen as [B, 1, H, D], and of single sequences,
        heads and numbers."""
        sizes = [{"tokens": 1, "batch": 3}, {"tokens": 1, "batch": 3, "heads": 1}, {"tokens": 1, "batch": 1},
                 {"tokens": 5, "batch": 1}, {"tokens": 5, "batch": 3, "heads": 1}, {"tokens": 5, "keys": 1, "values": 1},
                 {"tokens": 1, "batch": 3, "keys": 1, "values": 1}]
        # Not contiguous(), which leaves a tensor as it is whose strides differ in dimensions of size 1 alone.
        fresh = lambda x: torch.empty(x.shape, dtype=x.dtype).copy_(x)
        views = {"time and heads": lambda x: fresh(x.transpose(1, 2)).transpose(1, 2),
                 "batch and heads": lambda x: fresh(x.transpose(0, 2)).transpose(0, 2),
                 "batch and time": lambda x: fresh(x.transpose(0, 1)).transpose(0, 1),
                 "backwards": lambda x: fresh(x.permute(*reversed(range(x.dim())))).permute(*reversed(range(x.dim()))),
                 "odd strides": lambda x: torch.as_strided(x, x.shape, [7 if n == 1 else s for n, s in
                                                                        zip(x.shape, x.stride())])}
        for name in NAMES:
            for shape in sizes:
                if name == "retention" and shape.get("heads") == 1:
                    continue
                for dtype in (torch.float64, torch.float32, torch.bfloat16):
                    ours, _, tensors = case(name, dtype=dtype, **shape)
                    plain = [x.detach().requires_grad_() for x in tensors]
                    wanted = ours(*plain)
                    cotangent = torch.rand_like(wanted) - 0.5
                    gradients = torch.autograd.grad(wanted, plain, cotangent)
                    for which, view in views.items():
                        with self.subTest(name=name, view=which, dtype=dtype, **shape):
                            seen = [view(x.detach()).requires_grad_() for x in tensors]
                            got = ours(*seen)
                            self.close(got, wanted, 0.0)
                            for i, (a, b) in enumerate(zip(torch.autograd.grad(got, seen, view(cotangent)), gradients)):
                                self.close(a, b, 0.0, f"gradient {i}")

    def test_token_by_token_with_heads_first(self):
        """As one decodes: [B, H, 1, D], the state handed on."""
        for name in ("gla", "kda", "gated_delta_net", "gsa"):
            with self.subTest(name=name):
                ours, _, tensors = case(name, 6, batch=3)
                tensors = [x.detach().transpose(1, 2) for x in tensors]
                wanted, state, got = ours(*tensors, layout="bhtd"), None, []
                for t in range(6):
                    out, state = ours(*[x[:, :, t:t + 1].contiguous() for x in tensors], layout="bhtd", return_state=True,
                                      initial_state=state)
                    got.append(out)
                self.close(torch.cat(got, 2), wanted, 1e-12)

    def test_blurry_window_of_stretch_one_is_a_window(self):
        q, k, v = (uniform(2, 60, 1, 4) for _ in range(3))
        self.close(yore.blurry_window(q, k, v, slots=7), yore.attention(q, k, v, window=7), 1e-12)
        weight, filled = yore._recurrent.blurry_weights(60, 1, 7, 2.5, "squared")
        got = yore.blurry_window(q, k, v, slots=7, stretch=2.5, kernel="squared")
        more = [x.expand(2, 60, 1, 7) for x in (weight, filled)]
        self.close(got, naive_slots(q, k, v, more[0], torch.log1p(-more[0]), 0.5, more[1]), 1e-10)
        first, state = yore.blurry_window(q[:, :13], k[:, :13], v[:, :13], 7, 2.5, kernel="squared", return_state=True)
        rest = yore.blurry_window(q[:, 13:], k[:, 13:], v[:, 13:], 7, 2.5, kernel="squared", offset=13, initial_state=state)
        self.close(torch.cat([first, rest], 1), got, 1e-11)

    def test_no_tokens(self):
        """Nothing comes out, and the state is the one that went in."""
        for name in NAMES:
            with self.subTest(name=name):
                ours, _, tensors = case(name, 0)
                got = ours(*tensors)
                self.assertEqual(list(got.shape), [2, 0, 2, 4])
                got.sum().backward()
        q, k, v, logits = (x.detach() for x in case("abc", 3)[2])
        state = yore.abc(q, k, v, logits, return_state=True)[1]
        after = yore.abc(q[:, :0], k[:, :0], v[:, :0], logits[:, :0], initial_state=state, return_state=True)[1]
        for a, b in zip(after, state):
            self.close(a, b, 0.0)

    def test_short_conv(self):
        x, weight, bias = uniform(2, 20, 6), uniform(6, 4), uniform(6)
        wanted = torch.nn.functional.conv1d(torch.nn.functional.pad(x.transpose(1, 2), (3, 0)), weight[:, None], bias,
                                            groups=6).transpose(1, 2)
        self.close(yore.short_conv(x, weight, bias), wanted, 1e-13)
        self.assertTrue(torch.autograd.gradcheck(yore.short_conv, (x, weight, bias)))
        first, history = yore.short_conv(x[:, :2], weight, bias, return_state=True)
        rest = yore.short_conv(x[:, 2:], weight, bias, history=history)
        self.close(torch.cat([first, rest], 1), wanted, 1e-13)


class TorchsChecks(Case):
    def test_gradcheck(self):
        for name in NAMES:
            with self.subTest(name=name):
                ours, _, tensors = case(name, 6, batch=1)
                self.assertTrue(torch.autograd.gradcheck(ours, tensors))

    def test_opcheck(self):
        ops = torch.ops.yore
        for dtype in (torch.float64, torch.bfloat16):
            q, k, v, g, b = case("kda", 70, dtype=dtype)[2]
            state = uniform(2, 2, 3, 4, dtype=torch.float64 if dtype == torch.float64 else torch.float32)
            torch.library.opcheck(ops.scan_forward.default, (q, k, v, g, b, state, "key", True, 0.5, False, None, True))
            torch.library.opcheck(ops.scan_forward.default, (q, k, v, None, None, None, "none", False, 0.5, False, None, True))
            q, k, v, g = case("gsa", 70, dtype=dtype)[2]
            w = g.detach().exp().requires_grad_()
            torch.library.opcheck(ops.slots_forward.default,
                                  (q, k, v, w, g, None, None, None, None, 1.0, False, None, True))
            x, weight = uniform(2, 20, 6, dtype=dtype), uniform(6, 4, dtype=dtype)
            torch.library.opcheck(ops.conv_forward.default, (x, weight, None, None, None))
        packed = [uniform(30, 2, 3) for _ in range(3)]
        starts = torch.tensor([0, 4, 30])
        torch.library.opcheck(ops.scan_forward.default, (*packed, None, None, None, "none", True, 0.5, False, starts, True))

    def test_named_operators(self):
        ops = torch.ops.yore
        for name in ("linear_attention", "gla", "delta_net", "gated_delta_net", "kda"):
            ours, _, tensors = case(name, 10)
            self.close(getattr(ops, name)(*tensors)[0], ours(*tensors), 0.0, name)
        ours, _, tensors = case("gsa", 10)
        self.close(ops.gsa(*tensors), ours(*tensors), 0.0)

    def test_second_derivatives_are_refused(self):
        ours, _, tensors = case("gla", 5, batch=1)
        with self.assertRaisesRegex(RuntimeError, "scan: the kernel has no second derivatives"):
            torch.autograd.gradgradcheck(ours, tensors)

    def test_func_and_forward(self):
        ours, _, tensors = case("gated_delta_net", 20)
        x = [t.detach() for t in tensors]
        wanted = torch.autograd.grad(ours(*tensors).square().sum(), tensors[0])[0]
        self.close(torch.func.grad(lambda q: ours(q, *x[1:]).square().sum())(x[0]), wanted, 1e-12)
        with self.assertRaisesRegex(NotImplementedError, "no forward derivative"):
            torch.func.jvp(lambda q: ours(q, *x[1:]), (x[0],), (x[0],))


    def test_gradients_through_vmap(self):
        """vmap within grad, grad within vmap, and backward() of what vmap gave."""
        for name in NAMES:
            with self.subTest(name=name):
                ours, _, tensors = case(name, 70)
                x = [t.detach() for t in tensors]
                stacked = [torch.stack([t, 0.9 * t]) for t in x]
                each = [[s[i].clone().requires_grad_() for s in stacked] for i in range(2)]
                wanted = [torch.autograd.grad(ours(*e).square().sum(), e) for e in each]
                wanted = [torch.stack(pair) for pair in zip(*wanted)]
                loss = lambda *y: ours(*y).square().sum()
                every = tuple(range(len(x)))
                leaves = [s.clone().requires_grad_() for s in stacked]
                torch.vmap(ours)(*leaves).square().sum().backward()
                for got in (torch.func.grad(lambda *y: torch.vmap(loss)(*y).sum(), every)(*stacked),
                            torch.vmap(torch.func.grad(loss, every))(*stacked), [leaf.grad for leaf in leaves]):
                    for a, b in zip(got, wanted):
                        self.close(a, b, 1e-11)


class NotNumbers(Case):
    def test_stay_so(self):
        """What is NaN or infinite is not passed over: a token that asks so gets NaN, the others what they got."""
        for name in NAMES:
            ours, _, tensors = case(name, 5)
            tensors = [x.detach() for x in tensors]
            wanted = ours(*tensors)
            for number in (math.nan, math.inf):
                asks = tensors[0].clone()
                asks[:, 2] = number
                with self.subTest(name=name, number=number):
                    got = ours(asks, *tensors[1:])
                    if name != "mamba2":  # whose first tensor is what it stores
                        self.assertFalse(got[:, 2].isfinite().any())
                        self.close(got[:, :2], wanted[:, :2], 1e-12)

    def test_decays_near_1_are_none_of_1(self):
        ones = torch.ones(1, 200, 30, 1)
        self.assertTrue((yore.retention(ones, ones, ones)[0, -1, :, 0] < 200).sum() >= 18)


class Refusals(Case):
    def test_one_device(self):
        """A tensor on "meta" beside others on the processor has no numbers: refused, by name, whichever it is."""
        for name in NAMES:
            ours, _, tensors = case(name, 5)
            tensors = [x.detach() for x in tensors]
            if name != "mamba2":  # whose A and D are not among the tensors
                self.assertEqual(ours(*[x.to("meta") for x in tensors]).device.type, "meta", name)
            for i in range(len(tensors)):
                mixed = list(tensors)
                mixed[i] = mixed[i].to("meta")
                with self.subTest(name=name, i=i), self.assertRaisesRegex((ValueError, RuntimeError), "device"):
                    ours(*mixed)
        q, k, v, g = (x.detach() for x in case("gla", 5)[2])
        state, meta, starts = torch.zeros(2, 2, 3, 4, dtype=torch.float64), torch.device("meta"), torch.tensor([0, 5, 10])
        x, w = torch.zeros(2, 5, 6), torch.zeros(6, 3)
        write = torch.zeros(2, 5, 2, 4, dtype=torch.float64)
        for text, call in (
                ("yore.gla: log_decay must be on the device of q, cpu, got meta", lambda: yore.gla(q, k, v, g.to(meta))),
                ("yore.gla: initial_state must be", lambda: yore.gla(q, k, v, g, initial_state=state.to(meta))),
                ("yore.gla: cu_seqlens must be", lambda: yore.gla(*[y.flatten(0, 1) for y in (q, k, v, g)],
                                                                  cu_seqlens=starts.to(meta))),
                ("yore.slots: filled must be", lambda: yore.slots(q, k, v, write, filled=write.to(meta))),
                (r"yore.slots: initial_state\[1\] must be", lambda: yore.slots(q, k, v, write,
                                                                             initial_state=(state, state.to(meta)))),
                ("yore.mamba2: A must be", lambda: yore.mamba2(v, g[..., 0].exp(), torch.ones(2, device=meta), k, q)),
                (r"yore.abc: initial_state\[2\] must be", lambda: yore.abc(q, k, v, write, initial_state=(
                    torch.zeros(2, 2, 3, 4), state, write[:, 0].to(meta)))),
                ("yore.blurry_window: k must be", lambda: yore.blurry_window(q, k.to(meta), v)),
                ("yore.short_conv: weight must be", lambda: yore.short_conv(x, w.to(meta))),
                ("yore.short_conv: history must be", lambda: yore.short_conv(x, w, history=x[:, :2].to(meta))),
                ("yore.scan: k must be", lambda: torch.ops.yore.scan_forward(
                    q, k.to(meta), v, None, None, None, "none", False, 1.0, False, None, False)),
                ("yore.conv: bias must be", lambda: torch.ops.yore.conv_forward(x, w, w[:, 0].to(meta), None, None))):
            with self.subTest(text=text), self.assertRaisesRegex(ValueError, text):
                call()
        self.assertEqual(yore.blurry_window(*[y.to(meta) for y in (q, k, v)]).shape, v.shape)

    def test_names_the_argument(self):
        q, k, v, g = (x.detach() for x in case("gla", 5)[2])
        for kind, text, call in (
                (TypeError, "yore.gla: q must be a Tensor, got list", lambda: yore.gla([1], k, v, g)),
                (ValueError, r"yore.gla: log_decay must be \[2, 5, 2, 3\], got \[2, 5, 2, 2\]",
                 lambda: yore.gla(q, k, v, g[..., :2])),
                (ValueError, r"yore.gla: k must be shaped as q", lambda: yore.gla(q, k[:, :4], v, g)),
                (ValueError, r"yore.gla: v must have q's batch and time", lambda: yore.gla(q, k, v[:, :4], g)),
                (ValueError, r"the heads of q must divide those of v: 2 and 5; .*layout='bhtd'",
                 lambda: yore.gla(v[..., :3], v[..., :3], v.transpose(1, 2), g)),
                (ValueError, r"yore.gla: q must be \[B, T, H, D\], got \[5, 1, 3\]", lambda: yore.gla(q[0], k, v, g)),
                (ValueError, "log_decay", lambda: yore.gla(q, k, v, -g)),
                (ValueError, "k must be Double, got Float", lambda: yore.gla(q, k.float(), v, g)),
                (ValueError, "decay must be 2 numbers", lambda: yore.retention(q, k, v, [0.5])),
                (TypeError, "scale must be a number", lambda: yore.gla(q, k, v, g, scale="1")),
                (ValueError, "scale must be a finite number", lambda: yore.gla(q, k, v, g, scale=math.nan)),
                (ValueError, "the key dimension must be at least 1", lambda: yore.linear_attention(q[..., :0], k[..., :0], v)),
                (ValueError, r"yore.mamba2: D must be \[2\], one a head, got \[2, 4\]", lambda: yore.mamba2(
                    v, g[..., 0].exp(), -torch.ones(2), k, q, torch.ones(2, 4))),
                (ValueError, r"yore.mamba2: A must be \[2\], one a head, got \[2, 1\]", lambda: yore.mamba2(
                    v, g[..., 0].exp(), -torch.ones(2, 1), k, q)),
                (ValueError, "clamp must be above 0 and at most 80", lambda: yore.abc(q, k, v, v[..., :3], clamp=100.0)),
                (ValueError, "kernel must be 'main_lobe' or 'squared'", lambda: yore.blurry_window(q, k, v, kernel="x")),
                (ValueError, r"initial_state must be \[2, 2, 3, 4\]", lambda: yore.gla(q, k, v, g, initial_state=v)),
                (ValueError, r"initial_state\[2\] must be \[2, 2, 3\], got \[2, 2, 1\]",
                 lambda: yore.abc(q, k, v, v[..., :3], initial_state=(v, v, torch.ones(2, 2, 1, dtype=torch.float64)))),
                (ValueError, r"weight must be \[channels, width\]", lambda: yore.short_conv(v[:, :, 0], v[0, 0]))):
            with self.subTest(text=text), self.assertRaisesRegex(kind, text):
                call()


if __name__ == "__main__":
    unittest.main()
