// Options of linear attention layers that cannot be meant.
#include "yore/mixers/linear_attention/options.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"

namespace yore::mixers {
namespace {

void linear_attention_refused(std::int64_t width, const base::Json& options, const std::string& part) {
  try {
    complete_linear_attention_options(width, options);
    ADD_FAILURE() << "accepted; expected an error with: " << part;
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(LinearAttentionOptions, RefusesWhatDoesNotFit) {
  linear_attention_refused(64, {{"feature_map", "elu1"}},
                           "feature_map: expected one of hadamard, identity, elu, relu");
  linear_attention_refused(64, {{"feature_map", "elu"}, {"tied_map", true}},
                           "tied_map: expected false with feature_map=elu");
  linear_attention_refused(
      60, base::Json::object(),
      "width 60: expand_k = 1 of it are 60, which 8 heads do not divide; expected a width that "
      "is a multiple of 8, or heads=1 or 2 or 3");
  linear_attention_refused(64, {{"normaliser_epsilon", 1e-3}},
                           "normaliser_epsilon: expected 1e-10 with normaliser=false");
  linear_attention_refused(64, {{"norm_epsilon", 1e-3}, {"output_norm", false}},
                           "norm_epsilon: expected 1e-5 with output_norm");
  linear_attention_refused(1024, {{"heads", 1}, {"normaliser", true}},
                           "heads of at most 1023 values with a normaliser");
  linear_attention_refused(64, {{"scale", -1}}, "scale: expected more than 0");
}

TEST(LinearAttentionOptions, ANormaliserIsAColumnOfTheState) {
  const Spec& spec = find_spec("linear_attention");
  const auto bytes = [&](const base::Json& options) {
    return spec.state_bytes({64, spec.complete(64, options)}, 1);
  };
  EXPECT_EQ(bytes({{"heads", 4}}), 4 * 4 * 16 * 16);
  EXPECT_EQ(bytes({{"heads", 4}, {"normaliser", true}}), 4 * 4 * 16 * (16 + 1));
}

}  // namespace
}  // namespace yore::mixers
