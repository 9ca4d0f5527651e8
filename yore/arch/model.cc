#include "yore/arch/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/base/fields.h"

namespace yore::arch {
namespace {

using base::InputError;
using base::fields::Either;

constexpr std::int64_t kMostBlocks = 4096;
constexpr std::int64_t kMostTokens = std::int64_t{1} << 24, kMostPositions = std::int64_t{1} << 31;
/// Which a double, and so JSON, counts exactly.
constexpr std::int64_t kMostParameters = std::int64_t{1} << 53;
constexpr std::int64_t kWidest = std::int64_t{1} << 20;

void require(bool fine, const std::string& place, const std::string& expected, std::int64_t found) {
  if (!fine) throw InputError(place, fmt::format("expected {}, found {}", expected, found));
}

void validate_norm(const Norm& norm, const std::string& place) {
  if (!(std::isfinite(norm.epsilon) && norm.epsilon >= 0))
    throw InputError(place + ".epsilon", "expected a number of at least 0");
}

mixers::MixerSetting setting_of(const Model& model, const Block& block) {
  return {model.embedding.width, block.mixer.options};
}

/// Collects parameters under their names.
class List {
 public:
  void add(const std::string& name, std::vector<std::int64_t> shape, mixers::Start start,
           bool decays = false) {
    all.push_back({name, std::move(shape), start, decays});
  }
  void linear(const std::string& name, std::int64_t in, std::int64_t out, bool bias) {
    add(name + ".weight", {out, in}, mixers::Start::FanIn, true);
    if (bias) add(name + ".bias", {out}, mixers::Start::Zero);
  }
  void norm(const std::string& name, const Norm& norm, std::int64_t width) {
    if (norm.kind == NormKind::None) return;
    add(name + ".weight", {width},
        norm.kind == NormKind::RmsPlusOne ? mixers::Start::Zero : mixers::Start::One);
    if (norm.kind == NormKind::Layer) add(name + ".bias", {width}, mixers::Start::Zero);
  }
  std::vector<mixers::ParameterSpec> all;
};

}  // namespace

template <Either<Embedding> T, class Visitor>
void for_each_field(T& e, Visitor&& v) {
  v("vocabulary", e.vocabulary);
  v("width", e.width);
  v("scale", e.scale);
  v("positions", e.positions);
  v("max_positions", e.max_positions);
}
template <Either<Norm> T, class Visitor>
void for_each_field(T& n, Visitor&& v) {
  v("kind", n.kind);
  v("epsilon", n.epsilon);
}
template <Either<Mixer> T, class Visitor>
void for_each_field(T& m, Visitor&& v) {
  v("name", m.name);
  v("options", m.options);
}
template <Either<FeedForward> T, class Visitor>
void for_each_field(T& f, Visitor&& v) {
  v("activation", f.activation);
  v("width", f.width);
  v("bias", f.bias);
}
template <Either<Block> T, class Visitor>
void for_each_field(T& b, Visitor&& v) {
  v("mixer", b.mixer);
  v("feed_forward", b.feed_forward);
  v("norm", b.norm);
  v("norm_place", b.norm_place);
}
template <Either<ReadOut> T, class Visitor>
void for_each_field(T& r, Visitor&& v) {
  v("kind", r.kind);
  v("outputs", r.outputs);
  v("bias", r.bias);
  v("tied", r.tied);
  v("soft_cap", r.soft_cap);
}
template <Either<Model> T, class Visitor>
void for_each_field(T& m, Visitor&& v) {
  v("embedding", m.embedding);
  v("blocks", m.blocks);
  v("final_norm", m.final_norm);
  v("read_out", m.read_out);
}

Json to_json(const Model& model) {
  return base::fields::write(model);
}

Model model_from_json(const Json& json, const std::string& source) {
  Model model;
  base::fields::read(json, model, {source}, "model");
  try {
    validate(model);
  } catch (const InputError& e) {
    throw InputError(source, e.what());
  }
  return model;
}

namespace {

void add_differences(const Json& a, const Json& b, const std::string& place,
                     std::vector<std::string>& lines) {
  if (a == b) return;
  if (a.is_object() && b.is_object()) {
    std::vector<std::string> names;
    for (const Json* side : {&a, &b})
      for (const auto& [name, unused] : side->items())
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    for (const std::string& name : names)
      add_differences(a.value(name, Json()), b.value(name, Json()),
                      place.empty() ? name : fmt::format("{}.{}", place, name), lines);
    return;
  }
  const bool lists = a.is_array() && b.is_array() && !a.empty() && a[0].is_object();
  if (lists && a.size() != b.size()) {
    lines.push_back(fmt::format("{}: {} and {}", place, a.size(), b.size()));
  } else if (lists) {
    for (std::size_t i = 0; i < a.size(); ++i)
      add_differences(a[i], b[i], fmt::format("{}[{}]", place, i), lines);
  } else {
    lines.push_back(fmt::format("{}: {} and {}", place, a.dump(), b.dump()));
  }
}

}  // namespace

std::vector<std::string> differences(const Model& a, const Model& b) {
  std::vector<std::string> lines;
  add_differences(to_json(a), to_json(b), "", lines);
  return lines;
}

void validate(const Model& m) {
  const Embedding& e = m.embedding;
  require(e.vocabulary >= 0 && e.vocabulary <= kMostTokens, "model.vocabulary",
          fmt::format("1 to {} tokens, or 0 to read numbers", kMostTokens), e.vocabulary);
  if (e.reads_numbers() && (e.scale != 1 || e.positions != Positions::None))
    throw InputError("model.embedding",
                     "a model that reads numbers (vocabulary 0) has no scale and no positions");
  if (e.reads_numbers() && m.read_out.kind != ReadOutKind::Tags)
    throw InputError("model.read_out.kind", "expected tags, for a model that reads numbers (vocabulary 0)");
  require(e.width >= 1 && e.width <= kWidest, "model.width", fmt::format("1 to {}", kWidest), e.width);
  if (!std::isfinite(e.scale)) throw InputError("model.embedding.scale", "expected a finite number");
  require(e.positions != Positions::Sinusoidal || e.width % 2 == 0, "model.width",
          "an even width for sinusoidal positions", e.width);
  require(e.positions != Positions::Learned || (e.max_positions >= 1 && e.max_positions <= kMostPositions),
          "model.max_positions", fmt::format("1 to {}", kMostPositions), e.max_positions);
  require(e.positions != Positions::Periodic || (e.max_positions >= 2 && e.max_positions <= kMostPeriod),
          "model.positions", fmt::format("a period of 2 to {}", kMostPeriod), e.max_positions);
  const auto count = static_cast<std::int64_t>(m.blocks.size());
  require(count >= 1 && count <= kMostBlocks, "model.layers", fmt::format("1 to {}", kMostBlocks), count);
  for (std::size_t l = 0; l < m.blocks.size(); ++l) {
    const Block& block = m.blocks[l];
    const std::string place = fmt::format("model.blocks[{}]", l);
    require(block.feed_forward.activation == Activation::None ||
                (block.feed_forward.width >= 1 && block.feed_forward.width <= kWidest),
            "model.mlp_width", fmt::format("1 to {}", kWidest), block.feed_forward.width);
    require(block.feed_forward.activation != Activation::Arithmetic || block.feed_forward.width % 2 == 0,
            "model.mlp_width", "an even number for activation arithmetic", block.feed_forward.width);
    validate_norm(block.norm, place + ".norm");
    const Json complete =
        mixers::find_spec(block.mixer.name).complete(m.embedding.width, block.mixer.options);
    if (complete != block.mixer.options)
      throw InputError(place + ".mixer", "the options are not complete, expected " + complete.dump());
  }
  validate_norm(m.final_norm, "model.final_norm");
  const ReadOut& r = m.read_out;
  require(r.outputs >= 1 && r.outputs <= kMostTokens, "model.read_out.outputs",
          fmt::format("1 to {}", kMostTokens), r.outputs);
  require(r.kind != ReadOutKind::Accept || e.vocabulary >= 2, "model.vocabulary",
          "at least a letter and EOS to accept with", e.vocabulary);
  require(r.kind != ReadOutKind::Accept || r.outputs == 1, "model.read_out.outputs", "1 to accept with",
          r.outputs);
  require(r.kind != ReadOutKind::Vocabulary || r.outputs == e.vocabulary, "model.read_out.outputs",
          fmt::format("the vocabulary's {}", e.vocabulary), r.outputs);
  if (r.kind == ReadOutKind::Vocabulary)
    for (std::size_t l = 0; l < m.blocks.size(); ++l)
      if (m.blocks[l].mixer.options.value("mask", "causal") == "none")
        throw InputError(
            fmt::format("model.blocks[{}].mixer", l),
            "mask=none sees the next tokens that the model is to predict; expected a causal mask");
  if (r.tied && r.kind != ReadOutKind::Vocabulary)
    throw InputError("model.tied", "only the read-out of a vocabulary can have the embedding's weights");
  if (!(std::isfinite(r.soft_cap) && r.soft_cap >= 0))
    throw InputError("model.read_out.soft_cap", "expected a number of at least 0 (0 = none)");
}

std::vector<mixers::ParameterSpec> parameters(const Model& m) {
  using mixers::Start;
  List list;
  const std::int64_t width = m.embedding.width;
  if (!m.embedding.reads_numbers()) {
    // Tied weights also make logits: of unit variance they would begin at the size of the square root of the
    // width.
    list.add("embedding.weight", {m.embedding.vocabulary, width},
             m.read_out.tied ? Start::FanIn : Start::Unit);
  }
  if (m.embedding.has_table()) list.add("positions.weight", {m.embedding.max_positions, width}, Start::Unit);
  for (std::size_t l = 0; l < m.blocks.size(); ++l) {
    const Block& block = m.blocks[l];
    const std::string layer = fmt::format("layers.{}.", l), mixer = layer + block.mixer.name + ".";
    const auto norms = [&](const std::string& of) {
      list.norm(of + "norm", block.norm, width);
      if (block.norm_place == NormPlace::Both) list.norm(of + "norm_after", block.norm, width);
    };
    for (mixers::ParameterSpec p : mixers::find_spec(block.mixer.name).parameters(setting_of(m, block))) {
      p.name = mixer + p.name;
      list.all.push_back(std::move(p));
    }
    norms(mixer);
    const FeedForward& f = block.feed_forward;
    if (f.activation == Activation::None) continue;
    if (f.gated()) list.linear(layer + "mlp.gate", width, f.width, f.bias);
    list.linear(layer + "mlp.up", width, f.width, f.bias);
    list.linear(layer + "mlp.down", f.width, width, f.bias);
    norms(layer + "mlp.");
  }
  list.norm("final_norm", m.final_norm, width);
  if (!m.read_out.tied) list.add("read_out.weight", {m.read_out.outputs, width}, Start::FanIn, true);
  if (m.read_out.bias) list.add("read_out.bias", {m.read_out.outputs}, Start::Zero);
  return std::move(list.all);
}

std::int64_t parameter_count(const Model& model) {
  std::int64_t sum = 0;
  for (const mixers::ParameterSpec& p : parameters(model)) {
    std::int64_t numbers = 1;
    bool counted = true;
    for (const std::int64_t n : p.shape) counted = counted && !__builtin_mul_overflow(numbers, n, &numbers);
    counted = counted && !__builtin_add_overflow(sum, numbers, &sum) && sum <= kMostParameters;
    if (!counted)
      throw InputError("model", fmt::format("with {} it has more than {} parameters, the most there may be",
                                            p.name, kMostParameters));
  }
  return sum;
}

std::int64_t state_bytes(const Model& model, std::int64_t tokens) {
  std::int64_t sum = 0;
  for (const Block& block : model.blocks)
    sum += mixers::find_spec(block.mixer.name).state_bytes(setting_of(model, block), tokens);
  return sum;
}

double flops(const Model& model, std::int64_t position) {
  const auto width = static_cast<double>(model.embedding.width);
  double sum = 2 * width * static_cast<double>(model.read_out.outputs);
  for (const Block& block : model.blocks) {
    sum += mixers::find_spec(block.mixer.name).flops(setting_of(model, block), position);
    if (block.feed_forward.activation != Activation::None)
      sum += (block.feed_forward.gated() ? 6 : 4) * width * static_cast<double>(block.feed_forward.width);
  }
  return sum;
}

}  // namespace yore::arch
