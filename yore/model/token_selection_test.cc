// Models that attend among representatives: against the plain model that hides the others' keys, and its two
// ends, every token and one.
#include "yore/model/token_selection.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/model/generate.h"
#include "yore/model/plain_model.h"

namespace yore::model {
namespace {

using Marks = std::vector<bool>;

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t c = 0; c < a.size(); ++c) ab += a[c] * b[c], aa += a[c] * a[c], bb += b[c] * b[c];
  return aa == 0 || bb == 0 ? 0 : ab / std::sqrt(aa * bb);
}

/// The rules of selection/math.md on rows of doubles. `below` are the representatives of the layer before;
/// receives those of this one.
std::vector<std::size_t> chosen(const Plain::Rows& x, double tau, bool cascade, Marks& below) {
  const Marks inherited = cascade && !below.empty() ? below : Marks(x.size(), true);
  Marks now(x.size(), false);
  const auto likest = [&](std::size_t t, const Marks& set) {
    double most = -2;
    for (std::size_t s = 0; s < t; ++s)
      if (set[s]) most = std::max(most, cosine(x[t], x[s]));
    return most;
  };
  for (std::size_t t = 0; t < x.size(); ++t) now[t] = inherited[t] && likest(t, now) < tau;
  Marks open(x.size(), false), added(x.size(), false);
  for (std::size_t t = 0; t < x.size(); ++t) open[t] = !inherited[t] && likest(t, now) < tau;
  for (std::size_t t = 0; t < x.size(); ++t) added[t] = open[t] && likest(t, added) < tau;
  for (std::size_t t = 0; t < x.size(); ++t) now[t] = now[t] || added[t];
  std::vector<std::size_t> proxy;
  for (std::size_t t = 0; t < x.size(); ++t) {
    std::size_t best = t;
    for (std::size_t s = 0; s < t && !now[t]; ++s)
      if (now[s] && (best == t || cosine(x[t], x[s]) > cosine(x[t], x[best]))) best = s;
    proxy.push_back(best);
  }
  below = now;
  return proxy;
}

std::vector<Word> long_words() {
  std::vector<Word> words = some_words();
  base::Random random(11);
  for (const int length : {70, 33}) {
    words.emplace_back();
    for (int i = 0; i < length; ++i) words.back().push_back(static_cast<std::int32_t>(random.below(3)));
  }
  return words;
}

Model shaken(const arch::ModelOptions& options, at::ScalarType type = at::kDouble,
             arch::ReadOutKind kind = arch::ReadOutKind::Vocabulary) {
  Model model(arch::expand(options, kLetters + 1, kind), 5, type);
  shake(model);
  return model;
}

arch::ModelOptions deep(const char* positions, const char* attention, bool strict = false) {
  arch::ModelOptions c = small_options();
  c.layers = 3;
  c.max_positions = 128;
  c.positions = positions;
  c.attention = attention;
  c.strict = strict;
  return c;
}

const std::vector<arch::ModelOptions>& kinds() {
  static const std::vector<arch::ModelOptions> all = {
      deep("none", "global"),          deep("rotary", "global"),    deep("alibi", "global"),
      deep("rotary", "local:3"),       deep("alibi", "hybrid:2"),   deep("learned", "hybrid:5"),
      deep("rotary", "local:3", true), deep("none", "global", true)};
  return all;
}

TEST(TokenSelection, IsThePlainModelThatHidesTheOthers) {
  std::int64_t some = 0;
  for (const arch::ModelOptions& options : kinds())
    for (const double tau : {0.4, 0.8, 0.97})
      for (const bool cascade : {false, true}) {
        const Model model = shaken(options);
        TokenSelection selection(model.description(), {tau, cascade});
        const std::vector<Word> words = long_words();
        const at::Tensor got = model.hidden(rows(words), selection.context());
        std::int64_t n = 0, representatives = 0;
        for (Word word : words) {
          word.push_back(kLetters);
          Marks below;
          const Plain plain(model, [&](std::size_t, const Plain::Rows& x) {
            const std::vector<std::size_t> proxy = chosen(x, tau, cascade, below);
            representatives += std::count(below.begin(), below.end(), true);
            return proxy;
          });
          for (const std::vector<double>& row : plain.hidden(word)) {
            for (std::size_t c = 0; c < row.size(); ++c)
              ASSERT_NEAR(got[n][static_cast<std::int64_t>(c)].item<double>(), row[c], 1e-9)
                  << options.positions << " " << options.attention << " " << tau << " row " << n;
            ++n;
          }
        }
        std::int64_t counted = 0;
        for (const LayerSelection& layer : selection.layers()) {
          EXPECT_EQ(layer.tokens, n);
          counted += layer.representatives;
        }
        EXPECT_EQ(counted, representatives);
        if (counted < 3 * n && counted > 3 * std::ssize(words)) ++some;
      }
  EXPECT_GT(some, 30) << "most cases have tokens of both kinds";
}

