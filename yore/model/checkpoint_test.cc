#include "yore/model/checkpoint.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/test_scratch.h"
#include "yore/runs/run_result.h"

namespace yore::model {
namespace {

namespace fs = std::filesystem;

class Checkpoint : public testing::Test {
 protected:
  fs::path weights() const { return folder_ / runs::files::kModel; }
  fs::path description() const { return folder_ / runs::files::kModelConfig; }
  /// The message load_model refuses with, and that it names the file.
  std::string refusal(const fs::path& file) const {
    try {
      load_model(folder_);
    } catch (const base::InputError& e) {
      EXPECT_EQ(e.source(), file.string());
      return e.message();
    }
    ADD_FAILURE() << "was loaded";
    return "";
  }

  base::Scratch scratch_;
  fs::path folder_ = scratch_.path();
  logic::Alphabet alphabet_ = logic::Alphabet::parse("ab");
};

runs::ModelConfig other_config() {
  runs::ModelConfig c;
  c.attention = "local:3";
  c.positions = "learned";
  c.norm = "rms";
  c.max_positions = 40;
  c.width = 16;
  return c;
}

TEST_F(Checkpoint, ComesBackAsItWas) {
  for (const runs::ModelConfig& c : {runs::ModelConfig{}, other_config()}) {
    const Recogniser model(c, 2, 3);
    save_model(model, alphabet_, "regex:(ab)*", folder_);
    const SavedModel back = load_model(folder_);
    EXPECT_EQ(back.model.config(), c);
    EXPECT_EQ(back.alphabet, alphabet_);
    EXPECT_EQ(back.language, "regex:(ab)*");
    EXPECT_TRUE(at::equal(back.model.parameters().flat(), model.parameters().flat()));
    const std::vector<std::int32_t> tokens = {0, 1, 0, 2}, eos = {3};
    EXPECT_TRUE(at::equal(back.model.forward(pack(tokens, eos, 4)), model.forward(pack(tokens, eos, 4))));
  }
}

TEST_F(Checkpoint, TruncatedAtAnyByte) {
  save_model(Recogniser(runs::ModelConfig{}, 2, 3), alphabet_, "regex:(ab)*", folder_);
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
  const Recogniser model(runs::ModelConfig{}, 2, 3);
  save_model(model, alphabet_, "regex:(ab)*", folder_);
  const std::string json = base::read_file(description());
  // The same shapes under another kind of attention: only the description tells them apart.
  runs::ModelConfig global;
  global.attention = "global";
  save_model(Recogniser(global, 2, 3), alphabet_, "regex:(ab)*", folder_);
  base::write_file(description(), json);
  EXPECT_NE(refusal(weights()).find("another model"), std::string::npos);
  // Other arrays under the right description.
  save_model(model, alphabet_, "regex:(ab)*", folder_);
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
  EXPECT_NE(refusal(description()), "");  // missing
  save_model(Recogniser(runs::ModelConfig{}, 2, 3), alphabet_, "regex:(ab)*", folder_);
  const base::Json whole = base::read_json(description());
  const auto with = [&](const char* key, const base::Json& value) {
    base::Json changed = whole;
    changed[key] = value;
    base::write_file(description(), changed.dump());
    return refusal(description());
  };
  EXPECT_NE(with("version", 2).find("version 2"), std::string::npos);
  EXPECT_NE(with("format", "other"), "");
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

}  // namespace
}  // namespace yore::model
