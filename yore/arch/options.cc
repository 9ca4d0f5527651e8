#include "yore/arch/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "yore/mixers/attention/kinds.h"
#include "yore/mixers/attention/options.h"

namespace yore::arch {
namespace {

using base::InputError;

constexpr const char* kAttention = "attention";
constexpr int kMostLayers = 4096;

template <class Enum>
Enum read_name(const std::string& value, const char* field) {
  Enum result{};
  const auto names = enum_names(result);
  const std::vector<std::string> words(names.begin(), names.end());
  const auto it = std::find(words.begin(), words.end(), value);
  if (it == words.end())
    throw InputError(field, fmt::format("expected one of {}; found \"{}\"{}", fmt::join(words, ", "), value,
                                        base::did_you_mean(value, words)));
  return static_cast<Enum>(it - words.begin());
}

bool within_attention(const std::string& positions) {
  return positions == "rotary" || positions == "alibi";
}

constexpr const char* kPeriodic = "periodic:";

Positions added_positions(const ModelOptions& o) {
  if (within_attention(o.positions)) return Positions::None;
  if (o.positions.starts_with(kPeriodic)) return Positions::Periodic;
  const std::vector<std::string> words = {"none", "sinusoidal", "rotary", "alibi", "learned", "periodic:M"};
  if (std::find(words.begin(), words.end(), o.positions) == words.end())
    throw InputError("model.positions",
                     fmt::format("expected one of {}; found \"{}\"{}", fmt::join(words, ", "), o.positions,
                                 base::did_you_mean(o.positions, words)));
  return read_name<Positions>(o.positions, "model.positions");
}

void check_counts(const ModelOptions& o) {
  const auto require = [](bool fine, const char* field, const std::string& expected) {
    if (!fine) throw InputError(field, "expected " + expected);
  };
  require(o.layers >= 1 && o.layers <= kMostLayers, "model.layers",
          fmt::format("1 to {}, found {}", kMostLayers, o.layers));
  require(o.heads >= 1 && o.heads <= 4096, "model.heads", fmt::format("1 to 4096, found {}", o.heads));
  require(o.head_width >= 0, "model.head_width",
          fmt::format("0 (= width / heads) or more, found {}", o.head_width));
  require(o.width >= 1, "model.width", fmt::format("a positive number, found {}", o.width));
  require(o.max_positions >= 1, "model.max_positions", "at least 1");
}

// What a layer's options take from the model's, unless the layer says it itself.
void inherit(const ModelOptions& o, const mixers::Spec& spec, Json& options) {
  // Where heads and their width determine each other, a width that is given wins over heads that are not.
  const bool own_width = options.contains("head_width") ? options["head_width"] != 0 : o.head_width > 0;
  const bool heads_follow = own_width && o.heads == ModelOptions{}.heads;
  for (const base::OptionSpec& option : spec.options()) {
    if (options.contains(option.name)) continue;
    if (option.name == "heads" && !(heads_follow && option.fallback == 0)) options["heads"] = o.heads;
    if (option.name == "head_width") options["head_width"] = o.head_width;
    if (option.name == "strict") options["strict"] = o.strict;
    if (option.name == "bias") options["bias"] = o.bias;
    if (option.name == "positions" && within_attention(o.positions)) options["positions"] = o.positions;
  }
}

bool takes(const mixers::Spec& spec, const char* name) {
  const std::vector<base::OptionSpec> options = spec.options();
  return std::any_of(options.begin(), options.end(),
                     [&](const base::OptionSpec& option) { return option.name == name; });
}

std::vector<Mixer> attention_layers(const ModelOptions& o) {
  const mixers::Spec& spec = mixers::find_spec(kAttention);
  std::vector<Mixer> all;
  for (const mixers::LayerAttention& layer : mixers::parse_attention(o.attention, o.layers, o.heads)) {
    Json options = {{"lookback", layer.lookback}};
    inherit(o, spec, options);
    all.push_back({kAttention, spec.complete(o.width, options)});
  }
  return all;
}

// One item of the list: "2*attention:window=64".
void add_item(const ModelOptions& o, const std::string& text, std::size_t at, std::vector<Mixer>& all) {
  const auto fail = [&](const std::string& message, std::size_t place) {
    throw InputError("mixer", message, o.mixer, at + place);
  };
  int count = 1;
  std::size_t begin = 0;
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    begin = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || count < 1 || count > kMostLayers)
      fail(fmt::format("expected a number of layers from 1 to {}", kMostLayers), 0);
    if (begin >= text.size() || text[begin] != '*') fail("expected '*' after a number of layers", begin);
    ++begin;
  }
  const std::size_t colon = text.find(':', begin);
  const std::string name = text.substr(begin, colon == std::string::npos ? colon : colon - begin);
  if (name.empty()) fail("expected the name of a mixer", begin);
  const mixers::Spec& spec = mixers::find_spec(name);
  Json options = base::parse_options(colon == std::string::npos ? "" : text.substr(colon + 1), spec.options(),
                                     "mixer " + name);
  inherit(o, spec, options);
  const Mixer mixer{name, spec.complete(o.width, options)};
  if (all.size() + static_cast<std::size_t>(count) > static_cast<std::size_t>(kMostLayers))
    fail(fmt::format("more than {} layers", kMostLayers), 0);
  all.insert(all.end(), static_cast<std::size_t>(count), mixer);
}

