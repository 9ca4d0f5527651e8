// What the torch-free reader of models believes about their arrays, against the model itself.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "yore/base/test_scratch.h"
#include "yore/model/checkpoint.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

TEST(ModelFile, ArraysAreTheParametersInTheirOrder) {
  for (const char* norm : {"layer", "rms", "none"})
    for (const char* place : {"pre", "post"})
      for (const char* positions : {"none", "learned"})
        for (int head_width : {0, 3}) {
          arch::ModelOptions c;
          c.norm = norm;
          c.norm_place = place;
          c.positions = positions;
          c.head_width = head_width;
          c.layers = 3;
          std::vector<std::pair<std::string, std::vector<std::int64_t>>> own, described;
          const Model model = recogniser(c, 2, 1);
          for (const Parameter& p : model.parameters().all()) own.emplace_back(p.name, p.shape);
          for (const mixers::ParameterSpec& p : arch::parameters(model.description()))
            described.emplace_back(p.name, p.shape);
          EXPECT_EQ(described, own) << norm << " " << place << " " << positions;
        }
}

TEST(ModelFile, CountsAreThoseOfTheModel) {
  for (const arch::Model& description : descriptions())
    EXPECT_EQ(arch::parameter_count(description), Model(description, 1).parameters().size());
}

// A file of version 0.1 (its description by hand) computes what the model computed whose weights it has.
TEST(ModelFile, OfVersion01ComputesTheSame) {
  const base::Scratch folder;
  for (const char* positions : {"none", "rotary", "sinusoidal"})
    for (const auto& [norm, place] : {std::pair{"layer", "post"}, {"rms", "pre"}, {"none", "pre"}}) {
      const base::Json old = {{"attention", "hybrid:2/global"},
                              {"strict", false},
                              {"layers", 2},
                              {"width", 8},
                              {"heads", 2},
                              {"head_width", 6},
                              {"mlp_width", 12},
                              {"activation", "gelu"},
                              {"norm", norm},
                              {"norm_place", place},
                              {"positions", positions},
                              {"max_positions", 512}};
      arch::ModelOptions c;
      c.attention = "hybrid:2/global";
      c.strict = false;
      c.width = 8;
      c.heads = 2;
      c.head_width = 6;
      c.mlp_width = 12;
      c.activation = "gelu";
      c.norm = norm;
      c.norm_place = place;
      c.positions = positions;
      const Model model = recogniser(c, kLetters, 3);
      shake(model);
      const base::Json description = {{"format", "yore-recogniser"},
                                      {"version", 1},
                                      {"alphabet", {"a", "b", "c"}},
                                      {"language", "regex:(ab)*"},
                                      {"parameters", model.parameters().size()},
                                      {"model", old}};
      base::NamedArrays content = to_arrays(model.parameters());
      content.metadata = {{"yore", description.dump()}};
      base::write_safetensors(folder / arch::files::kModel, content);
      base::write_file(folder / arch::files::kModelConfig, description.dump(2));
      const SavedRecogniser back = load_recogniser(folder.path());
      EXPECT_EQ(back.language, "regex:(ab)*");
      EXPECT_TRUE(at::equal(back.model.parameters().flat(), model.parameters().flat()));
      EXPECT_TRUE(at::equal(back.model.forward(rows(some_words())), model.forward(rows(some_words()))));
    }
}

}  // namespace
}  // namespace yore::model
