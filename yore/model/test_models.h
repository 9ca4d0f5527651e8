// Small models and words for the tests of this folder.
#pragma once
#include <string>
#include <vector>

#include "yore/arch/options.h"
#include "yore/arch/test_descriptions.h"
#include "yore/base/random.h"
#include "yore/model/model.h"

namespace yore::model {

using Word = std::vector<std::int32_t>;

inline constexpr int kLetters = 3;

/// Words, each with its EOS.
struct Words {
  std::vector<std::int64_t> starts{0};
  std::vector<std::int32_t> tokens;
  Input input() const { return pack(starts, tokens); }
};
inline Words with_ends(const std::vector<Word>& words, std::int32_t eos = kLetters) {
  Words all;
  for (const Word& w : words) {
    all.tokens.insert(all.tokens.end(), w.begin(), w.end());
    all.tokens.push_back(eos);
    all.starts.push_back(static_cast<std::int64_t>(all.tokens.size()));
  }
  return all;
}
inline Input rows(const std::vector<Word>& words) {
  return with_ends(words).input();
}

inline std::vector<Word> some_words() {
  return {{0, 1, 2, 2, 1}, {}, {2}, {1, 1, 0, 2, 0, 0, 1, 2, 1, 0, 0}, {0, 1}};
}

inline Model recogniser(const arch::ModelOptions& options, int letters, std::uint64_t seed,
                        at::ScalarType type = at::kFloat) {
  return Model(arch::expand(options, letters + 1, arch::ReadOutKind::Accept), seed, type);
}
inline Model decoder(const arch::ModelOptions& options, int vocabulary, std::uint64_t seed,
                     at::ScalarType type = at::kFloat) {
  return Model(arch::expand(options, vocabulary, arch::ReadOutKind::Vocabulary), seed, type);
}

using arch::small_options;

/// Every combination of positions, mask, norm and activation of version 0.1, small.
inline std::vector<arch::ModelOptions> configurations() {
  std::vector<arch::ModelOptions> list;
  for (const char* positions : {"none", "sinusoidal", "rotary", "alibi", "learned", "periodic:3"})
    for (const char* norm : {"layer", "rms"})
      for (const char* place : {"pre", "post"})
        for (const char* activation : {"relu", "gelu"})
          for (bool strict : {true, false}) {
            arch::ModelOptions c = small_options();
            c.strict = strict;
            c.activation = activation;
            c.norm = norm;
            c.norm_place = place;
            c.positions = positions;
            list.push_back(c);
          }
  // Heads wider and narrower than their share, no norm.
  for (int head_width : {6, 2})
    for (const char* norm : {"rms", "none"}) {
      arch::ModelOptions c = list.back();
      c.norm = norm;
      c.head_width = head_width;
      for (const char* positions : {"none", "rotary"}) {
        c.positions = positions;
        list.push_back(c);
      }
    }
  return list;
}

/// See arch/test_descriptions.h; the last two have blocks that are not alike.
inline std::vector<arch::Model> descriptions() {
  std::vector<arch::Model> list = arch::descriptions(kLetters, 16);
  for (const auto kind : {arch::ReadOutKind::Accept, arch::ReadOutKind::Vocabulary})
    list.push_back(arch::unlike_blocks(kLetters, kind));
  return list;
}

inline std::string title(const arch::ModelOptions& c) {
  return c.positions + " " + c.norm + " " + c.norm_place + " " + c.activation +
         (c.strict ? " strict" : " inclusive") + " " + std::to_string(c.head_width);
}

/// Decoders of every kind of memory: windows, global heads, a state of one size, a blurry window; learned
/// positions reach 200 tokens.
inline std::vector<arch::Model> decoder_descriptions(int vocabulary) {
  std::vector<arch::Model> list;
  const auto add = [&](const char* mixer, const char* positions) {
    arch::ModelOptions c = small_options();
    c.attention = arch::ModelOptions{}.attention;
    c.mixer = mixer;
    c.positions = positions;
    c.norm_place = "pre";
    c.strict = false;
    c.max_positions = 200;
    list.push_back(arch::expand(c, vocabulary, arch::ReadOutKind::Vocabulary));
  };
  add("2*attention:window=5", "rotary");
  add("attention:window=4,sinks=2/attention", "alibi");
  add("2*attention:lookback=[-1,3]", "learned");
  add("gla/attention:window=3", "none");
  add("2*gated_delta_net", "none");
  add("blurry_window/attention:window=6", "sinusoidal");
  return list;
}

/// Tokens drawn from 0 .. vocabulary - 1.
inline std::vector<std::int64_t> random_tokens(int vocabulary, std::int64_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<std::int64_t> x;
  for (std::int64_t i = 0; i < count; ++i)
    x.push_back(static_cast<std::int64_t>(random.uniform() * vocabulary));
  return x;
}

/// Moves every parameter off its start, so that zeros and ones hide nothing.
inline void shake(const Model& model) {
  base::Random random(99);
  const at::Tensor flat = model.parameters().flat();
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    const double by = 0.3 * (2 * random.uniform() - 1);
    if (flat.scalar_type() == at::kDouble)
      flat.data_ptr<double>()[i] += by;
    else
      flat.data_ptr<float>()[i] += static_cast<float>(by);
  }
}

}  // namespace yore::model
