"""tokenizers_test.py TOKENIZE: token ids and decoded texts as Hugging Face's library `tokenizers` has them.

Small BPE tokenizers of each published style are trained here, written as tokenizer.json, and read by both. Then what
yore writes itself (to_json) is read by the library, and vocabularies as GGUF files hold them are compared with the same
vocabulary as transformers converts it.
"""

import functools
import json
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers.convert_slow_tokenizer import generate_merges

TOKENIZE = sys.argv.pop(1)

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
PUNCTUATION = r"[\p{P}\$\+<=>\^~\|]+"

NASTY = [
    "", " ", "  ", "\t", "\n", "\r\n", " a", "a ", "  a  b   c    d", "\ta\t\tb", "one\n\n\ntwo\r\n\r\nthree\r",
    "I'm you're he'd WE'LL they'VE it's 'tis don't", "12345678901234567890 3.14 1,000,000 ٣٤٥ ⅷ ½ ²",
    "naïve café Ångström e\u0301 o\u0308\u0323 \u1e9b\u0323 ﬁ", "日本語の文章、中国语。한국어 ㄱㄴㄷ \u1112\u1161\u11ab",
    "العربية مع التشكيل: مُحَمَّد", "עברית עם נִקּוּד", "हिन्दी में क्षत्रिय", "ไทยไม่มีช่องว่าง", "👨‍👩‍👧‍👦 👍🏽 🇩🇪 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "zero\u200bwidth\u200djoin\ufeffbom", "nbsp\u00a0thin\u2009ideographic\u3000line\u2028para\u2029nel\u0085end",
    "mongolian\u180evowel \u180e separator", "x" * 300, "ab" * 200, " " * 131 + "x", "\n" * 40, "a\u0300" * 30,
    "<|endoftext|>", "a<|endoftext|>b <|endoftext|> c", "<s>x</s> <unk>", "<0x0A> <0xff>", "▁a▁▁b ▁", "ĠaĠb Ċ",
    "def f(x):\n    return {'a': x**2}  # ok\n\n\tif x != y: pass\n", "http://example.org/?q=a+b&c=%20#frag", "\u0000\u0001\u007f",
    "ſ's 'ſ K'LL İi ıI ß ẞ", "[KEEP] [KEEP]x x[KEEP] [LEFT] \t [RIGHT]  y [BOTH]", "wordwhole whole whole_ whole. (whole)",
    "e\u0301[KEEP]e\u0301", "ACCENTÉ ACCENTE\u0301",
]
ATOMS = [" ", "  ", "\n", "\t", "a", "b", "the", "The", "'s", "'LL", "1", "234", "é", "e\u0301", "日", "本語", "م", "👍🏽", "‍", "-",
         "...", "!", "_", "\u00a0", "<s>", "<|endoftext|>", "[KEEP]", "[LEFT]", "[RIGHT]", "[BOTH]", "whole", "▁", "Ġ", "ſ", "<0x41>"]


def texts(seed, count=150):
    generator = random.Random(seed)
    return NASTY + ["".join(generator.choices(ATOMS, k=generator.randrange(1, 40))) for _ in range(count)]


# Words of many scripts, so that merges are learnt in each.
WORDS = " ".join(NASTY).split() + ["the", "and", "of", "in", "that", "lord", "house", "1611", "2024", "l'été"]


def corpus(seed):
    generator = random.Random(seed)
    return [generator.choice(["", " ", "  ", "\n"]).join(generator.choices(WORDS, k=12)) + generator.choice(["", "\n"]) +
            " ".join(generator.choices(WORDS, k=20)) for _ in range(400)]


def added():
    return [AddedToken("[KEEP]", special=True), AddedToken("[LEFT]", lstrip=True, special=True),
            AddedToken("[RIGHT]", rstrip=True), AddedToken("[BOTH]", lstrip=True, rstrip=True, normalized=False),
            AddedToken("whole", single_word=True), AddedToken("ACCENT\u00c9", normalized=True),
            AddedToken("[KEEP] [KEEP]", normalized=False)]


