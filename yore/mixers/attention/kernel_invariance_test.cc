// What must not show in the kernel's answers, on every target of this machine: the number of threads, keys
// and queries out of sight, the storage of keys and values.
#include <gtest/gtest.h>
#include <hwy/base.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/attention/kernel_test_support.h"

namespace yore::mixers::kernel {
namespace {

using testing::Arrays;
using testing::Case;
using testing::head_of;
using testing::number_at;
using testing::OnTarget;

TEST_P(OnTarget, ThreadsDoNotChangeABit) {
  for (const Case& c :
       {Case{"one long sequence", {-1, 3, 200}, false, 0, 16, 16, {{1500, 1500}}},
        Case{"many", {-1, 2, 40, 70}, true, 2, 8, 8, {{75, 75}, {300, 300}, {1, 1}}, 0, true, false, true}}) {
    Arrays<float> one(c, 5), three(c, 5);
    one.run(c, 1);
    three.run(c, 3);
    const auto same = [](const std::vector<float>& x, const std::vector<float>& y) {
      return std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
    };
    EXPECT_TRUE(same(one.out, three.out) && same(one.lse, three.lse)) << c.name;
    EXPECT_TRUE(same(one.grad_q, three.grad_q) && same(one.grad_k, three.grad_k) &&
                same(one.grad_v, three.grad_v) && same(one.grad_sinks, three.grad_sinks))
        << c.name;
  }
}

/// What training on pieces of a long sequence needs: queries in pieces, each over the keys that its windows
/// reach, have the outputs of the whole; the gradients of keys that several pieces see add up to the whole's.
/// Keys and values are all that such a mechanism hands from piece to piece, so these are also the gradients
/// through what it remembers.
TEST_P(OnTarget, PiecesOfQueriesAddUpToTheWhole) {
  for (const Case& c :
       {Case{"windows", {0, 5, 40, 70}, false, 2, 8, 12, {{230, 230}}},
        Case{"windows, strict, sink logits, ALiBi", {1, 7, 64}, true, 0, 5, 8, {{230, 230}}, 0, true, true},
        Case{"global among them", {-1, 3}, false, 1, 8, 8, {{230, 230}}}}) {
    Arrays<double> whole(c, 11);
    whole.run(c);
    const bool global = *std::min_element(c.lookback.begin(), c.lookback.end()) < 0;
    const std::int64_t reach = global ? 230 : *std::max_element(c.lookback.begin(), c.lookback.end());
    std::vector<double> grad_k(whole.k.size(), 0.0), grad_v(whole.v.size(), 0.0),
        grad_sinks(whole.sinks.size());
    const std::vector<std::int64_t> cuts = {0, 1, 64, 65, 130, 131, 200, 230};
    for (std::size_t n = 0; n + 1 < cuts.size(); ++n) {
      const std::int64_t first = cuts[n], end = cuts[n + 1], key = std::max<std::int64_t>(0, first - reach);
      Case piece = c;
      piece.lengths = {{static_cast<int>(end - first), static_cast<int>(end - key)}};
      Arrays<double> a(piece, 0);
      const auto rows_from = [](const std::vector<double>& x, std::int64_t row, int heads, int dim) {
        return x.begin() + static_cast<std::ptrdiff_t>(number_at(row, heads, 0, dim, 0));
      };
      const auto take = [&](std::vector<double>& to, const std::vector<double>& from, std::int64_t row,
                            int heads, int dim) {
        std::copy_n(rows_from(from, row, heads, dim), to.size(), to.begin());
      };
      take(a.q, whole.q, first, c.heads(), c.dim);
      take(a.k, whole.k, key, c.kv(), c.dim);
      take(a.v, whole.v, key, c.kv(), c.value_dim);
      take(a.grad_out, whole.grad_out, first, c.heads(), c.value_dim);
      a.sinks = whole.sinks;
      a.run(piece);
      const auto compare = [&](const std::vector<double>& got, const std::vector<double>& all, int dim,
                               const char* what) {
        const std::size_t size = got.size() - 2 * a.kGuard;
        const std::size_t from = number_at(first, c.heads(), 0, dim, 0);
        for (std::size_t i = 0; i < size; ++i)
          ASSERT_NEAR(got[a.kGuard + i], all[a.kGuard + from + i], 1e-12)
              << c.name << ", " << what << " from " << first << ", number " << i;
      };
      compare(a.out, whole.out, c.value_dim, "out");
      compare(a.grad_q, whole.grad_q, c.dim, "gradient of q");
      const auto add = [&](std::vector<double>& sum, const std::vector<double>& part, std::size_t at) {
        for (std::size_t i = 0; i < part.size() - 2 * a.kGuard; ++i) sum[at + i] += part[a.kGuard + i];
      };
      add(grad_k, a.grad_k, number_at(key, c.kv(), 0, c.dim, 0));
      add(grad_v, a.grad_v, number_at(key, c.kv(), 0, c.value_dim, 0));
      add(grad_sinks, a.grad_sinks, 0);
    }
    const auto compare = [&](const std::vector<double>& sum, const std::vector<double>& all,
                             const char* what) {
      for (std::size_t i = 0; i < sum.size(); ++i)
        ASSERT_NEAR(sum[i], all[whole.kGuard + i], 1e-12)
            << c.name << ", gradient of " << what << ", number " << i;
    };
    compare(grad_k, whole.grad_k, "k");
    compare(grad_v, whole.grad_v, "v");
    compare(grad_sinks, whole.grad_sinks, "the sink logits");
  }
}

/// A poisoned key or value may reach rows that see it and no others; the same for gradients.
TEST_P(OnTarget, PoisonStaysWhereItIsSeen) {
  for (bool strict : {false, true})
    for (int poisoned : {0, 3, 70, 128}) {
      Case c{"poison", {-1, 2, 7, 40, 70}, strict, 0, 8, 8, {{130, 130}}, 2};
      Arrays<float> clean(c, 9), dirty(c, 9);
      for (int h = 0; h < c.heads(); ++h)
        for (int d = 0; d < c.dim; ++d) {
          const auto at = number_at(poisoned, c.heads(), h, c.dim, d);
          dirty.k[at] = std::numeric_limits<float>::quiet_NaN();
          dirty.v[at] = std::numeric_limits<float>::infinity();
        }
      clean.run(c);
      dirty.run(c);
      for (int h = 0; h < c.heads(); ++h) {
        const ref::Head head = head_of(c, 0, h);
        for (int i = 0; i < head.queries; ++i) {
          const bool sees = ref::visible(head, i, poisoned);
          for (int d = 0; d < c.dim; ++d) {
            const auto at = clean.kGuard + number_at(i, c.heads(), h, c.dim, d);
            if (sees) continue;
            ASSERT_EQ(clean.out[at], dirty.out[at])
                << "head " << h << " row " << i << " poisoned " << poisoned;
            ASSERT_EQ(clean.grad_q[at], dirty.grad_q[at]) << "head " << h << " row " << i;
          }
        }
        // A key's gradient gathers from the rows that see it; those that also see the poison are lost.
        for (int j = 0; j < head.keys; ++j) {
          bool lost = false;
          for (int i = 0; i < head.queries; ++i)
            lost = lost || (ref::visible(head, i, j) && ref::visible(head, i, poisoned));
          for (int d = 0; d < c.dim && !lost; ++d) {
            const auto at = clean.kGuard + number_at(j, c.heads(), h, c.dim, d);
            ASSERT_EQ(clean.grad_k[at], dirty.grad_k[at]) << "head " << h << " key " << j;
            ASSERT_EQ(clean.grad_v[at], dirty.grad_v[at]) << "head " << h << " key " << j;
          }
        }
      }
    }
}

/// What is seen must show, even by a row that sees nothing else.
TEST_P(OnTarget, PoisonIsNotHiddenEither) {
  Case c{"poison", {-1, 1, 7, 40, 70}, true, 0, 8, 8, {{130, 130}}};
  Arrays<float> a(c, 9);
  const int poisoned = 3;
  for (int h = 0; h < c.heads(); ++h) a.k[number_at(poisoned, c.heads(), h, c.dim, 0)] = NAN;
  a.run(c);
  for (int h = 0; h < c.heads(); ++h)
    for (int i = 0; i < 130; ++i)
      EXPECT_EQ(std::isnan(a.out[a.kGuard + number_at(i, c.heads(), h, c.dim, 0)]),
                ref::visible(head_of(c, 0, h), i, poisoned))
          << "head " << h << " row " << i;
}

/// A poisoned query or output gradient reaches its own row and the gradients of the keys it sees, and no
/// others.
TEST_P(OnTarget, PoisonedQueriesReachOnlyTheirKeys) {
  for (int poisoned : {0, 5, 63, 64, 129}) {
    Case c{"poison", {-1, 2, 7, 40, 70}, true, 0, 8, 8, {{130, 130}}, 2};
    Arrays<float> clean(c, 9), dirty(c, 9);
    const auto at = [&](int row, int h, int d) { return number_at(row, c.heads(), h, c.dim, d); };
    for (int h = 0; h < c.heads(); ++h) {
      dirty.q[at(poisoned, h, 1)] = std::numeric_limits<float>::quiet_NaN();
      dirty.grad_out[at(poisoned, h, 2)] = std::numeric_limits<float>::infinity();
    }
    clean.run(c);
    dirty.run(c);
    for (int h = 0; h < c.heads(); ++h)
      for (int row = 0; row < 130; ++row)
        for (int d = 0; d < c.dim; ++d) {
          const std::size_t i = clean.kGuard + at(row, h, d);
          if (row != poisoned) {
            ASSERT_EQ(clean.out[i], dirty.out[i]) << "head " << h << " row " << row;
            ASSERT_EQ(clean.grad_q[i], dirty.grad_q[i]) << "head " << h << " row " << row;
          }
          if (ref::visible(head_of(c, 0, h), poisoned, row)) continue;
          ASSERT_EQ(clean.grad_k[i], dirty.grad_k[i]) << "head " << h << " key " << row;
          ASSERT_EQ(clean.grad_v[i], dirty.grad_v[i]) << "head " << h << " key " << row;
        }
  }
}

/// A sink logit that is no finite number shows in every output of its head, in rows, tiles and gradients.
TEST_P(OnTarget, SpoiltSinksShow) {
  for (const int length : {3, 40})
    for (const float spoilt :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      const Case c{"sink", {-1, 2}, false, 0, 8, 8, {{length, length}}, 0, true};
      Arrays<float> a(c, 4);
      a.sinks[1] = spoilt;
      a.run(c);
      for (int h = 0; h < 2; ++h)
        for (int i = 0; i < length; ++i)
          EXPECT_EQ(std::isnan(a.out[a.kGuard + number_at(i, 2, h, 8, 0)]), h == 1)
              << length << ", " << spoilt << ", row " << i;
    }
}

/// Infinity, NaN and the smallest number in half precision are themselves on every target.
TEST_P(OnTarget, HalvesThatAreNoNumbersStayWhatTheyAre) {
  const Case c{"halves", {-1}, false, 0, 8, 8, {{1, 1}}};
  Arrays<float> a(c, 1);
  const std::uint16_t half[8] = {0x7C00, 0xFC00, 0x7E01, 0x0001, 0x8000, 0x3C00, 0xFBFF, 0x0400};
  const std::vector<std::uint16_t> k(8, 0);
  Problem<float> p = a.problem(c);
  p.k.data = k.data();
  p.v.data = half;
  p.storage = Storage::Float16;
  forward<float>(p, c.params(), Arrays<float>::view(a.out.data() + a.kGuard, 1, 8, 1), nullptr);
  const float* out = a.out.data() + a.kGuard;
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(out[0], infinity);
  EXPECT_EQ(out[1], -infinity);
  EXPECT_TRUE(std::isnan(out[2]));
  const std::vector<float> rest(out + 3, out + 8);
  EXPECT_EQ(rest, (std::vector<float>{0x1p-24f, 0, 1, -65504, 0x1p-14f}));
}

/// Keys and values in 16 bits give what their widened copies give, bit for bit.
TEST_P(OnTarget, NarrowStorageIsWidened) {
  const Case c{"narrow", {-1, 2, 30}, false, 0, 24, 20, {{100, 100}}};
  const auto round = [&](auto zero, Storage storage) {
    using Stored = decltype(zero);
    Arrays<float> wide(c, 3), narrow(c, 3);
    std::vector<Stored> k, v;
    const auto shrink = [](std::vector<float>& x, std::vector<Stored>& out) {
      for (float& value : x) {
        Stored stored;
        if constexpr (std::is_same_v<Stored, hwy::bfloat16_t>) {
          stored = hwy::BF16FromF32(value);
          value = hwy::F32FromBF16(stored);
        } else {  // eighths are exact in half precision: sign, exponent, mantissa by hand
          value = std::round(value * 8) / 8;
          const float size = std::abs(value);
          int exponent = 0;
          const float mantissa = std::frexp(size, &exponent);  // in [1/2, 1)
          const auto bits = size == 0 ? 0u
                                      : static_cast<unsigned>((exponent + 14) << 10) +
                                            static_cast<unsigned>((mantissa * 2 - 1) * 1024);
          const auto all = static_cast<std::uint16_t>(bits | (std::signbit(value) ? 0x8000u : 0u));
          std::memcpy(&stored, &all, sizeof(all));
        }
        out.push_back(stored);
      }
    };
    shrink(wide.k, k);
    shrink(wide.v, v);
    wide.run(c);
    Problem<float> p = narrow.problem(c);
    p.k.data = k.data();
    p.v.data = v.data();
    p.storage = storage;
    forward<float>(p, c.params(),
                   Arrays<float>::view(narrow.out.data() + narrow.kGuard, c.heads(), c.value_dim, 100),
                   narrow.lse.data() + narrow.kGuard);
    EXPECT_EQ(0, std::memcmp(wide.out.data(), narrow.out.data(), wide.out.size() * sizeof(float)));
  };
  round(hwy::bfloat16_t(), Storage::BFloat16);
  round(hwy::float16_t(), Storage::Float16);
}

}  // namespace
}  // namespace yore::mixers::kernel
