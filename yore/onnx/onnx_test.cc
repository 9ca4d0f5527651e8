// What is written: judged by ONNX's own checker and shape inference, and read back to the bit. What it
// computes is judged by ONNX Runtime (tests/onnx_runtime_test.cc).
#include "yore/onnx/onnx.h"

#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/onnx/test_models.h"

namespace yore::onnx {
namespace {

::onnx::ModelProto parsed(const arch::ModelFile& file) {
  ::onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(to_onnx(file)));
  return model;
}

/// The options of version 0.1 in full, and everything else a description may say.
std::vector<arch::ModelFile> all_models() {
  std::vector<arch::ModelFile> list;
  for (const arch::ModelOptions& c : all_configurations()) list.push_back(random_model(c));
  for (const arch::Model& m : all_descriptions()) list.push_back(random_model(m));
  return list;
}

void expect_same(const arch::ModelFile& a, const arch::ModelFile& b) {
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.alphabet, b.alphabet);
  EXPECT_EQ(a.task, b.task);
  EXPECT_EQ(a.compiled, b.compiled);
  EXPECT_EQ(a.weights, b.weights);
}

TEST(Onnx, ReadsBackToTheBit) {
  for (const arch::ModelFile& file : all_models()) {
    SCOPED_TRACE(title(file.model));
    const std::string bytes = to_onnx(file);
    const arch::ModelFile back = from_onnx(bytes, "test");
    expect_same(file, back);
    EXPECT_EQ(bytes, to_onnx(back));
  }
}

TEST(Onnx, KeepsWhatIsUnusual) {
  arch::ModelFile file = random_model(arch::ModelOptions{});
  file.alphabet = {"open", "zu \"Ende\"", "\xC3\xA9"};
  file.compiled = {{"from", "a & b"}, {"heads", {1, 2, 3}}};
  // A NaN with a payload, minus zero, infinity, the smallest number.
  const std::string odd("\x01\x00\xA0\x7F\x00\x00\x00\x80\x00\x00\x80\x7F\x01\x00\x00\x00", 16);
  file.weights.arrays.at("embedding.weight").bytes.replace(0, odd.size(), odd);
  expect_same(file, from_onnx(to_onnx(file), "test"));
}

