// Options of DeltaNet layers that cannot be meant.
#include "yore/mixers/delta_net/options.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/mixers/common/options_test_support.h"

namespace yore::mixers {
namespace {

using base::Json;

TEST(DeltaNetOptions, AreThePublishedOnes) {
  const DeltaOptions o = read_delta_net_options({64, Json::object()});
  EXPECT_EQ(o.scan.heads, 4);
  EXPECT_EQ(o.scan.key_dim, 16);
  EXPECT_EQ(o.scan.value_dim, 16);
  EXPECT_EQ(o.scan.scale, 0.25);
  EXPECT_EQ(o.scan.decay, scan::Decay::None);
  EXPECT_EQ(o.scan.rule, scan::Rule::Delta);
  EXPECT_EQ(o.key_activation, KeyActivation::Silu);
  EXPECT_EQ(o.key_norm, KeyNorm::L2);
  EXPECT_TRUE(o.beta);
  EXPECT_FALSE(o.negative_eigenvalues);
  EXPECT_EQ(o.conv, 4);
  EXPECT_FALSE(o.conv_bias);
  EXPECT_EQ(o.gate, OutputGate::None);
  EXPECT_EQ(o.norm_epsilon, 1e-5);
}

// Models of versions without these options read as they did, and are written as they were.
TEST(DeltaNetOptions, LaterOnesAreNamedWhereTheyAreNotTheirDefaults) {
  const Json plain = complete_delta_net_options(64, Json::object());
  const Json defaults = {{"v_activation", "silu"}, {"out_norm", true}, {"strict_read", false}, {"steps", 1}};
  for (const auto& [name, value] : defaults.items()) {
    EXPECT_FALSE(plain.contains(name)) << name;
    EXPECT_EQ(complete_delta_net_options(64, {{name, value}}), plain) << name;
  }
  const Json given = {{"v_activation", "none"}, {"out_norm", false}, {"strict_read", true}, {"steps", 3}};
  const DeltaOptions o = read_delta_net_options({64, given});
  EXPECT_FALSE(o.value_silu || o.out_norm);
  EXPECT_TRUE(o.access.strict_read);
  EXPECT_EQ(o.access.steps, 3);
  EXPECT_EQ(o.channels(), 64 * (1 + 2 * 3));
  const Json again = complete_delta_net_options(64, complete_delta_net_options(64, given));
  for (const auto& [name, value] : given.items()) EXPECT_EQ(again[name], value) << name;
}

TEST(DeltaNetOptions, WhatDoesNotFitIsRefused) {
  const auto refused = [](const Json& options, const std::string& part) {
    expect_refused("delta_net", 64, options, part);
  };
  refused({{"heads", 0}}, "heads: expected 1 to 4096, found 0");
  refused({{"heads", 3}},
          "width 64: expand_k = 1 of it are 64, which 3 heads do not divide; expected a width that is a "
          "multiple of 3");
  refused({{"expand_v", 0.3}},
          "width 64: expand_v = 0.3 of it are 19.2, which 4 heads do not divide; expected a width that is a "
          "multiple of 40");
  refused({{"heads", 1}, {"expand_k", 32.0}}, "expand_k: expected heads of at most 1024 keys, found 32.0");
  refused({{"qk_activation", "relu6"}},
          "qk_activation: expected one of silu, relu, elu, none; did you mean relu?");
  refused({{"qk_norm", "l1"}}, "qk_norm: expected one of l2, sum");
  refused({{"qk_norm", "sum"}}, "qk_norm: expected l2 or none, or qk_activation=relu or elu");
  refused({{"conv", 1}}, "conv: expected 0 (none) or at least 2 tokens, found 1");
  refused({{"conv", 65}}, "conv: expected 0 to 64, found 65");
  refused({{"conv", 0}, {"conv_bias", true}},
          "conv_bias: expected false where there is no convolution, found true");
  refused({{"norm_epsilon", 0.0}}, "norm_epsilon: expected more than 0, found 0.0");
  refused({{"scale", -1.0}},
          "scale: expected more than 0 and at most 1e30, or 0 for 1 / sqrt(key width), found -1.0");
  refused({{"scale", 1e39}}, "scale: expected more than 0 and at most 1e30");
  refused({{"steps", 0}}, "steps: expected 1 to 4096, found 0");
  refused({{"v_activation", "relu"}}, "v_activation: expected one of silu, none");
  refused({{"out_norm", false}, {"norm_epsilon", 0.1}},
          "norm_epsilon: expected 1e-5 with out_norm=false, which has no use for it, found 0.1");
  refused({{"beta", 1}}, "beta: expected true or false, found 1");
}

}  // namespace
}  // namespace yore::mixers
