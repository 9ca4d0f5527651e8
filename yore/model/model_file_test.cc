// What the torch-free reader of models believes about their arrays, against the model itself.
#include <gtest/gtest.h>

#include "yore/model/recogniser.h"
#include "yore/runs/model_file.h"

namespace yore::model {
namespace {

TEST(ModelFile, ArraysAreTheParametersInTheirOrder) {
  for (const char* norm : {"layer", "rms", "none"})
    for (const char* place : {"pre", "post"})
      for (const char* positions : {"none", "learned"})
        for (int head_width : {0, 3}) {
          runs::ModelConfig c;
          c.norm = norm;
          c.norm_place = place;
          c.positions = positions;
          c.head_width = head_width;
          c.layers = 3;
          std::vector<std::pair<std::string, std::vector<std::int64_t>>> own;
          const Recogniser model(c, 2, 1);
          for (const Parameter& p : model.parameters().all()) own.push_back({p.name, p.shape});
          EXPECT_EQ(runs::model_arrays(c, 2), own) << norm << " " << place << " " << positions;
        }
}

}  // namespace
}  // namespace yore::model
