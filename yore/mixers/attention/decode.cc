#include "yore/mixers/attention/decode.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "yore/kernels/parallel.h"
#include "yore/mixers/attention/step.h"
#include "yore/mixers/attention/visible.h"

namespace yore::mixers {
namespace {

/// Up to this many new tokens go one by one over the ring; more are computed together, over a copy of what
/// they see.
constexpr std::int64_t kFewTokens = 3;

/// Rows that a ring has at once where nothing is said of the number of tokens: a model may name a lookback of
/// a billion tokens and then see ten.
constexpr std::int64_t kRowsAtFirst = 4096;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("attention state: " + why);
}

std::size_t size_of(kernel::Storage storage) {
  switch (storage) {
    case kernel::Storage::Float64:
      return 8;
    case kernel::Storage::Float32:
      return 4;
    default:
      return 2;
  }
}

std::size_t bytes_of(std::int64_t rows, std::size_t row) {
  return static_cast<std::size_t>(rows) * row;
}

/// Bytes of `count` rows of `row` bytes for each of `batch` sequences. Throws std::invalid_argument where
/// that is more than an array can have.
std::size_t bytes_of_all(std::int64_t batch, std::int64_t count, std::size_t row) {
  const std::size_t most = PTRDIFF_MAX / row, wanted = static_cast<std::size_t>(count);
  if (batch > 0 && wanted > most / static_cast<std::size_t>(batch))
    refuse(std::to_string(batch) + " sequences of " + std::to_string(count) + " rows of " +
           std::to_string(row) + " bytes are more than memory can hold");
  return bytes_of(batch * count, row);
}

/// Calls each(row, count, first position) for the runs of rows that hold positions first .. end - 1 of a ring
/// of `rows` rows.
template <class Each>
void for_ring(std::int64_t first, std::int64_t end, std::int64_t rows, const Each& each) {
  while (first < end) {
    const std::int64_t row = first % rows, count = std::min(end - first, rows - row);
    each(row, count, first);
    first += count;
  }
}

/// Row `index` of head g of a packed view, as bytes.
const std::byte* row_of(kernel::View<const void> x, std::int64_t index, int g, std::size_t element) {
  return static_cast<const std::byte*>(x.data) +
         (index * x.time + g * x.head) * static_cast<std::int64_t>(element);
}

}  // namespace

AttentionState::AttentionState(DecodeSetting setting) : setting_(std::move(setting)) {
  DecodeSetting& s = setting_;
  if (s.batch < 0 || s.rollback < 0 || s.max_tokens < 0)
    refuse("batch, rollback and max_tokens must be at least 0");
  if (s.heads < 1 || s.kv_heads < 1 || s.heads % s.kv_heads != 0)
    refuse(std::to_string(s.kv_heads) + " key heads must divide " + std::to_string(s.heads) + " heads");
  if (s.dim < 1 || s.dim > kMaxDim || s.value_dim < 1 || s.value_dim > kMaxDim)
    refuse("head dimensions must be 1 to " + std::to_string(kMaxDim));
  check_params(s.params, s.heads, s.kv_heads);
  s.params = complete_params(std::move(s.params), s.heads, s.dim);
  const int group = s.heads / s.kv_heads;
  for (int g = 0; g < s.kv_heads; ++g) {
    const auto first = s.params.lookback.begin() + std::ptrdiff_t{g} * group;
    const bool global = std::find(first, first + group, kGlobal) != first + group;
    Ring ring;
    ring.reach = global ? -1 : *std::max_element(first, first + group);
    ring.sinks = global ? 0 : s.params.sinks;
    if (!global && s.rollback > INT64_MAX - ring.reach)
      refuse("a lookback of " + std::to_string(ring.reach) + " and a rollback of " +
             std::to_string(s.rollback) + " are more than memory can hold");
    ring.most = global ? INT64_MAX : ring.reach + s.rollback;
    ring.capacity = s.max_tokens > 0 ? std::min(ring.most, s.max_tokens)
                    : global         ? 0
                                     : std::min(ring.most, kRowsAtFirst);
    if (!global)  // what it may grow to
      for (const int dim : {s.dim, s.value_dim}) bytes_of_all(s.batch, ring.most, row_bytes(dim));
    ring.k.resize(bytes_of_all(s.batch, ring.capacity, row_bytes(s.dim)));
    ring.v.resize(bytes_of_all(s.batch, ring.capacity, row_bytes(s.value_dim)));
    ring.sink_k.resize(bytes_of_all(s.batch, ring.sinks, row_bytes(s.dim)));
    ring.sink_v.resize(bytes_of_all(s.batch, ring.sinks, row_bytes(s.value_dim)));
    rings_.push_back(std::move(ring));
  }
  oldest_.assign(bytes_of_all(s.batch, s.kv_heads, sizeof(std::int64_t)) / sizeof(std::int64_t), 0);
  length_.assign(static_cast<std::size_t>(s.batch), 0);
}

