"""The demo's recogniser as one writes it in PyTorch: a training step a line, told over standard input.

    python3 training_step.py FOLDER     FOLDER: model.json, weights.bin, batches.json (training_step.cc writes them)
    {"do":"step","count":n} -> {"cpu":s,"losses":[..]}   n updates, CPU seconds of them all

Words are padded to the batch's longest; a head's mask is an additive [T, T] table; everything is computed at every
position and read at EOS. Batches are tensors before the clock starts.
"""
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
try:
    import torch
except ImportError:
    print(json.dumps({"error": "no python3-torch"}), flush=True)
    sys.exit(0)
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


def masks(lookbacks, length):
    """[heads, T, T] additive, and [heads, T, 1]: 0 where a row sees nothing."""
    at = torch.arange(length)
    distance = at[:, None] - at[None, :]
    seen = torch.stack([(distance >= 1) & ((distance <= k) if k >= 0 else torch.tensor(True)) for k in lookbacks])
    return torch.zeros(seen.shape).masked_fill(~seen, -1e30), seen.any(-1, keepdim=True).float()


class Block(nn.Module):
    def __init__(self, width, heads, mlp_width):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, mlp_width)
        self.down = nn.Linear(mlp_width, width)
        self.mlp_norm = nn.LayerNorm(width)

    def forward(self, x, mask, sees):
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        score = q @ k.transpose(2, 3) * q.shape[-1] ** -0.5 + mask
        mixed = (torch.softmax(score, -1) @ v) * sees
        x = self.attention_norm(x + self.out(mixed.transpose(1, 2).reshape(batch, length, width)))
        return self.mlp_norm(x + self.down(F.relu(self.up(x))))


class Recogniser(nn.Module):
    def __init__(self, letters, layers, width, heads, mlp_width):
        super().__init__()
        self.embedding = nn.Embedding(letters + 1, width)
        self.layers = nn.ModuleList(Block(width, heads, mlp_width) for _ in range(layers))
        self.read_out = nn.Linear(width, 1)

    def forward(self, tokens, end, mask, sees):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x, mask, sees)
        return self.read_out(x[torch.arange(len(end)), end]).squeeze(1)


def name_here(name):
    return name.replace("attention.qkv", "qkv").replace("attention.out", "out").replace(
        "attention.norm", "attention_norm").replace("mlp.norm", "mlp_norm").replace("mlp.up", "up").replace(
            "mlp.down", "down")


def main(folder):
    with open(os.path.join(folder, "model.json")) as f:
        config = json.load(f)
    with open(os.path.join(folder, "weights.bin"), "rb") as f:
        flat = torch.frombuffer(bytearray(f.read()), dtype=torch.float32)
    with open(os.path.join(folder, "batches.json")) as f:
        batches = json.load(f)

    model = Recogniser(*(config[key] for key in ("letters", "layers", "width", "heads", "mlp_width")))
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

    ready = []
    for batch in batches:
        ends = [len(word) for word in batch["words"]]
        length = max(ends) + 1
        tokens = torch.tensor([word + [config["letters"]] * (length - len(word)) for word in batch["words"]])
        ready.append((tokens, torch.tensor(ends), *masks(config["lookback"], length), torch.tensor(batch["labels"])))

    done = 0
    for line in sys.stdin:
        losses = []
        start = time.process_time()
        for _ in range(json.loads(line)["count"]):
            tokens, end, mask, sees, labels = ready[done % len(ready)]
            loss = F.binary_cross_entropy_with_logits(model(tokens, end, mask, sees), labels)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config["clip_norm"])
            optimiser.step()
            losses.append(loss.item())
            done += 1
        print(json.dumps({"cpu": time.process_time() - start, "losses": losses}), flush=True)


main(sys.argv[1])
