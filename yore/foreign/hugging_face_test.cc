// Hugging Face folders as they are written and read back. (tests/judges holds them against transformers.)
#include "yore/foreign/hugging_face.h"

#include <gtest/gtest.h>

#include "yore/base/test_scratch.h"
#include "yore/foreign/foreign.h"

namespace yore::foreign {
namespace {

/// A model with arrays that count up.
arch::ModelFile some_model() {
  const Fields config({{"model_type", "llama"},
                       {"vocab_size", 5},
                       {"hidden_size", 4},
                       {"intermediate_size", 3},
                       {"num_hidden_layers", 1},
                       {"num_attention_heads", 2},
                       {"tie_word_embeddings", true}},
                      "config.json");
  arch::ModelFile file;
  file.model = family_of_model_type(config).model(config);
  for (const mixers::ParameterSpec& p : arch::parameters(file.model)) {
    std::string bytes;
    std::int64_t count = 1;
    for (const std::int64_t n : p.shape) count *= n;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto x = static_cast<float>(i);
      bytes.append(reinterpret_cast<const char*>(&x), sizeof x);
    }
    file.weights.arrays.emplace(p.name, base::NamedArray{"F32", p.shape, bytes});
  }
  return file;
}

TEST(HuggingFaceFolder, TakesTheModelsPlace) {
  const base::Scratch folder;
  const arch::ModelFile file = some_model();
  arch::write_model(file, folder / "m");
  EXPECT_FALSE(is_foreign(folder / "m"));
  write_hugging_face(file, "m", folder / "m");
  ASSERT_TRUE(is_foreign(folder / "m"));
  EXPECT_EQ(read_foreign(folder / "m").model, file.model);
}

// transformers ties nothing where a read-out of other numbers stands, whatever the configuration says.
TEST(HuggingFaceFolder, AReadOutOfItsOwnIsNotTied) {
  const base::Scratch folder;
  const arch::ModelFile file = some_model();
  write_hugging_face(file, "m", folder / "m");
  base::NamedArrays arrays = base::read_safetensors(folder / "m" / files::kWeights);
  base::NamedArray out = arrays.arrays.at("model.embed_tokens.weight");
  for (const bool same : {true, false}) {
    if (!same) out.bytes[2] = 1;
    arrays.arrays["lm_head.weight"] = out;
    base::write_safetensors(folder / "m" / files::kWeights, arrays);
    const ForeignModel read = read_foreign(folder / "m");
    EXPECT_EQ(read.model.read_out.tied, same);
    EXPECT_EQ(read.arrays().at(same ? "embedding.weight" : "read_out.weight").make(), out.bytes);
  }
}

// Tokens that the vocabulary does not have would only break who generates with them.
TEST(HuggingFaceFolder, SaysWhichTokensBeginAndEnd) {
  const base::Scratch folder;
  write_hugging_face(some_model(), "m", folder / "m");
  Json config = base::read_json(folder / "m" / files::kConfig);
  const auto generation = [&](const Json& bos, const Json& eos) {
    config["bos_token_id"] = bos;
    config["eos_token_id"] = eos;
    base::write_file(folder / "m" / files::kConfig, config.dump());
    const auto companions = read_foreign(folder / "m").companions;
    const auto found = companions.find(files::kGeneration);
    return found == companions.end() ? Json() : base::parse_json(found->second, "g");
  };
  EXPECT_EQ(generation(1, {2, 4}), (Json{{"bos_token_id", 1}, {"eos_token_id", {2, 4}}}));
  EXPECT_EQ(generation(-7, 4), (Json{{"eos_token_id", 4}}));
  EXPECT_EQ(generation(1'000'000'000'000, Json{2, 5}), Json());
}

}  // namespace
}  // namespace yore::foreign