bool takes_positions(const Mixer& mixer) {
  return takes(mixers::find_spec(mixer.name), "positions");
}

}  // namespace

std::optional<int> period_of_positions(const std::string& positions) {
  if (positions == "none") return 1;
  if (!positions.starts_with(kPeriodic)) return std::nullopt;
  const char *begin = positions.data() + std::string_view(kPeriodic).size(),
             *end = positions.data() + positions.size();
  int period = 0;
  const auto [after, error] = std::from_chars(begin, end, period);
  if (error != std::errc{} || after != end || period < 2 || period > kMostPeriod)
    throw InputError("model.positions", fmt::format("expected periodic:M, M from 2 to {}; found \"{}\"",
                                                    kMostPeriod, positions));
  return period;
}

std::string positions_name(const Embedding& embedding) {
  return embedding.positions == Positions::Periodic ? fmt::format("{}{}", kPeriodic, embedding.max_positions)
                                                    : base::fields::enum_name(embedding.positions);
}

std::vector<Mixer> parse_mixers(const ModelOptions& o) {
  if (o.mixer.empty()) return attention_layers(o);
  if (o.attention != ModelOptions{}.attention)
    throw InputError("model.attention",
                     "does not go with a list of mixers; say mixer attention:lookback=KIND");
  std::vector<Mixer> all;
  for (std::size_t at = 0; at <= o.mixer.size();) {
    // A list's fractions are its own.
    std::size_t end = at;
    for (int depth = 0; end < o.mixer.size() && (o.mixer[end] != '/' || depth > 0); ++end)
      depth += o.mixer[end] == '[' ? 1 : o.mixer[end] == ']' ? -1 : 0;
    add_item(o, o.mixer.substr(at, end - at), at, all);
    at = end + 1;
  }
  if (all.size() == 1) all.resize(static_cast<std::size_t>(o.layers), Mixer(all.front()));
  if (o.layers != ModelOptions{}.layers && o.layers != static_cast<int>(all.size()))
    throw InputError("model.layers",
                     fmt::format("does not go with a list of {} mixers, found {}", all.size(), o.layers));
  if (within_attention(o.positions) && std::none_of(all.begin(), all.end(), takes_positions))
    throw InputError(
        "model.positions",
        fmt::format(
            "no layer of \"{}\" takes {} positions; expected none, or sinusoidal, learned or periodic "
            "ones, which are added to the embedding",
            o.mixer, o.positions));
  return all;
}

bool has_place_for_positions(const ModelOptions& o) {
  if (!within_attention(o.positions)) return true;
  check_counts(o);
  ModelOptions without = o;
  without.positions = "none";
  const std::vector<Mixer> all = parse_mixers(without);
  return std::any_of(all.begin(), all.end(), takes_positions);
}

