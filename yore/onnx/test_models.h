// Models for tests that know no torch: any description, any weights.
#pragma once
#include <bit>
#include <numeric>
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/arch/options.h"
#include "yore/arch/test_descriptions.h"
#include "yore/base/random.h"

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
  for (const char* positions : {"none", "sinusoidal", "rotary", "alibi", "learned", "periodic:3"})
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

/// Every activation, norm, place of norms, bias, tie, scale and read-out, and blocks that are not alike; of
/// three letters.
inline std::vector<arch::Model> all_descriptions() {
  std::vector<arch::Model> list = arch::descriptions(3, 301);
  for (const auto kind : {arch::ReadOutKind::Accept, arch::ReadOutKind::Vocabulary, arch::ReadOutKind::Tags})
    list.push_back(arch::unlike_blocks(3, kind));
  return list;
}

/// What a title of an assertion needs: whatever is not alike in all of them.
inline std::string title(const arch::Model& m) {
  return arch::to_json(m).dump();
}

/// Weights over three letters, uniform in +-1.
inline arch::ModelFile random_model(const arch::Model& model, std::uint64_t seed = 1) {
  const bool accepts = model.read_out.kind == arch::ReadOutKind::Accept;
  arch::ModelFile file{model, {{"name", "next"}}, {"a", "b", "c"}, nullptr, {}};
  if (accepts) file.task = arch::recognition_of("regex:(ab)*", "abc");
  if (!accepts) file.alphabet.emplace_back("d");
  base::Random random(seed);
  for (const auto& spec : arch::parameters(model)) {
    const std::string& name = spec.name;
    base::NamedArray array{"F32", spec.shape, ""};
    const auto count =
        std::accumulate(spec.shape.begin(), spec.shape.end(), std::int64_t{1}, std::multiplies<>());
    for (std::int64_t i = 0; i < count; ++i) {
      const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(2 * random.uniform() - 1));
      for (int byte = 0; byte < 4; ++byte) array.bytes.push_back(static_cast<char>(bits >> (8 * byte)));
    }
    file.weights.arrays.emplace(name, std::move(array));
  }
  return file;
}
inline arch::ModelFile random_model(const arch::ModelOptions& config, std::uint64_t seed = 1) {
  return random_model(arch::expand(config, 4, arch::ReadOutKind::Accept), seed);
}

}  // namespace yore::onnx