std::size_t AttentionState::row_bytes(int dim) const {
  return static_cast<std::size_t>(dim) * size_of(setting_.storage);
}

std::int64_t AttentionState::length(std::int64_t b) const {
  return length_.at(static_cast<std::size_t>(b));
}

std::size_t AttentionState::bytes() const {
  std::size_t sum = (length_.capacity() + oldest_.capacity()) * sizeof(std::int64_t);
  for (const Ring& ring : rings_)
    sum += ring.k.capacity() + ring.v.capacity() + ring.sink_k.capacity() + ring.sink_v.capacity();
  return sum;
}

void AttentionState::check_roll_back(std::int64_t b, std::int64_t tokens) const {
  const std::int64_t now = length(b);
  if (tokens < 0 || tokens > now)
    refuse("cannot roll sequence " + std::to_string(b) + " back by " + std::to_string(tokens) + " of " +
           std::to_string(now) + " tokens");
  const std::int64_t then = now - tokens;
  for (int g = 0; g < setting_.kv_heads; ++g) {
    const Ring& ring = rings_[static_cast<std::size_t>(g)];
    const std::int64_t oldest = oldest_[static_cast<std::size_t>(b * setting_.kv_heads + g)];
    const std::int64_t needed = ring.reach < 0 ? 0 : std::max<std::int64_t>(0, then - ring.reach);
    if (needed < then && oldest > needed)
      refuse("cannot roll sequence " + std::to_string(b) + " back by " + std::to_string(tokens) +
             " tokens: position " + std::to_string(needed) + " has left the ring of key head " +
             std::to_string(g) + " (it keeps its lookback and " + std::to_string(setting_.rollback) +
             " more)");
  }
}

void AttentionState::roll_back(std::int64_t b, std::int64_t tokens) {
  check_roll_back(b, tokens);
  length_[static_cast<std::size_t>(b)] -= tokens;
}

/// What a saved state must have in common with the one that takes it on: the number of the format ("YORE2";
/// the first one knew nothing of scale, soft cap and slopes) and the setting, floating point numbers as their
/// bits.
std::vector<std::int64_t> AttentionState::fingerprint() const {
  const DecodeSetting& s = setting_;
  std::vector<std::int64_t> print = {0x3245524f59,
                                     s.batch,
                                     s.heads,
                                     s.kv_heads,
                                     s.dim,
                                     s.value_dim,
                                     static_cast<std::int64_t>(s.storage),
                                     s.params.strict,
                                     s.params.sinks,
                                     s.rollback,
                                     std::bit_cast<std::int64_t>(*s.params.scale),
                                     std::bit_cast<std::int64_t>(s.params.soft_cap),
                                     static_cast<std::int64_t>(s.params.alibi_slopes.size())};
  print.insert(print.end(), s.params.lookback.begin(), s.params.lookback.end());
  for (const double slope : s.params.alibi_slopes) print.push_back(std::bit_cast<std::int64_t>(slope));
  return print;
}

