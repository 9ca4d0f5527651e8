// The in-context n-gram model with back-off: RegBench's baseline. It knows the strings of one prompt up to a
// token and nothing else.
//
// A context is the last m - 1 letters of the current string; before a string's first letter stand pads, so
// that the first letters of strings are counted among themselves. v(c) is how often context c has been
// reached (now included), k(c x) how often the letter x followed it. Then
//
//   P_1(x)     = k(x) / number of letters read
//   P_m(x | c) = k(c x) / v(c)                                     if k(c x) > 0
//              = (1 - sum of those) P_{m-1}(x | c') / S            else; c' = c without its first letter,
//                                                                  S = sum of P_{m-1}(y | c') over k(c y) = 0
//
// and the prediction is P_n, normalised (where every letter read before has followed c, nothing takes the
// mass that is left). Separators are read but never predicted. This is what the reference (berlino/seq_icl,
// its n-gram with back-off and without add-one smoothing) computes, up to the normalisation.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace yore::tasks {

class InContextNgram {
 public:
  /// n from 1 to 8; letters from 1 to 128.
  InContextNgram(int letters, int n);

  /// The next token: a letter 0 .. letters - 1, or `letters`, the separator.
  void read(std::int32_t token);
  /// The probability of each letter to come next. Uniform before any letter has been read.
  std::vector<double> predict() const;

 private:
  struct Context {
    std::int64_t reached = 0;
    std::vector<std::int64_t> followed;  ///< a count a letter
  };
  // The last `length` letters as a number.
  std::uint64_t context(int length) const;
  void reach();

  int letters_, n_;
  std::vector<std::int32_t> last_;                                    ///< n - 1 letters or pads
  std::vector<std::unordered_map<std::uint64_t, Context>> contexts_;  ///< [length of the context]
};

}  // namespace yore::tasks
