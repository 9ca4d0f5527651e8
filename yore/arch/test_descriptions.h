// Small models for tests of whatever takes descriptions: every combination of what they can be made of.
#pragma once
#include <string>
#include <vector>

#include "yore/arch/options.h"

namespace yore::arch {

/// Two blocks of two heads, width 8.
inline ModelOptions small_options() {
  ModelOptions c;
  c.attention = "hybrid/1*local:2+1*global";
  c.layers = 2;
  c.width = 8;
  c.heads = 2;
  c.mlp_width = 12;
  c.max_positions = 16;
  return c;
}

/// Every combination of activation, norm, place of norms, bias, tie and scale, for `letters` letters and EOS.
/// What is not combined in full (positions, mask, epsilon, kind of read-out and its cap) takes turns.
inline std::vector<Model> descriptions(int letters, int max_positions) {
  const char* positions[] = {"none", "sinusoidal", "rotary", "alibi", "learned", "periodic:3"};
  std::vector<Model> list;
  for (const char* activation : {"none", "relu", "gelu", "gelu-tanh", "swiglu", "geglu", "arithmetic"})
    for (const char* norm : {"layer", "rms", "rms+1", "none"})
      for (const char* place : {"pre", "post", "both"})
        for (bool bias : {true, false})
          for (bool tied : {true, false})
            for (double scale : {1.0, 2.5}) {
              const std::size_t turn = list.size();
              ModelOptions c = small_options();
              c.max_positions = max_positions;
              c.activation = activation;
              c.norm = norm;
              c.norm_place = place;
              c.norm_epsilon = turn % 2 == 0 ? 1e-5 : 1e-3;
              c.bias = bias;
              c.tied = tied;
              c.embedding_scale = scale;
              c.positions = positions[turn % 11 % 6] /* not in step with the loops */;
              c.strict = turn % 3 == 0;
              const ReadOutKind kind = tied                ? ReadOutKind::Vocabulary
                                       : turn % 4 == 2     ? ReadOutKind::Accept
                                       : turn / 4 % 2 == 0 ? ReadOutKind::Tags
                                                           : ReadOutKind::Vocabulary;
              list.push_back(expand(c, letters + 1, kind, kind == ReadOutKind::Tags ? 5 : 1));
              if (turn % 7 == 0) list.back().read_out.soft_cap = 0.75;
            }
  return list;
}

/// Blocks that share nothing but the width.
inline Model unlike_blocks(int letters, ReadOutKind kind) {
  ModelOptions c = small_options();
  c.attention = ModelOptions{}.attention;
  c.activation = "gelu";
  c.norm_place = "pre";
  c.strict = false;
  c.mixer =
      "attention:heads=2,lookback=hybrid:2/attention:heads=4,strict=true,positions=alibi/"
      "attention:heads=3,head_width=6,positions=rotary,lookback=local:4/attention:heads=1,positions=rotary";
  Model model = expand(c, letters + 1, kind, kind == ReadOutKind::Tags ? 5 : 1);
  model.blocks[0].feed_forward = {Activation::Swiglu, 5, false};
  model.blocks[1].feed_forward = {Activation::None, 0, false};
  model.blocks[1].norm = {NormKind::Rms, 1e-2};
  model.blocks[2].feed_forward = {Activation::GeluTanh, 9, true};
  model.blocks[2].norm_place = NormPlace::Both;
  model.blocks[2].norm = {NormKind::RmsPlusOne, 1e-6};
  model.blocks[3].norm_place = NormPlace::Post;
  model.blocks[3].norm = {NormKind::None, 1e-5};
  model.final_norm = {NormKind::Rms, 1e-4};
  return model;
}

}  // namespace yore::arch