std::vector<std::byte> AttentionState::save() const {
  std::vector<std::byte> out;
  const auto put = [&](const auto& x) {
    const auto* from = reinterpret_cast<const std::byte*>(x.data());
    out.insert(out.end(), from, from + x.size() * sizeof(x[0]));
  };
  put(fingerprint());
  std::vector<std::int64_t> capacities;
  for (const Ring& ring : rings_) capacities.push_back(ring.capacity);
  put(capacities);
  put(length_);
  put(oldest_);
  for (const Ring& ring : rings_) {
    put(ring.k);
    put(ring.v);
    put(ring.sink_k);
    put(ring.sink_v);
  }
  return out;
}

void AttentionState::restore(std::span<const std::byte> saved) {
  const auto take = [&](auto& x) {
    const std::size_t bytes = x.size() * sizeof(x[0]);
    if (saved.size() < bytes) refuse("the saved state ends too soon");
    if (bytes > 0) std::memcpy(x.data(), saved.data(), bytes);
    saved = saved.subspan(bytes);
  };
  std::vector<std::int64_t> print = fingerprint();
  take(print);
  if (print != fingerprint()) refuse("the saved state is of another format or setting");
  std::vector<std::int64_t> capacities(rings_.size());
  take(capacities);
  AttentionState fresh = *this;
  take(fresh.length_);
  take(fresh.oldest_);
  for (std::size_t g = 0; g < rings_.size(); ++g) {
    Ring& ring = fresh.rings_[g];
    // No more rows than what is left of the bytes holds.
    const std::size_t entry = row_bytes(setting_.dim) + row_bytes(setting_.value_dim);
    const auto most = static_cast<std::int64_t>(saved.size() / std::max<std::size_t>(1, entry)) /
                      std::max<std::int64_t>(1, setting_.batch);
    if (capacities[g] < 0 || capacities[g] > ring.most || (setting_.batch > 0 && capacities[g] > most))
      refuse("the saved state has a ring of " + std::to_string(capacities[g]) + " entries");
    ring.capacity = capacities[g];
    ring.k = std::vector<std::byte>(bytes_of(setting_.batch * ring.capacity, row_bytes(setting_.dim)));
    ring.v = std::vector<std::byte>(bytes_of(setting_.batch * ring.capacity, row_bytes(setting_.value_dim)));
    take(ring.k);
    take(ring.v);
    take(ring.sink_k);
    take(ring.sink_v);
    for (std::int64_t b = 0; b < setting_.batch; ++b) {
      if (fresh.length(b) < 0 || fresh.length(b) > kMostSavedTokens ||
          (setting_.max_tokens > 0 && fresh.length(b) > setting_.max_tokens) ||
          (ring.capacity < ring.most && fresh.length(b) > ring.capacity))
        refuse("the saved lengths are wrong");
      // What a ring of so many rows has overwritten cannot be in it.
      const std::int64_t oldest = fresh.oldest_[static_cast<std::size_t>(b) * rings_.size() + g];
      if (oldest < std::max<std::int64_t>(0, fresh.length(b) - ring.capacity))
        refuse("the saved positions of the oldest rows are wrong");
    }
  }
  if (!saved.empty()) refuse("the saved state is too long");
  *this = std::move(fresh);
}

void AttentionState::reserve(std::int64_t tokens) {
  for (Ring& ring : rings_) {
    const std::int64_t rows_then = std::min(tokens, ring.most);
    if (rows_then <= ring.capacity) continue;
    const auto grow = [&](std::vector<std::byte>& rows, std::size_t row) {
      std::vector<std::byte> wider(bytes_of_all(setting_.batch, rows_then, row));
      for (std::int64_t b = 0; b < setting_.batch;
           ++b)  // nothing has come round yet: position p lies at row p
        if (length(b) > 0)
          std::memcpy(wider.data() + bytes_of(b * rows_then, row),
                      rows.data() + bytes_of(b * ring.capacity, row), bytes_of(length(b), row));
      rows = std::move(wider);
    };
    grow(ring.k, row_bytes(setting_.dim));
    grow(ring.v, row_bytes(setting_.value_dim));
    ring.capacity = rows_then;
  }
}