TEST(TokenSelection, AboveOneIsTheModelItselfToTheBit) {
  for (arch::ModelOptions options : configurations()) {
    options.max_positions = 128;
    const Model model = recogniser(options, kLetters, 7);
    TokenSelection selection(model.description(), {1.5});
    const Input input = rows(long_words());
    EXPECT_TRUE(at::equal(model.hidden(input, selection.context()), model.hidden(input)));
    for (const LayerSelection& layer : selection.layers()) EXPECT_EQ(layer.representatives, layer.tokens);
  }
}

/// In a layer without added positions, equal tokens are equal rows: they stay so in all layers unless a layer
/// before has told them apart.
TEST(TokenSelection, FromALaterLayerOnEqualTokensDiffer) {
  const Model model = shaken(deep("rotary", "global"));
  const Input input = rows({long_words()[5]});
  TokenSelection first(model.description(), {0.999, true, 0}), second(model.description(), {0.999, true, 1});
  model.hidden(input, first.context());
  std::vector<at::Tensor> entered;
  Context context = second.context();
  context.probe = [&](Point point, int block, const at::Tensor& x) {
    if (point == Point::MixerOut && block == 0) entered.push_back(x);
    return x;
  };
  model.hidden(input, context);
  Context plain;
  plain.probe = [&](Point point, int block, const at::Tensor& x) {
    if (point == Point::MixerOut && block == 0) entered.push_back(x);
    return x;
  };
  model.hidden(input, plain);
  EXPECT_TRUE(at::equal(entered[0], entered[1])) << "the first layer ran on every token";
  for (const LayerSelection& layer : first.layers()) EXPECT_EQ(layer.representatives, kLetters + 1);
  EXPECT_EQ(second.layers()[0].tokens, 0);
  EXPECT_GT(second.layers()[1].representatives, kLetters + 1);
}

TEST(TokenSelection, AtMinusOneTheFirstTokenStandsForAll) {
  const Model model = shaken(deep("rotary", "hybrid:2"));
  TokenSelection selection(model.description(), {-1});
  model.hidden(rows(long_words()), selection.context());
  for (const LayerSelection& layer : selection.layers()) {
    EXPECT_EQ(layer.sequences, std::ssize(long_words()));
    EXPECT_EQ(layer.representatives, layer.sequences);
    EXPECT_EQ(layer.pairs.all(), layer.tokens - layer.sequences);
  }
}

TEST(TokenSelection, LastRowsAreThoseOfAll) {
  const Model model = shaken(deep("rotary", "local:3"), at::kDouble, arch::ReadOutKind::Accept);
  const Input input = rows(long_words());
  TokenSelection a(model.description(), {0.8}), b(model.description(), {0.8});
  const at::Tensor last = model.hidden_last(input, a.context());
  EXPECT_TRUE(at::equal(last, model.hidden(input, b.context()).index_select(0, input.last)));
}

TEST(TokenSelection, CountsWhatChoosingCosts) {
  const Model model = shaken(deep("rotary", "global"));
  const Input input = rows({long_words()[5]});
  TokenSelection fresh(model.description(), {0.8, false}), cascade(model.description(), {0.8, true, 0, true});
  model.hidden(input, fresh.context());
  model.hidden(input, cascade.context());
  const std::int64_t tokens = 71;
  for (std::size_t l = 0; l < 3; ++l) {
    const LayerSelection &a = fresh.layers()[l], &b = cascade.layers()[l];
    EXPECT_EQ(a.all_pairs, tokens * (tokens - 1) / 2);
    EXPECT_EQ(a.pairs.all(), a.scan_pairs);
    EXPECT_EQ(a.jaccard_scan, 1);
    EXPECT_LE(b.pairs.all(), b.all_pairs) << "no pair is asked for twice";
    EXPECT_GT(b.scan_pairs, 0);
    EXPECT_GT(b.jaccard_scan, 0);
    EXPECT_LE(b.jaccard_scan, 1);
  }
  // The first layer pays in full: it scans.
  EXPECT_EQ(fresh.layers()[0].pairs, cascade.layers()[0].pairs);
}