def byte_level(pre, normalizer=None, post=None, specials=("<|endoftext|>",), size=700, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(corpus(1), trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(specials), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    if post:
        tokenizer.post_processor = post(tokenizer)
    return tokenizer


@functools.cache
def joined_across():
    """Byte-level, with merges across words: where a text is cut shows."""
    return byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)).to_str()


def with_steps(pre, normalizer=None):
    tokenizer = Tokenizer.from_str(joined_across())
    tokenizer.pre_tokenizer = pre
    if normalizer:
        tokenizer.normalizer = normalizer
    return tokenizer


def split_bytes(*patterns):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(p), "isolated") for p in patterns] +
                                   [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def template(tokenizer, front, behind=""):
    text = " ".join(filter(None, [front, "$A", behind]))
    names = [name for name in (front, behind) if name]
    return processors.TemplateProcessing(single=text, pair=text + " $B",
                                         special_tokens=[(name, tokenizer.token_to_id(name)) for name in names])


def sentencepiece(normalizer, pre, decoder, fallback=True, specials=("<unk>", "<s>", "</s>"), **model):
    """A BPE of characters with a piece for every byte, as SentencePiece's are converted."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    trained.train_from_iterator(corpus(2), trainers.BpeTrainer(vocab_size=700, show_progress=False))
    model_json = json.loads(trained.to_str())["model"]
    pieces = list(specials) + ([f"<0x{b:02X}>" for b in range(256)] if fallback else [])
    pieces += [piece for piece in sorted(model_json["vocab"], key=model_json["vocab"].get) if piece not in pieces]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [tuple(m) for m in model_json["merges"]], unk_token="<unk>",
                                     byte_fallback=fallback, **model))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoder
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in specials])
    tokenizer.post_processor = template(tokenizer, "<s>", "</s>")
    return tokenizer


BLANKS = normalizers.Replace(" ", "▁")
FUSED = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]


def mistral(**model):
    return sentencepiece(normalizers.Sequence([normalizers.Prepend("▁"), BLANKS]), None,
                         decoders.Sequence(FUSED + [decoders.Strip(" ", 1, 0)]), **model)


class Tokenizers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "file"

    def ours(self, kind, content, all_texts):
        self.file.write_text(content, encoding="utf-8", newline="")
        lines = "".join(text.encode().hex() + "\n" for text in all_texts)
        run = subprocess.run([TOKENIZE, kind, self.file], input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        written, *answers = run.stdout.splitlines()
        return json.loads(written), [json.loads(answer) for answer in answers]

    def compare(self, theirs, answers, all_texts, decoded=True):
        self.assertEqual(len(answers), len(all_texts))
        for text, answer in zip(all_texts, answers):
            self.assertEqual(answer["ids"], theirs.encode(text, add_special_tokens=False).ids, repr(text))
            self.assertEqual(answer["marked"], theirs.encode(text).ids, repr(text))
            # Hugging Face's decoder of bytes reads added tokens too as if they were spelled in stand-ins.
            if decoded and "ACCENT" not in text:
                self.assertEqual(bytes.fromhex(answer["text"]).decode(errors="replace"),
                                 theirs.decode(answer["ids"], skip_special_tokens=False), repr(text))
                self.assertEqual(bytes.fromhex(answer["bare"]).decode(errors="replace"), theirs.decode(answer["ids"]), repr(text))
        theirs.encode_special_tokens = True
        for text, answer in zip(all_texts, answers):
            self.assertEqual(answer["plain"], theirs.encode(text, add_special_tokens=False).ids, repr(text))
        theirs.encode_special_tokens = False

    def check(self, theirs, with_added=True, decoded=True):
        if with_added:
            theirs.add_tokens(added())
        all_texts = texts(3)
        written, answers = self.ours("json", theirs.to_str(), all_texts)
        self.compare(theirs, answers, all_texts, decoded)
        self.compare(Tokenizer.from_str(written), answers, all_texts, decoded)

    def test_gpt2(self):
        self.check(byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), post=lambda _: processors.ByteLevel(trim_offsets=False)))
        self.check(byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True)), with_added=False)

    def test_llama3(self):
        self.check(byte_level(split_bytes(LLAMA3), specials=("<|begin_of_text|>", "<|endoftext|>"), ignore_merges=True,
                              post=lambda t: processors.Sequence([processors.ByteLevel(), template(t, "<|begin_of_text|>")])))

    def test_qwen(self):
        self.check(byte_level(split_bytes(QWEN), normalizer=normalizers.NFC()))

    def test_smollm(self):
        self.check(byte_level(pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False)])))
        self.check(byte_level(pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=False),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False)])))

    def test_normal_forms(self):
        for form in (normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD()):
            self.check(byte_level(split_bytes(QWEN), normalizer=normalizers.Sequence([form, normalizers.Replace(Regex(r"\d+"), "#")])))

    def test_behaviours_of_split(self):
        for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
            for invert in (False, True):
                for pattern in (Regex(r"\s|\p{P}"), Regex(r"[a-z]+"), "a"):
                    pre = pre_tokenizers.Sequence([pre_tokenizers.Split(pattern, behavior, invert),
                                                   pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
                    with self.subTest(behavior=behavior, invert=invert, pattern=str(pattern)):
                        self.check(byte_level(pre, size=400), with_added=False)

    def test_dialect_of_patterns(self):
        """What Oniguruma reads otherwise than PCRE2; yore/text/dialect_test.cc has the same."""
        whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        for pattern in (r"[a-z&&[^b]]+", r"[^a-z&&[^b]]+", r"[\p{L}&&[^\p{Han}]]+|\p{Han}", r"[a-z&&[^bc]&&[^d]]+", r"[a[^b-z]]+", r"[^[a]b]+",
                        r"[\W\d]+", r"[^\H]+", r"[^\S\n]+", r"[^]a]+", r"[[:punct:]]+", r"[[:alpha:][:digit:]]+", r"\p{N}{1,3}+", r"\p{N}{2}+",
                        r"a\d{2}?b", r"\d{,2}1", r"\d{1,2}?", r"\d++1", r"^.", r".$", r"\A.", r".\z", r".\Z", r"\h+", r"\H+", r"\v", r"(?m)a.",
                        r"(?m:a).", r"a(?i)b|t", r"(?i)(?-i)the", r"\u0061|\x{62}|\x63", r"\bt", r"\Bt", r"\w+", r"\W+", r"\p{^L}+", r"\P{L}+", r"\R", r".{1,2}?\R",
                        r"(a)\1", r"(?<=a)b", r"(?>a|ab)b", r"(?=b)", r"b*", r"\b", r"^", r"$", r"(?<=b)|a"):
            for behavior in ("isolated", "contiguous", "merged_with_previous", "merged_with_next"):
                pre = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), behavior), whole])
                with self.subTest(pattern=pattern, behavior=behavior):
                    self.check(with_steps(pre), with_added=False)
            # The library's encode stops at what was put between characters (an index out of bounds in its ByteLevel): texts alone.
            with self.subTest(pattern=pattern):
                replace = normalizers.Replace(Regex(pattern), "<>")
                plain = [text for text in texts(3) if "<|endoftext|>" not in text]
                _, answers = self.ours("json", with_steps(whole, replace).to_str(), plain)
                for text, answer in zip(plain, answers):
                    self.assertEqual(bytes.fromhex(answer["text"]).decode(), replace.normalize_str(text), repr(text))

    def test_first_of_metaspace(self):
        metaspace = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
        decoder = decoders.Sequence(FUSED + [decoders.Strip(" ", 1, 0)])
        for behavior in ("removed", "isolated", "merged_with_next"):
            for cut in (" ", "the", Regex("(?=t)"), Regex("[a-z]+")):
                with self.subTest(behavior=behavior, cut=str(cut)):
                    self.check(sentencepiece(None, pre_tokenizers.Sequence([pre_tokenizers.Split(cut, behavior), metaspace]), decoder))
        self.check(sentencepiece(normalizers.Replace(Regex(r"^\s+"), ""), metaspace, decoder))

    # Decoded texts are compared where they are whole characters: of other bytes Hugging Face makes one U+FFFD each.
    def test_mistral(self):
        self.check(mistral(fuse_unk=True))

    def test_metaspace(self):
        for scheme in ("first", "always", "never"):
            for split in (False, True):
                pre = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
                self.check(sentencepiece(None, pre, decoders.Metaspace(prepend_scheme=scheme), fallback=False))
                self.check(sentencepiece(None, pre, decoders.Sequence(FUSED + [decoders.Strip(" ", 1, 0)])))

    def test_gemma(self):
        self.check(sentencepiece(BLANKS, pre_tokenizers.Split(" ", "merged_with_previous"), decoders.Sequence(FUSED), fuse_unk=True))

    def test_unknown_characters(self):
        for fuse in (False, True):
            self.check(sentencepiece(BLANKS, None, decoders.Sequence(FUSED), fallback=False, fuse_unk=fuse), with_added=False)

    def test_pieces_with_merges(self):
        """GGUF's model gpt2, under each name of a splitting."""
        for name, theirs in {
                "gpt-2": byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False)),
                "smollm": byte_level(split_bytes(r"\p{N}", GPT2)),
                "qwen2": byte_level(split_bytes(QWEN), normalizer=normalizers.NFC()),
                "llama-bpe": byte_level(split_bytes(LLAMA3), ignore_merges=True),
                "default": byte_level(split_bytes(PUNCTUATION, GPT2, r"\p{N}+", "[0-9][0-9][0-9]"))}.items():
            model = json.loads(theirs.to_str())["model"]
            pieces = sorted(model["vocab"], key=model["vocab"].get)
            table = {"kind": "merges", "pre": name, "pieces": pieces, "types": [3] + [1] * (len(pieces) - 1),
                     "merges": [" ".join(m) for m in model["merges"]]}
            with self.subTest(name):
                written, answers = self.ours("table", json.dumps(table), texts(4))
                self.compare(theirs, answers, texts(4))
                self.compare(Tokenizer.from_str(written), answers, texts(4))

    def test_pieces_with_scores(self):
        """GGUF's model llama: scores, of which transformers makes merges."""
        for front in (False, True):
            trained = json.loads(mistral(fuse_unk=True).to_str())["model"]["vocab"]
            pieces = sorted(trained, key=trained.get)
            scores = [0.0] * 259 + [-float(i) for i in range(len(pieces) - 259)]
            normal = dict(zip(pieces[259:], scores[259:]))
            merges = generate_merges(normal, normal, skip_tokens=())
            theirs = Tokenizer(models.BPE(trained, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
            theirs.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), BLANKS] if front else [BLANKS])
            theirs.decoder = decoders.Sequence(FUSED + ([decoders.Strip(" ", 1, 0)] if front else []))
            theirs.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in pieces[:3]])
            theirs.post_processor = template(theirs, "<s>")
            table = {"kind": "scores", "pieces": pieces, "scores": scores, "types": [2, 3, 3] + [6] * 256 + [1] * len(normal),
                     "unknown": 0, "bos": 1, "bos_in_front": True, "blank_in_front": front}
            written, answers = self.ours("table", json.dumps(table), texts(5))
            self.compare(theirs, answers, texts(5))
            self.compare(Tokenizer.from_str(written), answers, texts(5))

    def test_words(self):
        for end in (["<eos>"], []):
            words = ["<unk>", "the", "a", "b", "=", "日本語の文章、中国语。한국어"] + end
            written, answers = self.ours("words", "".join(w + "\n" for w in words), texts(6))
            self.compare(Tokenizer.from_str(written), answers, texts(6), decoded=False)


if __name__ == "__main__":
    unittest.main()
