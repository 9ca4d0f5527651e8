#include "yore/arch/heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include "yore/arch/options.h"
#include "yore/base/error.h"
#include "yore/mixers/attention/options.h"

namespace yore::arch {
namespace {

using base::InputError;

mixers::AttentionOptions attention_of(const Model& model, std::size_t block) {
  return mixers::read_attention_options({model.embedding.width, model.blocks[block].mixer.options});
}

base::NamedArray& array_of(ModelFile& file, std::size_t block, const char* name) {
  return file.weights.arrays.at(fmt::format("layers.{}.attention.{}", block, name));
}

/// Chosen pieces of every one of `parts` equal stretches of the bytes: rows with one part, columns with one a
/// row.
std::string pieces(const std::string& bytes, std::size_t parts, std::size_t piece,
                   const std::vector<std::int64_t>& chosen) {
  std::string result;
  result.reserve(parts * chosen.size() * piece);
  const std::size_t part = bytes.size() / parts;
  for (std::size_t p = 0; p < parts; ++p)
    for (const std::int64_t c : chosen)
      result.append(bytes, p * part + static_cast<std::size_t>(c) * piece, piece);
  return result;
}

/// Rows of a matrix or vector, or columns of a matrix.
void take_rows(base::NamedArray& array, const std::vector<std::int64_t>& rows) {
  const std::size_t row = array.bytes.size() / static_cast<std::size_t>(array.shape[0]);
  array.bytes = pieces(array.bytes, 1, row, rows);
  array.shape[0] = std::ssize(rows);
}
void take_columns(base::NamedArray& array, const std::vector<std::int64_t>& columns) {
  array.bytes = pieces(array.bytes, static_cast<std::size_t>(array.shape[0]), sizeof(float), columns);
  array.shape[1] = std::ssize(columns);
}

/// The numbers of each of these heads of width `dim`, which begin at `from`.
void append_heads(const std::vector<int>& heads, std::int64_t from, int dim, std::vector<std::int64_t>& to) {
  for (const int head : heads)
    for (int i = 0; i < dim; ++i) to.push_back(from + std::int64_t{head} * dim + i);
}

/// The heads of keys that `kept` heads of queries read, in the order of their readers, repeated so that each
/// has equally many.
std::vector<int> key_heads(const std::vector<int>& kept, int group) {
  std::vector<int> heads, readers;
  for (const int head : kept) {
    if (heads.empty() || heads.back() != head / group) {
      heads.push_back(head / group);
      readers.push_back(0);
    }
    ++readers.back();
  }
  int each = readers.front();
  for (const int n : readers) each = std::gcd(each, n);
  std::vector<int> repeated;
  for (std::size_t i = 0; i < heads.size(); ++i)
    repeated.insert(repeated.end(), static_cast<std::size_t>(readers[i] / each), heads[i]);
  return repeated;
}

/// The options of the block's attention with these heads alone.
void slice_options(Json& options, const std::vector<int>& kept, std::size_t kv_heads) {
  Json lookback = Json::array();
  bool local = false;
  for (const int head : kept) {
    lookback.push_back(options.at("lookback").at(static_cast<std::size_t>(head)));
    local = local || lookback.back() != mixers::kGlobal;
  }
  options["heads"] = kept.size();
  options["kv_heads"] = kv_heads;
  options["lookback"] = std::move(lookback);
  if (!local) options["sinks"] = 0;  // which are for heads with a lookback
}

void slice_block(ModelFile& file, std::size_t block, const std::vector<int>& kept,
                 const std::string& source) {
  const mixers::AttentionOptions o = attention_of(file.model, block);
  if (std::ssize(kept) == o.heads) return;
  if (o.positions == mixers::AttentionPositions::Alibi)
    throw InputError(source, fmt::format("block {} has ALiBi positions, whose slopes follow from the number "
                                         "of heads: without some of them the others would see otherwise",
                                         block));
  const std::vector<int> keys = key_heads(kept, o.heads / o.kv_heads);
  std::vector<std::int64_t> rows, columns;
  append_heads(kept, 0, o.head_width, rows);
  append_heads(keys, o.mixed_width(), o.head_width, rows);
  append_heads(keys, o.mixed_width() + o.kv_width(), o.head_width, rows);
  append_heads(kept, 0, o.head_width, columns);
  take_rows(array_of(file, block, "qkv.weight"), rows);
  if (o.bias) take_rows(array_of(file, block, "qkv.bias"), rows);
  take_columns(array_of(file, block, "out.weight"), columns);
  if (o.sink_logits) take_rows(array_of(file, block, "sink_logits"), {kept.begin(), kept.end()});
  if (o.value_scale == mixers::ValueScale::On)
    take_rows(array_of(file, block, "value_scale.theta"), {keys.begin(), keys.end()});
  slice_options(file.model.blocks[block].mixer.options, kept, keys.size());
}

}  // namespace

std::vector<int> attention_heads(const Model& model) {
  std::vector<int> heads;
  for (std::size_t l = 0; l < model.blocks.size(); ++l)
    heads.push_back(model.blocks[l].mixer.name == "attention" ? attention_of(model, l).heads : 0);
  return heads;
}

std::vector<int> several_heads(const Model& model, const std::string& source) {
  std::vector<int> heads = attention_heads(model);
  const int most = *std::max_element(heads.begin(), heads.end());
  if (most == 0)
    throw InputError(source, fmt::format("the model has no attention, whose heads could be given up: its "
                                         "layers are {}",
                                         mixer_text(model)));
  if (most == 1)
    throw InputError(
        source, "every attention layer of the model has one head, which stays: there is none to give up");
  return heads;
}

void require_budget(const std::vector<int>& heads, double budget, const std::string& option) {
  if (!(budget > 0 && budget <= 1))
    throw InputError(
        option, fmt::format("expected a share of the heads, more than 0 and at most 1, found {}", budget));
  const auto layers =
      static_cast<double>(heads.size() - static_cast<std::size_t>(std::count(heads.begin(), heads.end(), 0)));
  const double all = std::accumulate(heads.begin(), heads.end(), 0.0);
  // Budgets are written with few digits: 0.3 of 10 heads are 3.
  if (budget * all < layers - 1e-9)
    throw InputError(option,
                     fmt::format("{} of {:.0f} heads are fewer than one in each of the {:.0f} layers; "
                                 "expected at least {:.4g}",
                                 budget, all, layers, layers / all));
}

KeptHeads choose_heads(const PerHead& scores, double budget) {
  std::vector<int> sizes;
  for (const std::vector<double>& layer : scores) sizes.push_back(static_cast<int>(layer.size()));
  require_budget(sizes, budget, "--budget");
  struct Head {
    double score;
    std::size_t block;
    int head;
  };
  std::vector<Head> rest;
  KeptHeads kept(scores.size());
  std::int64_t layers = 0;
  for (std::size_t l = 0; l < scores.size(); ++l) {
    if (scores[l].empty()) continue;
    ++layers;
    for (std::size_t h = 0; h < scores[l].size(); ++h)
      if (!std::isfinite(scores[l][h]))
        throw InputError("scores", fmt::format("layer {} head {}: {} ranks no head, expected a finite number",
                                               l, h, scores[l][h]));
    const auto best = std::max_element(scores[l].begin(), scores[l].end());
    kept[l].push_back(static_cast<int>(best - scores[l].begin()));
    for (auto s = scores[l].begin(); s != scores[l].end(); ++s)
      if (s != best) rest.push_back({*s, l, static_cast<int>(s - scores[l].begin())});
  }
  const auto heads = static_cast<double>(layers + std::ssize(rest));
  std::stable_sort(rest.begin(), rest.end(), [](const Head& a, const Head& b) { return a.score > b.score; });
  rest.resize(static_cast<std::size_t>(std::llround(budget * heads) - layers));
  for (const Head& head : rest) kept[head.block].push_back(head.head);
  for (std::vector<int>& layer : kept) std::sort(layer.begin(), layer.end());
  return kept;
}

void check_kept(const Model& model, const KeptHeads& kept, const std::string& source) {
  const std::vector<int> heads = attention_heads(model);
  if (kept.size() != heads.size())
    throw InputError(source, fmt::format("speaks of {} layers, the model has {}", kept.size(), heads.size()));
  for (std::size_t l = 0; l < heads.size(); ++l) {
    if (heads[l] > 0 && kept[l].empty())
      throw InputError(source, fmt::format("no head of layer {} is left; expected one at least", l));
    for (std::size_t i = 0; i < kept[l].size(); ++i)
      if (kept[l][i] < 0 || kept[l][i] >= heads[l] || (i > 0 && kept[l][i] <= kept[l][i - 1]))
        throw InputError(source,
                         fmt::format("layer {}: expected heads of its {} in ascending order, found {}", l,
                                     heads[l], Json(kept[l]).dump()));
  }
}

void scale_heads(ModelFile& file, const PerHead& factors) {
  for (std::size_t l = 0; l < factors.size(); ++l) {
    if (factors[l].empty()) continue;
    const mixers::AttentionOptions o = attention_of(file.model, l);
    if (std::ssize(factors[l]) != o.heads) throw std::invalid_argument("scale_heads: one factor a head");
    std::string& bytes = array_of(file, l, "out.weight").bytes;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
      const auto column = (i / sizeof(float)) % static_cast<std::size_t>(o.mixed_width());
      float value = 0;
      std::memcpy(&value, bytes.data() + i, sizeof(float));
      value = static_cast<float>(value * factors[l][column / static_cast<std::size_t>(o.head_width)]);
      std::memcpy(bytes.data() + i, &value, sizeof(float));
    }
  }
}

PerHead mask_of(const Model& model, const KeptHeads& kept) {
  PerHead mask;
  for (const int heads : attention_heads(model)) {
    mask.emplace_back(static_cast<std::size_t>(heads), 0.0);
    for (const int head : kept.at(mask.size() - 1)) mask.back().at(static_cast<std::size_t>(head)) = 1;
  }
  return mask;
}

ModelFile slice_heads(const ModelFile& file, const KeptHeads& kept, const std::string& source) {
  check_kept(file.model, kept, source);
  ModelFile sliced = file;
  sliced.compiled = nullptr;  // it speaks of heads that are gone
  for (std::size_t l = 0; l < kept.size(); ++l)
    if (!kept[l].empty()) slice_block(sliced, l, kept[l], source);
  validate(sliced.model);
  check_weights(sliced, source);
  return sliced;
}

}  // namespace yore::arch
