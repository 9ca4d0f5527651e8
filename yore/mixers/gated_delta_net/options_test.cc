// Options of layers of the gated delta rule that cannot be meant.
#include "yore/mixers/gated_delta_net/options.h"

#include <gtest/gtest.h>

#include "yore/mixers/common/options_test_support.h"

namespace yore::mixers {
namespace {

using base::Json;

TEST(GatedDeltaNetOptions, AreThePublishedOnes) {
  const MixerSetting setting{2048, Json::object()};
  const GatedDeltaNetOptions o = read_gated_delta_net_options(setting);
  EXPECT_EQ(o.scan.heads, 6);
  EXPECT_EQ(o.scan.key_heads, 6);
  EXPECT_EQ(o.scan.key_dim, 256);
  EXPECT_EQ(o.scan.value_dim, 512);
  EXPECT_EQ(o.scan.scale, 1.0 / 16);
  EXPECT_EQ(o.scan.decay, scan::Decay::Head);
  EXPECT_EQ(o.gate, OutputGate::Silu);
  EXPECT_EQ(o.gate_rank, 0);
  EXPECT_EQ(o.conv, 4);
  EXPECT_FALSE(o.negative_eigenvalues);
  // About 6 width^2, as published.
  double count = 0;
  for (const ParameterSpec& p : find_spec("gated_delta_net").parameters(setting)) {
    double its = 1;
    for (const std::int64_t n : p.shape) its *= static_cast<double>(n);
    count += its;
    if (p.name == "log_rate") {
      EXPECT_EQ(p, (ParameterSpec{"log_rate", {6}, Start::LogUniform, false, 0, 16}));
    }
    if (p.name == "decay.bias") {
      EXPECT_EQ(p, (ParameterSpec{"decay.bias", {6}, Start::SoftplusLogUniform, false, 1e-3, 0.1}));
    }
  }
  EXPECT_NEAR(count / (2048.0 * 2048), 6, 0.03);
}

TEST(GatedDeltaNetOptions, WhatDoesNotFitIsRefused) {
  const auto refused = [](const Json& options, const std::string& part) {
    expect_refused("gated_delta_net", 64, options, part);
  };
  refused({{"heads", 0}}, "heads: expected 1 to 4096, found 0");
  refused({{"heads", 4}, {"key_heads", 3}}, "key_heads: expected a divisor of the 4 heads, found 3");
  refused({{"heads", 4}, {"key_heads", 8}}, "key_heads: expected a divisor of the 4 heads, found 8");
  refused({{"head_dim", 1025}}, "head_dim: expected 1 to 1024, found 1025");
  refused({{"head_dim", 5}, {"expand_v", 0.5}},
          "expand_v: expected a multiple of head_dim 5 that is a whole number, found 0.5");
  refused({{"head_dim", 1024}}, "expand_v: expected heads of at most 1024 values, found 2.0");
  refused({{"least_rate", -1.0}}, "least_rate: expected at least 0, found -1.0");
  refused({{"most_rate", 0.0}}, "most_rate: expected more than 0 and at least least_rate, found 0.0");
  refused({{"least_rate", 20.0}}, "most_rate: expected more than 0 and at least least_rate, found 16.0");
  refused({{"least_step", 0.0}}, "least_step: expected more than 0, found 0.0");
  refused({{"most_step", 1e-4}}, "most_step: expected more than 0 and at least least_step, found 0.0001");
  refused({{"num_v_heads", 4}}, "unknown option \"num_v_heads\"");
}

}  // namespace
}  // namespace yore::mixers
