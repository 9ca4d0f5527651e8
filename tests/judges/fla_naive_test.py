"""flash-linear-attention's definitions can be asked here: loaded without Triton, and they compute what they say."""

import sys
import unittest

import numpy as np
import torch

from fla_naive import available, naive


class FlaNaive(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(7)
        self.q, self.k, self.v = (random.standard_normal((2, 9, 3, 4)) for _ in range(3))  # [batch, time, head, dim]
        self.decay = -random.random((2, 9, 3, 4))  # log of a factor below 1
        self.beta = random.random((2, 9, 3))

    def judge(self, function, *arrays):
        return function(*(torch.tensor(x) for x in arrays))[0].numpy()

    def test_gated_linear_attention(self):
        """S = diag(exp g) S + k v^T, out = q^T S / sqrt(D), in float64; the judge computes in float32."""
        expected = np.zeros_like(self.v)
        for b, h in np.ndindex(2, 3):
            state = np.zeros((4, 4))
            for t in range(9):
                state = np.exp(self.decay[b, t, h])[:, None] * state + np.outer(self.k[b, t, h], self.v[b, t, h])
                expected[b, t, h] = self.q[b, t, h] @ state / 2
        out = self.judge(naive("gla").naive_recurrent_gla, self.q, self.k, self.v, self.decay)
        np.testing.assert_allclose(out, expected, rtol=0, atol=1e-5)

    def test_gated_delta_rule(self):
        """S = a S, then S += beta k (v - S^T k)^T with a = exp g, one number a head."""
        keys = self.k / np.linalg.norm(self.k, axis=-1, keepdims=True)
        decay = self.decay[..., 0]
        expected = np.zeros_like(self.v)
        for b, h in np.ndindex(2, 3):
            state = np.zeros((4, 4))
            for t in range(9):
                state *= np.exp(decay[b, t, h])
                k = keys[b, t, h]
                state += np.outer(k, self.beta[b, t, h] * (self.v[b, t, h] - state.T @ k))
                expected[b, t, h] = self.q[b, t, h] @ state / 2
        module = naive("gated_delta_rule")
        out = self.judge(module.naive_recurrent_gated_delta_rule, self.q, keys, self.v, self.beta, decay)
        np.testing.assert_allclose(out, expected, rtol=0, atol=1e-5)

    def test_every_listed_definition_loads_without_triton(self):
        self.assertGreaterEqual(len(available()), 30)
        for op in available():
            naive(op)
        self.assertNotIn("triton", sys.modules)
        self.assertFalse([name for name in sys.modules if name == "fla" or name.startswith("fla.")])

    def test_an_absent_one_is_named(self):
        with self.assertRaisesRegex(ImportError, "no definition of 'nonsense'"):
            naive("nonsense")


if __name__ == "__main__":
    unittest.main()
