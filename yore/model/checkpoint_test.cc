#include "yore/model/checkpoint.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "yore/base/bfloat16.h"
#include "yore/base/error.h"
#include "yore/base/test_scratch.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

namespace fs = std::filesystem;

class Checkpoint : public testing::Test {
 protected:
  fs::path weights() const { return folder_ / arch::files::kModel; }
  fs::path description() const { return folder_ / arch::files::kModelConfig; }
  /// The message load_model refuses with, and that it names the file.
  std::string refusal(const fs::path& file) const {
    try {
      load_recogniser(folder_);
    } catch (const base::InputError& e) {
      EXPECT_EQ(e.source(), file.string());
      return e.message();
    }
    ADD_FAILURE() << "was loaded";
    return "";
  }

  base::Scratch scratch_;
  fs::path folder_ = scratch_.path();
  void save(const Model& model) const { save_model(model, task_, alphabet_.names(), folder_); }
  logic::Alphabet alphabet_ = logic::Alphabet::parse("ab");
  base::Json task_ = arch::recognition_of("regex:(ab)*", "ab");
};

arch::ModelOptions other_config() {
  arch::ModelOptions c;
  c.attention = "local:3";
  c.positions = "learned";
  c.norm = "rms";
  c.max_positions = 40;
  c.width = 16;
  return c;
}

TEST_F(Checkpoint, ComesBackAsItWas) {
  for (const arch::ModelOptions& c : {arch::ModelOptions{}, other_config()}) {
    const Model model = recogniser(c, 2, 3);
    save(model);
    const SavedRecogniser back = load_recogniser(folder_);
    EXPECT_EQ(back.model.description(), model.description());
    EXPECT_EQ(back.alphabet, alphabet_);
    EXPECT_EQ(back.language, "regex:(ab)*");
    EXPECT_TRUE(at::equal(back.model.parameters().flat(), model.parameters().flat()));
    const Input input = with_ends({{0, 1, 0}}, 2).input();
    EXPECT_TRUE(at::equal(back.model.forward(input), model.forward(input)));
    const SavedModel any = load_model(folder_);
    EXPECT_EQ(any.task, task_);
    EXPECT_EQ(any.names, alphabet_.names());
    EXPECT_TRUE(at::equal(any.model.parameters().flat(), model.parameters().flat()));
  }
}

// What stays on disk computes what was read from it, in whatever way it goes through a sequence.
TEST_F(Checkpoint, AModelThatStaysOnDisk) {
  arch::ModelOptions options;
  options.mixer =
      "attention:lookback=2,positions=rotary/retention:heads=2,rotary=true/gla/"
      "gated_delta_net:heads=2,head_dim=8,expand_v=1/blurry_window:slots=4";
  options.tied = true;
  const Model model(arch::expand(options, 40, arch::ReadOutKind::Vocabulary, 40), 3);
  arch::ModelFile file = to_file(model, Json::object(), {});
  const std::vector<std::int64_t> starts = {0, 20};
  std::vector<std::int32_t> tokens;
  for (std::int32_t i = 0; i < 20; ++i) tokens.push_back(i * 7 % 40);
  const at::NoGradGuard no_gradients;
  for (const bool narrow : {false, true}) {
    if (narrow)
      for (auto& [name, array] : file.weights.arrays) {
        std::string bytes;
        for (std::size_t i = 0; i < array.bytes.size(); i += sizeof(float)) {
          float x = 0;
          std::memcpy(&x, array.bytes.data() + i, sizeof x);
          const std::uint16_t bits = base::to_bfloat16(x);
          bytes.append(reinterpret_cast<const char*>(&bits), sizeof bits);
        }
        array = {"BF16", array.shape, bytes};
      }
    base::write_file(description(), arch::model_json(file));
    base::write_safetensors(weights(), arch::model_safetensors(file));
    const Model read = load_model(folder_).model, mapped = open_model(arch::map_model(folder_)).model;
    const Input input = pack(starts, tokens);
    const at::Tensor expected = read.forward(input), whole = mapped.forward(input);
    // The same matrices; of bfloat16 ones sums are taken in another order, whose roundings pass through four
    // layers.
    if (narrow) {
      EXPECT_LT((whole - expected).abs().max().item<float>(), 1e-4F * expected.abs().max().item<float>());
      EXPECT_LT(mapped.parameters().value(mapped.parameters().index("embedding.weight")).element_size(), 4u);
    } else {
      EXPECT_TRUE(at::equal(whole, expected));
    }
    Model::State state = mapped.start(1);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const at::Tensor step = mapped.advance(state, {{tokens[i]}});
      EXPECT_LT((step[0] - expected[static_cast<std::int64_t>(i)]).abs().max().item<float>(),
                1e-4F * expected.abs().max().item<float>())
          << i;
    }
  }
}

