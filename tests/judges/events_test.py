"""events_test.py YORE: TensorBoard reads what `yore train` leaves for it, also of a run that was interrupted and resumed."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

YORE = sys.argv.pop(1)


def train(folder, *options):
    run = subprocess.run([YORE, "train", "(ab)*", "--out", folder, "--width", "8", "--heads", "2", "--mlp-width", "8",
                          "--evaluate-every", "10", "--test-words-per-bucket", "8", *options],
                         capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        raise AssertionError(run.stderr)


class Events(unittest.TestCase):
    def check(self, folder):
        events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
        events.Reload()
        history = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        result = json.loads((folder / "result.json").read_text())
        for tag, key in (("train/loss", "loss"), ("train/learning_rate", "learning_rate"), ("validation/accuracy", "validation")):
            read = events.Scalars(tag)
            self.assertEqual([e.step for e in read], [p["step"] for p in history])
            for event, point in zip(read, history):
                self.assertAlmostEqual(event.value, point[key], delta=1e-6 * abs(point[key]))
            times = [e.wall_time for e in read]
            self.assertEqual(times, sorted(times))
            for event, point in zip(read, history):
                self.assertAlmostEqual(event.wall_time - times[0], point["seconds"] - history[0]["seconds"], delta=1e-3)
        tests = [m for m in result["metrics"] if m["set"] == "41-100" and m["name"] == "accuracy"]
        self.assertEqual(len(tests), 1)
        read = events.Scalars("41-100/accuracy")
        self.assertEqual([e.step for e in read], [history[-1]["step"]])
        self.assertAlmostEqual(read[0].value, tests[0]["value"], places=6)

    def test_a_run(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "run"
            train(folder, "--steps", "40")
            self.check(folder)

    def test_a_run_that_goes_on(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "run"
            train(folder, "--steps", "20")
            run = subprocess.run([YORE, "train", "--run", folder, "--steps", "40"], capture_output=True, text=True, timeout=120)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.check(folder)


unittest.main()
