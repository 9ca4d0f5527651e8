// States from C: a sequence in any pieces gives one result, copies and saved states go on alike, tokens can
// be taken back, and what does not fit is refused by name. Values are judged by the functions for whole
// sequences.
#include "yore/mixers/c_state.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/common/scan.h"

namespace yore::mixers {
namespace {

constexpr int kTokens = 9, kHeads = 2, kDim = 3, kSlots = 4;
constexpr std::int64_t kRow = std::int64_t{kHeads} * kDim;

/// Arrays large enough for every mechanism; decays below 0, what is written between 0 and 1.
struct Sequence {
  std::vector<double> q, k, v, decay, write;
  Sequence() {
    base::Random random(7);
    const auto fill = [&](double from, double to) {
      std::vector<double> x(std::size_t{kTokens} * kHeads * kSlots);
      for (double& y : x) y = from + (to - from) * random.uniform();
      return x;
    };
    q = fill(-1, 1), k = fill(-1, 1), v = fill(-1, 1), decay = fill(-1, -0.1), write = fill(0.1, 0.4);
  }
};

yore_state_setting setting_of(yore_mechanism mechanism) {
  yore_state_setting s{};
  s.size = sizeof s;
  s.mechanism = mechanism;
  s.type = YORE_F64;
  s.batch = 1;
  s.rollback = 3;
  if (mechanism == YORE_CONV) {
    s.channels = kRow;
    s.width = 3;
    return s;
  }
  s.heads = s.key_heads = kHeads;
  s.key_dim = s.value_dim = kDim;
  s.scale = 0.5;
  if (mechanism != YORE_ATTENTION) s.decay = YORE_DECAY_KEY;
  if (mechanism == YORE_SLOTS) s.slots = kSlots;
  return s;
}

/// Arrays of the tokens from row `first`.
yore_tokens tokens_of(yore_mechanism mechanism, const Sequence& x, int first) {
  const std::int64_t row = kRow, gates = mechanism == YORE_SLOTS ? std::int64_t{kHeads} * kSlots : row;
  yore_tokens t{};
  t.size = sizeof t;
  t.q = x.q.data() + first * row;
  t.k = x.k.data() + first * row;
  t.v = x.v.data() + first * row;
  if (mechanism == YORE_SCAN || mechanism == YORE_SLOTS) t.log_decay = x.decay.data() + first * gates;
  if (mechanism == YORE_SLOTS) t.beta = x.write.data() + first * gates;
  if (mechanism == YORE_CONV) t.weight = x.write.data();
  return t;
}

/// Rows first .. into the state, by sequences from `starts`, their results behind `out`.
void advance(yore_state* state, yore_mechanism mechanism, const Sequence& x,
             const std::vector<std::int64_t>& starts, std::vector<double>& out, int first = 0) {
  const yore_tokens t = tokens_of(mechanism, x, first);
  std::vector<double> rows(static_cast<std::size_t>(starts.back() * kRow));
  ASSERT_EQ(yore_state_advance(state, starts.data(), &t, rows.data()), YORE_OK) << yore_last_error();
  out.insert(out.end(), rows.begin(), rows.end());
}
/// Rows first .. end - 1 into the state of one sequence.
void advance(yore_state* state, yore_mechanism mechanism, const Sequence& x, int first, int end,
             std::vector<double>& out) {
  advance(state, mechanism, x, {0, end - first}, out, first);
}

std::vector<char> saved(const yore_state* state) {
  std::size_t size = 0, written = 0;
  EXPECT_EQ(yore_state_save(state, nullptr, 0, &size), YORE_OK);
  std::vector<char> bytes(size);
  EXPECT_EQ(yore_state_save(state, bytes.data(), size, &written), YORE_OK);
  EXPECT_EQ(written, size);
  return bytes;
}

class States : public testing::TestWithParam<yore_mechanism> {
 protected:
  yore_state* start() {
    const yore_state_setting s = setting_of(GetParam());
    yore_state* state = nullptr;
    EXPECT_EQ(yore_state_start(&s, &state), YORE_OK) << yore_last_error();
    return state;
  }
  void near(const std::vector<double>& got, const std::vector<double>& wanted) {
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-13) << i;
  }
  Sequence x;
};

TEST_P(States, GoOnFromCopiesSavedBytesAndRollBacks) {
  std::vector<double> whole;
  yore_state* all = start();
  advance(all, GetParam(), x, 0, kTokens, whole);

  std::vector<double> pieces;
  yore_state* state = start();
  for (int t = 0; t < 6; ++t) advance(state, GetParam(), x, t, t + 1, pieces);
  yore_state *copy = nullptr, *fresh = start();
  ASSERT_EQ(yore_state_copy(state, &copy), YORE_OK);
  const std::vector<char> bytes = saved(state);
  ASSERT_EQ(yore_state_restore(fresh, bytes.data(), bytes.size()), YORE_OK) << yore_last_error();
  for (yore_state* each : {state, copy, fresh}) {
    std::vector<double> rest = pieces;
    advance(each, GetParam(), x, 6, kTokens, rest);
    near(rest, whole);
    std::int64_t length = 0;
    ASSERT_EQ(yore_state_length(each, 0, &length), YORE_OK);
    EXPECT_EQ(length, kTokens);
    ASSERT_EQ(yore_state_roll_back(each, 0, 3), YORE_OK) << yore_last_error();
    rest = pieces;
    advance(each, GetParam(), x, 6, kTokens, rest);
    near(rest, whole);
  }
  for (yore_state* each : {all, state, copy, fresh}) yore_state_free(each);
}

TEST_P(States, RefuseWhatDoesNotFit) {
  yore_state* state = start();
  EXPECT_EQ(yore_state_roll_back(state, 0, 1), YORE_INVALID);
  EXPECT_EQ(yore_state_roll_back(state, 1, 0), YORE_INVALID);
  EXPECT_NE(std::string(yore_last_error()).find("yore_state_roll_back: sequence: expected -1 to 0, got 1"),
            std::string::npos)
      << yore_last_error();
  EXPECT_EQ(yore_state_restore(state, "no state", 8), YORE_INVALID);
  const std::int64_t starts[] = {0, 1};
  yore_tokens none{};
  none.size = sizeof none;
  double out[kHeads * kDim];
  EXPECT_EQ(yore_state_advance(state, starts, &none, out), YORE_INVALID);
  EXPECT_NE(std::string(yore_last_error()).find("tokens->q"), std::string::npos) << yore_last_error();
  std::int64_t length = -1;
  EXPECT_EQ(yore_state_length(state, 0, &length), YORE_OK);
  EXPECT_EQ(length, 0);
  yore_state_free(state);
  yore_state_free(nullptr);

  yore_state_setting s = setting_of(GetParam());
  s.size = 4;
  EXPECT_EQ(yore_state_start(&s, &state), YORE_INVALID);
  s = setting_of(GetParam());
  s.type = YORE_BF16;
  EXPECT_EQ(yore_state_start(&s, &state), YORE_INVALID);
}

// A setting that does nothing is a mistake of whoever made it.
TEST_P(States, RefuseMembersThatAreNotTheMechanisms) {
  const double slopes[] = {0.5, 0.25};
  const std::int32_t lookback[] = {1, 2};
  const yore_mechanism mine = GetParam();
  const bool scan = mine == YORE_SCAN, slots = mine == YORE_SLOTS, attention = mine == YORE_ATTENTION;
  const auto set = [&](const std::string& name, bool its, const auto& change) {
    yore_state_setting s = setting_of(mine);
    change(s);
    yore_state* state = nullptr;
    if (its) {
      EXPECT_EQ(yore_state_start(&s, &state), YORE_OK) << name << ": " << yore_last_error();
    } else {
      EXPECT_EQ(yore_state_start(&s, &state), YORE_INVALID) << name;
      EXPECT_NE(std::string(yore_last_error()).find("setting->" + name + ": expected"), std::string::npos)
          << yore_last_error();
    }
    yore_state_free(state);
  };
  using Setting = yore_state_setting;
  set("heads", mine != YORE_CONV, [](Setting& s) { s.heads = 2; });
  set("key_heads", mine != YORE_CONV, [](Setting& s) { s.key_heads = 2; });
  set("key_dim", mine != YORE_CONV, [](Setting& s) { s.key_dim = 2; });
  set("value_dim", mine != YORE_CONV, [](Setting& s) { s.value_dim = 2; });
  set("scale", mine != YORE_CONV, [](Setting& s) { s.scale = 2; });
  set("strict", attention, [](Setting& s) { s.strict = 1; });
  set("sinks", attention, [](Setting& s) { s.sinks = 1; });
  set("lookback", attention, [&](Setting& s) { s.lookback = lookback; });
  set("alibi_slopes", attention, [&](Setting& s) { s.alibi_slopes = slopes; });
  set("soft_cap", attention, [](Setting& s) { s.soft_cap = 2; });
  set("decay", scan || slots, [](Setting& s) { s.decay = YORE_DECAY_KEY; });
  set("decay", scan, [](Setting& s) { s.decay = YORE_DECAY_HEAD; });
  set("decay", scan, [](Setting& s) { s.decay = YORE_DECAY_VALUE; });
  set("delta", scan, [](Setting& s) { s.delta = 1; });
  set("grows", scan || slots, [](Setting& s) { s.grows = 1; });
  set("slots", slots, [](Setting& s) { s.slots = 2; });
  set("channels", mine == YORE_CONV, [](Setting& s) { s.channels = 2; });
  set("width", mine == YORE_CONV, [](Setting& s) { s.width = 2; });
}

TEST_P(States, RollBackEverySequenceOrNone) {
  yore_state_setting s = setting_of(GetParam());
  s.batch = 2;
  yore_state* state = nullptr;
  ASSERT_EQ(yore_state_start(&s, &state), YORE_OK) << yore_last_error();
  std::vector<double> out;
  advance(state, GetParam(), x, {0, 2, 3}, out);
  const auto lengths = [&] {
    std::vector<std::int64_t> each(2);
    for (const int b : {0, 1})
      EXPECT_EQ(yore_state_length(state, b, &each[static_cast<std::size_t>(b)]), YORE_OK);
    return each;
  };
  const std::vector<char> before = saved(state);
  EXPECT_EQ(yore_state_roll_back(state, -1, 2), YORE_INVALID);
  EXPECT_EQ(lengths(), (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(saved(state), before);
  EXPECT_EQ(yore_state_roll_back(state, -1, 1), YORE_OK) << yore_last_error();
  EXPECT_EQ(lengths(), (std::vector<std::int64_t>{1, 0}));
  yore_state_free(state);
}

TEST_P(States, ChangeNothingWhereDecaysAreRefused) {
  if (GetParam() != YORE_SCAN && GetParam() != YORE_SLOTS) return;
  const std::size_t gates = GetParam() == YORE_SLOTS ? std::size_t{kHeads} * kSlots : std::size_t{kRow};
  // In one piece, in pieces of which the last can be rolled back, one by one; the last token's decay is bad.
  for (const int rollback : {0, 3, kTokens})
    for (const int tokens : {1, 3, kTokens - 1}) {
      yore_state_setting s = setting_of(GetParam());
      s.batch = 2;
      s.rollback = rollback;
      yore_state* state = nullptr;
      ASSERT_EQ(yore_state_start(&s, &state), YORE_OK) << yore_last_error();
      std::vector<double> out(std::size_t{kTokens} * kRow);
      advance(state, GetParam(), x, {0, 1, 2}, out);
      const std::vector<char> before = saved(state);
      Sequence bad = x;
      const std::int64_t starts[] = {0, 1, 1 + tokens};
      bad.decay[static_cast<std::size_t>(starts[2]) * gates - 1] = 0.5;
      const yore_tokens t = tokens_of(GetParam(), bad, 0);
      EXPECT_EQ(yore_state_advance(state, starts, &t, out.data()), YORE_INVALID);
      EXPECT_EQ(yore_last_error(),
                "yore_state_advance: scan: log_decay: expected at most 0, got 0.500000 at token " +
                    std::to_string(tokens) + ", head 1");
      EXPECT_EQ(saved(state), before) << rollback << " " << tokens;
      yore_state_free(state);
    }
}

TEST_P(States, TakeNoStateOfAnotherSetting) {
  const yore_state_setting s = setting_of(GetParam());
  std::vector<yore_state_setting> settings(6, s);
  settings[1].rollback = 2;
  settings[2].batch = 2;
  settings[3].type = YORE_F32;
  if (GetParam() == YORE_CONV) {
    settings[4].channels = settings[5].width = 5;
  } else {
    settings[4].scale = 0.5 + 1e-9;
    settings[5].key_dim = 5;
  }
  const std::vector<double> slopes{0.5, 0.25};
  if (GetParam() == YORE_ATTENTION) {
    settings.insert(settings.end(), 2, s);
    settings[6].soft_cap = 2;
    settings[7].alibi_slopes = slopes.data();
  } else if (GetParam() != YORE_CONV) {
    settings.push_back(s);
    settings[6].grows = 1;
  }
  std::vector<yore_state*> states(settings.size());
  for (std::size_t i = 0; i < states.size(); ++i)
    ASSERT_EQ(yore_state_start(&settings[i], &states[i]), YORE_OK) << yore_last_error();
  for (std::size_t i = 0; i < states.size(); ++i)
    for (std::size_t j = 0; j < states.size(); ++j) {
      const std::vector<char> bytes = saved(states[j]);
      EXPECT_EQ(yore_state_restore(states[i], bytes.data(), bytes.size()), i == j ? YORE_OK : YORE_INVALID)
          << i << " from " << j;
    }
  for (yore_state* each : states) yore_state_free(each);
}

TEST_P(States, RefuseAddressesBetweenNumbers) {
  yore_state* state = start();
  const std::int64_t starts[] = {0, 1};
  const yore_tokens good = tokens_of(GetParam(), x, 0);
  std::vector<double> out(std::size_t{kTokens} * kRow);
  const auto refused = [&](const std::string& name, const yore_tokens& t, void* to) {
    EXPECT_EQ(yore_state_advance(state, starts, &t, to), YORE_INVALID) << name;
    EXPECT_NE(std::string(yore_last_error())
                  .find(name + ": expected an address that is a multiple of 8, got another"),
              std::string::npos)
        << yore_last_error();
  };
  const auto off = [&](const void* data) {
    return static_cast<const char*>(data == nullptr ? x.v.data() : data) + 4;
  };
  refused("out", good, reinterpret_cast<char*>(out.data()) + 4);
  std::vector<std::pair<const char*, const void * yore_tokens::*>> arrays{{"q", &yore_tokens::q}};
  if (GetParam() != YORE_CONV) arrays.insert(arrays.end(), {{"k", &yore_tokens::k}, {"v", &yore_tokens::v}});
  if (GetParam() == YORE_ATTENTION || GetParam() == YORE_CONV)
    arrays.emplace_back("weight", &yore_tokens::weight);
  if (GetParam() == YORE_SLOTS || GetParam() == YORE_CONV) arrays.emplace_back("bias", &yore_tokens::bias);
  if (GetParam() == YORE_SCAN || GetParam() == YORE_SLOTS)
    arrays.insert(arrays.end(), {{"log_decay", &yore_tokens::log_decay}, {"beta", &yore_tokens::beta}});
  if (GetParam() == YORE_SLOTS) arrays.emplace_back("filled", &yore_tokens::filled);
  for (const auto& [name, array] : arrays) {
    yore_tokens t = good;
    t.*array = off(good.*array);
    refused(name, t, out.data());
  }
  yore_state_free(state);
}

INSTANTIATE_TEST_SUITE_P(All, States, testing::Values(YORE_ATTENTION, YORE_SCAN, YORE_SLOTS, YORE_CONV));

TEST(StatesOfC, MoreThanMemoryCanHoldIsRefused) {
  yore_state_setting s = setting_of(YORE_ATTENTION);
  s.batch = 1 << 20;
  s.key_dim = s.value_dim = 32;
  s.max_tokens = std::int64_t{1} << 46;  // 2^20 sequences of 2^46 rows of 2^8 bytes: 0 of 64 bits
  yore_state* state = nullptr;
  EXPECT_EQ(yore_state_start(&s, &state), YORE_INVALID);
  EXPECT_NE(std::string(yore_last_error()).find("more than memory can hold"), std::string::npos)
      << yore_last_error();
}

TEST(StatesOfC, AttentionIsThatOfWholeSequences) {
  const Sequence x;
  const yore_state_setting s = setting_of(YORE_ATTENTION);
  yore_state* state = nullptr;
  ASSERT_EQ(yore_state_start(&s, &state), YORE_OK);
  std::vector<double> got;
  for (int t = 0; t < kTokens; ++t) advance(state, YORE_ATTENTION, x, t, t + 1, got);
  yore_state_free(state);
  kernel::Problem<double> p;
  p.sequences = {1, kTokens, kTokens};
  p.heads = p.kv_heads = kHeads;
  p.dim = p.value_dim = kDim;
  const std::int64_t row = kRow;
  p.q = {x.q.data(), 0, row, kDim};
  p.k = {x.k.data(), 0, row, kDim};
  p.v = {x.v.data(), 0, row, kDim};
  std::vector<double> wanted(got.size());
  AttentionParams params;
  params.scale = 0.5;
  kernel::forward<double>(p, params, {wanted.data(), 0, row, kDim}, nullptr);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-13);
}

TEST(StatesOfC, ScanIsThatOfWholeSequences) {
  const Sequence x;
  const yore_state_setting s = setting_of(YORE_SCAN);
  yore_state* state = nullptr;
  ASSERT_EQ(yore_state_start(&s, &state), YORE_OK);
  std::vector<double> got;
  for (int t = 0; t < kTokens; ++t) advance(state, YORE_SCAN, x, t, t + 1, got);
  yore_state_free(state);
  const std::int64_t starts[] = {0, kTokens}, row = kRow;
  scan::Problem<double> p;
  p.setting = {kHeads, kHeads, kDim, kDim, scan::Decay::Key, scan::Rule::Add, 0.5, false};
  p.batch = 1;
  p.starts = starts;
  p.q = {x.q.data(), row, kDim};
  p.k = {x.k.data(), row, kDim};
  p.v = {x.v.data(), row, kDim};
  p.log_decay = {x.decay.data(), row, kDim};
  std::vector<double> wanted(got.size());
  scan::forward<double>(p, {wanted.data(), row, kDim}, nullptr, nullptr);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-13);
}

}  // namespace
}  // namespace yore::mixers
