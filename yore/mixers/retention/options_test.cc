// Options of retention layers that cannot be meant.
#include "yore/mixers/retention/options.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/error.h"

namespace yore::mixers {
namespace {

void retention_refused(std::int64_t width, const base::Json& options, const std::string& part) {
  try {
    complete_retention_options(width, options);
    ADD_FAILURE() << "accepted; expected an error with: " << part;
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(RetentionOptions, RefusesWhatDoesNotFit) {
  retention_refused(64, {{"decay", 0.5}}, "unknown option \"decay\"; did you mean decays?");
  retention_refused(64, {{"heads", 2}, {"decays", {0.5}}}, "decays: expected 2 numbers, one a head");
  retention_refused(64, {{"heads", 2}, {"decays", {0.5, 1.5}}}, "more than 0 and at most 1");
  retention_refused(64, {{"heads", 2}, {"decays", {0.5, 0}}}, "more than 0 and at most 1");
  retention_refused(64, {{"heads", 2}, {"decays", {0.5, "x"}}}, "2 numbers");
  retention_refused(6, {{"heads", 2}},
                    "width 6: expand_k = 1 of it are 6, which 2 heads do not divide into multiples of 2; "
                    "expected a width that is a multiple of 4, or heads=1 or 3, or rotary=false");
  retention_refused(10, {{"heads", 4}, {"rotary", false}},
                    "width 10: expand_k = 1 of it are 10, which 4 heads do not divide; expected a width that "
                    "is a multiple of 4, or heads=1 or 2 or 5 or 10");
  retention_refused(2048, {{"heads", 1}}, "expand_k: expected heads of at most 1024 keys");
  retention_refused(64, {{"conv", 1}}, "conv: expected 0 (none) or at least 2 tokens, found 1");
  retention_refused(64, {{"rotary_base", 1}}, "rotary_base: expected more than 1");
  retention_refused(64, {{"rotary_base", 500}, {"rotary", false}},
                    "rotary_base: expected 10000 with rotary=false");
}

TEST(RetentionOptions, FillsInThePublishedDecays) {
  const RetentionOptions o = read_retention_options({64, complete_retention_options(64, {{"heads", 4}})});
  EXPECT_EQ(o.decays, (std::vector<double>{31.0 / 32, 63.0 / 64, 127.0 / 128, 255.0 / 256}));
  // A head's half-life as math.md has it.
  EXPECT_NEAR(std::log(0.5) / std::log(o.decays[0]), 21.8, 0.05);
}

}  // namespace
}  // namespace yore::mixers