TEST(Onnx, PassesTheCheckerOfItsOwnProject) {
  for (const arch::ModelFile& file : all_models()) {
    SCOPED_TRACE(title(file.model));
    ::onnx::ModelProto model = parsed(file);
    try {
      ::onnx::checker::check_model(model);
      // Strict: an operator that is used with a type or rank it does not have is an error.
      ::onnx::shape_inference::InferShapes(model, ::onnx::OpSchemaRegistry::Instance(), {true, 1, true});
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    ASSERT_EQ(model.graph().output_size(), 1);
    const auto& logits = model.graph().output(0).type().tensor_type();
    EXPECT_EQ(logits.elem_type(), ::onnx::TensorProto::FLOAT);
    const bool accepts = file.model.read_out.kind == arch::ReadOutKind::Accept;
    ASSERT_EQ(logits.shape().dim_size(), accepts ? 1 : 3);
    EXPECT_EQ(logits.shape().dim(0).dim_param(), "batch");
    if (accepts) continue;
    EXPECT_EQ(logits.shape().dim(1).dim_param(), "length");
    EXPECT_EQ(logits.shape().dim(2).dim_value(), file.model.read_out.outputs);
  }
}

TEST(Onnx, IsStandardNamedAndHoldsTheWeightsAlone) {
  for (const arch::ModelFile& file : all_models()) {
    SCOPED_TRACE(title(file.model));
    const ::onnx::ModelProto model = parsed(file);
    EXPECT_EQ(model.ir_version(), 8);
    EXPECT_EQ(model.producer_name(), "yore");
    ASSERT_EQ(model.opset_import_size(), 1);
    EXPECT_EQ(model.opset_import(0).domain(), "");
    EXPECT_EQ(model.opset_import(0).version(), 17);
    const bool accepts = file.model.read_out.kind == arch::ReadOutKind::Accept;
    const std::string spelled = accepts ? "a = 0, b = 1, c = 2, EOS = 3" : "a = 0, b = 1, c = 2, d = 3";
    EXPECT_NE(model.graph().doc_string().find(spelled), std::string::npos) << model.graph().doc_string();
    std::set<std::string> names;
    for (const ::onnx::NodeProto& node : model.graph().node()) {
      EXPECT_EQ(node.domain(), "");
      EXPECT_TRUE(names.insert(node.name()).second) << node.name();
    }
    EXPECT_TRUE(names.contains("layers.0.attention.scores"));
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> arrays;
    for (const ::onnx::TensorProto& tensor : model.graph().initializer())
      arrays.push_back({tensor.name(), {tensor.dims().begin(), tensor.dims().end()}});
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> parameters;
    for (const mixers::ParameterSpec& p : arch::parameters(file.model))
      parameters.emplace_back(p.name, p.shape);
    EXPECT_EQ(arrays, parameters);
  }
}

TEST(Onnx, ReadsFloatDataAsWellAsRawData) {
  const arch::ModelFile file = random_model(arch::ModelOptions{});
  ::onnx::ModelProto model = parsed(file);
  for (::onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    const std::string raw = tensor.raw_data();
    tensor.clear_raw_data();
    for (std::size_t i = 0; i < raw.size(); i += 4) {
      float number = 0;
      std::memcpy(&number, raw.data() + i, 4);
      tensor.add_float_data(number);
    }
  }
  expect_same(file, from_onnx(model.SerializeAsString(), "test"));
}

// Every array is read by the graph, one that is tied twice.
TEST(Onnx, UsesEveryWeight) {
  for (const arch::ModelFile& file : all_models()) {
    const ::onnx::ModelProto model = parsed(file);
    std::map<std::string, int> read;
    for (const ::onnx::NodeProto& node : model.graph().node())
      for (const std::string& input : node.input()) ++read[input];
    for (const mixers::ParameterSpec& p : arch::parameters(file.model)) {
      const bool tied = p.name == "embedding.weight" && file.model.read_out.tied;
      EXPECT_EQ(read[p.name], tied ? 2 : 1) << p.name << " of " << title(file.model);
    }
  }
}

TEST(Onnx, DescribesAcceptorsOfAnyTask) {
  arch::ModelFile file = random_model(arch::ModelOptions{});
  EXPECT_NE(parsed(file).graph().doc_string().find("Recogniser of regex:(ab)*: 2 blocks"), std::string::npos);
  file.task = {{"name", "majority"}, {"language", 5}};
  EXPECT_NE(parsed(file).graph().doc_string().find("Recogniser of majority: 2 blocks"), std::string::npos);
  file = random_model(arch::unlike_blocks(3, arch::ReadOutKind::Tags));
  file.alphabet.clear();  // tokens without names, as bytes are
  EXPECT_NE(
      parsed(file).graph().doc_string().find("the task next: 4 blocks of attention. tokens [batch, length]: "
                                             "0 .. 3;"),
      std::string::npos)
      << parsed(file).graph().doc_string();
}

/// A model whose second block has this mixer, completed.
arch::ModelFile with_mixer(const std::string& name, const base::Json& options, int width = 0) {
  arch::ModelOptions shape = arch::small_options();
  if (width > 0) shape.width = width;
  arch::Model model = arch::expand(shape, 4, arch::ReadOutKind::Accept);
  model.blocks[1].mixer = {name, mixers::find_spec(name).complete(model.embedding.width, options)};
  return random_model(model);
}

// What the writer does not know must not be left out in silence: other mixers, and options of attention that
// are not at their defaults.
TEST(Onnx, RefusesWhatItHasNoGraphForByName) {
  const std::set<std::string> written = {"heads",  "head_width", "lookback", "window",
                                         "strict", "positions",  "bias"};
  int refused = 0;
  for (const mixers::Spec* spec : mixers::specs())
    if (spec->name() != "attention") {
      EXPECT_TRUE(base::refused([&] { to_onnx(with_mixer(spec->name(), base::Json::object(), 64)); },
                                "no graph for the mixer " + spec->name() + " (block 1)"));
      ++refused;
    }
  const base::Json plain = with_mixer("attention", base::Json::object()).model.blocks[1].mixer.options;
  for (const base::OptionSpec& option : mixers::find_spec("attention").options()) {
    if (written.contains(option.name)) continue;
    // The first value that is another than the default's.
    for (const base::Json& value : {base::Json(true), base::Json(false), base::Json(1), base::Json(2),
                                    base::Json(0.5), base::Json("rms"), base::Json("adjacent")}) {
      std::optional<arch::ModelFile> file;
      try {
        file = with_mixer("attention", {{option.name, value}});
      } catch (const base::InputError&) {
        continue;
      }
      if (file->model.blocks[1].mixer.options == plain) continue;
      EXPECT_TRUE(base::refused([&] { to_onnx(*file); }, "no graph for attention with")) << option.name;
      ++refused;
      break;
    }
  }
  if (refused == 0) GTEST_SKIP() << "attention as it can be written is all there is";
}

TEST(Onnx, WritesOnlyModelsThatAreWhole) {
  arch::ModelFile file = random_model(arch::ModelOptions{});
  file.weights.arrays.erase("read_out.bias");
  EXPECT_THROW(to_onnx(file), base::InputError);
}

}  // namespace
}  // namespace yore::onnx
