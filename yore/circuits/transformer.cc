#include "yore/circuits/transformer.h"

#include <fmt/format.h>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/circuits/arg_max.h"
#include "yore/compiler/weights.h"
#include "yore/mixers/attention/options.h"

namespace yore::circuits {
namespace {

__extension__ using Wide = __int128;

/// Whole numbers of more bits are compared as rationals: the hull's tests multiply differences of two, and
/// add two of these.
constexpr std::size_t kWholeBits = 60;

// --- reading ---

SparseMap sparse(const base::NamedArrays& arrays, const std::string& name, std::int64_t from,
                 std::int64_t count) {
  const compiler::Matrix weight = compiler::matrix_of(arrays, name + ".weight");
  const bool biased = arrays.arrays.contains(name + ".bias");
  const compiler::Matrix bias = biased ? compiler::matrix_of(arrays, name + ".bias") : compiler::Matrix{};
  SparseMap map(static_cast<std::size_t>(count));
  for (std::int64_t r = 0; r < count; ++r) {
    SparseRow& row = map[static_cast<std::size_t>(r)];
    for (std::int64_t c = 0; c < weight.columns; ++c)
      if (const float w = weight.at(from + r, c); w != 0) row.terms.push_back({c, w});
    if (biased) row.bias = bias.at(0, from + r);
  }
  return map;
}

void check_finite(const arch::ModelFile& file, const std::string& source) {
  for (const auto& [name, array] : file.weights.arrays)
    for (const float x : compiler::matrix_of(file.weights, name).values)
      if (!std::isfinite(x))
        throw base::InputError(source, fmt::format("array {} has a weight that is no number", name));
}

// --- computing ---

template <class T>
void add_term(T& sum, float weight, const T& x) {
  sum += static_cast<T>(weight) * x;
}
/// Most weights are 1 and most numbers 0, and every operation of GMP's is a hundred of a processor's.
void add_term(Rational& sum, float weight, const Rational& x) {
  if (sgn(x) == 0) return;
  if (weight == 1)
    sum += x;
  else if (weight == -1)
    sum -= x;
  else
    sum += Rational(weight) * x;
}

/// Adds what a row of a map makes of x to `sum`; in floating point it is added up for itself first, as a
/// layer's output is before it meets the residual stream.
template <class T>
void add_row(T& sum, const SparseRow& row, const T* x) {
  T own(row.bias);
  for (const SparseRow::Term& term : row.terms) add_term(own, term.weight, x[term.column]);
  sum += own;
}
void add_row(Rational& sum, const SparseRow& row, const Rational* x) {
  if (row.bias != 0) sum += Rational(row.bias);
  for (const SparseRow::Term& term : row.terms) add_term(sum, term.weight, x[term.column]);
}

template <class T>
T apply(const SparseRow& row, const T* x) {
  T sum(0);
  add_row(sum, row, x);
  return sum;
}

bool whole(double x) {
  return std::abs(x) < static_cast<double>(std::int64_t{1} << kWholeBits) && x == std::nearbyint(x);
}
bool whole(const Rational& x) {
  return mpz_cmp_ui(x.get_den_mpz_t(), 1) == 0 && mpz_sizeinbase(x.get_num_mpz_t(), 2) <= kWholeBits;
}
std::int64_t as_whole(double x) {
  return static_cast<std::int64_t>(x);
}
std::int64_t as_whole(const Rational& x) {
  return mpz_get_si(x.get_num_mpz_t());
}

/// The rows of a map of these indices, at every token.
template <class T>
Rows<T> mapped(const SparseMap& map, const std::vector<std::size_t>& which, const Rows<T>& x) {
  auto rows = Rows<T>::zeros(x.count, static_cast<std::int64_t>(which.size()));
  for (std::int64_t t = 0; t < x.count; ++t)
    for (std::size_t d = 0; d < which.size(); ++d) add_row(rows.row(t)[d], map[which[d]], x.row(t));
  return rows;
}

/// A head's queries, keys and values; of queries and keys only the numbers that count in their products.
template <class T>
struct HeadRows {
  Rows<T> queries, keys, values;

