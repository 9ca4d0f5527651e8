// Model files: what is written is read back, what version 0.1 wrote is read, and what nobody wrote is refused
// by name.
#include "yore/arch/model_file.h"

#include <gtest/gtest.h>

#include <bit>
#include <numeric>

#include "yore/arch/options.h"
#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"

namespace yore::arch {
namespace {

using base::Scratch;

base::NamedArray random_array(const std::vector<std::int64_t>& shape, base::Random& random) {
  base::NamedArray array{"F32", shape, ""};
  const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  for (std::int64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(2 * random.uniform() - 1));
    for (int byte = 0; byte < 4; ++byte) array.bytes.push_back(static_cast<char>(bits >> (8 * byte)));
  }
  return array;
}

ModelFile some_file() {
  ModelOptions o;
  o.layers = 1, o.width = 4, o.heads = 2, o.mlp_width = 3;
  ModelFile file{
      expand(o, 3, ReadOutKind::Accept), recognition_of("regex:(ab)*", "ab"), {"a", "b"}, nullptr, {}};
  base::Random random(1);
  for (const mixers::ParameterSpec& p : parameters(file.model))
    file.weights.arrays.emplace(p.name, random_array(p.shape, random));
  return file;
}

void expect_same(const ModelFile& a, const ModelFile& b) {
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.task, b.task);
  EXPECT_EQ(a.alphabet, b.alphabet);
  EXPECT_EQ(a.compiled, b.compiled);
  EXPECT_EQ(a.weights, b.weights);
}

TEST(ModelFile, ComesBackAsItWas) {
  const Scratch folder;
  ModelFile file = some_file();
  file.compiled = {{"from", "a & b"}};
  write_model(file, folder / "m");
  expect_same(read_model(folder / "m"), file);
  expect_same(read_model(folder / "m" / files::kModel), file);
  expect_same(parse_model_safetensors(base::read_safetensors(folder / "m" / files::kModel), "x"), file);
  EXPECT_EQ(language_of(file, "x"), "regex:(ab)*");
}

// What a folder says of the heads of the model before it is not of this one.
TEST(ModelFile, TakesTheHeadsOfAHardenedModelAway) {
  const Scratch folder;
  base::write_file(folder / files::kHeads, "{}");
  write_model(some_file(), folder.path());
  EXPECT_FALSE(std::filesystem::exists(folder / files::kHeads));
}

TEST(ModelFile, OfNoTask) {
  const Scratch folder;
  ModelFile file = some_file();
  EXPECT_EQ(task_name(file), "formal");
  file.task = base::Json::object();
  EXPECT_EQ(task_name(file), "none");
  write_model(file, folder / "m");
  expect_same(read_model(folder / "m"), file);
  EXPECT_TRUE(
      base::refused([&] { language_of(file, "x"); }, "is a model without a task, such as one of circuits"));
  base::Json json = base::read_json(folder / "m" / files::kModelConfig);
  json["task"] = {{"file", "x"}};
  EXPECT_TRUE(
      base::refused([&] { parse_model_json(json.dump(), "x"); }, "an object with a name, or an empty one"));
}

// Made with the upper halves of the numbers, a file holds half the bytes and reads back as those numbers.
TEST(ModelFile, WeightsInBFloat16AreWidened) {
  const Scratch folder;
  ModelFile file = some_file();
  std::map<std::string, base::MadeArray> narrow;
  for (auto& [name, array] : file.weights.arrays) {
    std::string upper;
    for (std::size_t i = 0; i < array.bytes.size(); i += 4) {
      array.bytes[i] = array.bytes[i + 1] = 0;
      upper += array.bytes.substr(i + 2, 2);
    }
    narrow.emplace(name, base::MadeArray{"BF16", array.shape, [upper] { return upper; }});
  }
  write_model(file, narrow, folder / "m");
  EXPECT_EQ(base::read_safetensors(folder / "m" / files::kModel).arrays.at("embedding.weight").dtype, "BF16");
  expect_same(read_model(folder / "m"), file);
  expect_same(parse_model_safetensors(base::read_safetensors(folder / "m" / files::kModel), "x"), file);
}