Model expand(const ModelOptions& o, std::int64_t vocabulary, ReadOutKind read_out, std::int64_t outputs) {
  check_counts(o);
  Model model;
  model.embedding = {vocabulary, o.width, o.embedding_scale, added_positions(o), 0};
  if (model.embedding.positions == Positions::Learned) model.embedding.max_positions = o.max_positions;
  if (model.embedding.positions == Positions::Periodic)
    model.embedding.max_positions = *period_of_positions(o.positions);
  const Norm norm{read_name<NormKind>(o.norm, "model.norm"), o.norm_epsilon};
  const auto place = read_name<NormPlace>(o.norm_place, "model.norm_place");
  FeedForward feed_forward{read_name<Activation>(o.activation, "model.activation"), o.mlp_width, o.bias};
  if (feed_forward.activation == Activation::None) feed_forward = {Activation::None, 0, false};
  for (Mixer& mixer : parse_mixers(o)) model.blocks.push_back({std::move(mixer), feed_forward, norm, place});
  model.final_norm = place == NormPlace::Post ? Norm{NormKind::None, norm.epsilon} : norm;
  model.read_out = {read_out, read_out == ReadOutKind::Vocabulary ? vocabulary : outputs, o.bias, o.tied, 0};
  validate(model);
  return model;
}

void validate(const ModelOptions& options) {
  expand(options, 2, options.tied ? ReadOutKind::Vocabulary : ReadOutKind::Accept);
}

ModelOptions shorthand(const Model& model, const std::string& source, const std::string& purpose) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(source,
                     fmt::format("{} takes models of attention alone, all blocks alike; {}", purpose, what));
  };
  ModelOptions o;
  o.width = static_cast<int>(model.embedding.width);
  o.embedding_scale = model.embedding.scale;
  o.positions = positions_name(model.embedding);
  if (model.embedding.positions == Positions::Learned)
    o.max_positions = static_cast<int>(model.embedding.max_positions);
  o.layers = static_cast<int>(model.blocks.size());
  o.tied = model.read_out.tied;
  o.bias = model.read_out.bias;
  o.attention.clear();
  for (std::size_t l = 0; l < model.blocks.size(); ++l) {
    const Block& block = model.blocks[l];
    if (block.mixer.name != kAttention) refuse(fmt::format("block {} is {}", l, block.mixer.name));
    const mixers::AttentionOptions a =
        mixers::read_attention_options({model.embedding.width, block.mixer.options});
    std::string layer;
    for (const int k : a.params.lookback)
      layer += fmt::format("{}1*{}", layer.empty() ? "" : "+", k < 0 ? "global" : fmt::format("local:{}", k));
    o.attention += (l == 0 ? "" : "/") + layer;
    if (l > 0) continue;
    o.heads = a.heads;
    o.head_width = a.head_width;
    o.strict = a.params.strict;
    if (a.positions == mixers::AttentionPositions::Rotary) o.positions = "rotary";
    if (a.positions == mixers::AttentionPositions::Alibi) o.positions = "alibi";
    o.norm = base::fields::enum_name(block.norm.kind);
    o.norm_epsilon = block.norm.epsilon;
    o.norm_place = base::fields::enum_name(block.norm_place);
    o.activation = base::fields::enum_name(block.feed_forward.activation);
    if (block.feed_forward.activation != Activation::None)
      o.mlp_width = static_cast<int>(block.feed_forward.width);
  }
  Model again;
  try {
    again = expand(o, model.embedding.vocabulary, model.read_out.kind, model.read_out.outputs);
  } catch (const InputError& e) {
    refuse(e.what());
  }
  if (again != model) {
    for (std::size_t l = 0; l < model.blocks.size(); ++l)
      if (again.blocks[l] != model.blocks[l])
        refuse(
            fmt::format("block {} has other options or parts than block 0, or some beyond a lookback, a mask "
                        "and positions",
                        l));
    refuse("its embedding or read-out has more to it");
  }
  return o;
}

std::string mixer_text(const Model& model) {
  std::string text;
  for (std::size_t l = 0; l < model.blocks.size();) {
    std::size_t end = l;
    while (end < model.blocks.size() && model.blocks[end].mixer.name == model.blocks[l].mixer.name) ++end;
    if (!text.empty()) text += "/";
    if (end - l > 1 && end - l < model.blocks.size()) text += fmt::format("{}*", end - l);
    text += model.blocks[l].mixer.name;
    l = end;
  }
  return text;
}

int smallest_lookback(const Model& model) {
  int smallest = 0;
  for (const Block& block : model.blocks) {
    if (block.mixer.name != kAttention) continue;
    for (const int k :
         mixers::read_attention_options({model.embedding.width, block.mixer.options}).params.lookback)
      if (k >= 1 && (smallest == 0 || k < smallest)) smallest = k;
  }
  return smallest == 0 ? 1 : smallest;
}

}  // namespace yore::arch