TEST(TokenSelection, AControlHasAsManyOfEverySequence) {
  const Model model = shaken(deep("rotary", "local:3"));
  const Input input = rows(long_words());
  TokenSelection selection(model.description(), {0.8});
  model.hidden(input, selection.context());
  std::vector<at::Tensor> outputs;
  for (const std::uint64_t seed : {1, 1, 2}) {
    TokenSelection control(selection, seed);
    outputs.push_back(model.hidden(input, control.context()));
    for (std::size_t l = 0; l < 3; ++l)
      EXPECT_EQ(control.layers()[l].representatives, selection.layers()[l].representatives);
    EXPECT_THROW(model.hidden(input, control.context()), std::logic_error) << "it is a control of one pass";
  }
  EXPECT_TRUE(at::equal(outputs[0], outputs[1]));
  EXPECT_FALSE(at::equal(outputs[0], outputs[2]));
}

/// Reading piece by piece, then token by token, chooses what one pass over the whole chooses.
TEST(TokenSelection, GoingOnFromAStateIsOnePass) {
  for (const char* positions : {"none", "rotary", "learned"})
    for (const bool cascade : {false, true})
      for (const bool strict : {false, true}) {
        const int from = strict ? 1 : 0;
        const Model model = shaken(deep(positions, "global", strict));
        const Word word = long_words()[5];
        TokenSelection whole(model.description(), {0.8, cascade, from});
        const at::Tensor logits = model.read(
            model.hidden(pack(std::vector<std::int64_t>{0, std::ssize(word)}, word), whole.context()));
        TokenSelection selection(model.description(), {0.8, cascade, from});
        Reading reading = selection.start_reading(model, std::ssize(word));
        std::vector<std::int64_t> tokens(word.begin(), word.end());
        read(model, reading, std::span(tokens).first(40), 16);
        for (std::size_t t = 40; t < tokens.size(); ++t) {
          const std::vector<double> wanted = row_of(logits, static_cast<std::int64_t>(t) - 1);
          for (std::size_t o = 0; o < wanted.size(); ++o) EXPECT_NEAR(reading.logits[o], wanted[o], 1e-9);
          Reading copy = reading;  // a snapshot shares nothing
          read(model, copy, std::span(tokens).first(1));
          read(model, reading, std::span(tokens).subspan(t, 1));
        }
      }
}

TEST(TokenSelection, AStateHoldsRepresentativesAlone) {
  const Model model = shaken(deep("rotary", "global"));
  TokenSelection selection(model.description(), {-1});
  Reading reading = selection.start_reading(model, 100);
  read(model, reading, std::vector<std::int64_t>(60, 1));
  const std::size_t before = reading.state.bytes();
  read(model, reading, std::vector<std::int64_t>(30, 2));
  EXPECT_EQ(reading.state.bytes(), before) << "no token became one";
  EXPECT_EQ(reading.state.length(0), 90);
  EXPECT_THROW(reading.keep(10), std::invalid_argument);
  EXPECT_THROW(reading.state.save(), std::invalid_argument);
}

TEST(TokenSelection, RefusesByName) {
  const arch::Model plain = shaken(deep("none", "global")).description();
  EXPECT_TRUE(base::refused([&] { TokenSelection(plain, {-1.5}); },
                            "tau: expected a number of at least -1, found -1.5"));
  EXPECT_TRUE(base::refused([&] { TokenSelection(plain, {std::nan("")}); }, "tau"));
  arch::ModelOptions options = small_options();
  options.attention = arch::ModelOptions{}.attention;
  options.mixer = "attention/gla";
  const arch::Model other = arch::expand(options, kLetters + 1, arch::ReadOutKind::Vocabulary);
  EXPECT_TRUE(base::refused([&] { TokenSelection(other, {0.9}); }, "layer 1 mixes by gla"));
  EXPECT_TRUE(base::refused(
      [&] {
        TokenSelection(plain, {0.9, true, 3});
      },
      "a layer of the model, 0 to 2, found 3"));
  const Model alibi = shaken(deep("alibi", "global")), local = shaken(deep("rotary", "local:3"));
  EXPECT_TRUE(
      base::refused([&] { TokenSelection(alibi.description(), {0.9}).start_reading(alibi, 5); }, "ALiBi"));
  EXPECT_TRUE(base::refused([&] { TokenSelection(local.description(), {0.9}).start_reading(local, 5); },
                            "a window of 4 keys"));
  TokenSelection(local.description(), {0.9}).start_reading(local, 4);
}

}  // namespace
}  // namespace yore::model