void AttentionState::append(std::int64_t b, int g, std::int64_t tokens, kernel::View<const void> k,
                            kernel::View<const void> v, std::int64_t row) {
  Ring& ring = rings_[static_cast<std::size_t>(g)];
  const std::size_t element = size_of(setting_.storage);
  const std::int64_t before = length(b);
  const auto write = [&](std::vector<std::byte>& to, kernel::View<const void> from, std::size_t bytes,
                         std::int64_t place, std::int64_t token) {
    std::memcpy(to.data() + bytes_of(place, bytes), row_of(from, row + token, g, element), bytes);
  };
  const std::size_t k_bytes = row_bytes(setting_.dim), v_bytes = row_bytes(setting_.value_dim);
  for (std::int64_t t = 0; t < tokens && before + t < ring.sinks; ++t) {
    write(ring.sink_k, k, k_bytes, b * ring.sinks + before + t, t);
    write(ring.sink_v, v, v_bytes, b * ring.sinks + before + t, t);
  }
  for (std::int64_t t = std::max<std::int64_t>(0, tokens - ring.capacity); t < tokens; ++t) {
    const std::int64_t place = b * ring.capacity + (before + t) % ring.capacity;
    write(ring.k, k, k_bytes, place, t);
    write(ring.v, v, v_bytes, place, t);
  }
  std::int64_t& oldest = oldest_[static_cast<std::size_t>(b * setting_.kv_heads + g)];
  oldest = std::max(oldest, before + tokens - ring.capacity);
}

/// Token `place` of the new ones of sequence b, which lie at row and on; nothing of them is in the ring yet.
template <class T>
void AttentionState::step(std::int64_t b, int g, std::int64_t row, std::int64_t place,
                          kernel::View<const T> q, kernel::View<const void> k, kernel::View<const void> v,
                          kernel::View<T> out, const T* sink_logits, std::vector<std::byte>& scratch) const {
  const DecodeSetting& s = setting_;
  const Ring& ring = rings_[static_cast<std::size_t>(g)];
  const std::size_t element = size_of(s.storage);
  const std::int64_t before = length(b), position = before + place;
  const int group = s.heads / s.kv_heads;
  for (int h = g * group; h < (g + 1) * group; ++h) {
    const Visible mask{s.params.lookback[static_cast<std::size_t>(h)], s.params.strict, s.params.sinks,
                       position};
    std::array<kernel::KeyPiece, kernel::kMostPieces> pieces;
    int count = 0;
    std::int64_t total = 0;
    const auto add = [&](const std::byte* key, const std::byte* value, std::int64_t k_time,
                         std::int64_t v_time, std::int64_t first, std::int64_t n) {
      if (n <= 0) return;
      pieces[static_cast<std::size_t>(count++)] = {key, value, k_time, v_time, first, n};
      total += n;
    };
    /// Positions first .. end - 1 of the past, from the ring or the sinks' rows.
    const auto add_past = [&](const Interval& seen, bool from_sinks) {
      const auto& keys = from_sinks ? ring.sink_k : ring.k;
      const auto& values = from_sinks ? ring.sink_v : ring.v;
      const std::int64_t rows = from_sinks ? ring.sinks : ring.capacity;
      for_ring(seen.first, std::min(seen.end, before), rows,
               [&](std::int64_t at, std::int64_t n, std::int64_t first) {
                 add(keys.data() + bytes_of(b * rows + at, row_bytes(s.dim)),
                     values.data() + bytes_of(b * rows + at, row_bytes(s.value_dim)), s.dim, s.value_dim,
                     first, n);
               });
    };
    /// Positions that came with this call.
    const auto add_new = [&](const Interval& seen) {
      const std::int64_t first = std::max(seen.first, before);
      add(row_of(k, row + first - before, g, element), row_of(v, row + first - before, g, element), k.time,
          v.time, first, seen.end - first);
    };
    const Interval sink = mask.sink(0), window = mask.window(0);
    add_past(sink, ring.reach >= 0);
    add_new(sink);
    add_past(window, false);
    add_new(window);
    const std::size_t needed = bytes_of(total + kernel::kStepSlack, sizeof(T));
    if (scratch.size() < needed) scratch.resize(std::max(needed, 2 * scratch.size()));
    const kernel::Step<T> scalars{
        s.dim,
        s.value_dim,
        s.storage,
        static_cast<T>(*s.params.scale),
        s.params.alibi_slopes.empty() ? T(0)
                                      : static_cast<T>(s.params.alibi_slopes[static_cast<std::size_t>(h)]),
        s.params.soft_cap,
        sink_logits == nullptr ? -std::numeric_limits<T>::infinity() : sink_logits[h],
        position};
    kernel::step_unchecked(scalars, q.data + (row + place) * q.time + h * q.head, pieces.data(), count,
                           reinterpret_cast<T*>(scratch.data()),
                           out.data + (row + place) * out.time + h * out.head);
  }
}

