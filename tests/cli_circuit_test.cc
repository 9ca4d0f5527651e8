// yore circuit as a user meets it: what it prints, and what it refuses.
#include <gtest/gtest.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class CircuitLine : public testing::Test {
 protected:
  std::string model(const std::string& depth = "4") {
    const auto result = yore({"circuit", "compile", "--depth", depth, "-o", scratch_ / "model", "--force"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return scratch_ / "model";
  }
  std::string file(const std::string& name, const std::string& text) {
    base::write_file(scratch_ / name, text);
    return scratch_ / name;
  }
  static std::string example() { return YORE_SOURCE "/examples/circuit.txt"; }

  static std::string output(const std::vector<std::string>& arguments, int exit_code = 0) {
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    return result.out;
  }
  static void expect_refused(const std::vector<std::string>& arguments, const std::string& part) {
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(has(result.err, part)) << part << "\n" << result.err;
  }

  Scratch scratch_;
};

TEST_F(CircuitLine, CompilesRunsAndVerifies) {
  const std::string folder = model();
  EXPECT_EQ(output({"circuit", "run", folder, example(), "--inputs", "3", "-1/2"}), "x8 = 49/4\nx9 = 1\n");
  EXPECT_EQ(output({"circuit", "run", folder, example(), "--inputs", "3", "3", "--numbers", "fp32"}),
            "x8 = 0\nx9 = 0\n");
  const std::string trace = output({"circuit", "run", folder, example(), "--inputs", "3", "-1/2", "--trace"});
  for (const char* part :
       {"given\n  x1 = 3\n", "level 1 (blocks 1 and 2)\n  x4 = x1 + x2 = 5/2\n  x5 = x1 * x2 = -3/2\n",
        "level 4 (blocks 7 and 8)\n  x9 = sign(x8) = 1\n"})
    EXPECT_TRUE(has(trace, part)) << part << trace;
  const auto json = base::parse_json(
      output({"circuit", "run", folder, example(), "--inputs", "1", "2", "--json", "--trace"}), "out");
  EXPECT_EQ(json["outputs"][0]["value"], "1");
  EXPECT_EQ(json["levels"][2]["x6"], "9");
  EXPECT_TRUE(has(output({"circuit", "verify", folder, "--random", "10", "--exhaustive", "2"}), "all equal"));
  const auto explained = output({"circuit", "compile", "--depth", "2", "--explain"});
  EXPECT_TRUE(has(explained, "computed   += 4 (first) (second)")) << explained;
  EXPECT_TRUE(
      has(output({"circuit", "precision", folder, "--depths", "1", "--widths", "4", "--circuits", "2"}),
          "depth width"));
}

// The fp64 run of 0.1 + 0.2 shows what a double does; the exact one does not.
TEST_F(CircuitLine, NumbersAreWhatTheySay) {
  const std::string path = file("sum.txt", "x1 = 0.1\nx2 = 0.2\nx3 = x1 + x2\noutput x3");
  const std::string folder = model("1");
  EXPECT_EQ(output({"circuit", "run", folder, path}), "x3 = 3/10\n");
  EXPECT_EQ(output({"circuit", "run", folder, path, "--numbers", "fp64"}), "x3 = 0.30000000000000004\n");
}

TEST_F(CircuitLine, WritesATransformerAsACircuit) {
  const std::string folder = model("1");
  EXPECT_TRUE(
      has(output({"circuit", "from", folder, "--tokens", "2", "-o", scratch_ / "c.json", "--to", "json"}),
          "model and circuit agree on 20 random inputs"));
  EXPECT_TRUE(has(output({"circuit", "show", scratch_ / "c.json", "--to", "text"}), "x1 = input\n"));
  // What is said of it is no part of it.
  const std::string both =
      output({"circuit", "from", folder, "--tokens", "2", "-o", "/dev/stdout", "--to", "json"});
  EXPECT_EQ(both, base::read_file(scratch_ / "c.json"));
  expect_refused({"circuit", "from", folder, "--tokens", "9", "--max-gates", "100"}, "max-gates");
}

TEST_F(CircuitLine, Draws) {
  if (!base::find_program("dot")) GTEST_SKIP() << "graphviz's dot is not on PATH";
  const std::string page = output({"circuit", "show", example(), "--inputs", "3", "-1/2"});
  for (const char* part : {"<svg", "49/4", "sign(x8)"}) EXPECT_TRUE(has(page, part)) << part;
  const std::string folder = model("2");
  EXPECT_TRUE(has(output({"picture", folder}), "A transformer for every circuit of depth 2"));
  for (const auto& dot :
       {output({"picture", folder, "--to", "dot"}), output({"circuit", "show", example(), "--to", "dot"})}) {
    const auto drawn = shell("dot -Tsvg " + file("picture.dot", dot), scratch_.path());
    EXPECT_EQ(drawn.exit_code, 0) << drawn.err;
    EXPECT_EQ(drawn.err, "");
  }
}

TEST_F(CircuitLine, RefusesWithThePlace) {
  const std::string folder = model("1");
  const std::pair<const char*, const char*> faults[] = {
      {"x1 = x2\nx2 = x1\noutput x1", "a cycle"},
      {"x1 = input\nx2 = x1 * x1 * x1\noutput x2", "a product takes 2 inputs"},
      {"x1 = input\nx2 = x1 + x9\noutput x2", "x2 = x1 + x9\n"},
      {"x1 = 2\nx1 = 3\noutput x1", "x1 is defined twice"},
      {"x94906265 = 1\noutput x94906265", "2^53"},
      {"x99999999999999999999 = 3\noutput x1", "id 99999999999999999999: expected 0 to 94906264"},
      {"x1 = 2\nx2 = x1 + x99999999999999999999\noutput x2", "id 99999999999999999999: expected"},
      {R"({"gates": [{"id": 1, "op": "input"}], "outputs": [1], "outputs": []})",
       "the key \"outputs\" is there twice"},
      {"x1 = 2\nx2 = x1 / x1\noutput x2", "division is no gate"},
      {"x1 = 2\nx2 = x1 + x1\nx3 = x2 + x2\noutput x3", "has depth 2, the model is for depth 1"},
      {"x1 = 1e300\nx2 = x1 * x1\noutput x2", "overflow at x2 = x1 * x1"},
  };
  for (const auto& [text, part] : faults)
    expect_refused({"circuit", "run", folder, file("c.txt", text), "--numbers", "fp64"}, part);
  const std::string c = file("c.txt", "x1 = input\noutput x1");
  expect_refused({"circuit", "run", folder, c}, "has 1 input, found 0 values");
  expect_refused({"circuit", "run", folder, c, "--inputs", "a"}, "--inputs: a is no number");
  expect_refused({"circuit", "run", folder}, "run takes a model's folder and a circuit's file, found 1");
  expect_refused({"circuit", "run", folder, scratch_ / "none.txt"}, "none.txt");
  expect_refused({"circuit", "compile"}, "--depth");
  expect_refused({"circuit", "compile", "--depth", "0"}, "expected 1 to 2048");
  expect_refused({"circuit", "compile", "--depth", "2", "-o", folder}, "--force");
  expect_refused({"circuit", "verify", folder, "--depth", "3"}, "does not go with verify");
  for (const std::string option : {"--gates", "--seed"})
    expect_refused({"circuit", "verify", folder, "--random", "0", "--exhaustive", "1", option, "7"},
                   option + ": does nothing with --random 0");
  expect_refused({"circuit", "from", folder, "--check", "0", "--seed", "5"},
                 "--seed: does nothing with --check 0");
  expect_refused({"circuit", "show", c, "--inputs", "1", "2"}, "the circuit has 1 input, found 2 values");
  expect_refused({"circuit", "precision", folder, "--depths", "2"}, "expected 1 to the model's 1");
  expect_refused({"circuit", "precision", folder, "--widths", "1000", "--circuits", "100"},
                 "went past the budget of 20000000 (raise it with --max-tokens)");
  const auto other = yore({"compile", "(ab)*", "-o", scratch_ / "ab"});
  EXPECT_EQ(other.exit_code, 0);
  expect_refused({"circuit", "run", scratch_ / "ab", c, "--inputs", "1"}, "no model for circuits");
  expect_refused({"circuit", "from", scratch_ / "ab"}, "a model that reads numbers");
}

// Doubling 200,000 times: no value is long, all of them together are.
TEST_F(CircuitLine, ValuesAreBoundedInAll) {
  std::string text = "x1 = input\n";
  constexpr int kGates = 200'000;
  for (int i = 2; i < kGates; ++i)
    text += "x" + std::to_string(i) + " = x" + std::to_string(i - 1) + " + x" + std::to_string(i - 1) + "\n";
  const std::string deep = file("deep.txt", text + "output x" + std::to_string(kGates - 1));
  expect_refused({"circuit", "show", deep, "--inputs", "1", "--to", "text"},
                 "the values up to there are longer than 268435456 bits in all");
  expect_refused({"circuit", "run", model("1"), deep, "--inputs", "1"}, "no model is for more than 2048");
  // One long value that many gates read.
  std::string wide = "x0 = 3\n";
  for (int i = 1; i <= 18; ++i)
    wide += "x" + std::to_string(i) + " = x" + std::to_string(i - 1) + " * x" + std::to_string(i - 1) + "\n";
  std::string sum = "x20 = x18";
  for (int i = 0; i < 1000; ++i) sum += " + x18";
  const std::string many = file("wide.txt", wide + sum + "\noutput x20");
  expect_refused({"circuit", "run", model("19"), many},
                 "overflow at x18 = x17 * x17: the values up to there");
}

TEST_F(CircuitLine, ReadsNoDeviceAndWritesNoFolderWhereNoneCanBe) {
  const std::string folder = model("1");
  for (const std::string device : {"/dev/zero", "/dev/urandom"}) {
    expect_refused({"circuit", "show", device}, device + ": is a device, expected a file or a pipe");
    expect_refused({"circuit", "run", folder, device}, device + ": is a device");
  }
  const std::string nowhere = file("plain", "") + "/x";
  const auto result = yore({"circuit", "compile", "--depth", "3", "-o", nowhere});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "yore: " + nowhere + ": cannot create the folder: Not a directory\n");
}

// Commands that give a model tokens say what it wants instead.
TEST_F(CircuitLine, OtherCommandsRefuseTheModel) {
  const std::string folder = model("1");
  expect_refused({"export", folder, "-o", scratch_ / "m.onnx"}, "reads rows of numbers");
  if (YORE_HAS_TENSOR == 0) return;
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"verify", folder},
                                                                     {"run", folder, "--words", "ab"},
                                                                     {"evaluate", folder},
                                                                     {"generate", folder, "--prompt", "a"}}) {
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments[0] << result.err;
  }
}

}  // namespace
}  // namespace yore::tests
