"""sampler_test.py YORE: the words of `yore sample` as Python's own regular expressions and counting see them.

For each language: every word is on the side that its label says; all words of one length come up, each as often as chance
would have it (chi-square); and no word of the training split is a test word, nor one word on two sides.
"""

import itertools
import re
import subprocess
import sys
import unittest
from collections import Counter
from math import sqrt

YORE = sys.argv.pop(1)
LANGUAGES = [("(ab)*", "ab", 8), ("(ab|ba)*", "ab", 8), (".*a.*b", "ab", 7), ("(aa|b)*", "ab", 9), ("a*b*c*", "abc", 6),
             ("(a|b|c)*c(a|b)", "abc", 5)]


def sample(regex, alphabet, *options):
    """(word, accepted, split) of each line."""
    run = subprocess.run([YORE, "sample", regex, "--alphabet", alphabet, *map(str, options)], stdout=subprocess.PIPE,
                         text=True, check=True)
    head, *rows = [line.split("\t") for line in run.stdout.splitlines()]
    assert head == ["word", "label", "length", "split"], head
    for word, _, length, _ in rows:
        assert len(word) == int(length), word
    return [(word, label == "1", split) for word, label, _, split in rows]


def limit(freedom):
    """A bound on chi-square that chance passes once in 10^7 (Wilson and Hilferty's approximation, 5.2 deviations)."""
    return freedom * (1 - 2 / (9 * freedom) + 5.2 * sqrt(2 / (9 * freedom)))**3


def chi_square(counts, words):
    expected = sum(counts.values()) / len(words)
    return sum((counts[word] - expected)**2 / expected for word in words)


class Sampler(unittest.TestCase):
    def check_uniform(self, regex, alphabet, length, accepted):
        words = ["".join(letters) for letters in itertools.product(alphabet, repeat=length)]
        words = [word for word in words if bool(re.fullmatch(regex, word)) == accepted]
        side = ["--only", "positive"] if accepted else ["--only", "negative", "--near-miss-edits", 0]
        drawn = sample(regex, alphabet, "--min-length", length, "--max-length", length, "--count", 40 * len(words),
                       *side, "--seed", 11)
        counts = Counter(word for word, _, _ in drawn)
        self.assertLessEqual(set(counts), set(words), "words on the wrong side")
        if len(words) > 1:
            self.assertLess(chi_square(counts, words), limit(len(words) - 1), f"{regex} {length} {accepted}")
        return len(words)

    def test_uniform_among_the_words_of_a_length(self):
        for regex, alphabet, length in LANGUAGES:
            for accepted in (True, False):
                with self.subTest(regex=regex, accepted=accepted):
                    self.assertGreater(self.check_uniform(regex, alphabet, length, accepted), 0)

    def test_the_judge_would_notice(self):
        """A sampler that draws letters, not words, fails the same test: (aa|b)* by a fair coin a block."""
        words = [w for w in map("".join, itertools.product("ab", repeat=8)) if re.fullmatch("(aa|b)*", w)]
        skewed = Counter()
        for word in words:  # each block costs a factor of one half
            skewed[word] = round(40 * len(words) * 2.0**-len(re.findall("aa|b", word)))
        self.assertGreater(chi_square(skewed, words), limit(len(words) - 1))

    def test_labels_and_splits(self):
        for regex, alphabet, _ in LANGUAGES:
            with self.subTest(regex=regex):
                drawn = sample(regex, alphabet, "--count", 4000, "--max-length", 14, "--seed", 3)
                sides = {}
                for word, accepted, split in drawn:
                    self.assertEqual(accepted, bool(re.fullmatch(regex, word)), word)
                    self.assertEqual(sides.setdefault(word, split), split, f"{word} is on two sides")
                # The same words have the same side whatever the seed.
                for word, _, split in sample(regex, alphabet, "--count", 4000, "--max-length", 14, "--seed", 4):
                    self.assertEqual(sides.get(word, split), split, f"{word} changes sides with the seed")


if __name__ == "__main__":
    unittest.main()