/// All new tokens of sequence b together: keys that they see of the past are put before the new ones in one
/// array.
template <class T>
void AttentionState::chunk(std::int64_t b, int g, std::int64_t row, std::int64_t tokens,
                           kernel::View<const T> q, kernel::View<const void> k, kernel::View<const void> v,
                           kernel::View<T> out, const T* sink_logits) const {
  const DecodeSetting& s = setting_;
  const Ring& ring = rings_[static_cast<std::size_t>(g)];
  const std::size_t element = size_of(s.storage);
  const std::int64_t before = length(b);
  // Sinks first, then the reach before the first new token. Positions between are seen by nobody, and leaving
  // them out changes no distance that matters (advance() sees to ALiBi, whose distances to sinks would).
  const std::int64_t first = ring.reach < 0 ? 0 : std::max<std::int64_t>(0, before - ring.reach);
  const std::int64_t sinks = std::min(ring.sinks, first);
  const std::int64_t kept = before - first, all = sinks + kept + tokens;
  const auto gather = [&](const std::vector<std::byte>& rows, const std::vector<std::byte>& sink_rows,
                          kernel::View<const void> fresh, int dim) {
    const std::size_t bytes = row_bytes(dim);
    std::vector<std::byte> out_rows(bytes_of(all, bytes));
    std::byte* to = out_rows.data();
    const auto copy = [&](const std::byte* from, std::int64_t n) {
      if (n > 0) std::memcpy(to, from, bytes_of(n, bytes));
      to += bytes_of(n, bytes);
    };
    copy(sink_rows.data() + bytes_of(b * ring.sinks, bytes), sinks);
    for_ring(first, before, ring.capacity, [&](std::int64_t at, std::int64_t n, std::int64_t) {
      copy(rows.data() + bytes_of(b * ring.capacity + at, bytes), n);
    });
    for (std::int64_t t = 0; t < tokens; ++t) copy(row_of(fresh, row + t, g, element), 1);
    return out_rows;
  };
  const std::vector<std::byte> keys = gather(ring.k, ring.sink_k, k, s.dim),
                               values = gather(ring.v, ring.sink_v, v, s.value_dim);
  const int group = s.heads / s.kv_heads, h = g * group;
  AttentionParams params = s.params;
  params.lookback.assign(s.params.lookback.begin() + h, s.params.lookback.begin() + h + group);
  if (!params.alibi_slopes.empty())
    params.alibi_slopes.assign(s.params.alibi_slopes.begin() + h, s.params.alibi_slopes.begin() + h + group);
  kernel::Problem<T> p;
  p.sequences = {1, tokens, all};
  p.heads = group;
  p.kv_heads = 1;
  p.dim = s.dim;
  p.value_dim = s.value_dim;
  p.q = {q.data + row * q.time + h * q.head, 0, q.time, q.head};
  p.k = {keys.data(), 0, s.dim, 0};
  p.v = {values.data(), 0, s.value_dim, 0};
  p.storage = s.storage;
  p.sink_logits = sink_logits == nullptr ? nullptr : sink_logits + h;
  p.threads = 1;
  kernel::forward_unchecked<T>(p, params, {out.data + row * out.time + h * out.head, 0, out.time, out.head},
                               nullptr);
}

