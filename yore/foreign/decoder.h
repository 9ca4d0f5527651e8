// What Llama and its kin share: pre-norms by the root mean square, gated feed-forward nets, rotary positions,
// grouped heads.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "yore/foreign/family.h"
#include "yore/mixers/attention/options.h"

namespace yore::foreign {

/// In what the kin differ beyond their attention.
struct DecoderStyle {
  arch::NormKind norm = arch::NormKind::Rms;
  arch::NormPlace place = arch::NormPlace::Pre;
  arch::Activation activation = arch::Activation::Swiglu;
  const char* activation_field = "hidden_act";
  std::vector<std::string> activations = {"silu", "swish"};  ///< words for it
  bool tied = false;                                         ///< where the configuration does not say
  bool mlp_bias = false;                                     ///< whether the family has the field mlp_bias
  std::vector<std::string> own = {};  ///< fields that the family reads and refuse_others_fields() knows
};

/// The configuration's fields vocab_size, hidden_size, intermediate_size, num_hidden_layers, rms_norm_eps,
/// mlp_bias and tie_word_embeddings, with the mixers that `attention` gives as options for each block. Throws
/// InputError naming the field.
arch::Model read_decoder(const Fields& config, const DecoderStyle& style,
                         const std::function<Json(std::int64_t block)>& attention);
/// Options of attention from num_attention_heads, num_key_value_heads, head_dim and attention_bias.
Json read_heads(const Fields& config);

/// Refuses, by name, fields with which other families change what is computed, unless they stand at what
/// changes nothing or are among `own`, which this family reads. What is no family's is passed over, as
/// transformers does.
void refuse_others_fields(const Fields& config, const std::vector<std::string>& own);

/// How many blocks the field says; bounded, since they are made before any weight is looked at.
std::int64_t read_blocks(const Fields& config, const std::string& field);

/// The inverse of read_decoder and read_heads, with rope_parameters of the first block.
Json decoder_config(const arch::Model& model, const char* model_type);
/// Of a block's attention. Throws InputError if it has another mixer.
mixers::AttentionOptions attention_of(const arch::Model& model, std::size_t block);
/// Keys in reach including self, which all heads of the block share; 0: all. Throws InputError if they differ
/// or do not see themselves.
std::int64_t window_of(const arch::Model& model, std::size_t block);

/// What all of them are as families: called `name` in either format, with the names of embeddings, attention,
/// feed-forward nets, final norm and read-out, and GGUF's keys. How it is read and written is left open.
Family decoder_family(const std::string& name, const std::string& model_class);
/// Norms of queries and keys beside the names that the family has.
void add_qk_norm(Family& family);

/// For each block whether its attention has a window, from layer_types; `fallback` says it where that is
/// missing. Throws InputError naming the field for other types or another number of them.
std::vector<bool> read_windowed(const Fields& config, std::int64_t blocks,
                                const std::function<bool(std::int64_t block)>& fallback);

}  // namespace yore::foreign
