// Models for tests that know no torch: any configuration, any weights.
#pragma once
#include <bit>
#include <numeric>
#include <string>
#include <vector>

#include "yore/base/random.h"
#include "yore/arch/model_file.h"

namespace yore::onnx {

/// Every combination of what a block can be made of, small, with heads of any width and lookbacks of all
/// kinds.
inline std::vector<arch::ModelOptions> all_configurations() {
  std::vector<arch::ModelOptions> list;
  arch::ModelOptions c;
  c.layers = 2;
  c.width = 8;
  c.heads = 2;
  c.mlp_width = 12;
  c.max_positions = 301;
  c.attention = "hybrid/1*local:2+1*global";
  for (const char* positions : {"none", "sinusoidal", "rotary", "alibi", "learned"})
    for (const char* norm : {"layer", "rms", "none"})
      for (const char* place : {"pre", "post"})
        for (const char* activation : {"relu", "gelu"})
          for (bool strict : {true, false})
            for (int head_width : {0, 6}) {
              c.positions = positions;
              c.norm = norm;
              c.norm_place = place;
              c.activation = activation;
              c.strict = strict;
              c.head_width = head_width;
              list.push_back(c);
            }
  c.head_width = 0;
  c.heads = 4;
  c.norm = "layer";
  c.norm_place = "pre";
  for (const char* positions : {"none", "rotary", "alibi"})
    for (const char* attention :
         {"global", "local:1", "local:7", "hybrid:3", "local:2/global/1*local:1+2*global+1*local:5"})
      for (bool strict : {true, false}) {
        c.positions = positions;
        c.attention = attention;
        c.layers = std::string(attention).find('/') == std::string::npos ? 1 : 3;
        c.strict = strict;
        list.push_back(c);
      }
  return list;
}

inline std::string title(const arch::ModelOptions& c) {
  return c.attention + " " + c.positions + " " + c.norm + " " + c.norm_place + " " + c.activation +
         (c.strict ? " strict " : " inclusive ") + std::to_string(c.head_width);
}

/// Weights over three letters, uniform in +-1.
inline arch::ModelFile random_model(const arch::ModelOptions& config, std::uint64_t seed = 1) {
  arch::ModelFile file{config, {"a", "b", "c"}, "regex:(ab)*", nullptr, {}};
  base::Random random(seed);
  for (const auto& [name, shape] : runs::model_arrays(config, 3)) {
    base::NamedArray array{"F32", shape, ""};
    const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    for (std::int64_t i = 0; i < count; ++i) {
      const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(2 * random.uniform() - 1));
      for (int byte = 0; byte < 4; ++byte) array.bytes.push_back(static_cast<char>(bits >> (8 * byte)));
    }
    file.weights.arrays.emplace(name, std::move(array));
  }
  return file;
}

}  // namespace yore::onnx
