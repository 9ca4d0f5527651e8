"""check_links_test.py CHECK_LINKS: what scripts/check-links says of small sites, right and wrong ones."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1)
RIGHT = '<h1 id="top">a</h1><a href="b/">b</a> <a href="b/index.html#place">b</a> <a href="#top">a</a><a href="https://x.org/">x</a>'


class CheckLinks(unittest.TestCase):
    def check(self, page, *passed_over):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "b").mkdir()
            (Path(folder) / "a.html").write_text(page)
            (Path(folder) / "b" / "index.html").write_text('<a name="place" href="../a.html">a</a>')
            run = subprocess.run([PROGRAM, folder, *passed_over], capture_output=True, text=True)
            return run.returncode, run.stdout

    def test_right(self):
        self.assertEqual(self.check(RIGHT), (0, "2 pages, 4 links within them, 0 faults\n"))

    def test_wrong(self):
        for wrong, said in [('<a href="c.html">', "c.html leads nowhere"), ('<img src="c.svg">', "c.svg leads nowhere"),
                            ('<a href="../../etc">', "leads nowhere"), ('<a href="b/#no">', "no such place"),
                            ('<a href="#no">', "no such place"), ('<script src="https://x.org/a.js">', "loads https://x.org"),
                            ('<link href="//x.org/a.css">', "loads //x.org")]:
            code, out = self.check(RIGHT + wrong)
            self.assertEqual(code, 1, wrong)
            self.assertIn(said, out)
            self.assertIn("1 faults", out)

    def test_passed_over(self):
        self.assertEqual(self.check(RIGHT + '<a href="#no">', "#no")[0], 0)


if __name__ == "__main__":
    unittest.main()
