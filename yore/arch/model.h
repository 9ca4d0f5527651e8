// What a model is, without torch: a list of blocks between an embedding and a read-out. From this one
// description follow its parameters, its files, its graph for other runtimes, and what it costs.
//
//   tokens -> embedding * scale (+ positions) -> block 1 .. block L -> final norm -> read-out
//   a block, norm "pre":   x = x + mixer(norm(x));         x = x + feed_forward(norm(x))
//            norm "post":  x = norm(x + mixer(x));         x = norm(x + feed_forward(x))
//            norm "both":  x = x + norm(mixer(norm(x)));   x = x + norm(feed_forward(norm(x)))
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/mixers/spec.h"

namespace yore::arch {

using base::Json;

/// What goes on between the two (or three) linear maps of a feed-forward net. Swiglu and Geglu are gated:
/// down(silu(gate(x)) * up(x)), with the tanh form of GELU for Geglu. Arithmetic is gated too, and an
/// arithmetic circuit with sign gates: of its hidden units, an even number, the first half are gate(x) *
/// up(x) and the others sign(gate(x)) * up(x), with sign(0) = 0.
enum class Activation { None, Relu, Gelu, GeluTanh, Swiglu, Geglu, Arithmetic };
inline std::array<const char*, 7> enum_names(Activation) {
  return {"none", "relu", "gelu", "gelu-tanh", "swiglu", "geglu", "arithmetic"};
}
/// None: the block has no feed-forward net.
struct FeedForward {
  Activation activation = Activation::Relu;
  std::int64_t width = 128;  ///< hidden
  bool bias = true;
  bool gated() const {
    return activation == Activation::Swiglu || activation == Activation::Geglu ||
           activation == Activation::Arithmetic;
  }
  bool operator==(const FeedForward&) const = default;
};

/// Layer: mean and variance, weight and bias. Rms: root mean square, weight. RmsPlusOne: Rms whose weight is
/// stored less 1.
enum class NormKind { None, Layer, Rms, RmsPlusOne };
inline std::array<const char*, 4> enum_names(NormKind) {
  return {"none", "layer", "rms", "rms+1"};
}
enum class NormPlace { Pre, Post, Both };
inline std::array<const char*, 3> enum_names(NormPlace) {
  return {"pre", "post", "both"};
}
struct Norm {
  NormKind kind = NormKind::Layer;
  double epsilon = 1e-5;  ///< added to the variance or mean square
  bool operator==(const Norm&) const = default;
};

/// A mechanism by name, and its options in full.
struct Mixer {
  std::string name = "attention";
  Json options = Json::object();
  bool operator==(const Mixer&) const = default;
};

struct Block {
  Mixer mixer;
  FeedForward feed_forward;
  Norm norm;
  NormPlace norm_place = NormPlace::Post;
  bool operator==(const Block&) const = default;
};

/// Vectors added to the embedded tokens. (Rotary positions and ALiBi are options of attention.) Learned: a
/// row of a table for each position. Periodic: position i has row i mod M of a learned table of M rows, so
/// that a model can tell i modulo M and nothing else, at any length.
enum class Positions { None, Sinusoidal, Learned, Periodic };
inline std::array<const char*, 4> enum_names(Positions) {
  return {"none", "sinusoidal", "learned", "periodic"};
}
inline constexpr std::int64_t kMostPeriod = 1024;  ///< rows of a table of periodic positions

struct Embedding {
  /// Tokens 0 .. vocabulary - 1. 0: the model reads rows of `width` numbers instead, and has no
  /// embedding.weight, no scale and no positions.
  std::int64_t vocabulary = 0;
  std::int64_t width = 32;  ///< d_model
  double scale = 1;         ///< the embedded tokens are multiplied by it
  Positions positions = Positions::None;
  std::int64_t max_positions = 0;  ///< rows of the table of learned positions; the period of periodic ones
  bool reads_numbers() const { return vocabulary == 0; }
  /// Of positions, "positions.weight" [max_positions, width].
  bool has_table() const { return positions == Positions::Learned || positions == Positions::Periodic; }
  bool operator==(const Embedding&) const = default;
};

/// Accept: one logit at the last token, > 0 accepts. Vocabulary: a logit for each next token, at every token.
/// Tags: a logit for each label, at every token; of a model that reads numbers, its numbers there.
enum class ReadOutKind { Accept, Vocabulary, Tags };
inline std::array<const char*, 3> enum_names(ReadOutKind) {
  return {"accept", "vocabulary", "tags"};
}
struct ReadOut {
  ReadOutKind kind = ReadOutKind::Accept;
  std::int64_t outputs = 1;  ///< 1, the vocabulary, or the number of labels
  bool bias = true;
  bool tied = false;    ///< the embedding's weights (Vocabulary only)
  double soft_cap = 0;  ///< c > 0: logits become c tanh(logit / c)
  bool operator==(const ReadOut&) const = default;
};

struct Model {
  Embedding embedding;
  std::vector<Block> blocks;
  Norm final_norm{NormKind::None, 1e-5};
  ReadOut read_out;
  bool operator==(const Model&) const = default;
};

/// Throws InputError naming the place ("model.blocks[2].mixer") for what does not fit together: unknown
/// mixers, options they do not take or that are not complete, sizes out of range.
void validate(const Model& model);

/// One line a part in which two models differ ("blocks[0].norm.kind: layer and rms"); empty if they are
/// equal.
std::vector<std::string> differences(const Model& a, const Model& b);

Json to_json(const Model& model);
/// The inverse. Throws InputError(`source`) as base::fields::read does, and as validate.
Model model_from_json(const Json& json, const std::string& source);

/// The model's parameters in the order in which they are made and initialised. Names: "embedding.weight" (of
/// a model that reads tokens), "positions.weight", "layers.L.MIXER.." (the mechanism's own),
/// "layers.L.MIXER.norm.weight", "layers.L.MIXER.norm_after.weight" (norm "both"),
/// "layers.L.mlp.{gate,up,down}.{weight,bias}", "layers.L.mlp.norm..", "final_norm..",
/// "read_out.{weight,bias}".
std::vector<mixers::ParameterSpec> parameters(const Model& model);
/// Numbers in all of them.
std::int64_t parameter_count(const Model& model);

/// Bytes of everything that is kept of one sequence after `tokens` tokens, in float32.
std::int64_t state_bytes(const Model& model, std::int64_t tokens);
/// Additions and multiplications of the forward pass at the token at `position`, embedding look-up aside.
double flops(const Model& model, std::int64_t position);

}  // namespace yore::arch
