// A decode step: one token against the keys that came before, whatever their number.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "bench/check.h"
#include "bench/suite.h"
#include "yore/mixers/attention/decode.h"

namespace yore::bench {
namespace {

/// A sequence being decoded, its tokens those of a problem over and over.
class Decoding {
 public:
  explicit Decoding(Problem& problem) : problem_(problem), state_(setting(problem)) {}

  /// Takes in `tokens` tokens, and writes their rows of problem.out.
  void advance(std::int64_t tokens) {
    const Shape& s = problem_.shape;
    const std::int64_t row = static_cast<std::int64_t>(s.heads) * s.dim, at = length_ % s.time * row;
    const std::int64_t starts[] = {0, tokens};
    state_.advance<float>(starts, {problem_.q.data() + at, 0, row, s.dim},
                          {problem_.k.data() + at, 0, row, s.dim}, {problem_.v.data() + at, 0, row, s.dim},
                          {problem_.out.data() + at, 0, row, s.dim}, nullptr, 1);
    length_ += tokens;
  }
  std::int64_t length() const { return length_; }
  void advance_to(std::int64_t length) {
    while (length_ < length) advance(std::min<std::int64_t>(length - length_, 500));
  }

 private:
  static mixers::DecodeSetting setting(const Problem& p) {
    mixers::DecodeSetting d;
    d.heads = d.kv_heads = p.shape.heads;
    d.dim = d.value_dim = p.shape.dim;
    d.params = p.params;
    return d;
  }

  Problem& problem_;
  mixers::AttentionState state_;
  std::int64_t length_ = 0;
};

}  // namespace

void Suite::decode() {
  if (!wanted("decode")) return;
  Shape shape;
  shape.time = 1000;
  shape.lookback = 255;
  Problem p(shape, false);
  Decoding early(p), middle(p), late(p);
  while (early.length() < shape.time) early.advance(1);
  check_output(p, p.out.data(), "decoding");
  middle.advance_to(10'000);
  late.advance_to(100'000);
  const auto per_token = [&](const std::string& name, Decoding& state) {
    Contender c = contender(
        name, [] {}, 15);
    c.work = [&state] {
      constexpr int kTokens = 100;  // few, so that "after 1,000" stays near that
      const std::clock_t start = std::clock();
      for (int i = 0; i < kTokens; ++i) state.advance(1);
      return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / kTokens;
    };
    c.clock = Clock::Own;
    return c;
  };
  Row& row = add(
      "decode, window 256, a token after 100,000",
      measure({per_token("after_1000", early), per_token("after_10000", middle), per_token("yore", late)}),
      4.0 * (shape.lookback + 1) * shape.heads * shape.dim);
  const double grown = row.seconds("yore") / row.seconds("after_1000");
  row.note = fmt::format("{:.2f} x after 1,000", grown);
  target("decode, window 256, time a token after 100,000 over after 1,000", 1.1, grown, true);
}

}  // namespace yore::bench
