// What is written: judged by ONNX's own checker and shape inference, and read back to the bit. What it
// computes is judged by ONNX Runtime (tests/onnx_runtime_test.cc).
#include "yore/onnx/onnx.h"

#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <cstring>
#include <set>

#include "yore/base/error.h"
#include "yore/onnx/test_models.h"

namespace yore::onnx {
namespace {

::onnx::ModelProto parsed(const arch::ModelFile& file) {
  ::onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(to_onnx(file)));
  return model;
}

void expect_same(const arch::ModelFile& a, const arch::ModelFile& b) {
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.alphabet, b.alphabet);
  EXPECT_EQ(a.language, b.language);
  EXPECT_EQ(a.compiled, b.compiled);
  EXPECT_EQ(a.weights, b.weights);
}

TEST(Onnx, ReadsBackToTheBit) {
  for (const arch::ModelOptions& c : all_configurations()) {
    SCOPED_TRACE(title(c));
    const arch::ModelFile file = random_model(c);
    const std::string bytes = to_onnx(file);
    const arch::ModelFile back = from_onnx(bytes, "test");
    expect_same(file, back);
    EXPECT_EQ(bytes, to_onnx(back));
  }
}

TEST(Onnx, KeepsWhatIsUnusual) {
  arch::ModelFile file = random_model({});
  file.alphabet = {"open", "zu \"Ende\"", "\xC3\xA9"};
  file.compiled = {{"from", "a & b"}, {"heads", {1, 2, 3}}};
  // A NaN with a payload, minus zero, infinity, the smallest number.
  const std::string odd("\x01\x00\xA0\x7F\x00\x00\x00\x80\x00\x00\x80\x7F\x01\x00\x00\x00", 16);
  file.weights.arrays.at("embedding.weight").bytes.replace(0, odd.size(), odd);
  expect_same(file, from_onnx(to_onnx(file), "test"));
}

TEST(Onnx, PassesTheCheckerOfItsOwnProject) {
  for (const arch::ModelOptions& c : all_configurations()) {
    SCOPED_TRACE(title(c));
    ::onnx::ModelProto model = parsed(random_model(c));
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
    ASSERT_EQ(logits.shape().dim_size(), 1);
    EXPECT_EQ(logits.shape().dim(0).dim_param(), "batch");
  }
}

TEST(Onnx, IsStandardNamedAndHoldsTheWeightsAlone) {
  for (const arch::ModelOptions& c : all_configurations()) {
    SCOPED_TRACE(title(c));
    const ::onnx::ModelProto model = parsed(random_model(c));
    EXPECT_EQ(model.ir_version(), 8);
    EXPECT_EQ(model.producer_name(), "yore");
    ASSERT_EQ(model.opset_import_size(), 1);
    EXPECT_EQ(model.opset_import(0).domain(), "");
    EXPECT_EQ(model.opset_import(0).version(), 17);
    EXPECT_NE(model.graph().doc_string().find("a = 0, b = 1, c = 2, EOS = 3"), std::string::npos);
    std::set<std::string> names;
    for (const ::onnx::NodeProto& node : model.graph().node()) {
      EXPECT_EQ(node.domain(), "");
      EXPECT_TRUE(names.insert(node.name()).second) << node.name();
    }
    EXPECT_TRUE(names.contains("layers.0.attention.scores"));
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> arrays;
    for (const ::onnx::TensorProto& tensor : model.graph().initializer())
      arrays.push_back({tensor.name(), {tensor.dims().begin(), tensor.dims().end()}});
    EXPECT_EQ(arrays, runs::model_arrays(c, 3));
  }
}

TEST(Onnx, ReadsFloatDataAsWellAsRawData) {
  const arch::ModelFile file = random_model({});
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

TEST(Onnx, WritesOnlyModelsThatAreWhole) {
  arch::ModelFile file = random_model({});
  file.weights.arrays.erase("read_out.bias");
  EXPECT_THROW(to_onnx(file), base::InputError);
}

}  // namespace
}  // namespace yore::onnx
