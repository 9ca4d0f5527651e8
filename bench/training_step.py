"""A model of training_step.cc as one writes it in PyTorch: a training step a line, told over standard input.

    python3 training_step.py FOLDER masked|sdpa
                                FOLDER: model.json, weights.bin, batches.json (training_step.cc writes them)
    {"do":"step","count":n} -> {"cpu":s,"losses":[..],"version":"2.13.0"}   n updates, CPU seconds of them all

Attention is softmax(q k + mask) v with an additive [T, T] table, or scaled_dot_product_attention, with that table for a
window and is_causal where every head sees all before it. Sequences are padded to the batch's longest; everything is
computed at every position; a recogniser is read at EOS. Batches are tensors before the clock starts.
"""
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
try:
    import torch
except ImportError:
    print(json.dumps({"error": f"no torch in {sys.executable}"}), flush=True)
    sys.exit(0)
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


class Seen:
    """What rows see: .mask additive, [heads, T, T], or [T, T] where all heads see the same; .sees [.., T, 1] is 0 where a
    row sees nothing, None if there is no such row; .causal: all heads see all up to themselves."""

    def __init__(self, lookbacks, strict, length):
        at = torch.arange(length)
        distance = at[:, None] - at[None, :]
        if len(set(lookbacks)) == 1:
            lookbacks = lookbacks[:1]
        seen = torch.stack([(distance >= int(strict)) & ((distance <= k) if k >= 0 else torch.tensor(True))
                            for k in lookbacks])
        if len(lookbacks) == 1:
            seen = seen[0]
        self.mask = torch.zeros(seen.shape).masked_fill(~seen, -1e30)
        self.sees = None if seen.any(-1).all() else seen.any(-1, keepdim=True).float()
        self.causal = not strict and lookbacks == [-1]


class Block(nn.Module):
    def __init__(self, config, sdpa):
        super().__init__()
        width, mlp_width = config["width"], config["mlp_width"]
        self.heads, self.sdpa, self.pre = config["heads"], sdpa, config["norm_place"] == "pre"
        self.activation = {"relu": F.relu, "gelu": F.gelu}[config["activation"]]
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, mlp_width)
        self.down = nn.Linear(mlp_width, width)
        self.mlp_norm = nn.LayerNorm(width)

    def attend(self, q, k, v, seen):
        if self.sdpa:
            return F.scaled_dot_product_attention(q, k, v, attn_mask=None if seen.causal else seen.mask,
                                                  is_causal=seen.causal)
        score = q @ k.transpose(2, 3) * q.shape[-1] ** -0.5 + seen.mask
        return torch.softmax(score, -1) @ v

    def attention(self, x, seen):
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = self.attend(q, k, v, seen)
        if seen.sees is not None:
            mixed = mixed * seen.sees
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))

    def feed_forward(self, x):
        return self.down(self.activation(self.up(x)))

    def forward(self, x, seen):
        if self.pre:
            x = x + self.attention(self.attention_norm(x), seen)
            return x + self.feed_forward(self.mlp_norm(x))
        x = self.attention_norm(x + self.attention(x, seen))
        return self.mlp_norm(x + self.feed_forward(x))


class Model(nn.Module):
    def __init__(self, config, sdpa, shapes):
        super().__init__()
        width = config["width"]
        self.accepts = config["read_out"] == "accept"
        self.embedding = nn.Embedding(config["vocabulary"], width)
        self.positions = nn.Embedding(*shapes["positions.weight"]) if "positions.weight" in shapes else None
        self.layers = nn.ModuleList(Block(config, sdpa) for _ in range(config["layers"]))
        self.final_norm = nn.LayerNorm(width) if "final_norm.weight" in shapes else nn.Identity()
        self.read_out = nn.Linear(width, 1 if self.accepts else config["vocabulary"])

    def forward(self, tokens, end, seen):
        x = self.embedding(tokens)
        if self.positions is not None:
            x = x + self.positions.weight[:tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, seen)
        x = self.final_norm(x)
        return self.read_out(x[torch.arange(len(end)), end]).squeeze(1) if self.accepts else self.read_out(x)

    def loss(self, tokens, end, seen, targets):
        logits = self(tokens, end, seen)
        if self.accepts:
            return F.binary_cross_entropy_with_logits(logits, targets)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def name_here(name):
    return name.replace("attention.qkv", "qkv").replace("attention.out", "out").replace(
        "attention.norm", "attention_norm").replace("mlp.norm", "mlp_norm").replace("mlp.up", "up").replace(
            "mlp.down", "down")


def prepared(batch, config):
    """Tensors of a batch: tokens, where sequences end, what rows see, targets."""
    ends = [len(tokens) - 1 for tokens in batch["sequences"]]
    length = max(ends) + 1
    fill = config["vocabulary"] - 1  # EOS, where lengths differ
    tokens = torch.tensor([tokens + [fill] * (length - len(tokens)) for tokens in batch["sequences"]])
    targets = torch.tensor(batch["targets"])
    return (tokens, torch.tensor(ends), Seen(config["lookback"], config["strict"], length),
            targets.float() if config["read_out"] == "accept" else targets)


def main(folder, attention):
    with open(os.path.join(folder, "model.json")) as f:
        config = json.load(f)
    with open(os.path.join(folder, "weights.bin"), "rb") as f:
        flat = torch.frombuffer(bytearray(f.read()), dtype=torch.float32)
    with open(os.path.join(folder, "batches.json")) as f:
        batches = json.load(f)

    model = Model(config, attention == "sdpa", {p["name"]: p["shape"] for p in config["parameters"]})
    state, begin, decays = {}, 0, {}
    for parameter in config["parameters"]:
        shape = parameter["shape"]
        size = 1
        for n in shape:
            size *= n
        state[name_here(parameter["name"])] = flat[begin:begin + size].view(shape)
        decays[name_here(parameter["name"])] = parameter["decays"]
        begin += size
    model.load_state_dict(state)

    groups = [{"params": [p for n, p in model.named_parameters() if decays[n] == which], "weight_decay": decay}
              for which, decay in ((True, config["weight_decay"]), (False, 0.0))]
    optimiser = torch.optim.AdamW(groups, lr=config["learning_rate"], betas=(config["beta1"], config["beta2"]))

    ready = [prepared(batch, config) for batch in batches]
    done = 0
    for line in sys.stdin:
        losses = []
        start = time.process_time()
        for _ in range(json.loads(line)["count"]):
            loss = model.loss(*ready[done % len(ready)])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config["clip_norm"])
            optimiser.step()
            losses.append(loss.item())
            done += 1
        print(json.dumps({"cpu": time.process_time() - start, "losses": losses, "version": torch.__version__}),
              flush=True)


main(*sys.argv[1:])
