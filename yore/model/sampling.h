// How a model of next tokens chooses one. What the samplers leave of the model's distribution is computed in
// double; torch-free.
//
// The order is that of llama.cpp: the penalty of repetition changes logits; top-k, top-p and min-p, which
// look at the probabilities softmax(logits) of temperature 1, take tokens away, each from what the one before
// it left (renormalised); the temperature flattens or sharpens what remains.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace yore::model {

/// How the next token is chosen. Every default leaves the model's distribution as it is, but the temperature.
struct Sampling {
  double temperature = 0;  ///< probabilities softmax(logit / temperature); 0 = the likeliest token
  int top_k = 0;           ///< keep the likeliest k; 0 = all
  double top_p = 1;        ///< keep the fewest likeliest tokens that have this probability together; 1 = all
  double min_p = 0;        ///< keep tokens of at least this times the likeliest one's probability; 0 = all
  /// r: the logits x of tokens among the last repeat_last become x / r where x > 0, else x r (Keskar et al.
  /// 2019, arXiv 1909.05858); 1 = they stay.
  double repeat_penalty = 1;
  std::int64_t repeat_last = 64;
  /// Of the draws. They depend on it, the sample and the position of the token alone (base::Random): equal
  /// logits give equal tokens on every platform, however the text was read and generated up to there. (Up to
  /// the last bit of std::exp, in which C libraries differ.)
  std::uint64_t seed = 0;
};

/// A token that may be chosen.
struct Choice {
  std::int64_t token;
  double probability;  ///< those of all choices add up to 1
};

/// What the samplers leave of the logits after the tokens `past`, by token, ascending. Equally likely tokens
/// count in the order of their numbers: of two the lower one is the likelier. Throws
/// base::InputError("model") for logits that are not finite, std::invalid_argument for no logits.
std::vector<Choice> choices(std::span<const double> logits, std::span<const std::int64_t> past,
                            const Sampling& sampling);

/// The token that a uniform number of [0, 1) falls on.
std::int64_t pick(std::span<const Choice> choices, double uniform);

/// What a number is drawn for.
enum class Draw : std::uint64_t {
  Token,     ///< the token itself
  Proposal,  ///< what a smaller model proposes (speculative.h)
  Accept,    ///< whether that is taken
};

/// The uniform number for the token at `position` of the sample of that number.
double uniform(const Sampling& sampling, std::uint64_t sample, Draw draw, std::int64_t position);

}  // namespace yore::model