TEST_F(Checkpoint, TruncatedAtAnyByte) {
  save(recogniser(arch::ModelOptions{}, 2, 3));
  const std::string whole = base::read_file(weights());
  for (std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    base::write_file(weights(), whole.substr(0, size));
    EXPECT_NE(refusal(weights()), "") << size;
  }
  base::write_file(weights(), whole);
  EXPECT_NO_THROW(load_model(folder_));
}

TEST_F(Checkpoint, OfAnotherModel) {
  const Model model = recogniser(arch::ModelOptions{}, 2, 3);
  save(model);
  const std::string json = base::read_file(description());
  // The same shapes under another kind of attention: only the description tells them apart.
  arch::ModelOptions global;
  global.attention = "global";
  save(recogniser(global, 2, 3));
  base::write_file(description(), json);
  EXPECT_NE(refusal(weights()).find("another model"), std::string::npos);
  // Other arrays under the right description.
  save(model);
  base::NamedArrays content = base::read_safetensors(weights());
  content.arrays.erase("read_out.bias");
  base::write_safetensors(weights(), content);
  EXPECT_NE(refusal(weights()).find("read_out.bias"), std::string::npos);
  content.arrays["read_out.bias"] = {"F32", {2}, std::string(8, '\0')};
  base::write_safetensors(weights(), content);
  EXPECT_NE(refusal(weights()).find("[2]"), std::string::npos);
  content.arrays["read_out.bias"] = {"F32", {1}, std::string(4, '\0')};
  content.arrays["more"] = {"F32", {1}, std::string(4, '\0')};
  base::write_safetensors(weights(), content);
  EXPECT_NE(refusal(weights()).find("more"), std::string::npos);
  content.arrays.erase("more");
  content.metadata.clear();
  base::write_safetensors(weights(), content);
  EXPECT_NE(refusal(weights()), "");
}

TEST_F(Checkpoint, BrokenDescriptions) {
  EXPECT_NE(refusal(folder_), "");  // missing
  save(recogniser(arch::ModelOptions{}, 2, 3));
  const base::Json whole = base::read_json(description());
  const auto with = [&](const char* key, const base::Json& value) {
    base::Json changed = whole;
    changed[key] = value;
    base::write_file(description(), changed.dump());
    return refusal(description());
  };
  EXPECT_NE(with("version", 3).find("yore-model, version 3"), std::string::npos);
  EXPECT_NE(with("format", "other").find("\"other\""), std::string::npos);
  EXPECT_NE(with("task", "formal"), "");
  EXPECT_NE(with("alphabet", 5), "");
  EXPECT_NE(with("model", {{"layers", "two"}}), "");
  EXPECT_NE(with("model", {{"unknown", 1}}), "");
  base::write_file(description(), "[]");
  EXPECT_NE(refusal(description()), "");
  base::write_file(description(), whole.dump().substr(0, 30));
  EXPECT_NE(refusal(description()), "");
  base::write_file(description(), whole.dump());
  fs::remove(weights());
  EXPECT_NE(refusal(weights()), "");
}

TEST_F(Checkpoint, OfAnotherTask) {
  save_model(recogniser({}, 2, 3), {{"name", "parity"}}, alphabet_.names(), folder_);
  EXPECT_NE(refusal(folder_).find("task parity"), std::string::npos);
  save_model(decoder({}, 3, 3), task_, {}, folder_);
  EXPECT_NE(refusal(folder_).find("recognises a language"), std::string::npos);
  EXPECT_NO_THROW(load_model(folder_));
}

}  // namespace
}  // namespace yore::model
