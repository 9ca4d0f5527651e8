// yore export and yore import as a user runs them: round trips to the bit, and refusals that leave nothing
// behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/program.h"
#include "yore/base/safetensors.h"
#include "yore/onnx/test_models.h"

namespace yore::tests {
namespace {

/// Whatever lies in a folder and below, by path, with its content.
std::map<std::string, std::string> content(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    files[std::filesystem::relative(entry.path(), folder)] =
        entry.is_regular_file() ? base::read_file(entry.path()) : "";
  return files;
}

class Exchange : public ::testing::Test {
 protected:
  void SetUp() override { arch::write_model(onnx::random_model(arch::ModelOptions{}), model_); }

  /// A good file of each kind.
  std::string exported(const std::string& to) {
    std::string file = scratch_ / ("good." + to);
    const auto result = yore({"export", model_, "--to", to, "-o", file, "--force"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return file;
  }

  /// Exit code 2, these texts in the message, and every file as it was.
  void expect_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& expected) {
    const auto before = content(scratch_.path());
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    for (const std::string& text : expected)
      EXPECT_NE(result.err.find(text), std::string::npos) << "expected: " << text << "\ngot: " << result.err;
    EXPECT_EQ(content(scratch_.path()), before) << result.err;
  }

  const Scratch scratch_;
  const std::string model_ = scratch_ / "model";
};

TEST_F(Exchange, RoundTripsAreEqualToTheBit) {
  for (const std::string to : {"onnx", "safetensors"}) {
    const std::string folder = scratch_ / ("back-" + to + "/deep");
    const auto result = yore({"import", exported(to), "-o", folder});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(content(model_), content(folder)) << to;
    const std::string again = scratch_ / ("again." + to);
    ASSERT_EQ(yore({"export", folder + "/model.safetensors", "-o", again}).exit_code, 0);
    EXPECT_EQ(base::read_file(exported(to)), base::read_file(again)) << to;
  }
  if (!YORE_HAS_TENSOR) return;
  const auto answers = [](const std::string& folder) {
    const auto result =
        yore({"evaluate", folder, "--words", "", "ab", "cab", "--language", "[abc]*", "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(answers(model_), answers(scratch_ / "back-onnx/deep"));
}

// Numbers counted here: those of the arrays in the file.
TEST_F(Exchange, WhatWasWrittenIsSaid) {
  std::int64_t parameters = 0;
  for (const auto& [name, array] : base::read_safetensors(model_ + "/model.safetensors").arrays) {
    std::int64_t count = 1;
    for (const std::int64_t n : array.shape) count *= n;
    parameters += count;
  }
  const std::string numbers = "layers, " + std::to_string(parameters) + " parameters, ";
  const auto layers = base::read_json(model_ + "/model.json").at("model").at("blocks").size();
  const auto of_json = [&](const base::ProcessResult& result, const std::string& path,
                           const std::string& file) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(base::parse_json(result.out, "out"), (base::Json{{"path", path},
                                                               {"layers", layers},
                                                               {"parameters", parameters},
                                                               {"bytes", std::filesystem::file_size(file)}}));
  };
  for (const std::string to : {"onnx", "safetensors"}) {
    const std::string file = scratch_ / ("said." + to), folder = scratch_ / ("said-" + to);
    const auto out = yore({"export", model_, "-o", file});
    EXPECT_TRUE(out.out.starts_with(file + ": " + std::to_string(layers) + " " + numbers)) << out.out;
    EXPECT_EQ(std::count(out.out.begin(), out.out.end(), '\n'), 1);
    of_json(yore({"export", model_, "-o", file, "--force", "--json"}), file, file);
    const auto in = yore({"import", file, "-o", folder});
    EXPECT_TRUE(in.out.starts_with(folder + ": " + std::to_string(layers) + " " + numbers)) << in.out;
    of_json(yore({"import", file, "-o", folder, "--force", "--json"}), folder, folder + "/model.safetensors");
  }
  // What goes to standard output is the file alone.
  const auto piped =
      shell("yore export '" + model_ + "' --to safetensors -o /dev/stdout | cat > piped", scratch_.path());
  EXPECT_EQ(base::read_file(scratch_ / "piped"), base::read_file(scratch_ / "said.safetensors"));
  EXPECT_NE(piped.err.find(numbers.substr(0, numbers.size() - 2)), std::string::npos) << piped.err;
}

// Neither loses what it comes from, and what another model left goes.
TEST_F(Exchange, FoldersThatAreThereAlready) {
  expect_refused({"export", model_, "--to", "hf", "-o", model_, "--force"},
                 {model_, "the model's own folder"});
  expect_refused({"import", model_, "-o", scratch_ / "x"}, {"holds a model of yore's already"});
  const std::string other = scratch_ / "other";
  arch::write_model(onnx::random_model(arch::ModelOptions{}), other);
  for (const char* left : {"/generation_config.json", "/tokenizer_config.json", "/tokenizer.json"})
    base::write_file(other + left, "{}");
  EXPECT_EQ(yore({"import", exported("onnx"), "-o", other, "--force"}).exit_code, 0);
  EXPECT_EQ(content(other), content(model_));
}

// One of those that write at once wins, and the others say that it has.
TEST_F(Exchange, ImportsAtOnceIntoOneFolder) {
  const std::string file = exported("safetensors");
  const auto raced = shell(
      "for round in 1 2 3 4 5; do\n"
      "  for i in 1 2 3 4; do (yore import '" +
          file +
          "' -o out$round > said$i 2> err$i; echo $? > code$i) & done\n"
          "  wait; cat code1 code2 code3 code4 | sort | tr -d '\\n'; echo; cat err1 err2 err3 err4 >&2\n"
          "done > codes",
      scratch_.path());
  EXPECT_EQ(base::read_file(scratch_ / "codes"), "0222\n0222\n0222\n0222\n0222\n") << raced.err;
  EXPECT_EQ(raced.err.find("cannot rename"), std::string::npos) << raced.err;
  std::istringstream lines(raced.err);
  for (std::string line; std::getline(lines, line);)
    EXPECT_NE(line.find("--force replaces the model in it"), std::string::npos) << line;
  for (const char* out : {"out1", "out5"}) EXPECT_EQ(content(model_), content(scratch_ / out)) << out;
  for (const auto& entry : std::filesystem::directory_iterator(scratch_.path()))
    EXPECT_EQ(entry.path().string().find(".partial"), std::string::npos) << entry.path();
}

TEST_F(Exchange, AnEmptyNameIsRefused) {
  expect_refused({"export", model_, "--to", "onnx", "-o", ""}, {"--output: is empty"});
  expect_refused({"import", exported("onnx"), "-o", ""}, {"--out: is empty"});
  expect_refused({"export", model_, "--to", "hff", "-o", scratch_ / "x"},
                 {"--to: expected one of onnx, safetensors, hf, found \"hff\"; did you mean hf?"});
}

TEST_F(Exchange, WhatExistsIsKeptUnlessForced) {
  for (const std::string to : {"onnx", "safetensors"}) {
    const std::string file = scratch_ / "mine", folder = scratch_ / ("folder-" + to);
    base::write_file(file, "mine");
    expect_refused({"export", model_, "--to", to, "-o", file}, {"mine", "--force"});
    expect_refused({"export", model_, "--to", to, "-o", scratch_.path(), "--force"}, {"folder"});
    EXPECT_EQ(yore({"export", model_, "--to", to, "-o", file, "--force"}).exit_code, 0);
    EXPECT_NE(base::read_file(file), "mine");

    std::filesystem::create_directory(folder);
    base::write_file(folder + "/letter.txt", "mine");
    expect_refused({"import", exported(to), "-o", folder}, {folder, "--force"});
    expect_refused({"import", exported(to), "-o", file, "--force"}, {file, "is a file"});
    EXPECT_EQ(yore({"import", exported(to), "-o", folder, "--force"}).exit_code, 0);
    EXPECT_EQ(base::read_file(folder + "/letter.txt"), "mine");
    EXPECT_EQ(base::read_file(folder + "/model.json"), base::read_file(model_ + "/model.json"));
    // A run's model is what was trained there.
    base::write_file(folder + "/config.json", "{}");
    expect_refused({"import", exported(to), "-o", folder, "--force"}, {folder, "training run"});
  }
}

TEST_F(Exchange, BrokenFilesAreRefusedAndNothingIsWritten) {
  const std::string out = scratch_ / "out/model";
  for (const std::string to : {"onnx", "safetensors"}) {
    const std::string bytes = base::read_file(exported(to)), file = scratch_ / ("broken." + to);
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, bytes.size() / 3, bytes.size() - 1}) {
      base::write_file(file, bytes.substr(0, length));
      expect_refused({"import", file, "-o", out}, {"broken." + to, "not a whole"});
    }
    base::write_file(file, "not a model at all\n");
    expect_refused({"import", file, "-o", out}, {"broken." + to, "not a whole"});
    expect_refused({"import", scratch_ / ("none." + to), "-o", out}, {"none." + to, "No such file"});
  }
  base::NamedArrays foreign = base::read_safetensors(exported("safetensors"));
  const std::string file = scratch_ / "foreign.safetensors";
  const auto refused_with = [&](const std::string& reason) {
    base::write_safetensors(file, foreign);
    expect_refused({"import", file, "-o", out}, {"foreign.safetensors", reason});
  };
  const std::string description = foreign.metadata.at("yore");
  foreign.metadata.clear();
  refused_with("no yore description in the metadata");
  base::Json json = base::Json::parse(description);
  json["version"] = 7;
  foreign.metadata = {{"yore", json.dump()}};
  refused_with("version 7");
  json["version"] = 2;
  json["alphabet"] = {"a", "b", "a"};
  foreign.metadata = {{"yore", json.dump()}};
  refused_with("alphabet");
  foreign.metadata = {{"yore", description}};
  foreign.arrays.at("read_out.bias").shape = {1, 1};
  refused_with("read_out.bias is F32 [1, 1]");
  foreign.arrays.erase("read_out.bias");
  refused_with("no array read_out.bias");
}

// A model of a mixer with a state, with either domain's operators: different files, the same model.
TEST_F(Exchange, OperatorsAreChosen) {
  arch::ModelOptions shape = arch::small_options();
  arch::Model description = arch::expand(shape, 4, arch::ReadOutKind::Accept);
  description.blocks[1].mixer = {"gla", mixers::find_spec("gla").complete(shape.width, {{"heads", 2}})};
  const std::string model = scratch_ / "gla";
  arch::write_model(onnx::random_model(description), model);
  std::map<std::string, std::string> bytes;
  for (const std::string operators : {"", "onnx", "microsoft"}) {
    const std::string file = scratch_ / ("by-" + operators + ".onnx"),
                      back = scratch_ / ("back-" + operators);
    std::vector<std::string> arguments = {"export", model, "-o", file};
    if (!operators.empty()) arguments.insert(arguments.end(), {"--operators", operators});
    ASSERT_EQ(yore(arguments).exit_code, 0);
    ASSERT_EQ(yore({"import", file, "-o", back}).exit_code, 0);
    EXPECT_EQ(content(model), content(back));
    bytes[operators] = base::read_file(file);
    EXPECT_EQ(bytes[operators].find("com.microsoft") == std::string::npos, operators == "onnx");
  }
  EXPECT_EQ(bytes[""], bytes["microsoft"]);
  EXPECT_NE(bytes[""], bytes["onnx"]);
  const std::string out = scratch_ / "out.onnx";
  expect_refused({"export", model, "--operators", "contrib", "-o", out},
                 {"--operators", "onnx", "microsoft"});
  expect_refused({"export", model, "--operators", "onnx", "-o", scratch_ / "out.safetensors"},
                 {"--operators", "safetensors", "--to onnx"});
}

TEST_F(Exchange, ModelsAndNamesThatDoNotFit) {
  const std::string out = scratch_ / "out.onnx";
  expect_refused({"export", scratch_ / "none", "--to", "onnx", "-o", out}, {"none", "does not exist"});
  expect_refused({"export", scratch_.path(), "--to", "onnx", "-o", out}, {"model.json", "holds no model"});
  expect_refused({"export", model_, "--to", "pdf", "-o", out}, {"pdf", "onnx", "safetensors"});
  expect_refused({"export", model_, "-o", scratch_ / "model.bin"}, {"model.bin", ".onnx", "--to"});
  expect_refused({"export", model_, "--to", "onnx"}, {"--output"});
  expect_refused({"import", model_ + "/model.json", "-o", scratch_ / "back"}, {".onnx or .safetensors"});
  expect_refused({"import", exported("onnx")}, {"--out"});
  // A place where nothing can be written: a file where a folder would have to be.
  expect_refused({"export", model_, "--to", "onnx", "-o", model_ + "/model.json/out.onnx"}, {"model.json"});
  expect_refused({"import", exported("onnx"), "-o", model_ + "/model.json/back"}, {"model.json"});
  const std::string weights = base::read_file(model_ + "/model.safetensors");
  base::write_file(model_ + "/model.safetensors", weights.substr(0, weights.size() / 2));
  for (const char* to : {"onnx", "safetensors"})
    expect_refused({"export", model_, "--to", to, "-o", out}, {"model.safetensors", "not a whole"});
}

}  // namespace
}  // namespace yore::tests
