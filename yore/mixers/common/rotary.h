// Rotary positions without torch: which dims of a head turn, in which pairs, and how fast.
//
// A pair of dims at position t is turned by t * frequency of the pair; frequencies fall geometrically,
// base^(-2c/dims) for pair c (Su et al. 2021). "Scaling" is what is done to the frequencies of a trained
// model so that it can read longer texts.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace yore::mixers {

/// How frequencies differ from base^(-2c/dims), F being `factor` and O `original`, the length that the model
/// was first trained for:
/// * none
/// * linear:F: all divided by F (Chen et al. 2023, arXiv 2306.15595).
/// * llama3:F,LOW,HIGH,O: those with a period above O/LOW divided by F, those below O/HIGH left alone, and a
///   smooth passage between (Llama 3.1).
/// * yarn:F,O,FAST,SLOW: pairs that turn more than FAST times within O left alone, those that turn less than
///   SLOW times divided by F, a linear passage in the pair's number between, its bounds rounded outwards;
///   queries and keys grow by 0.1 ln F + 1 (Peng et al. 2023, arXiv 2309.00071). Without FAST,SLOW: 32,1.
struct RotaryScaling {
  enum class Kind { None, Linear, Llama3, Yarn };
  Kind kind = Kind::None;
  double factor = 1;
  double original = 0;
  double low = 0, high = 0;  ///< Llama3: LOW and HIGH; Yarn: SLOW and FAST
  bool operator==(const RotaryScaling&) const = default;
};

/// Of the text above; the numbers may stand in brackets, which keep their commas together on a command line
/// (llama3:[8,1,4,8192]). Throws InputError(`source`) with a caret.
RotaryScaling parse_rotary_scaling(const std::string& text, const std::string& source);
/// The inverse: without brackets, all numbers given.
std::string rotary_scaling_text(const RotaryScaling& scaling);

/// How queries and keys of one head are turned.
struct Rotary {
  std::int64_t dims = 0;  ///< the first so many dims of a head turn, an even number; the rest stay
  double base = 10000;
  bool adjacent = false;  ///< pairs are dims 2c and 2c + 1; false: c and c + dims/2
  RotaryScaling scaling;
  bool operator==(const Rotary&) const = default;
};

/// [dims / 2] by which scaling multiplies each pair's frequency.
std::vector<double> rotary_frequency_factors(const Rotary& rotary);
/// By which scaling multiplies the turned dims of queries and keys.
double rotary_length_factor(const Rotary& rotary);

}  // namespace yore::mixers
