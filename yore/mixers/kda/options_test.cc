// Options of layers of Kimi delta attention that cannot be meant.
#include "yore/mixers/kda/options.h"

#include <gtest/gtest.h>

#include "yore/mixers/common/options_test_support.h"

namespace yore::mixers {
namespace {

using base::Json;

TEST(KdaOptions, AreThePublishedOnes) {
  const MixerSetting setting{2048, Json::object()};
  const KdaOptions o = read_kda_options(setting);
  EXPECT_EQ(o.scan.heads, 16);
  EXPECT_EQ(o.scan.key_heads, 16);
  EXPECT_EQ(o.scan.key_dim, 128);
  EXPECT_EQ(o.scan.value_dim, 128);
  EXPECT_EQ(o.scan.decay, scan::Decay::Key);
  EXPECT_EQ(o.gate, OutputGate::Sigmoid);
  EXPECT_EQ(o.gate_rank, 128);
  EXPECT_EQ(o.decay_rank, 128);
  EXPECT_EQ(o.lower_bound, 0);
  EXPECT_EQ(o.conv, 4);
  for (const ParameterSpec& p : find_spec("kda").parameters(setting)) {
    if (p.name == "log_rate") {
      EXPECT_EQ(p, (ParameterSpec{"log_rate", {16}, Start::LogUniform, false, 1, 16}));
    }
    if (p.name == "decay_out.bias") {
      EXPECT_EQ(p, (ParameterSpec{"decay_out.bias", {2048}, Start::SoftplusLogUniform, false, 1e-3, 0.1}));
    }
  }
}

TEST(KdaOptions, WhatDoesNotFitIsRefused) {
  const auto refused = [](const Json& options, const std::string& part) {
    expect_refused("kda", 64, options, part);
  };
  refused({{"heads", 4}, {"key_heads", 3}}, "key_heads: expected a divisor of the 4 heads, found 3");
  refused({{"lower_bound", 5.0}}, "lower_bound: expected less than 0, or 0 for none, found 5.0");
  refused({{"decay_rank", -1}}, "decay_rank: expected 0 to 1048576, found -1");
  refused({{"output_gate", false}, {"gate_rank", 3}},
          "gate_rank: expected 0 where there is no output_gate, found 3");
  refused({{"head_dim", 3}, {"expand_v", 0.2}},
          "expand_v: expected a multiple of head_dim 3 that is a whole number");
}

}  // namespace
}  // namespace yore::mixers
