// Transformers of arch with average hard attention, evaluated in exact rationals, double or float, without
// torch: encoders whose attention has weights=hard and mask=none, whose feed-forward nets are arithmetic,
// relu or none, and that read numbers. Weights are sparse here, and what is not 0 is used as it stands in the
// file.
//
// The largest scores are found exactly: queries and keys are rounded to T, their products are not. Where
// queries and keys have at most two numbers that matter, by ArgMax in memory linear in the tokens; else one
// query at a time.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/circuits/number.h"

namespace yore::circuits {

/// Numbers by token and coordinate.
template <class T>
struct Rows {
  std::int64_t count = 0, width = 0;
  std::vector<T> values;

  static Rows zeros(std::int64_t count, std::int64_t width) {
    return {count, width, std::vector<T>(static_cast<std::size_t>(count * width))};
  }
  T* row(std::int64_t r) { return values.data() + r * width; }
  const T* row(std::int64_t r) const { return values.data() + r * width; }
};

/// weight * column, summed, plus a bias.
struct SparseRow {
  struct Term {
    std::int64_t column;
    float weight;
  };
  std::vector<Term> terms;
  float bias = 0;
  bool zero() const { return terms.empty() && bias == 0; }
};
using SparseMap = std::vector<SparseRow>;

/// One block.
struct HardBlock {
  int heads = 1, kv_heads = 1, head_width = 1;
  SparseMap query, key, value, out;  ///< rows: head by head
  arch::FeedForward feed_forward;
  SparseMap gate, up, down;  ///< as activation has them
};

struct HardTransformer {
  std::int64_t width = 0;
  std::vector<HardBlock> blocks;
  SparseMap read_out;
};

/// Throws InputError(`source`) naming what the model has that is not of this class.
HardTransformer hard_transformer(const arch::ModelFile& file, const std::string& source);

/// How the largest scores are found.
enum class Search {
  Sorted,  ///< by ArgMax where that is possible
  Naive,   ///< every query against every key, as attention is defined: for tests
};

/// Called with the rows after block `block`, counted from 0.
template <class T>
using AfterBlock = std::function<void(int block, const Rows<T>& rows)>;

/// Called again and again while block `block`, counted from 0, is at work; what it throws ends the work.
using Watch = std::function<void(int block)>;

/// The rows after the last block, from those before the first. `after` is called after each one. Throws
/// base::Interrupted.
template <class T>
Rows<T> run_blocks(const HardTransformer& model, Rows<T> rows, const AfterBlock<T>& after = {},
                   Search search = Search::Sorted, const Watch& watch = {});
/// The read-out at every row.
template <class T>
Rows<T> read_out(const HardTransformer& model, const Rows<T>& rows);

}  // namespace yore::circuits
