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
  refused({{"qk_norm", "sum"}}, "qk_norm: expected l2, or qk_activation=relu or elu");
  refused({{"conv", 1}}, "conv: expected 0 (none) or at least 2 tokens, found 1");
  refused({{"conv", 65}}, "conv: expected 0 to 64, found 65");
  refused({{"conv", 0}, {"conv_bias", true}},
          "conv_bias: expected false where there is no convolution, found true");
  refused({{"norm_epsilon", 0.0}}, "norm_epsilon: expected more than 0, found 0.0");
  refused({{"scale", -1.0}}, "scale: expected more than 0, or 0 for 1 / sqrt(key width), found -1.0");
  refused({{"beta", 1}}, "beta: expected true or false, found 1");
}

}  // namespace
}  // namespace yore::mixers
