"""delta_net, gated_delta_net and kda against flash-linear-attention's definitions and transformers' plain torch functions:
outputs, final states and the gradients of everything.

    delta_rule_test.py PROGRAM     PROGRAM is made from scan_pass.cc
"""

import sys
import unittest

from transformers.models.qwen3_next import modeling_qwen3_next as qwen

from fla_naive import naive
from scan_judge import Problem, judge

PROGRAM = sys.argv.pop(1)


def shared_to_heads(problem, x):
    """Queries and keys with as many heads as the values."""
    return (x[name].repeat_interleave(problem.heads // problem.key_heads, dim=2) for name in ("q", "k"))


def roundings_of(name, problem):
    """Chunk forms add log_decay up over 64 tokens and take exp of differences, whose error is that of the sums."""
    return 32 + (64 * abs(problem.least_log) if "chunk" in name else 0)


class DeltaRule(unittest.TestCase):
    def test_delta_net_is_that_of_fla(self):
        shared = Problem(heads=4, key_heads=2, key_dim=5, value_dim=19)
        for problem in (Problem(), Problem(most_beta=2.0, tokens=65), shared):
            with self.subTest(problem):

                def other(x, problem=problem):
                    q, k = shared_to_heads(problem, x)
                    heads_first = [a.transpose(1, 2) for a in (q, k, x["v"], x["beta"])]
                    out, final = naive("delta_rule").delta_rule_recurrence(*heads_first, initial_state=x["initial"])
                    return out.transpose(1, 2), final

                judge(PROGRAM, problem, other)

    def gated(self):
        yield Problem(decay="head")
        yield Problem(decay="head", least_log=-20.0, tokens=65)
        yield Problem(decay="head", most_beta=2.0)
        yield Problem(decay="head", heads=4, key_heads=2, key_dim=5, value_dim=19)

    def test_gated_delta_net_is_that_of_fla(self):
        for problem in self.gated():
            for name in ("naive_recurrent_gated_delta_rule", "naive_chunk_gated_delta_rule"):
                with self.subTest(problem, function=name):

                    def other(x, problem=problem, name=name):
                        q, k = shared_to_heads(problem, x)
                        function = getattr(naive("gated_delta_rule"), name)
                        return function(q, k, x["v"], beta=x["beta"], g=x["log_decay"][..., 0],
                                        initial_state=x["initial"], output_final_state=True)

                    judge(PROGRAM, problem, other, roundings_of(name, problem))

    def test_gated_delta_net_is_that_of_transformers(self):
        for problem in self.gated():
            for name in ("torch_chunk_gated_delta_rule", "torch_recurrent_gated_delta_rule"):
                with self.subTest(problem, function=name):

                    def other(x, name=name):
                        return getattr(qwen, name)(x["q"], x["k"], x["v"], g=x["log_decay"][..., 0], beta=x["beta"],
                                                   initial_state=x["initial"], output_final_state=True)

                    judge(PROGRAM, problem, other, roundings_of(name, problem))

    def test_kda_is_that_of_fla(self):
        shapes = {"heads": 4, "key_heads": 2, "key_dim": 5, "value_dim": 19}
        for problem in (Problem(decay="key"), Problem(decay="key", least_log=-20.0), Problem(decay="key", **shapes)):
            with self.subTest(problem):

                def other(x, problem=problem):
                    q, k = shared_to_heads(problem, x)
                    return naive("kda").naive_recurrent_kda(q, k, x["v"], x["log_decay"], x["beta"],
                                                            initial_state=x["initial"], output_final_state=True)

                judge(PROGRAM, problem, other)


if __name__ == "__main__":
    unittest.main()