TEST(ModelFile, BringsItsTokenizer) {
  const Scratch folder;
  ModelFile file = some_file();
  file.tokenizer = "{\"model\": 1}\n";
  write_model(file, folder / "m");
  EXPECT_EQ(base::read_file(folder / "m" / "tokenizer.json"), file.tokenizer);
  EXPECT_EQ(read_model(folder / "m").tokenizer, file.tokenizer);
  // Beside it it is no part of the weights; a file alone has it in the metadata.
  const auto alone = [](base::NamedArrays content) {
    return parse_model_safetensors(std::move(content), "x").tokenizer;
  };
  EXPECT_TRUE(base::refused([&] { alone(base::read_safetensors(folder / "m" / files::kModel)); },
                            "the tokenizer that its description speaks of is not in it"));
  base::NamedArrays content = model_safetensors(file);
  EXPECT_EQ(alone(content), file.tokenizer);
  content.metadata["yore.tokenizer"] = "{\"model\": 2}\n";
  EXPECT_TRUE(base::refused([&] { alone(content); }, "x: the tokenizer in it is not the one"));
  base::write_file(folder / "m" / "tokenizer.json", "{\"model\": 2}\n");
  EXPECT_TRUE(base::refused([&] { read_model(folder / "m"); }, "tokenizer.json: is not the tokenizer that"));
  std::filesystem::remove(folder / "m" / "tokenizer.json");
  EXPECT_TRUE(base::refused([&] { read_model(folder / "m"); }, "tokenizer.json"));
  // It goes when a model without one takes the place.
  write_model(file, folder / "m");
  write_model(some_file(), folder / "m");
  EXPECT_FALSE(std::filesystem::exists(folder / "m" / "tokenizer.json"));
}

/// A model as version 0.1 wrote it: its model.json by hand, and the arrays it had.
struct Old {
  Json description;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> arrays;
};

Old old_layer_norm() {
  return {{{"format", "yore-recogniser"},
           {"version", 1},
           {"alphabet", {"a", "b"}},
           {"language", "regex:(ab)*"},
           {"parameters", 193},
           {"model",
            {{"attention", "hybrid"},
             {"strict", true},
             {"layers", 1},
             {"width", 4},
             {"heads", 2},
             {"head_width", 0},
             {"mlp_width", 6},
             {"activation", "relu"},
             {"norm", "layer"},
             {"norm_place", "post"},
             {"positions", "none"},
             {"max_positions", 512}}}},
          {{"embedding.weight", {3, 4}},
           {"layers.0.attention.qkv.weight", {12, 4}},
           {"layers.0.attention.qkv.bias", {12}},
           {"layers.0.attention.out.weight", {4, 4}},
           {"layers.0.attention.out.bias", {4}},
           {"layers.0.attention.norm.weight", {4}},
           {"layers.0.attention.norm.bias", {4}},
           {"layers.0.mlp.up.weight", {6, 4}},
           {"layers.0.mlp.up.bias", {6}},
           {"layers.0.mlp.down.weight", {4, 6}},
           {"layers.0.mlp.down.bias", {4}},
           {"layers.0.mlp.norm.weight", {4}},
           {"layers.0.mlp.norm.bias", {4}},
           {"read_out.weight", {1, 4}},
           {"read_out.bias", {1}}}};
}

