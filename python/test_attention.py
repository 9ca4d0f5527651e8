"""The Python package against a plain composition of torch operations, numerical derivatives, and bad input."""

import contextlib
import doctest
import pathlib
import sys
import unittest
import warnings

try:
    import torch
except ImportError as error:
    print(f"SKIPPED: no torch for {sys.executable} ({error}); on Debian: apt-get install python3-torch")
    sys.exit(0)

import yore
from yore import _load

GLOBAL = None


def plain(q, k, v, lookback, strict=False, scale=None, sinks=0, sink_logits=None, alibi_slopes=None,
          soft_cap=None):
    """The definition, written with a mask and nothing of yore. Hidden keys are dropped rather than weighted by 0."""
    batch, queries, heads, dim = q.shape
    keys, group = k.shape[1], heads // k.shape[2]
    out = []
    for h in range(heads):
        position = torch.arange(queries)[:, None] + keys - queries
        distance = position - torch.arange(keys)[None, :]
        seen = distance >= (1 if strict else 0)
        if lookback[h] is not None:
            seen = seen & ((distance <= lookback[h]) | (torch.arange(keys)[None, :] < sinks))
        score = (q[:, :, h] @ k[:, :, h // group].to(q.dtype).transpose(1, 2)) * (dim**-0.5 if scale is None else scale)
        if soft_cap is not None:
            score = soft_cap * torch.tanh(score / soft_cap)
        if alibi_slopes is not None:
            score = score - alibi_slopes[h] * distance.to(q.dtype)
        score = score.masked_fill(~seen, -1e30)
        if sink_logits is not None:
            score = torch.cat([score, sink_logits[h].expand(batch, queries, 1)], 2)
        weight = torch.softmax(score, -1)[:, :, :keys] * seen
        out.append(weight @ v[:, :, h // group].to(q.dtype))
    return torch.stack(out, 2)


def inputs(shape_q, shape_k=None, value_dim=None, dtype=torch.float64, seed=0):
    torch.manual_seed(seed)
    shape_k = shape_q if shape_k is None else shape_k
    shape_v = shape_k if value_dim is None else (*shape_k[:-1], value_dim)
    return [(2 * torch.rand(shape, dtype=torch.float64) - 1).to(dtype).requires_grad_() for shape in (shape_q, shape_k, shape_v)]


def allowed(dtype, terms):
    """Two computations of one sum of `terms` products of numbers of size about 1."""
    return 16 * terms * torch.finfo(dtype).eps


class Case(unittest.TestCase):
    def close(self, got, wanted, tolerance, what="out"):
        self.assertEqual(got.shape, wanted.shape, what)
        self.assertEqual(got.dtype, wanted.dtype, what)
        error = (got.double() - wanted.double()).abs().max().item() if got.numel() else 0.0
        self.assertLessEqual(error, tolerance, what)

    @contextlib.contextmanager
    def refused(self, kind, *parts):
        with self.assertRaises(kind) as caught:
            yield
        for part in ("attention", *parts):
            self.assertIn(part, str(caught.exception))

    def expect_plain(self, tensors, lookback, sink_logits=None, **options):
        """Values and gradients of yore.attention against `plain`."""
        got = yore.attention(*tensors, lookback, sink_logits=sink_logits, **options)
        wanted = plain(*tensors, lookback, sink_logits=sink_logits, **options)
        q, k, _ = tensors
        terms = k.shape[1] + q.shape[3]
        self.close(got, wanted, allowed(q.dtype, terms))
        torch.manual_seed(1)
        cotangent = torch.rand_like(wanted) - 0.5
        leaves = [*tensors] + ([] if sink_logits is None else [sink_logits])
        for name, a, b in zip("qkvs", torch.autograd.grad(got, leaves, cotangent),
                              torch.autograd.grad(wanted, leaves, cotangent)):
            # A key's gradient sums over queries, the sink logits' over the batch as well.
            size = terms * q.shape[1] * (q.shape[0] if name == "s" else 1)
            self.close(a, b, allowed(q.dtype, size) + torch.finfo(a.dtype).eps * b.abs().max().item(), name)


class AgainstAPlainComposition(Case):
    def test_float32_and_float64(self):
        for dtype in (torch.float32, torch.float64):
            for strict in (False, True):
                for length in (1, 2, 40, 150):
                    with self.subTest(dtype=dtype, strict=strict, length=length):
                        self.expect_plain(inputs((2, length, 5, 8), value_dim=4, dtype=dtype), [GLOBAL, 0, 1, 12, 100],
                                          strict=strict)

    def test_bfloat16_and_float16_keys(self):
        q, _, _ = inputs((2, 90, 3, 16), dtype=torch.float32)
        for dtype in (torch.bfloat16, torch.float16):
            with self.subTest(dtype=dtype):
                _, k, v = inputs((2, 90, 3, 16), dtype=dtype, seed=2)
                self.expect_plain([q, k, v], [GLOBAL, 20, 2])

    def test_grouped_heads(self):
        self.expect_plain(inputs((2, 70, 6, 8), (2, 70, 2, 8)), [GLOBAL, 2, 30, 70, 5, 40])
        self.expect_plain(inputs((2, 70, 3, 8), (2, 70, 1, 8)), [4, GLOBAL, 40])

    def test_queries_fewer_and_more_than_keys(self):
        for queries, keys in ((1, 1), (3, 50), (70, 130), (40, 10)):
            for strict in (False, True):
                with self.subTest(queries=queries, keys=keys, strict=strict):
                    self.expect_plain(inputs((2, queries, 3, 8), (2, keys, 3, 8)), [GLOBAL, 2, 30], strict=strict)

    def test_sinks_sink_logits_slopes_scale(self):
        x = inputs((2, 80, 3, 8))
        sink_logits = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
        for strict in (False, True):
            self.expect_plain(x, [GLOBAL, 2, 30], strict=strict, sinks=3)
            self.expect_plain(x, [GLOBAL, 2, 30], strict=strict, sink_logits=sink_logits)
            self.expect_plain(x, [GLOBAL, 2, 30], strict=strict, sinks=3, sink_logits=sink_logits, scale=0.7,
                              alibi_slopes=[0.1, 0.02, 0.0])
            for soft_cap in (0.2, 5):
                self.expect_plain(x, [GLOBAL, 2, 30], strict=strict, soft_cap=soft_cap)
                self.expect_plain(x, [GLOBAL, 2, 30], strict=strict, soft_cap=soft_cap, sinks=3, sink_logits=sink_logits,
                                  alibi_slopes=[0.1, 0.02, 0.0])
        self.assertTrue(torch.equal(yore.attention(*x, soft_cap=0), yore.attention(*x)))
        a = yore.attention(*x, alibi_slopes=torch.tensor([0.1, 0.2, 0.3]))
        self.close(a, plain(*x, [GLOBAL] * 3, alibi_slopes=[0.1, 0.2, 0.3]), 1e-6)  # slopes came as float32

    def test_any_strides(self):
        heads_first = [x.detach().transpose(1, 2).contiguous().transpose(1, 2).requires_grad_() for x in inputs((2, 40, 3, 8))]
        self.expect_plain(heads_first, [GLOBAL, 3, 20])
        turned = [x.detach().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).requires_grad_()
                  for x in inputs((2, 40, 3, 8))]
        self.expect_plain(turned, [GLOBAL, 3, 20])
        negative = torch.randn(2, 40, 3, 8, dtype=torch.complex128).conj().imag  # only promises its sign
        _, k, v = inputs((2, 40, 3, 8))
        self.close(yore.attention(negative, k, v), plain(negative, k, v, [GLOBAL] * 3), allowed(torch.float64, 48))

    def test_packed(self):
        starts_q, starts_k = [0, 5, 6, 90, 90, 92], [0, 5, 20, 90, 93, 95]
        q, k, v = inputs((92, 4, 8), (95, 2, 8))
        lookback = [GLOBAL, 1, 40, 6]
        for kind in (torch.int32, torch.int64):
            packed = yore.attention(q, k, v, lookback, True, cu_seqlens_q=torch.tensor(starts_q, dtype=kind),
                                    cu_seqlens_k=torch.tensor(starts_k, dtype=kind))
            wanted = torch.cat([plain(q[None, a:b], k[None, c:d], v[None, c:d], lookback, True)[0]
                                for a, b, c, d in zip(starts_q, starts_q[1:], starts_k, starts_k[1:])])
            self.close(packed, wanted, allowed(torch.float64, 100))
            for a, b in zip(torch.autograd.grad(packed.square().sum(), (q, k, v)),
                            torch.autograd.grad(wanted.square().sum(), (q, k, v))):
                self.close(a, b, allowed(torch.float64, 100 * 90))

    def test_nothing(self):
        for shape in ((0, 5, 2, 4), (2, 0, 2, 4)):
            x = inputs(shape)
            out = yore.attention(*x)
            self.assertEqual(tuple(out.shape), shape)
            out.sum().backward()


class Words(Case):
    def test_lookback_and_window(self):
        x = inputs((1, 30, 3, 4))
        expected = yore.attention(*x, lookback=[4, 4, 4])
        for same in ({"lookback": 4}, {"window": 5}, {"window": [5, 5, 5]}, {"lookback": torch.tensor([4, 4, 4])}):
            self.assertTrue(torch.equal(yore.attention(*x, **same), expected), same)
        self.assertFalse(torch.equal(yore.attention(*x, window=4), expected))
        self.assertTrue(torch.equal(yore.attention(*x), yore.attention(*x, lookback=[-1, None, 29])))
        hybrid = yore.attention(*x, window=[1, None, 6])
        self.assertTrue(torch.equal(hybrid, yore.attention(*x, lookback=(0, None, 5))))
        self.close(hybrid[:, :, 0], x[2][:, :, 0], 0.0, "a window of 1 is the position itself")

    def test_the_operator_itself(self):
        x = inputs((1, 30, 3, 4))
        self.assertTrue(torch.equal(torch.ops.yore.attention(*x, lookback=[4]), yore.attention(*x, 4)))
        # What is not given is AttentionParams' own default (params.h), which c_api_test.cc compares with C's.
        self.assertTrue(torch.equal(torch.ops.yore.attention(*x), yore.attention(*x)))
        self.assertTrue(torch.equal(torch.ops.yore.attention(*x, lookback=[-1, 0, 2], strict=True),
                                    yore.attention(*x, [None, 0, 2], True)))

    def test_what_runs(self):
        self.assertEqual(yore.backend(), f"kernel ({yore.targets()[0]})")
        self.assertEqual(yore.backend(torch.empty(0, device="meta")), "none" if _load.STABLE else "composition")
        meta = torch.empty(2, 9, 3, 8, device="meta")
        self.assertEqual(yore.attention(meta, meta, meta).shape, meta.shape)


    def test_a_tensor_of_one_number(self):
        x = inputs((1, 30, 3, 4))
        self.assertTrue(torch.equal(yore.attention(*x, window=torch.tensor(3)), yore.attention(*x, window=3)))

    def test_heads_first(self):
        x = inputs((2, 30, 3, 4))
        swapped = [y.detach().transpose(1, 2).contiguous() for y in x]
        self.assertTrue(torch.equal(yore.attention(*swapped, window=[3, None, 1], layout="bhtd").transpose(1, 2),
                                    yore.attention(*x, window=[3, None, 1])))
        with self.refused(ValueError, "one a head, 30, got 3", "want layout='bhtd'"):
            yore.attention(*swapped, window=[3, None, 1])
        with self.refused(ValueError, "heads of k must divide those of q: 30 and 1", "want layout='bhtd'"):
            yore.attention(swapped[0][:, :, :1], *swapped[1:])
        long = torch.zeros(1, 4, 300, 8)
        with self.assertWarnsRegex(UserWarning, "read as 300 heads over 4 positions"):
            yore.attention(long, long, long)


class Autograd(Case):
    def test_gradcheck(self):
        sink_logits = torch.tensor([0.3, -0.2], dtype=torch.float64, requires_grad=True)
        for options in ({}, {"strict": True}, {"lookback": [None, 2]}, {"window": 3, "sinks": 1}):
            with self.subTest(**options):
                self.assertTrue(torch.autograd.gradcheck(
                    lambda q, k, v, s: yore.attention(q, k, v, sink_logits=s, **options),
                    (*inputs((1, 7, 2, 3), (1, 7, 1, 3), value_dim=2), sink_logits)))
        starts = torch.tensor([0, 3, 3, 7])
        self.assertTrue(torch.autograd.gradcheck(
            lambda *x: yore.attention(*x, [None, 2], cu_seqlens_q=starts, cu_seqlens_k=starts), inputs((7, 2, 3))))

    def test_second_derivatives_are_refused(self):
        x = inputs((1, 7, 2, 3))
        with self.refused(RuntimeError, "no second derivatives"):
            torch.autograd.gradgradcheck(lambda *x: yore.attention(*x), x)
        first, = torch.autograd.grad(yore.attention(*x).square().sum(), x[0], create_graph=True)
        with self.refused(RuntimeError, "no second derivatives"):
            (first.sum() + x[0].square().sum()).backward()

    def test_only_where_asked(self):
        q, k, v = inputs((1, 7, 2, 3))
        with torch.no_grad():
            self.assertFalse(yore.attention(q, k, v).requires_grad)
        with torch.inference_mode():
            out = yore.attention(q, k, v)
            self.assertTrue(out.is_inference() and not out.requires_grad)
        self.assertFalse(yore.attention(q.detach(), k.detach(), v.detach()).requires_grad)
        yore.attention(q.detach(), k, v.detach()).sum().backward()
        self.assertIsNone(q.grad)
        self.assertIsNotNone(k.grad)

    def test_trains(self):
        """A tiny model learns to say the letter three places before: only a head that looks there can."""
        torch.manual_seed(0)

        class Model(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = torch.nn.Embedding(4, 16)
                self.place = torch.nn.Parameter(0.3 * torch.randn(12, 16))
                self.qkv = torch.nn.Linear(16, 48)
                self.out = torch.nn.Linear(16, 4)

            def forward(self, letters):
                x = self.embed(letters) + self.place
                q, k, v = self.qkv(x).view(*letters.shape, 3, 2, 8).unbind(2)
                return self.out(yore.attention(q, k, v, lookback=[None, 3]).flatten(2))

        model = Model()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
        letters = torch.randint(4, (64, 12))
        losses = []
        for _ in range(20):
            loss = torch.nn.functional.cross_entropy(model(letters)[:, 3:].flatten(0, 1), letters[:, :-3].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        for name, parameter in model.named_parameters():
            self.assertTrue(parameter.grad.abs().max() > 0 and parameter.grad.isfinite().all(), name)
        # Guessing costs ln 4 = 1.386.
        self.assertLess(losses[-1], 1.0, losses)


@unittest.skipUnless(_load.STABLE, "a library for PyTorch 1.13")
class PyTorch2(Case):
    def test_bfloat16_and_float16_queries(self):
        """Inputs are those numbers exactly and sums are float32: only results are rounded, and out before its gradient."""
        for dtype in (torch.bfloat16, torch.float16):
            narrow = [x.detach().to(dtype).requires_grad_() for x in inputs((2, 60, 4, 8), (2, 60, 2, 8))]
            wide = [x.detach().double().requires_grad_() for x in narrow]
            got, wanted = yore.attention(*narrow, [GLOBAL, 3, 20, 0]), plain(*wide, [GLOBAL, 3, 20, 0])
            self.assertEqual(got.dtype, dtype)
            eps = torch.finfo(dtype).eps
            self.assertLessEqual((got.double() - wanted).abs().max().item(), eps)
            cotangent = torch.rand_like(wanted).to(dtype)
            for a, b in zip(torch.autograd.grad(got, narrow, cotangent),
                            torch.autograd.grad(wanted, wide, cotangent.double())):
                self.assertEqual(a.dtype, dtype)
                self.assertLessEqual((a.double() - b).abs().max().item(), 4 * eps * max(1.0, b.abs().max().item()))

    def test_products_in_bfloat16(self):
        """Beside float32's results on the same numbers, an output errs by the rounding of weights, 2^-8 of the weighted
        average of |v|, and by its own; the logarithms of denominators, and so gradients, by what float32 does."""
        q, k, v = (x.detach().bfloat16() for x in inputs((2, 300, 4, 64), (2, 300, 2, 64)))
        reach, mixed = [-1, 3, 70, 255], torch.ops.yore.bfloat16_products()
        self.assertEqual("bfloat16" in yore.backend(q), mixed)
        self.assertNotIn("bfloat16", yore.backend(q.float()))
        options = (None, reach, False, None, 0, [], 0.0, None, None)
        out, lse = torch.ops.yore.attention_forward(q, k, v, *options)
        exact, exact_lse = torch.ops.yore.attention_forward(q.float(), k, v, *options)
        sizes, _ = torch.ops.yore.attention_forward(q.float(), k, v.abs(), *options)
        self.assertEqual(out.dtype, torch.bfloat16)
        allowed = 2**-8 * (exact.abs() + sizes) * 1.01 + 1e-5
        self.assertTrue(((out.float() - exact).abs() <= allowed).all())
        self.assertLessEqual((lse - exact_lse).abs().max().item(), 2e-5)
        if mixed:
            self.assertFalse(torch.equal(out, exact.bfloat16()), "products were not made in bfloat16")

    def test_mixed_types(self):
        q, k, v = (x.detach() for x in inputs((1, 20, 2, 8), dtype=torch.float32))
        wanted = yore.attention(q, k.bfloat16().float(), v)
        self.assertTrue(torch.allclose(yore.attention(q, k.bfloat16(), v), wanted, atol=1e-6))

    def test_opcheck(self):
        op = torch.ops.yore.attention_forward.default
        for dtype in (torch.float32, torch.float64, torch.bfloat16):
            x = inputs((2, 9, 2, 4), (2, 9, 1, 4), dtype=dtype)
            sinks = torch.randn(2, dtype=dtype, requires_grad=True)
            torch.library.opcheck(op, (*x, sinks, [3, -1], False, None, 1, [], 0.0, None, None))
            torch.library.opcheck(op, (*x, None, [], True, 0.5, 0, [0.1, 0.2], 2.0, None, None))
        starts = torch.tensor([0, 4, 9])
        torch.library.opcheck(op, (*inputs((9, 2, 4)), None, [1], False, None, 0, [], 0.0, starts, starts))
        torch.library.opcheck(torch.ops.yore.attention.default, tuple(inputs((2, 9, 2, 4))), {"lookback": [2]})

    def test_transforms(self):
        x = inputs((2, 9, 2, 4))
        q, k, v = (y.detach() for y in x)
        wanted, = torch.autograd.grad(yore.attention(*x, 2).square().sum(), x[0])
        call = lambda q: yore.attention(q, k, v, 2).square().sum()
        self.close(torch.func.grad(call)(q), wanted, 1e-12)
        self.close(torch.func.vmap(torch.func.grad(call))(torch.stack([q, q]))[1], wanted, 1e-12)
        with self.assertRaisesRegex(NotImplementedError, "no forward derivative"):
            torch.func.jvp(call, (q,), (q,))
        with torch.autograd.forward_ad.dual_level(), self.assertRaisesRegex(NotImplementedError, "no forward derivative"):
            yore.attention(torch.autograd.forward_ad.make_dual(q, q), k, v)
        with self.assertRaisesRegex(RuntimeError, "no second derivatives"):
            torch.func.grad(lambda q: torch.func.grad(call)(q).sum())(q)

    def test_script(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            script = torch.jit.script(scripted)
        x = inputs((2, 9, 2, 4))
        script(*x).sum().backward()
        self.assertTrue(torch.equal(script(*x), yore.attention(*x, 2)))
        self.assertIsNotNone(x[0].grad)


def scripted(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return torch.ops.yore.attention(q, k, v, lookback=[2])


class Hidden(Case):
    """NaN in what a query does not see: key `j` is seen by queries j .. j + lookback (later if strict)."""

    def test_nan_does_not_leak(self):
        for dtype in (torch.float32, torch.float64):
            for length, lookback in ((20, 3), (200, 5), (200, 30), (200, 100), (200, None)):
                for strict in (False, True):
                    for bad in (0, length // 3, length - 1):
                        for which in (1, 2):
                            with self.subTest(dtype=dtype, length=length, lookback=lookback, strict=strict, bad=bad,
                                              which="qkv"[which]):
                                self.expect_hidden(dtype, length, lookback, strict, bad, which)

    def expect_hidden(self, dtype, length, lookback, strict, bad, which):
        clean = inputs((1, length, 2, 8), dtype=dtype)
        dirty = [x.detach().clone() for x in clean]
        dirty[which][:, bad] = float("nan")
        dirty = [x.requires_grad_() for x in dirty]
        query = torch.arange(length)
        sees = (query >= bad + strict) & (query <= (length if lookback is None else bad + lookback))
        a, b = (yore.attention(*x, lookback, strict) for x in (clean, dirty))
        self.assertTrue(torch.equal(a[:, ~sees], b[:, ~sees]), "out")
        self.assertTrue(b[:, sees].isnan().all(), "what sees it is NaN")
        wanted, got = (torch.autograd.grad(y[:, ~sees].sum(), x, allow_unused=True) for x, y in ((clean, a), (dirty, b)))
        self.assertTrue(torch.equal(wanted[0][:, ~sees], got[0][:, ~sees]), "gradient of q")

    def test_nan_of_another_sequence(self):
        starts = torch.tensor([0, 30, 60])
        clean = inputs((60, 2, 8))
        dirty = [x.detach().clone() for x in clean]
        for x in dirty:
            x[:30] = float("inf")
        a, b = (yore.attention(*x, cu_seqlens_q=starts, cu_seqlens_k=starts) for x in (clean, dirty))
        self.assertTrue(torch.equal(a[30:], b[30:]))


class Refusals(Case):
    def setUp(self):
        self.x = torch.zeros(2, 5, 4, 8)

    def test_shapes(self):
        x = self.x
        with self.refused(ValueError, "q must be [B, T, H, D], got [5, 4, 8]"):
            yore.attention(x[0], x, x)
        with self.refused(ValueError, "k must be [B, T, H, D], got [8]"):
            yore.attention(x, x[0, 0, 0], x)
        with self.refused(ValueError, "q must be [B, T, H, D], got []"):
            yore.attention(torch.tensor(1.0), x, x)
        with self.refused(ValueError, "heads of k must divide those of q: 3 and 4"):
            yore.attention(x, x[:, :, :3], x[:, :, :3])
        with self.refused(ValueError, "at least one head", "[2, 5, 0, 8]"):
            yore.attention(x[:, :, :0], x, x)
        with self.refused(ValueError, "one head dimension: [2, 5, 4, 8] and [2, 5, 4, 4]"):
            yore.attention(x, x[..., :4], x)
        with self.refused(ValueError, "one batch"):
            yore.attention(x, x[:1], x[:1])
        with self.refused(ValueError, "head dimension of q must be 1 to 256"):
            yore.attention(*[torch.zeros(1, 1, 1, 257)] * 3)
        with self.refused(ValueError, "sink_logits must be [4], got [3]"):
            yore.attention(x, x, x, sink_logits=torch.zeros(3))

    def test_types_and_devices(self):
        x = self.x
        with self.refused(ValueError, "q's type Float, BFloat16 or Half, got Double and Double"):
            yore.attention(x, x.double(), x.double())
        if not _load.STABLE:
            with self.refused(ValueError, "got BFloat16 and Float"):
                yore.attention(x, x.bfloat16(), x)
            with self.refused(ValueError, "q must be Float or Double, got Half"):
                yore.attention(x.half(), x.half(), x.half())
            with self.refused(ValueError, "k must be on the device of q, cpu, got meta"):
                yore.attention(x, x.to("meta"), x)
        with self.refused(ValueError, "q must be Float", "got Long"):
            yore.attention(x.long(), x.long(), x.long())
        with self.refused(TypeError, "k must be a Tensor, got int"):
            yore.attention(x, 3, x)
        with self.refused(TypeError, "k must be a Tensor, got NoneType"):
            yore.attention(x, None, x)

    def test_one_device(self):
        q = torch.zeros(1, 4, 2, 8)
        sinks, starts, packed = torch.zeros(2), torch.tensor([0, 4]), q[0]
        for name, call in (("k", lambda: yore.attention(q, q.to("meta"), q)),
                           ("v", lambda: yore.attention(q, q, q.to("meta"))),
                           ("k", lambda: yore.attention(q.to("meta"), q, q)),
                           ("sink_logits", lambda: yore.attention(q, q, q, sink_logits=sinks.to("meta"))),
                           ("cu_seqlens_k", lambda: yore.attention(packed, packed, packed, cu_seqlens_q=starts,
                                                                   cu_seqlens_k=starts.to("meta"))),
                           ("k", lambda: yore.scaled_dot_product_attention(q, q.to("meta"), q, is_causal=True)),
                           ("v", lambda: yore.flex_window(q, q, q.to("meta"), 2))):
            with self.refused(ValueError, f"{name} must be on the device of q"):
                call()
        if _load.STABLE:
            with self.refused(ValueError, "k must be on the device of q"):
                torch.ops.yore.attention(q, q.to("meta"), q)

    def test_parameters(self):
        x = self.x
        with self.refused(ValueError, "lookback must be None (the whole past) or at least 0, got -2"):
            yore.attention(x, x, x, -2)
        with self.refused(ValueError, "lookback[1] must be", "got -5"):
            yore.attention(x, x, x, [1, -5, 2, None])
        with self.refused(ValueError, "one a head, 4, got 2"):
            yore.attention(x, x, x, [1, 2])
        with self.refused(TypeError, "an integer, got 1.5"):
            yore.attention(x, x, x, 1.5)
        with self.refused(TypeError, "an integer, got True"):
            yore.attention(x, x, x, True)
        with self.refused(TypeError, "scale must be a number, got '1'"):
            yore.attention(x, x, x, scale="1")
        with self.refused(TypeError, "strict must be True or False, got 1"):
            yore.attention(x, x, x, strict=1)
        with self.refused(ValueError, "layout must be 'bthd'", "got 'thd'"):
            yore.attention(x, x, x, layout="thd")
        with self.refused(ValueError, "window must be", "at least 1, got 0"):
            yore.attention(x, x, x, window=0)
        with self.refused(ValueError, "window must be", "at least 1, got -1"):
            yore.attention(x, x, x, window=-1)
        with self.refused(ValueError, "got both, 3 and 4"):
            yore.attention(x, x, x, 3, window=4)
        with self.refused(ValueError, "strict=True hides", "window=4"):
            yore.attention(x, x, x, strict=True, window=4)
        with self.refused(ValueError, "lookback of head 0 is -3, expected -1 (global) or at least 0"):
            torch.ops.yore.attention(x, x, x, lookback=[-3])
        with self.refused(ValueError, "one lookback a head, 4, got 2"):
            torch.ops.yore.attention(x, x, x, lookback=[3, 3])
        with self.refused(ValueError, "lookback is 1099511627776, expected at most 2147483647"):
            yore.attention(x, x, x, 2**40)
        with self.refused(ValueError, "sinks is -1, expected at least 0"):
            yore.attention(x, x, x, sinks=-1)
        with self.refused(ValueError, "scale is nan, expected a number from -1e30 to 1e30"):
            yore.attention(x, x, x, scale=float("nan"))
        with self.refused(ValueError, "soft_cap is -1, expected 0 (none)"):
            yore.attention(x, x, x, soft_cap=-1)
        with self.refused(ValueError, "one ALiBi slope a head, 4, got 1"):
            yore.attention(x, x, x, alibi_slopes=[0.1])

    def test_cu_seqlens(self):
        x = torch.zeros(6, 4, 8)

        def call(starts_q, starts_k):
            yore.attention(x, x, x, cu_seqlens_q=starts_q, cu_seqlens_k=starts_k)

        good = torch.tensor([0, 2, 4, 6])
        with self.refused(ValueError, "cu_seqlens_q must not fall, got 2 after 4 at place 2"):
            call(torch.tensor([0, 4, 2, 6]), good)
        with self.refused(ValueError, "cu_seqlens_k must begin with 0"):
            call(good, torch.tensor([1, 2, 4, 6]))
        with self.refused(ValueError, "cu_seqlens_k must end at the number of rows, 6, got 5"):
            call(good, torch.tensor([0, 2, 4, 5]))
        with self.refused(ValueError, "one length, got 4 and 2"):
            call(good, torch.tensor([0, 6]))
        with self.refused(ValueError, "cu_seqlens_q must be one row of Int or Long, got 1 dimensions of Float"):
            call(good.float(), good)
        with self.refused(ValueError, "both be given or neither, got cu_seqlens_q alone"):
            call(good, None)
        with self.refused(ValueError, "q must be [N, H, D], got [1, 6, 4, 8]"):
            yore.attention(x[None], x[None], x[None], cu_seqlens_q=good, cu_seqlens_k=good)


def load_tests(loader, tests, pattern):
    """The examples of the docstrings and of the README are tests, too."""
    tests.addTests(doctest.DocTestSuite(yore))
    readme = pathlib.Path(__file__).resolve().parents[1] / "README.md"
    examples = doctest.DocTestParser().get_doctest(readme.read_text(), {}, readme.name, str(readme), 0)
    assert examples.examples, "the README shows no Python"
    tests.addTest(doctest.DocTestCase(examples))
    return tests


if __name__ == "__main__":
    unittest.main()
