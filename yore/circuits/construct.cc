#include "yore/circuits/construct.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/compiler/weights.h"

namespace yore::circuits {
namespace {

using compiler::Matrix;

constexpr int kManifestVersion = 1;
constexpr std::int64_t kHeadWidth = 2;

LinearSum operator*(float weight, Coordinate coordinate) {
  return {{coordinate, weight}};
}
LinearSum of(Coordinate coordinate) {
  return 1.0F * coordinate;
}

/// coordinate - 1 * coordinate is 0 in every arithmetic.
LoweredUnit clears(Coordinate coordinate) {
  return {"clears it", of(kOne), of(coordinate), false, coordinate, -1};
}

std::int64_t half_width() {
  const Lowered l = lower();
  std::size_t products = 0, signs = 0;
  for (const LoweredLayer* layer : {&l.read, &l.compute}) {
    std::size_t s = 0;
    for (const LoweredUnit& unit : layer->units) s += unit.sign ? 1 : 0;
    signs = std::max(signs, s);
    products = std::max(products, layer->units.size() - s);
  }
  return static_cast<std::int64_t>(std::max(products, signs));
}

arch::Model shape(int depth) {
  arch::Model model;
  model.embedding = {0, kWidth, 1, arch::Positions::None, 0};
  arch::Block block;
  block.mixer.name = "attention";
  block.mixer.options = mixers::find_spec("attention")
                            .complete(kWidth, {{"heads", 1},
                                               {"head_width", kHeadWidth},
                                               {"mask", "none"},
                                               {"weights", "hard"},
                                               {"bias", false}});
  block.feed_forward = {arch::Activation::Arithmetic, 2 * half_width(), false};
  block.norm.kind = arch::NormKind::None;
  block.norm_place = arch::NormPlace::Pre;
  model.blocks.assign(2 * static_cast<std::size_t>(depth), block);
  model.final_norm.kind = arch::NormKind::None;
  model.read_out = {arch::ReadOutKind::Tags, 1, false, false, 0};
  return model;
}

void add(Matrix& matrix, std::int64_t row, const LinearSum& sum) {
  for (const Reading& reading : sum) matrix.at(row, reading.coordinate) += reading.weight;
}

/// The arrays of one block.
void pack_layer(base::NamedArrays& arrays, int block, const LoweredLayer& layer, std::int64_t half) {
  Matrix qkv = compiler::zeros(3 * kHeadWidth, kWidth), out = compiler::zeros(kWidth, kHeadWidth);
  for (std::int64_t d = 0; d < kHeadWidth; ++d) {
    const auto i = static_cast<std::size_t>(d);
    add(qkv, d, layer.head.query[i]);
    add(qkv, kHeadWidth + d, layer.head.key[i]);
    add(qkv, 2 * kHeadWidth + d, layer.head.value[i]);
    if (layer.head.to[i] >= 0) out.at(layer.head.to[i], d) = 1;
  }
  Matrix gate = compiler::zeros(2 * half, kWidth), up = gate, down = compiler::zeros(kWidth, 2 * half);
  std::int64_t products = 0, signs = half;
  for (const LoweredUnit& unit : layer.units) {
    const std::int64_t row = unit.sign ? signs++ : products++;
    add(gate, row, unit.left);
    add(up, row, unit.right);
    down.at(unit.to, row) = unit.weight;
  }
  const std::string name = fmt::format("layers.{}.", block);
  const auto put = [&](const std::string& what, const Matrix& m) {
    arrays.arrays[name + what + ".weight"] = compiler::to_array(m, {m.rows, m.columns});
  };
  put("attention.qkv", qkv);
  put("attention.out", out);
  put("mlp.gate", gate);
  put("mlp.up", up);
  put("mlp.down", down);
}

std::string text_of(const LinearSum& sum) {
  std::string text;
  for (const Reading& reading : sum) {
    const float size = std::abs(reading.weight);
    text += text.empty() ? (reading.weight < 0 ? "-" : "") : (reading.weight < 0 ? " - " : " + ");
    text += size == 1 ? "" : fmt::format("{} ", size);
    const std::string name = kCoordinates[static_cast<std::size_t>(reading.coordinate)].name;
    text += name == "one" ? "1" : name;
  }
  return text.empty() ? "0" : text;
}

std::string text_of(const LoweredLayer& layer) {
  const LoweredHead& head = layer.head;
  std::string text = fmt::format(
      "  head: {}\n    query ({}, {})  key ({}, {}): the largest product wins, ties alike\n", head.purpose,
      text_of(head.query[0]), text_of(head.query[1]), text_of(head.key[0]), text_of(head.key[1]));
  const auto named = [](std::int64_t c) { return kCoordinates[static_cast<std::size_t>(c)].name; };
  for (std::size_t d = 0; d < head.to.size(); ++d)
    if (head.to[d] >= 0)
      text += fmt::format("    {:<10} += mean of {}\n", named(head.to[d]), text_of(head.value[d]));
  text += "  feed-forward\n";
  for (const LoweredUnit& unit : layer.units) {
    const std::string left = text_of(unit.left), right = text_of(unit.right);
    const std::string factor = unit.weight == 1 ? "" : fmt::format("{} ", unit.weight);
    const std::string product = unit.sign     ? fmt::format("sign({}) {}", left, right)
                                : left == "1" ? right
                                              : fmt::format("({}) ({})", left, right);
    text += fmt::format("    {:<10} += {}{}   ({})\n", named(unit.to), unit.weight == -1 ? "-" : factor,
                        product, unit.purpose);
  }
  return text;
}

}  // namespace

Lowered lower() {
  Lowered l;
  // 2 s k - k^2 = s^2 - (s - k)^2 is largest where the id is the source's; an edge's score is 0, below any
  // s^2.
  l.read.head = {"each edge reads the value of its source",
                 {2.0F * kSource, of(kOne)},
                 {of(kId), -1.0F * kIdSquare},
                 {LinearSum{{kGiven, 1}, {kComputed, 1}}, LinearSum{}},
                 {kRead, -1}};
  l.read.units = {{"a term, or a first factor", of(kIsFirst), of(kRead), false, kFirst, 1},
                  {"a second factor", of(kIsSecond), of(kRead), false, kSecond, 1},
                  clears(kRead),
                  clears(kComputed)};
  // The same with the ids of the edges' targets. Who looks for 0 finds the gates, in which both values are 0.
  l.compute.head = {"each gate takes the mean over its edges",
                    {2.0F * kLooksFor, of(kOne)},
                    {of(kTarget), -1.0F * kTargetSquare},
                    {of(kFirst), of(kSecond)},
                    {kFirst, kSecond}};
  // The mean over the two edges of a product halves either factor.
  l.compute.units = {{"a sum: the mean times the fan-in", of(kFanIn), of(kFirst), false, kComputed, 1},
                     {"a product: each mean is half a factor", of(kFirst), of(kSecond), false, kComputed, 4},
                     clears(kFirst),
                     clears(kSecond),
                     {"a sign", of(kFirst), of(kIsSign), true, kComputed, 1}};
  return l;
}

arch::ModelFile construct(int depth) {
  if (depth < 1 || depth > kLargestDepth)
    throw base::InputError("depth", fmt::format("expected 1 to {}, found {}", kLargestDepth, depth));
  arch::ModelFile file;
  file.model = shape(depth);
  const Lowered lowered = lower();
  const std::int64_t half = half_width();
  for (int level = 0; level < depth; ++level) {
    pack_layer(file.weights, 2 * level, lowered.read, half);
    pack_layer(file.weights, 2 * level + 1, lowered.compute, half);
  }
  Matrix read_out = compiler::zeros(1, kWidth);
  read_out.at(0, kGiven) = read_out.at(0, kComputed) = 1;
  file.weights.arrays["read_out.weight"] = compiler::to_array(read_out, {1, kWidth});
  base::Json names = base::Json::array();
  for (const CoordinateName& coordinate : kCoordinates) names.push_back(coordinate.name);
  file.compiled = {
      {"version", kManifestVersion}, {"kind", "circuits"}, {"depth", depth}, {"coordinates", names}};
  arch::check_weights(file, "compiled model");
  return file;
}

bool is_circuit_model(const arch::ModelFile& file) {
  return file.compiled.is_object() && file.compiled.contains("kind") && file.compiled["kind"] == "circuits";
}

int depth_of(const arch::ModelFile& file, const std::string& source) {
  if (!is_circuit_model(file))
    throw base::InputError(source, "no model for circuits; expected one that yore circuit compile wrote");
  const base::Json& depth = file.compiled.contains("depth") ? file.compiled["depth"] : base::Json();
  if (file.compiled.value("version", base::Json()) != kManifestVersion)
    throw base::InputError(source,
                           fmt::format("its manifest is of another version, expected {}", kManifestVersion));
  if (!depth.is_number_integer() || depth < 1 || depth > kLargestDepth ||
      file.model.blocks.size() != 2 * depth.get<std::size_t>() || file.model.embedding.width != kWidth ||
      !file.model.embedding.reads_numbers() || file.model.read_out.outputs != 1)
    throw base::InputError(source, "its manifest does not fit its description");
  return depth.get<int>();
}

std::string explain(const arch::ModelFile& file, const std::string& source) {
  const int depth = depth_of(file, source);
  std::string text = fmt::format(
      "Model      {} blocks, two a level; width {}, one head of {}, {} hidden units, {} parameters; no mask, "
      "average "
      "hard attention\nTokens     one a gate and one an edge (an input of a gate), in any "
      "order\n\nCoordinates\n",
      2 * depth, static_cast<int>(kWidth), kHeadWidth, 2 * half_width(), arch::parameter_count(file.model));
  for (std::size_t c = 0; c < kCoordinates.size(); ++c)
    text += fmt::format("  x{:<4} {:<10} {}\n", c, kCoordinates[c].name, kCoordinates[c].meaning);
  const Lowered l = lower();
  text += fmt::format("\nBlocks 1, 3 .. {}\n{}", 2 * depth - 1, text_of(l.read));
  text += fmt::format("\nBlocks 2, 4 .. {}\n{}", 2 * depth, text_of(l.compute));
  return text + "\nRead-out   at every gate: given + computed\n";
}

}  // namespace yore::circuits
