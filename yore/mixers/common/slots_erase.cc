#include "yore/mixers/common/slots_erase.h"

#include <algorithm>

namespace yore::mixers::slots {
namespace {

/// Rows [N, heads, dim] in one block.
template <class T>
scan::Rows<T> block(const Setting& s, T* data, std::int64_t dim) {
  return {data, s.heads * dim, dim};
}

template <class T>
std::size_t numbers(const Problem<T>& p, std::int64_t dim) {
  return static_cast<std::size_t>(p.starts[p.batch] * p.setting.heads * dim);
}

/// In place of each token's row that of the token before it, 0 for a sequence's first.
template <class T>
std::vector<T> a_token_later(const Problem<T>& p, scan::Rows<const T> rows, std::int64_t dim) {
  std::vector<T> later(numbers(p, dim), T(0));
  for (std::int64_t b = 0; b < p.batch; ++b)
    for (std::int64_t t = p.starts[b] + 1; t < p.starts[b + 1]; ++t)
      for (int h = 0; h < p.setting.heads; ++h)
        std::copy_n(rows.data + (t - 1) * rows.token + h * rows.head, dim,
                    later.data() + (t * p.setting.heads + h) * dim);
  return later;
}

/// states [batch, heads, rows, columns] with rows and columns exchanged.
template <class T>
std::vector<T> transposed(std::int64_t states, std::int64_t rows, std::int64_t columns, const T* from) {
  std::vector<T> to(static_cast<std::size_t>(states * rows * columns));
  for (std::int64_t i = 0; i < states; ++i)
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < columns; ++c)
        to[static_cast<std::size_t>((i * columns + c) * rows + r)] = from[(i * rows + r) * columns + c];
  return to;
}

/// K transposed is what the scan of keys has; that of Setting::erased() has K.
template <class T>
std::vector<T> slots_first(const Problem<T>& p, const T* keys_first) {
  const Setting& s = p.setting;
  if (keys_first == nullptr) return {};
  return transposed(p.batch * s.heads, s.key_dim, s.slots, keys_first);
}

template <class T>
const T* data_of(const std::vector<T>& x) {
  return x.empty() ? nullptr : x.data();
}

}  // namespace

// Token t writes what token t - 1 brought, and asks with its own weights.
template <class T>
std::vector<T> erased_keys(const Problem<T>& p, bool few) {
  const Setting& s = p.setting;
  const std::vector<T> write = a_token_later(p, p.write, s.slots), k = a_token_later(p, p.k, s.key_dim);
  std::vector<T> initial = slots_first(p, p.initial_k), erased(numbers(p, s.key_dim));
  scan::Problem<T> asked{s.erased(),
                         p.batch,
                         p.starts,
                         p.write,
                         block(s, write.data(), s.slots),
                         block(s, k.data(), s.key_dim),
                         {},
                         {},
                         data_of(initial),
                         p.threads};
  const scan::Rows<T> out = block(s, erased.data(), s.key_dim);
  if (few && !initial.empty())
    scan::advance<T>(asked, initial.data(), out);
  else
    scan::forward<T>(asked, out, nullptr, nullptr);
  return erased;
}

template <class T>
std::vector<T> without_erased(const Problem<T>& p, const std::vector<T>& erased) {
  const Setting& s = p.setting;
  std::vector<T> keys(erased.size());
  for (std::int64_t t = 0; t < p.starts[p.batch]; ++t)
    for (int h = 0; h < s.heads; ++h)
      for (int d = 0; d < s.key_dim; ++d) {
        const auto at = static_cast<std::size_t>((t * s.heads + h) * s.key_dim + d);
        keys[at] = p.k.data[t * p.k.token + h * p.k.head + d] - erased[at];
      }
  return keys;
}

// Logits are c K q: to the scan whose state is K, the gradients of logits are queries, its outputs are the
// gradients of q, and q is the cotangent of these.
template <class T>
void erased_gradients(const Problem<T>& p, scan::Rows<const T> to_logits, const T* grad_final_k,
                      const Gradients<T>& to) {
  const Setting& s = p.setting;
  const std::vector<T> initial = slots_first(p, p.initial_k), final = slots_first(p, grad_final_k);
  scan::Problem<T> asked{s.erased(), p.batch, p.starts, to_logits,        p.write,
                         p.k,        {},      {},       data_of(initial), p.threads};
  asked.setting.scale = s.scale;
  std::vector<T> kept(static_cast<std::size_t>(scan::kept_size(asked.setting, p.batch, p.starts))),
      logits(numbers(p, s.slots)), write(to.write.data == nullptr ? numbers(p, s.slots) : 0),
      to_initial(static_cast<std::size_t>(
          to.initial_k == nullptr ? 0 : p.batch * s.heads * s.erased().state_size()));
  scan::forward<T>(asked, to.q, nullptr, kept.data());
  scan::Gradients<T> g;
  g.q = block(s, logits.data(), s.slots);  // which they are
  g.k = to.write.data == nullptr ? block(s, write.data(), s.slots) : to.write;
  g.v = to.k;
  g.initial = to_initial.empty() ? nullptr : to_initial.data();
  scan::backward<T>(asked, {to.q.data, to.q.token, to.q.head}, kept.data(), p.q, data_of(final), g);
  if (to_initial.empty()) return;
  const std::vector<T> back = transposed(p.batch * s.heads, s.slots, s.key_dim, data_of(to_initial));
  std::copy(back.begin(), back.end(), to.initial_k);
}

#define YORE_SLOTS_ERASE(T)                                                            \
  template std::vector<T> erased_keys<T>(const Problem<T>&, bool);                     \
  template std::vector<T> without_erased<T>(const Problem<T>&, const std::vector<T>&); \
  template void erased_gradients<T>(const Problem<T>&, scan::Rows<const T>, const T*, const Gradients<T>&);
YORE_SLOTS_ERASE(float)
YORE_SLOTS_ERASE(double)
#undef YORE_SLOTS_ERASE

}  // namespace yore::mixers::slots
