#include "yore/mixers/common/scan_state.h"

#include <algorithm>
#include <stdexcept>

namespace yore::mixers::scan {
namespace {

/// Where a row keeps what a token brings in: keys, values, decays and beta of all heads.
struct Layout {
  std::int64_t keys, values, decays, betas;
  explicit Layout(const Setting& s)
      : keys(std::int64_t{s.key_heads} * s.key_dim),
        values(std::int64_t{s.heads} * s.value_dim),
        decays(std::int64_t{s.heads} * s.decays()),
        betas(s.heads) {}
  std::int64_t row() const { return keys + values + decays + betas; }
};

template <class T>
T* copy_heads(const Rows<const T>& from, std::int64_t t, int heads, std::int64_t numbers, T* to) {
  const std::int64_t dim = numbers / heads;
  for (int h = 0; h < heads; ++h) {
    const T* first = from.data + t * from.token + h * from.head;
    to = std::copy(first, first + dim, to);
  }
  return to;
}

/// Throws what the scan throws for a log_decay that is too high, which it finds while states change.
template <class T>
void check_decays(const Problem<T>& p) {
  const Setting& s = p.setting;
  const int count = s.decays(), most = s.most_log_decay();
  if (count == 0) return;
  for (std::int64_t t = 0; t < p.starts[p.batch]; ++t)
    for (int h = 0; h < s.heads; ++h) {
      const T* row = p.log_decay.data + t * p.log_decay.token + h * p.log_decay.head;
      bool above = false;  // of all of a row before the first branch, which compilers make vectors of
      for (int c = 0; c < count; ++c) above |= row[c] > static_cast<T>(most);
      if (!above) continue;
      const T got = *std::find_if(row, row + count, [&](T x) { return x > static_cast<T>(most); });
      refuse_decay(s, got, t, h);
    }
}

}  // namespace

template <class T>
std::unique_ptr<RecurrentState<T>> start(const Setting& setting, const std::string& kind, std::int64_t batch,
                                         std::int64_t rollback, std::int64_t max_tokens) {
  check(setting);
  const Layout layout(setting);
  const auto replay = [setting, layout](T* state, const T* rows, std::int64_t tokens) {
    const std::int64_t starts[] = {0, tokens}, row = layout.row();
    Problem<T> p;
    p.setting = setting;
    p.batch = 1;
    p.starts = starts;
    p.threads = 1;
    p.k = {rows, row, setting.key_dim};
    p.v = {rows + layout.keys, row, setting.value_dim};
    if (layout.decays > 0)
      p.log_decay = {rows + layout.keys + layout.values, row, layout.decays / setting.heads};
    p.beta = {rows + layout.keys + layout.values + layout.decays, row, 1};
    advance<T>(p, state, Rows<T>{});
  };
  return std::make_unique<RecurrentState<T>>(
      RecurrentSetting{kind, batch, setting.heads * setting.state_size(), layout.row(), rollback, max_tokens},
      replay);
}

template <class T>
void advance(RecurrentState<T>& state, const Problem<T>& problem, Rows<T> out) {
  const Setting& s = problem.setting;
  const Layout layout(s);
  check_decays(problem);
  state.advance(
      problem.starts,
      [&](std::int64_t batch, const std::int64_t* starts, T* states) {
        Problem<T> p = problem;
        p.batch = batch;
        p.starts = starts;
        advance<T>(p, states, out);
      },
      [&](std::int64_t t, T* row) {
        row = copy_heads(problem.k, t, s.key_heads, layout.keys, row);
        row = copy_heads(problem.v, t, s.heads, layout.values, row);
        if (layout.decays > 0) row = copy_heads(problem.log_decay, t, s.heads, layout.decays, row);
        if (problem.beta.data != nullptr)
          copy_heads(problem.beta, t, s.heads, layout.betas, row);
        else
          std::fill(row, row + layout.betas, T(1));
      });
}

template std::unique_ptr<RecurrentState<float>> start<float>(const Setting&, const std::string&, std::int64_t,
                                                             std::int64_t, std::int64_t);
template std::unique_ptr<RecurrentState<double>> start<double>(const Setting&, const std::string&,
                                                               std::int64_t, std::int64_t, std::int64_t);
template void advance<float>(RecurrentState<float>&, const Problem<float>&, Rows<float>);
template void advance<double>(RecurrentState<double>&, const Problem<double>&, Rows<double>);

}  // namespace yore::mixers::scan