template <class T>
void AttentionState::advance(const std::int64_t* starts, kernel::View<const T> q, kernel::View<const void> k,
                             kernel::View<const void> v, kernel::View<T> out, const T* sink_logits,
                             int threads) {
  const DecodeSetting& s = setting_;
  if ((sizeof(T) == 8) != (s.storage == kernel::Storage::Float64))
    refuse("queries and keys differ in precision");
  std::int64_t longest = 0, work = 0;
  for (std::int64_t b = 0; b < s.batch; ++b) {
    const std::int64_t tokens = starts[b + 1] - starts[b];
    if (tokens < 0)
      refuse("starts must not fall, got " + std::to_string(starts[b + 1]) + " after " +
             std::to_string(starts[b]));
    longest = std::max(longest, length(b) + tokens);
    work += tokens;
  }
  if (s.max_tokens > 0 && longest > s.max_tokens)
    throw std::length_error("attention state: " + std::to_string(longest) +
                            " tokens exceed max_tokens = " + std::to_string(s.max_tokens));
  std::int64_t wanted = 0;
  for (const Ring& ring : rings_)
    if (ring.capacity < ring.most && longest > ring.capacity)
      wanted = std::max({wanted, longest, std::int64_t{16}, 2 * ring.capacity});
  reserve(wanted);
  const bool one_by_one = !s.params.alibi_slopes.empty() && s.params.sinks > 0;  // see chunk()
  const std::int64_t pairs = s.batch * s.kv_heads;
  // A step of a few thousand products is over before a second thread has woken.
  const int most = work * s.heads < 256 ? 1 : threads;
  const int count = kernels::threads_for(most, pairs);
  if (scratch_.threads.size() < static_cast<std::size_t>(count))
    scratch_.threads.resize(static_cast<std::size_t>(count));
  std::atomic<std::size_t> taken{0};
  kernels::parallel_tasks(
      count, pairs, [&] { return &scratch_.threads[taken++]; },
      [&](std::vector<std::byte>* scratch, std::int64_t pair) {
        const std::int64_t b = pair / s.kv_heads, row = starts[b], tokens = starts[b + 1] - row;
        const int g = static_cast<int>(pair % s.kv_heads);
        if (tokens > kFewTokens && !one_by_one)
          chunk<T>(b, g, row, tokens, q, k, v, out, sink_logits);
        else
          for (std::int64_t t = 0; t < tokens; ++t)
            step<T>(b, g, row, t, q, k, v, out, sink_logits, *scratch);
      });
  // Nothing has changed where memory was refused above; nothing can be refused below.
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const std::int64_t b = pair / s.kv_heads;
    append(b, static_cast<int>(pair % s.kv_heads), starts[b + 1] - starts[b], k, v, starts[b]);
  }
  for (std::int64_t b = 0; b < s.batch; ++b)
    length_[static_cast<std::size_t>(b)] += starts[b + 1] - starts[b];
}

template void AttentionState::advance(const std::int64_t*, kernel::View<const float>,
                                      kernel::View<const void>, kernel::View<const void>, kernel::View<float>,
                                      const float*, int);
template void AttentionState::advance(const std::int64_t*, kernel::View<const double>,
                                      kernel::View<const void>, kernel::View<const void>,
                                      kernel::View<double>, const double*, int);

}  // namespace yore::mixers
