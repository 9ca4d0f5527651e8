// Broken and foreign files: refused with the file's name and a reason, never read as something else.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <functional>

#include "yore/base/error.h"
#include "yore/onnx/onnx.h"
#include "yore/onnx/test_models.h"

namespace yore::onnx {
namespace {

using ::onnx::TensorProto;

arch::ModelFile small_model() {
  arch::ModelOptions c;
  c.layers = 1;
  c.width = 4;
  c.heads = 2;
  c.mlp_width = 4;
  return random_model(c);
}

/// What from_onnx says against these bytes; empty if it takes them.
std::string refusal(const std::string& bytes) {
  try {
    from_onnx(bytes, "m.onnx");
  } catch (const base::InputError& e) {
    EXPECT_EQ(e.source(), "m.onnx");
    EXPECT_FALSE(e.message().empty());
    return e.message();
  }
  return "";
}

/// The same for a good file that was changed in one place.
std::string refusal(const std::function<void(::onnx::ModelProto&)>& change) {
  ::onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(to_onnx(small_model())));
  change(model);
  return refusal(model.SerializeAsString());
}

void expect_refused(const std::string& reason, const std::function<void(::onnx::ModelProto&)>& change) {
  const std::string message = refusal(change);
  EXPECT_NE(message.find(reason), std::string::npos) << "expected: " << reason << "\ngot: " << message;
}

/// The change is made to the initialiser embedding.weight, [4, 4].
void expect_array_refused(const std::string& reason, const std::function<void(TensorProto&)>& change) {
  expect_refused(reason, [&](::onnx::ModelProto& m) { change(*m.mutable_graph()->mutable_initializer(0)); });
}

TEST(Import, CutAnywhereItIsRefused) {
  const std::string bytes = to_onnx(small_model());
  EXPECT_EQ(refusal(bytes), "");
  for (std::size_t n = 0; n < bytes.size(); ++n)
    EXPECT_NE(refusal(bytes.substr(0, n)), "") << n << " of " << bytes.size() << " bytes";
}

// A changed weight cannot be told from another model's; all else must be refused or read as a whole model.
TEST(Import, FlippedBytesNeverGiveHalfAModel) {
  const std::string bytes = to_onnx(small_model());
  int refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int flip : {0x01, 0x10, 0x80, 0xFF}) {
      std::string broken = bytes;
      broken[i] = static_cast<char>(broken[i] ^ flip);
      try {
        const arch::ModelFile file = from_onnx(broken, "m.onnx");
        EXPECT_NO_THROW(arch::check_weights(file, "m.onnx"));
      } catch (const base::InputError&) {
        ++refused;
      }
    }
  EXPECT_GT(refused, 1000);
}

TEST(Import, ForeignFilesAreNamedAsSuch) {
  EXPECT_NE(refusal(std::string()).find("no graph"), std::string::npos);
  EXPECT_NE(refusal(std::string("hello, this is no model\n")).find("not a whole ONNX file"),
            std::string::npos);
  EXPECT_NE(refusal(std::string("{\"format\": \"yore-recogniser\"}")).find("not a whole"), std::string::npos);
  const base::NamedArrays arrays = arch::model_safetensors(small_model());
  EXPECT_NE(refusal(base::to_safetensors(arrays)), "");
  ::onnx::ModelProto foreign;
  foreign.set_ir_version(8);
  foreign.mutable_graph()->set_name("resnet");
  EXPECT_NE(refusal(foreign.SerializeAsString()).find("no yore description in the metadata"),
            std::string::npos);
}

