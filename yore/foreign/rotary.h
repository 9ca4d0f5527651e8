// Rotary positions as configurations of transformers have them, old (rope_theta, rope_scaling) and new
// (rope_parameters), and as options of a layer of attention.
#pragma once
#include "yore/foreign/fields.h"
#include "yore/mixers/attention/options.h"

namespace yore::foreign {

/// The options positions, rotary_base and rotary_scaling, of a family without kinds of layers, whose
/// configuration has no rope_theta: `base`. Throws InputError naming the field for scalings that yore lacks.
Json rotary_options(const Fields& config, double base);
/// The same of one object with rope_type, rope_theta and what the type needs; `fallback_length` stands for a
/// missing original_max_position_embeddings (0: then it is required).
Json rotary_options_of(const Fields& rope, double base, std::int64_t fallback_length);
/// The inverse: an object for rope_parameters.
Json rope_parameters(const mixers::Rotary& rotary);

}  // namespace yore::foreign