/// Of other dimensions, compiled.
Old old_compiled() {
  return {{{"format", "yore-recogniser"},
           {"version", 1},
           {"alphabet", {"open", "close", "x"}},
           {"language", "ltl:P open"},
           {"parameters", 245},
           {"model",
            {{"attention", "1*local:2/1*global"},
             {"strict", true},
             {"layers", 2},
             {"width", 5},
             {"heads", 1},
             {"head_width", 3},
             {"mlp_width", 2},
             {"activation", "relu"},
             {"norm", "rms"},
             {"norm_place", "pre"},
             {"positions", "learned"},
             {"max_positions", 7}}},
           {"compiled", {{"version", 1}, {"formula", "P open"}}}},
          {{"embedding.weight", {4, 5}},
           {"positions.weight", {7, 5}},
           {"layers.0.attention.qkv.weight", {9, 5}},
           {"layers.0.attention.qkv.bias", {9}},
           {"layers.0.attention.out.weight", {5, 3}},
           {"layers.0.attention.out.bias", {5}},
           {"layers.0.attention.norm.weight", {5}},
           {"layers.0.mlp.up.weight", {2, 5}},
           {"layers.0.mlp.up.bias", {2}},
           {"layers.0.mlp.down.weight", {5, 2}},
           {"layers.0.mlp.down.bias", {5}},
           {"layers.0.mlp.norm.weight", {5}},
           {"layers.1.attention.qkv.weight", {9, 5}},
           {"layers.1.attention.qkv.bias", {9}},
           {"layers.1.attention.out.weight", {5, 3}},
           {"layers.1.attention.out.bias", {5}},
           {"layers.1.attention.norm.weight", {5}},
           {"layers.1.mlp.up.weight", {2, 5}},
           {"layers.1.mlp.up.bias", {2}},
           {"layers.1.mlp.down.weight", {5, 2}},
           {"layers.1.mlp.down.bias", {5}},
           {"layers.1.mlp.norm.weight", {5}},
           {"final_norm.weight", {5}},
           {"read_out.weight", {1, 5}},
           {"read_out.bias", {1}}}};
}

base::NamedArrays write_old(const Old& old, const std::filesystem::path& folder) {
  base::Random random(2);
  base::NamedArrays content;
  for (const auto& [name, shape] : old.arrays) content.arrays.emplace(name, random_array(shape, random));
  content.metadata = {{"yore", old.description.dump()}};
  base::write_safetensors(folder / files::kModel, content);
  base::write_file(folder / files::kModelConfig, old.description.dump(2) + "\n");
  return content;
}

TEST(ModelFile, OfVersion01IsRead) {
  const Scratch folder;
  for (const Old& old : {old_layer_norm(), old_compiled()}) {
    const auto path = folder / old.description["alphabet"][0].get<std::string>();
    const base::NamedArrays content = write_old(old, path);
    const ModelFile file = read_model(path);
    EXPECT_EQ(file.weights.arrays, content.arrays);
    EXPECT_EQ(file.alphabet, old.description["alphabet"].get<std::vector<std::string>>());
    EXPECT_EQ(language_of(file, "x"), old.description["language"].get<std::string>());
    EXPECT_EQ(file.compiled, old.description.value("compiled", Json()));
    const Json& m = old.description["model"];
    ASSERT_EQ(file.model.blocks.size(), m["layers"].get<std::size_t>());
    EXPECT_EQ(file.model.embedding.width, m["width"].get<std::int64_t>());
    EXPECT_EQ(file.model.embedding.vocabulary, static_cast<std::int64_t>(file.alphabet.size()) + 1);
    EXPECT_EQ(file.model.read_out.kind, ReadOutKind::Accept);
    EXPECT_EQ(base::fields::enum_name(file.model.blocks[0].norm.kind), m["norm"].get<std::string>());
    EXPECT_EQ(file.model.blocks[0].norm.epsilon, 1e-5);
    // From here on it is a file of today.
    write_model(file, folder / "again");
    expect_same(read_model(folder / "again"), file);
  }
  const ModelFile first = read_model(folder / "a"), second = read_model(folder / "open");
  EXPECT_EQ(first.task, recognition_of("regex:(ab)*", "ab"));
  EXPECT_EQ(second.task, recognition_of("ltl:P open", "open,close,x"));
  EXPECT_EQ(first.model.blocks[0].mixer.options["lookback"], Json({1, -1}));
  EXPECT_EQ(second.model.blocks[0].mixer.options["lookback"], Json({2}));
  EXPECT_EQ(second.model.blocks[1].mixer.options["lookback"], Json({-1}));
  EXPECT_EQ(first.model.blocks[0].norm_place, NormPlace::Post);
  EXPECT_EQ(second.model.blocks[0].norm_place, NormPlace::Pre);
}