  HeadRows(const HardBlock& block, int head, const Rows<T>& x) {
    const auto width = static_cast<std::size_t>(block.head_width);
    const std::size_t q = static_cast<std::size_t>(head) * width;
    const std::size_t k = static_cast<std::size_t>(head / (block.heads / block.kv_heads)) * width;
    std::vector<std::size_t> query, key, value;
    for (std::size_t d = 0; d < width; ++d) {
      value.push_back(k + d);
      if (block.query[q + d].zero() || block.key[k + d].zero()) continue;
      query.push_back(q + d);
      key.push_back(k + d);
    }
    queries = mapped(block.query, query, x);
    keys = mapped(block.key, key, x);
    values = mapped(block.value, value, x);
  }
};

/// Sets `to` to the mean of the values of the keys that are visited, in their order; there is one at least.
template <class T, class Visit>
void take_mean(const Rows<T>& values, const Visit& visit, T* to) {
  std::int64_t count = 0;
  visit([&](int key) {
    ++count;
    for (std::int64_t d = 0; d < values.width; ++d) to[d] += values.row(key)[d];
  });
  if (count == 1) return;
  for (std::int64_t d = 0; d < values.width; ++d) to[d] /= static_cast<T>(count);
}

template <class C, class W, class T, class Convert>
void attend_sorted(const HeadRows<T>& h, Rows<T>& mixed, std::int64_t first, const Convert& convert,
                   const std::function<void()>& step) {
  const auto point = [&](const Rows<T>& rows, std::int64_t t) {
    std::array<C, 2> p{};
    for (std::int64_t d = 0; d < rows.width; ++d) p[static_cast<std::size_t>(d)] = convert(rows.row(t)[d]);
    return p;
  };
  std::vector<std::array<C, 2>> keys;
  for (std::int64_t t = 0; t < h.keys.count; ++t) keys.push_back(point(h.keys, t));
  ArgMax<C, W> largest(std::move(keys));
  std::vector<std::vector<T>> means;
  for (std::int64_t t = 0; t < h.queries.count; ++t) {
    step();
    largest.find(point(h.queries, t), [&](int set, const auto& visit) {
      const auto s = static_cast<std::size_t>(set);
      if (s == means.size()) {
        means.emplace_back(static_cast<std::size_t>(h.values.width));
        take_mean(h.values, visit, means.back().data());
      }
      std::copy(means[s].begin(), means[s].end(), mixed.row(t) + first);
    });
  }
}

template <class T>
void attend_naive(const HeadRows<T>& h, Rows<T>& mixed, std::int64_t first,
                  const std::function<void()>& step) {
  std::vector<int> best;
  for (std::int64_t t = 0; t < h.queries.count; ++t) {
    step();
    Rational largest;
    for (std::int64_t j = 0; j < h.keys.count; ++j) {
      Rational score;
      for (std::int64_t d = 0; d < h.keys.width; ++d)
        score += exact(h.queries.row(t)[d]) * exact(h.keys.row(j)[d]);
      if (best.empty() || score > largest) {
        largest = score;
        best.clear();
      }
      if (score == largest) best.push_back(static_cast<int>(j));
    }
    take_mean(
        h.values, [&](const auto& f) { std::for_each(best.begin(), best.end(), f); }, mixed.row(t) + first);
    best.clear();
  }
}

/// What the heads hand on, head by head.
template <class T>
Rows<T> attend(const HardBlock& block, const Rows<T>& x, Search search, const std::function<void()>& step) {
  auto mixed = Rows<T>::zeros(x.count, std::int64_t{block.heads} * block.head_width);
  for (int head = 0; head < block.heads; ++head) {
    const HeadRows<T> h(block, head, x);
    const std::int64_t first = std::int64_t{head} * block.head_width;
    for (const Rows<T>* rows : {&h.queries, &h.keys})
      for (const T& number : rows->values)
        if (!fits(number)) throw base::InputError("model", "overflow: a query or key is beyond its type");
    const auto all_whole = [](const Rows<T>& rows) {
      return std::all_of(rows.values.begin(), rows.values.end(), [](const T& v) { return whole(v); });
    };
    if (search == Search::Naive || h.keys.width > 2)
      attend_naive(h, mixed, first, step);
    else if (all_whole(h.queries) && all_whole(h.keys))
      attend_sorted<std::int64_t, Wide>(
          h, mixed, first, [](const T& v) { return as_whole(v); }, step);
    else
      attend_sorted<Rational, Rational>(
          h, mixed, first, [](const T& v) { return exact(v); }, step);
  }
  return mixed;
}

/// Adds what the feed-forward net makes of a token's numbers to them.
template <class T>
void feed_forward(const HardBlock& block, T* x, std::vector<T>& hidden) {
  using arch::Activation;
  const std::size_t units = block.up.size();
  hidden.resize(units);
  for (std::size_t u = 0; u < units; ++u) {
    hidden[u] = 0;
    if (block.feed_forward.activation == Activation::Relu) {
      hidden[u] = apply(block.up[u], x);
      if (sign_of(hidden[u]) < 0) hidden[u] = T(0);
      continue;
    }
    if (block.gate[u].zero() || block.up[u].zero()) continue;
    T gate = apply(block.gate[u], x);
    if (u >= units / 2) gate = T(sign_of(gate));
    if (sign_of(gate) == 0 && fits(gate)) continue;
    hidden[u] = gate * apply(block.up[u], x);
  }
  for (std::size_t c = 0; c < block.down.size(); ++c)
    if (!block.down[c].zero()) add_row(x[c], block.down[c], hidden.data());
}

}  // namespace

HardTransformer hard_transformer(const arch::ModelFile& file, const std::string& source) {
  const arch::Model& m = file.model;
  const auto require = [&](bool fine, const std::string& expected) {
    if (!fine) throw base::InputError(source, "expected " + expected + ", for circuits");
  };
  require(m.embedding.reads_numbers(), "a model that reads numbers (vocabulary 0)");
  require(m.final_norm.kind == arch::NormKind::None, "no final norm");
  require(m.read_out.soft_cap == 0, "no soft cap");
  check_finite(file, source);
  HardTransformer result;
  result.width = m.embedding.width;
  for (std::size_t l = 0; l < m.blocks.size(); ++l) {
    const arch::Block& from = m.blocks[l];
    const std::string place = fmt::format("blocks[{}]: ", l), name = fmt::format("layers.{}.", l);
    require(from.norm.kind == arch::NormKind::None, place + "no norms");
    require(from.mixer.name == "attention", place + "attention");
    const mixers::AttentionOptions o =
        mixers::read_attention_options({m.embedding.width, from.mixer.options});
    require(o.hard, place + "attention with mask=none and weights=hard");
    require(o.qk_norm == mixers::QkNorm::None && o.value_scale == mixers::ValueScale::Off,
            place + "attention without qk_norm and value_scale");
    HardBlock block{o.heads, o.kv_heads, o.head_width, {}, {}, {}, {}, from.feed_forward, {}, {}, {}};
    const std::string attention = name + "attention.";
    block.query = sparse(file.weights, attention + "qkv", 0, o.mixed_width());
    block.key = sparse(file.weights, attention + "qkv", o.mixed_width(), o.kv_width());
    block.value = sparse(file.weights, attention + "qkv", o.mixed_width() + o.kv_width(), o.kv_width());
    block.out = sparse(file.weights, attention + "out", 0, result.width);
    const arch::FeedForward& f = from.feed_forward;
    require(f.activation == arch::Activation::None || f.activation == arch::Activation::Relu ||
                f.activation == arch::Activation::Arithmetic,
            place + "a feed-forward net of activation arithmetic or relu, or none");
    if (f.activation != arch::Activation::None) {
      if (f.gated()) block.gate = sparse(file.weights, name + "mlp.gate", 0, f.width);
      block.up = sparse(file.weights, name + "mlp.up", 0, f.width);
      block.down = sparse(file.weights, name + "mlp.down", 0, result.width);
    }
    result.blocks.push_back(std::move(block));
  }
  result.read_out = sparse(file.weights, "read_out", 0, m.read_out.outputs);
  return result;
}

template <class T>
Rows<T> run_blocks(const HardTransformer& model, Rows<T> rows, const AfterBlock<T>& after, Search search,
                   const Watch& watch) {
  base::Budget budget("running the transformer");
  std::vector<T> hidden;
  for (std::size_t b = 0; b < model.blocks.size() && rows.count > 0; ++b) {
    const HardBlock& block = model.blocks[b];
    const std::function<void()> step = [&] {
      budget.spend();
      if (watch) watch(static_cast<int>(b));
    };
    const Rows<T> mixed = attend(block, rows, search, step);
    for (std::int64_t t = 0; t < rows.count; ++t) {
      step();
      for (std::size_t c = 0; c < block.out.size(); ++c)
        if (!block.out[c].zero()) add_row(rows.row(t)[c], block.out[c], mixed.row(t));
      if (!block.down.empty()) feed_forward(block, rows.row(t), hidden);
    }
    if (after) after(static_cast<int>(b), rows);
  }
  return rows;
}

template <class T>
Rows<T> read_out(const HardTransformer& model, const Rows<T>& rows) {
  std::vector<std::size_t> every(model.read_out.size());
  std::iota(every.begin(), every.end(), 0);
  return mapped(model.read_out, every, rows);
}

#define YORE_FOR_NUMBERS(T)                                                                                 \
  template Rows<T> run_blocks(const HardTransformer&, Rows<T>, const AfterBlock<T>&, Search, const Watch&); \
  template Rows<T> read_out(const HardTransformer&, const Rows<T>&);
YORE_FOR_NUMBERS(Rational)
YORE_FOR_NUMBERS(double)
YORE_FOR_NUMBERS(float)
#undef YORE_FOR_NUMBERS

}  // namespace yore::circuits
