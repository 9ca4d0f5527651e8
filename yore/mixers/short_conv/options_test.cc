// Options of short convolutions that cannot be meant.
#include "yore/mixers/short_conv/options.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"

namespace yore::mixers {
namespace {

void short_conv_refused(const base::Json& options, const std::string& part) {
  try {
    complete_short_conv_options(options);
    ADD_FAILURE() << "accepted; expected an error with: " << part;
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(ShortConvOptions, RefusesWhatDoesNotFit) {
  short_conv_refused({{"width", 1}}, "width: expected 2 to 64, found 1");
  short_conv_refused({{"width", 65}}, "width: expected 2 to 64, found 65");
  short_conv_refused({{"kernel", 3}}, "unknown option \"kernel\"");
  short_conv_refused({{"activation", "relu"}}, "activation: expected one of none, silu");
  short_conv_refused({{"gate", false}, {"gate_bias", false}}, "gate_bias: expected true with gate=false");
}

TEST(ShortConvOptions, HoldsOneTokenLessThanItSees) {
  const Spec& spec = find_spec("short_conv");
  EXPECT_EQ(spec.state_bytes({64, spec.complete(64, {{"width", 4}})}, 100), 3 * 64 * 4);
  EXPECT_FALSE(has_heads(spec));
}

}  // namespace
}  // namespace yore::mixers