TEST(ModelFile, OldOnesThatDoNotFitAreRefused) {
  const Scratch folder;
  Old old = old_layer_norm();
  old.arrays.pop_back();
  write_old(old, folder / "m");
  EXPECT_TRUE(base::refused([&] { read_model(folder / "m"); }, "no array read_out.bias"));
  old = old_layer_norm();
  old.description["alphabet"] = Json::array();
  write_old(old, folder / "m");
  EXPECT_TRUE(base::refused([&] { read_model(folder / "m"); }, "no letters"));
  old = old_layer_norm();
  old.description["model"]["activation"] = "step";
  write_old(old, folder / "m");
  EXPECT_TRUE(base::refused([&] { read_model(folder / "m"); }, "model.activation"));
}

TEST(ModelFile, UnknownFormatsAndVersionsAreNamed) {
  const std::string text = model_json(some_file());
  const auto refused = [&](const char* format, const Json& version, const std::string& part) {
    Json changed = base::parse_json(text, "x");
    changed["format"] = format;
    changed["version"] = version;
    return base::refused([&] { parse_model_json(changed.dump(), "model.json"); }, part);
  };
  EXPECT_NO_THROW(parse_model_json(text, "model.json"));
  EXPECT_TRUE(refused("yore-model", 3, "yore-model, version 3"));
  EXPECT_TRUE(refused("yore-model", 1, "yore-model, version 1"));
  EXPECT_TRUE(refused("yore-recogniser", 2, "yore-recogniser, version 2"));
  EXPECT_TRUE(refused("gguf", 2, "its format is \"gguf\""));
  EXPECT_TRUE(refused("yore-model", "two", "model.json: version: expected an integer from"));
  EXPECT_TRUE(refused("yore-model", "two", "found \"two\""));
  EXPECT_TRUE(base::refused([] { parse_model_json("{}", "model.json"); }, "model.json: format: is missing"));
  EXPECT_TRUE(base::refused([] { parse_model_json("[]", "model.json"); }, "top level: expected an object"));
}

TEST(ModelFile, DescriptionsThatDoNotFit) {
  const Json whole = base::parse_json(model_json(some_file()), "x");
  const auto refused = [&](const auto& change, const std::string& part) {
    Json changed = whole;
    change(changed);
    return base::refused([&] { parse_model_json(changed.dump(), "model.json"); }, part);
  };
  EXPECT_TRUE(refused([](Json& j) { j["task"] = "formal"; }, "task: expected an object"));
  EXPECT_TRUE(refused([](Json& j) { j["alphabet"] = {"a"}; }, "1 letters and a vocabulary of 3"));
  EXPECT_TRUE(refused([](Json& j) { j["model"]["blocks"] = Json::array(); }, "model.layers"));
  EXPECT_TRUE(refused([](Json& j) { j["model"]["blocks"][0]["mixer"]["name"] = "atention"; },
                      "did you mean attention"));
  EXPECT_TRUE(
      refused([](Json& j) { j["model"]["blocks"][0]["norm"]["kind"] = "batch"; }, "one of none, layer"));
  EXPECT_TRUE(refused([](Json& j) { j["model"]["blocks"][0]["wings"] = 2; }, "wings"));
  EXPECT_TRUE(refused([](Json& j) { j["model"]["blocks"][0]["mixer"]["options"].erase("positions"); },
                      "not complete"));
}

// Names are looked up by token without another look at their number.
TEST(ModelFile, AnAlphabetNamesEveryToken) {
  ModelFile file;
  file.model = expand(small_options(), 3, ReadOutKind::Vocabulary);
  for (const std::vector<std::string>& names : {std::vector<std::string>{}, {"a", "b", "c"}}) {
    file.alphabet = names;
    EXPECT_NO_THROW(parse_model_json(model_json(file), "x"));
  }
  file.alphabet = {"a", "b"};
  EXPECT_TRUE(base::refused([&] { parse_model_json(model_json(file), "x"); },
                            "x: an alphabet of 2 names and a vocabulary of 3"));
}

}  // namespace
}  // namespace yore::arch
