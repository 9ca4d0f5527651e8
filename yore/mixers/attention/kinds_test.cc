#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/mixers/attention/kinds.h"

namespace yore::mixers {
namespace {

using Heads = std::vector<int>;

Heads one_layer(const std::string& text, int heads) {
  return parse_attention(text, 1, heads).at(0).lookback;
}

TEST(ParseAttention, Kinds) {
  EXPECT_EQ(one_layer("global", 3), (Heads{-1, -1, -1}));
  EXPECT_EQ(one_layer("local", 2), (Heads{1, 1}));
  EXPECT_EQ(one_layer("local:4", 2), (Heads{4, 4}));
  EXPECT_EQ(one_layer("hybrid", 4), (Heads{1, 1, -1, -1}));
  EXPECT_EQ(one_layer("hybrid:2", 3), (Heads{2, -1, -1}));
  EXPECT_EQ(one_layer("3*local:2+1*global", 4), (Heads{2, 2, 2, -1}));
  EXPECT_EQ(one_layer("global+2*local", 3), (Heads{-1, 1, 1}));
  EXPECT_EQ(one_layer("1*local:3+1*local:5", 2), (Heads{3, 5}));
  EXPECT_EQ(one_layer("local", 1), Heads{1});
  EXPECT_EQ(one_layer("2*local", 2), (Heads{1, 1}));
}

TEST(ParseAttention, OneLayerServesAll) {
  const auto layers = parse_attention("hybrid", 3, 2);
  ASSERT_EQ(layers.size(), 3u);
  for (const LayerAttention& layer : layers) EXPECT_EQ(layer.lookback, (Heads{1, -1}));
}

TEST(ParseAttention, ListOfLayers) {
  const auto layers = parse_attention("local:2/global/1*local+1*global", 3, 2);
  ASSERT_EQ(layers.size(), 3u);
  EXPECT_EQ(layers[0].lookback, (Heads{2, 2}));
  EXPECT_EQ(layers[1].lookback, (Heads{-1, -1}));
  EXPECT_EQ(layers[2].lookback, (Heads{1, -1}));
}

struct Bad {
  const char* text;
  int layers, heads;
  std::size_t position;
  const char* message;  // a part of it
};

TEST(ParseAttention, BadTextIsRefusedAtItsPlace) {
  const Bad cases[] = {
      {"", 1, 2, 0, "expected global"},
      {"globl", 1, 2, 0, "did you mean global"},
      {"Global", 1, 2, 0, "did you mean global"},
      {"local:", 1, 2, 6, "a lookback from 1"},
      {"local:0", 1, 2, 6, "a lookback from 1"},
      {"local:-1", 1, 2, 6, "a lookback from 1"},
      {"local:99999999999999999999", 1, 2, 6, "a lookback from 1"},
      {"local:2x", 1, 2, 7, "expected '+', '/' or the end"},
      {"global:2", 1, 2, 6, "expected '+', '/' or the end"},
      {"hybrid", 1, 1, 0, "at least 2 heads"},
      {"hybrid+global", 1, 4, 0, "whole layer"},
      {"2*local+hybrid", 1, 4, 8, "whole layer"},
      {"2*hybrid", 1, 4, 2, "whole layer"},
      {"0*local", 1, 2, 0, "a number of heads from 1 to 2"},
      {"2local", 1, 2, 1, "expected '*'"},
      {"3*local", 1, 2, 0, "a number of heads from 1 to 2"},
      {"2*local+1*global", 1, 2, 8, "more heads than the model's 2"},
      {"1*local", 1, 2, 0, "describes 1 heads, the model has 2"},
      {"global/1*local", 2, 2, 7, "describes 1 heads"},
      {"local+", 1, 2, 6, "expected global"},
      {"local/", 2, 2, 6, "expected global"},
      {"local/global", 3, 2, 12, "2 layers are described, the model has 3"},
      {"local/global", 1, 2, 12, "2 layers are described, the model has 1"},
      {"local ", 1, 2, 0, "expected global"},
  };
  for (const Bad& bad : cases) {
    try {
      parse_attention(bad.text, bad.layers, bad.heads);
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const base::InputError& error) {
      EXPECT_EQ(error.source(), "attention");
      EXPECT_EQ(error.position().value_or(999), bad.position) << bad.text << ": " << error.what();
      EXPECT_NE(error.message().find(bad.message), std::string::npos) << bad.text << ": " << error.message();
    }
  }
}

}  // namespace
}  // namespace yore::mixers
