// For tests of mechanisms that are scans: one sequence through the kernel, whole and in pieces, with arrays
// that are easily written down.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/common/scan.h"

namespace yore::mixers::scan {

/// One sequence, in T: arrays as Problem has them, without strides; log_decay, beta and initial may be empty.
template <class T>
struct Sequence {
  Setting setting;
  std::int64_t tokens = 0;
  std::vector<T> q, k, v, log_decay, beta, initial;
};

/// What comes out of it. `steps` is what the same gives token by token; gradients are of sum(out * grad_out)
/// + sum(state * grad_state) with cotangents that depend on the place alone.
template <class T>
struct SequenceResult {
  std::vector<T> out, state, steps, state_of_steps;
  std::vector<T> q, k, v, log_decay, beta, initial;
};

/// Random numbers for every input: keys of length at most 1, log_decay in -1 .. 0, beta in 0 .. 1.
template <class T>
Sequence<T> random_sequence(const Setting& setting, std::int64_t tokens, std::uint64_t seed) {
  Sequence<T> s{setting, tokens, {}, {}, {}, {}, {}, {}};
  base::Random random(seed);
  const auto draw = [&](std::int64_t count, double low, double high) {
    std::vector<T> x(static_cast<std::size_t>(count));
    for (T& y : x) y = static_cast<T>(low + (high - low) * random.uniform());
    return x;
  };
  const double norm = 1 / std::sqrt(static_cast<double>(setting.key_dim));
  s.q = draw(tokens * setting.key_heads * setting.key_dim, -1, 1);
  s.k = draw(tokens * setting.key_heads * setting.key_dim, -norm, norm);
  s.v = draw(tokens * setting.heads * setting.value_dim, -1, 1);
  s.log_decay = draw(tokens * setting.heads * setting.decays(), -1, 0);
  s.beta = draw(tokens * setting.heads, 0, 1);
  s.initial = draw(setting.heads * setting.state_size(), -1, 1);
  return s;
}

template <class T>
SequenceResult<T> run(const Sequence<T>& s) {
  const Setting& z = s.setting;
  const std::int64_t starts[] = {0, s.tokens};
  const auto rows = [](auto* data, int heads, int dim) {
    return Rows<std::remove_pointer_t<decltype(data)>>{data, std::int64_t{heads} * dim, dim};
  };
  const auto given = [&](const std::vector<T>& x, int heads, int dim) {
    return x.empty() ? Rows<const T>{} : rows(x.data(), heads, dim);
  };
  Problem<T> p;
  p.setting = z;
  p.batch = 1;
  p.starts = starts;
  p.threads = 1;
  p.q = given(s.q, z.key_heads, z.key_dim);
  p.k = given(s.k, z.key_heads, z.key_dim);
  p.v = given(s.v, z.heads, z.value_dim);
  p.log_decay = given(s.log_decay, z.heads, z.decays());
  p.beta = given(s.beta, z.heads, 1);
  p.initial = s.initial.empty() ? nullptr : s.initial.data();

  SequenceResult<T> r;
  const auto poisoned = [](std::size_t n) { return std::vector<T>(n, std::numeric_limits<T>::quiet_NaN()); };
  const auto states = static_cast<std::size_t>(z.heads * z.state_size());
  r.out = r.steps = poisoned(s.v.size());
  r.state = poisoned(states);
  std::vector<T> kept(static_cast<std::size_t>(kept_size(z, 1, starts)));
  forward<T>(p, rows(r.out.data(), z.heads, z.value_dim), r.state.data(), kept.data());

  r.state_of_steps = s.initial.empty() ? std::vector<T>(states) : s.initial;
  for (std::int64_t t = 0; t < s.tokens; ++t) {
    const std::int64_t one[] = {t, t + 1};
    Problem<T> step = p;
    step.starts = one;
    advance<T>(step, r.state_of_steps.data(), rows(r.steps.data(), z.heads, z.value_dim));
  }

  std::vector<T> grad_out(s.v.size()), grad_state(states);
  for (std::size_t i = 0; i < grad_out.size(); ++i)
    grad_out[i] = static_cast<T>(std::sin(1 + 2.0 * static_cast<double>(i)));
  for (std::size_t i = 0; i < states; ++i)
    grad_state[i] = static_cast<T>(std::cos(3.0 * static_cast<double>(i)));
  r.q = poisoned(s.q.size());
  r.k = poisoned(s.k.size());
  r.v = poisoned(s.v.size());
  r.log_decay = poisoned(s.log_decay.size());
  r.beta = poisoned(s.beta.size());
  r.initial = poisoned(s.initial.size());
  const auto to = [&](std::vector<T>& x, int heads, int dim) {
    return x.empty() ? Rows<T>{} : rows(x.data(), heads, dim);
  };
  const Gradients<T> g{to(r.q, z.key_heads, z.key_dim), to(r.k, z.key_heads, z.key_dim),
                       to(r.v, z.heads, z.value_dim),   to(r.log_decay, z.heads, z.decays()),
                       to(r.beta, z.heads, 1),          s.initial.empty() ? nullptr : r.initial.data()};
  const std::vector<T>& out = r.out;
  backward<T>(p, rows(out.data(), z.heads, z.value_dim), kept.data(),
              rows(static_cast<const T*>(grad_out.data()), z.heads, z.value_dim), grad_state.data(), g);
  return r;
}

}  // namespace yore::mixers::scan
