// A model in the few words of a command line: dimensions that all blocks share, and either a kind of
// attention ("hybrid:1") or a list of mixers ("2*attention:window=64/gla"). expand() makes the full
// description of it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/arch/model.h"
#include "yore/base/fields.h"

namespace yore::arch {

struct ModelOptions {
  std::string attention = "hybrid";  ///< see mixers::parse_attention; for models of attention alone
  /// Instead of `attention`: layers separated by "/", each "[N*]NAME[:OPTION=VALUE,..]"; one for all
  /// `layers`, or as many as the list has. Options of the same name here (heads, head_width, strict,
  /// bias, positions) hold unless the layer gives its own.
  std::string mixer;
  bool strict = true;  ///< strict mask: position i sees j < i only; false: also itself
  int layers = 2;
  int width = 32;  ///< d_model
  int heads = 4;
  int head_width = 0;               ///< of one head's queries, keys and values; 0 = width / heads
  int mlp_width = 128;              ///< hidden width of the feed-forward blocks
  std::string activation = "relu";  ///< see Activation; none = no feed-forward blocks
  std::string norm = "layer";       ///< see NormKind
  std::string norm_place = "post";  ///< see NormPlace
  double norm_epsilon = 1e-5;
  bool bias = true;  ///< of linear maps
  /// none | sinusoidal | learned | periodic:M: added; rotary | alibi: within attention
  std::string positions = "none";
  int max_positions = 512;  ///< table size of learned positions
  double embedding_scale = 1;
  bool tied = false;  ///< the read-out of a vocabulary has the embedding's weights
  /// Numbers in one head's query, key or value.
  int width_of_head() const { return head_width > 0 ? head_width : width / heads; }
  bool operator==(const ModelOptions&) const = default;
};

template <base::fields::Either<ModelOptions> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("attention", c.attention);
  v("mixer", c.mixer);
  v("strict", c.strict);
  v("layers", c.layers);
  v("width", c.width);
  v("heads", c.heads);
  v("head_width", c.head_width);
  v("mlp_width", c.mlp_width);
  v("activation", c.activation);
  v("norm", c.norm);
  v("norm_place", c.norm_place);
  v("norm_epsilon", c.norm_epsilon);
  v("bias", c.bias);
  v("positions", c.positions);
  v("max_positions", c.max_positions);
  v("embedding_scale", c.embedding_scale);
  v("tied", c.tied);
}

/// The full description. Throws InputError naming the option ("model.width", "mixer attention", "attention")
/// for what does not fit together.
Model expand(const ModelOptions& options, std::int64_t vocabulary, ReadOutKind read_out,
             std::int64_t outputs = 1);
/// Throws what expand() would for any vocabulary.
void validate(const ModelOptions& options);

/// The options that expand to this model, for programs that know models of attention alone, all blocks equal
/// but for what their heads see. Throws InputError(`source`) naming `purpose` ("ONNX export") and what it
/// cannot take.
ModelOptions shorthand(const Model& model, const std::string& source, const std::string& purpose);

/// M of positions "periodic:M", which tell i modulo M; 1 where there are none; nothing for all others, of
/// which no theory speaks. Throws InputError("model.positions") for what is no number there.
std::optional<int> period_of_positions(const std::string& positions);

/// The positions as ModelOptions names them ("periodic:2"), but for those within attention.
std::string positions_name(const Embedding& embedding);

/// The list of mixers, each by name with its options in full; as ModelOptions::mixer has it.
std::vector<Mixer> parse_mixers(const ModelOptions& options);
/// Whether o.positions can be had: rotary positions and ALiBi are options of attention, so a list without it
/// has no place for them; those added to the embedding need none. Throws as expand.
bool has_place_for_positions(const ModelOptions& o);
/// "attention", "attention/gla", "2*attention/gla": the mixers of a model for people.
std::string mixer_text(const Model& model);

/// The smallest lookback of the model's local attention heads; 1 if it has none.
int smallest_lookback(const Model& model);

}  // namespace yore::arch
