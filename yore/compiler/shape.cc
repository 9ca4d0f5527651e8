#include "yore/compiler/shape.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/compiler/targets.h"

namespace yore::compiler {

bool is_recurrent(const arch::Model& model) {
  return !model.blocks.empty() && model.blocks.front().mixer.name != kAttentionMixer;
}

arch::ModelOptions shape_of(const arch::Model& model, const std::string& purpose) {
  if (!is_recurrent(model)) return arch::shorthand(model, "model", purpose);
  const arch::Block& first = model.blocks.front();
  const auto refuse = [&](const std::string& what) {
    throw base::InputError("model",
                           fmt::format("{} takes models of one mixer, all blocks alike; {}", purpose, what));
  };
  if (find_target(first.mixer.name) == nullptr) refuse("block 0 is " + first.mixer.name);
  for (std::size_t b = 1; b < model.blocks.size(); ++b)
    if (model.blocks[b] != first) refuse(fmt::format("block {} has other options or parts than block 0", b));
  arch::ModelOptions o;
  o.mixer = first.mixer.name;
  o.layers = static_cast<int>(model.blocks.size());
  o.width = static_cast<int>(model.embedding.width);
  o.embedding_scale = model.embedding.scale;
  o.positions = arch::positions_name(model.embedding);
  o.heads = first.mixer.options.at("heads").get<int>();
  o.head_width = 1;
  o.activation = base::fields::enum_name(first.feed_forward.activation);
  o.mlp_width = static_cast<int>(first.feed_forward.width);
  o.bias = model.read_out.bias && (first.feed_forward.bias || first.feed_forward.width == 0);
  o.norm = base::fields::enum_name(first.norm.kind);
  o.norm_place = base::fields::enum_name(first.norm_place);
  o.norm_epsilon = first.norm.epsilon;
  return o;
}

}  // namespace yore::compiler