TEST(Import, DescriptionsThatDoNotFit) {
  const auto described = [](const std::function<void(base::Json&)>& change) {
    return [change](::onnx::ModelProto& m) {
      base::Json json = base::Json::parse(m.metadata_props(0).value());
      change(json);
      m.mutable_metadata_props(0)->set_value(json.dump());
    };
  };
  expect_refused("version 3", described([](base::Json& j) { j["version"] = 3; }));
  expect_refused("format", described([](base::Json& j) { j["format"] = "another"; }));
  expect_refused("alphabet", described([](base::Json& j) { j["alphabet"] = base::Json::array(); }));
  expect_refused("layers.1", described([](base::Json& j) {
                   base::Json& blocks = j["model"]["blocks"];
                   blocks.push_back(base::Json(blocks[0]));
                 }));
  expect_refused("an alphabet of 2 letters", described([](base::Json& j) { j["alphabet"] = {"a", "b"}; }));
  expect_refused("embedding.weight", described([](base::Json& j) {
                   j["alphabet"] = {"a", "b"};
                   j["model"]["embedding"]["vocabulary"] = 3;
                 }));
  // Counts that would fill the memory before an array is looked at.
  expect_refused("heads", described([](base::Json& j) {
                   base::Json& options = j["model"]["blocks"][0]["mixer"]["options"];
                   options["heads"] = 2'000'000'000;
                   options["head_width"] = 1;
                 }));
  expect_refused("vocabulary",
                 described([](base::Json& j) { j["model"]["embedding"]["vocabulary"] = 2'000'000'000; }));
  expect_refused("width", described([](base::Json& j) { j["model"]["embedding"]["width"] = 2'000'000'000; }));
  expect_refused("mlp_width", described([](base::Json& j) {
                   j["model"]["blocks"][0]["feed_forward"]["width"] = 2'000'000'000;
                 }));
  expect_refused("layers", described([](base::Json& j) {
                   base::Json& blocks = j["model"]["blocks"];
                   blocks = base::Json(std::vector<base::Json>(5000, base::Json(blocks[0])));
                 }));
  expect_refused("JSON", [](::onnx::ModelProto& m) { m.mutable_metadata_props(0)->set_value("{"); });
  expect_refused("no yore description", [](::onnx::ModelProto& m) { m.clear_metadata_props(); });
}

TEST(Import, ATokenizerIsTheDescriptions) {
  arch::ModelFile file = small_model();
  file.tokenizer = "{}";
  ::onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(to_onnx(file)));
  EXPECT_EQ(from_onnx(model.SerializeAsString(), "m.onnx").tokenizer, "{}");
  model.mutable_metadata_props(1)->set_value("{ }");
  EXPECT_NE(refusal(model.SerializeAsString()).find("the tokenizer in it is not the one"), std::string::npos);
  model.mutable_metadata_props()->RemoveLast();
  EXPECT_NE(refusal(model.SerializeAsString()).find("speaks of is not in it"), std::string::npos);
}

TEST(Import, InitialisersThatDoNotFit) {
  expect_refused("no array embedding.weight", [](::onnx::ModelProto& m) {
    m.mutable_graph()->mutable_initializer()->DeleteSubrange(0, 1);
  });
  expect_refused("occurs twice", [](::onnx::ModelProto& m) {
    *m.mutable_graph()->add_initializer() = m.graph().initializer(0);
  });
  expect_refused("extra is not part of the model", [](::onnx::ModelProto& m) {
    *m.mutable_graph()->add_initializer() = m.graph().initializer(0);
    m.mutable_graph()->mutable_initializer(m.graph().initializer_size() - 1)->set_name("extra");
  });
  expect_refused("sparse", [](::onnx::ModelProto& m) { m.mutable_graph()->add_sparse_initializer(); });
  expect_array_refused("no array embedding.weight", [](TensorProto& t) { t.set_name("embedding"); });
  expect_array_refused("[2, 8]", [](TensorProto& t) { t.set_dims(0, 2), t.set_dims(1, 8); });
  expect_array_refused("[16]", [](TensorProto& t) { t.clear_dims(), t.add_dims(16); });
}

TEST(Import, TensorsThatContradictThemselves) {
  expect_array_refused("negative dimension -4", [](TensorProto& t) { t.set_dims(0, -4); });
  expect_array_refused("negative", [](TensorProto& t) { t.set_dims(0, -4), t.set_dims(1, -4); });
  expect_array_refused("2 GiB", [](TensorProto& t) { t.set_dims(0, INT64_MAX); });
  // 2^32 * 2^32 numbers would wrap around to none.
  expect_array_refused("2 GiB", [](TensorProto& t) { t.set_dims(0, 1LL << 32), t.set_dims(1, 1LL << 32); });
  expect_array_refused("asks for 0", [](TensorProto& t) { t.set_dims(0, 0), t.set_dims(1, INT64_MAX); });
  expect_array_refused("63 bytes", [](TensorProto& t) { t.mutable_raw_data()->pop_back(); });
  expect_array_refused("67 bytes", [](TensorProto& t) { t.mutable_raw_data()->append("abc"); });
  expect_array_refused("asks for 16", [](TensorProto& t) { t.clear_raw_data(); });
  expect_array_refused("1 numbers", [](TensorProto& t) { t.clear_raw_data(), t.add_float_data(1); });
  expect_array_refused("twice", [](TensorProto& t) { t.add_float_data(1); });
  expect_array_refused("data type 11", [](TensorProto& t) { t.set_data_type(TensorProto::DOUBLE); });
  expect_array_refused("data type 99", [](TensorProto& t) { t.set_data_type(99); });
  expect_array_refused("another file", [](TensorProto& t) { t.set_data_location(TensorProto::EXTERNAL); });
  expect_array_refused("another file", [](TensorProto& t) { t.add_external_data()->set_key("location"); });
  expect_array_refused("segment", [](TensorProto& t) { t.mutable_segment()->set_begin(1); });
}

}  // namespace
}  // namespace yore::onnx
