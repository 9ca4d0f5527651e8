#include "yore/mixers/c_state.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yore/mixers/attention/arguments-inl.h"
#include "yore/mixers/attention/c_errors.h"
#include "yore/mixers/attention/decode.h"
#include "yore/mixers/common/scan_state.h"
#include "yore/mixers/common/short_conv.h"
#include "yore/mixers/common/slots.h"

/// The C++ state with its setting, whose arrays are its own.
struct yore_state {
  yore_state_setting setting;
  std::unique_ptr<yore::mixers::State> its;
};

namespace yore::mixers {
namespace {

using arguments::expect;
using arguments::expect_within;

template <class Struct>
const Struct& sized(const char* name, const Struct* given) {
  expect(given != nullptr, name, "an address", "null");
  expect(given->size == sizeof(Struct), std::string(name) + "->size", std::to_string(sizeof(Struct)),
         std::to_string(given->size));
  return *given;
}

yore_state& there(yore_state* state) {
  expect(state != nullptr, "state", "an address", "null");
  return *state;
}
const yore_state& there(const yore_state* state) {
  expect(state != nullptr, "state", "an address", "null");
  return *state;
}

scan::Setting scan_of(const yore_state_setting& s) {
  return {s.heads,
          s.key_heads,
          s.key_dim,
          s.value_dim,
          static_cast<scan::Decay>(s.decay),
          s.delta != 0 ? scan::Rule::Delta : scan::Rule::Add,
          s.scale,
          s.grows != 0};
}
slots::Setting slots_of(const yore_state_setting& s) {
  return {s.heads,      s.key_heads,
          s.key_dim,    s.value_dim,
          s.slots,      s.scale,
          s.grows != 0, s.decay == YORE_DECAY_NONE ? slots::Erase::Delta : slots::Erase::Decay};
}

DecodeSetting attention_of(const yore_state_setting& s) {
  DecodeSetting d;
  d.batch = s.batch;
  d.heads = s.heads;
  d.kv_heads = s.key_heads;
  d.dim = s.key_dim;
  d.value_dim = s.value_dim;
  if (s.lookback != nullptr) d.params.lookback.assign(s.lookback, s.lookback + s.heads);
  if (s.alibi_slopes != nullptr) d.params.alibi_slopes.assign(s.alibi_slopes, s.alibi_slopes + s.heads);
  d.params.strict = s.strict != 0;
  d.params.sinks = s.sinks;
  if (s.scale != 0) d.params.scale = s.scale;
  d.params.soft_cap = s.soft_cap;
  d.storage = s.type == YORE_F64 ? kernel::Storage::Float64 : kernel::Storage::Float32;
  d.rollback = s.rollback;
  d.max_tokens = s.max_tokens;
  return d;
}

/// Members that say nothing about a mechanism are 0 with it: whoever sets one means something by it.
void check_unused(const yore_state_setting& s) {
  const auto only = [&](const char* name, bool zero, std::initializer_list<yore_mechanism> of) {
    expect(zero || std::find(of.begin(), of.end(), static_cast<yore_mechanism>(s.mechanism)) != of.end(),
           std::string("setting->") + name, "0, since the mechanism has none", "something else");
  };
  const auto heads = {YORE_ATTENTION, YORE_SCAN, YORE_SLOTS};
  only("heads", s.heads == 0, heads);
  only("key_heads", s.key_heads == 0, heads);
  only("key_dim", s.key_dim == 0, heads);
  only("value_dim", s.value_dim == 0, heads);
  only("scale", s.scale == 0, heads);
  only("strict", s.strict == 0, {YORE_ATTENTION});
  only("sinks", s.sinks == 0, {YORE_ATTENTION});
  only("lookback", s.lookback == nullptr, {YORE_ATTENTION});
  only("alibi_slopes", s.alibi_slopes == nullptr, {YORE_ATTENTION});
  only("soft_cap", s.soft_cap == 0, {YORE_ATTENTION});
  only("decay", s.decay == YORE_DECAY_NONE, {YORE_SCAN, YORE_SLOTS});
  only("delta", s.delta == 0, {YORE_SCAN});
  only("grows", s.grows == 0, {YORE_SCAN, YORE_SLOTS});
  only("slots", s.slots == 0, {YORE_SLOTS});
  only("channels", s.channels == 0, {YORE_CONV});
  only("width", s.width == 0, {YORE_CONV});
}

void check(const yore_state_setting& s) {
  expect_within("setting->mechanism", s.mechanism, YORE_ATTENTION, YORE_CONV);
  expect(s.type == YORE_F32 || s.type == YORE_F64, "setting->type", "YORE_F32 or YORE_F64",
         std::to_string(s.type));
  expect_within("setting->batch", s.batch, 1, INT32_MAX);
  expect_within("setting->rollback", s.rollback, 0, INT32_MAX);
  expect_within("setting->max_tokens", s.max_tokens, 0, std::int64_t{1} << 46);
  check_unused(s);
  if (s.mechanism == YORE_CONV) {
    expect_within("setting->channels", s.channels, 1, INT32_MAX);
    expect_within("setting->width", s.width, 1, 4096);
    return;
  }
  expect_within("setting->heads", s.heads, 1, INT32_MAX);
  expect_within("setting->key_heads", s.key_heads, 1, s.heads);
  expect_within("setting->strict", s.strict, 0, 1);
  expect_within("setting->decay", s.decay, YORE_DECAY_NONE, YORE_DECAY_VALUE);
  expect(s.mechanism != YORE_SLOTS || s.decay == YORE_DECAY_NONE || s.decay == YORE_DECAY_KEY,
         "setting->decay", "YORE_DECAY_NONE or YORE_DECAY_KEY for slots", std::to_string(s.decay));
}

/// A name under which only states of the same setting fit. 2 is the number of the format: the first one knew
/// scales to six decimals and nothing of `grows`.
std::string kind_of(const yore_state_setting& s) {
  std::string kind = "c2";
  for (const std::int64_t x :
       {std::int64_t{s.mechanism}, std::int64_t{s.type}, std::int64_t{s.heads}, std::int64_t{s.key_heads},
        std::int64_t{s.key_dim}, std::int64_t{s.value_dim}, std::int64_t{s.decay}, std::int64_t{s.delta},
        std::int64_t{s.grows}, std::int64_t{s.slots}, s.channels, s.width,
        std::bit_cast<std::int64_t>(s.scale)})
    (kind += ' ') += std::to_string(x);  // not " " + .., about which GCC 12 warns at -O3
  return kind;
}

template <class T>
std::unique_ptr<State> started(const yore_state_setting& s) {
  switch (s.mechanism) {
    case YORE_ATTENTION:
      return std::make_unique<AttentionState>(attention_of(s));
    case YORE_SCAN:
      return scan::start<T>(scan_of(s), kind_of(s), s.batch, s.rollback, s.max_tokens);
    case YORE_SLOTS:
      return slots::start<T>(slots_of(s), kind_of(s), s.batch, s.rollback, s.max_tokens);
    default:
      return conv::start<T>(s.channels, s.width, kind_of(s), s.batch, s.rollback, s.max_tokens);
  }
}

/// Contiguous rows [N, heads, dim] of T; what is `needed` must be there.
template <class T>
scan::Rows<const T> rows(const char* name, const void* data, int heads, std::int64_t dim, bool needed,
                         std::int64_t count) {
  const std::string place = std::string("tokens->") + name;
  expect(!needed || data != nullptr || count == 0, place, "an address", "null");
  arguments::check_aligned(place.c_str(), data, sizeof(T));
  return {static_cast<const T*>(data), heads * dim, dim};
}

template <class T>
void advance_attention(yore_state& state, const std::int64_t* starts, const yore_tokens& t, void* out,
                       std::int64_t count) {
  const yore_state_setting& s = state.setting;
  const auto view = [](auto r) { return kernel::View<const T>{r.data, 0, r.token, r.head}; };
  const auto untyped = [](auto r) { return kernel::View<const void>{r.data, 0, r.token, r.head}; };
  const auto q = view(rows<T>("q", t.q, s.heads, s.key_dim, true, count));
  const auto k = untyped(rows<T>("k", t.k, s.key_heads, s.key_dim, true, count)),
             v = untyped(rows<T>("v", t.v, s.key_heads, s.value_dim, true, count));
  arguments::check_aligned("tokens->weight", t.weight, sizeof(T));
  const kernel::View<T> to{static_cast<T*>(out), 0, std::int64_t{s.heads} * s.value_dim, s.value_dim};
  dynamic_cast<AttentionState&>(*state.its)
      .advance<T>(starts, q, k, v, to, static_cast<const T*>(t.weight), t.threads);
}

template <class T>
void advance_scan(yore_state& state, const std::int64_t* starts, const yore_tokens& t, void* out,
                  std::int64_t count) {
  const yore_state_setting& s = state.setting;
  scan::Problem<T> p;
  p.setting = scan_of(s);
  p.batch = s.batch;
  p.starts = starts;
  p.threads = t.threads;
  p.q = rows<T>("q", t.q, s.key_heads, s.key_dim, true, count);
  p.k = rows<T>("k", t.k, s.key_heads, s.key_dim, true, count);
  p.v = rows<T>("v", t.v, s.heads, s.value_dim, true, count);
  const bool decays = p.setting.decay != scan::Decay::None;
  if (decays) p.log_decay = rows<T>("log_decay", t.log_decay, s.heads, p.setting.decays(), true, count);
  expect(decays || t.log_decay == nullptr, "tokens->log_decay", "null (the setting has no decay)",
         "an address");
  p.beta = rows<T>("beta", t.beta, s.heads, 1, false, count);
  scan::advance<T>(dynamic_cast<RecurrentState<T>&>(*state.its), p,
                   {static_cast<T*>(out), std::int64_t{s.heads} * s.value_dim, s.value_dim});
}

template <class T>
void advance_slots(yore_state& state, const std::int64_t* starts, const yore_tokens& t, void* out,
                   std::int64_t count) {
  const yore_state_setting& s = state.setting;
  slots::Problem<T> p;
  p.setting = slots_of(s);
  p.batch = s.batch;
  p.starts = starts;
  p.threads = t.threads;
  p.q = rows<T>("q", t.q, s.key_heads, s.key_dim, true, count);
  p.k = rows<T>("k", t.k, s.key_heads, s.key_dim, true, count);
  p.v = rows<T>("v", t.v, s.heads, s.value_dim, true, count);
  p.write = rows<T>("beta", t.beta, s.heads, s.slots, true, count);
  const bool fades = p.setting.erase == slots::Erase::Decay;
  if (fades) p.log_decay = rows<T>("log_decay", t.log_decay, s.heads, s.slots, true, count);
  expect(fades || t.log_decay == nullptr, "tokens->log_decay", "null (slots are erased)", "an address");
  p.filled = rows<T>("filled", t.filled, s.heads, s.slots, false, count);
  p.bias = rows<T>("bias", t.bias, s.heads, s.slots, false, count);
  slots::advance<T>(dynamic_cast<StateList&>(*state.its), p,
                    {static_cast<T*>(out), std::int64_t{s.heads} * s.value_dim, s.value_dim});
}

template <class T>
void advance_conv(yore_state& state, const std::int64_t* starts, const yore_tokens& t, void* out,
                  std::int64_t count) {
  const yore_state_setting& s = state.setting;
  conv::Problem<T> p;
  p.batch = s.batch;
  p.starts = starts;
  p.threads = t.threads;
  p.channels = s.channels;
  p.width = s.width;
  p.x = rows<T>("q", t.q, 1, s.channels, true, count).data;
  p.x_row = s.channels;
  p.weight = rows<T>("weight", t.weight, 1, s.channels, true, count).data;
  p.bias = rows<T>("bias", t.bias, 1, s.channels, false, count).data;
  conv::advance<T>(dynamic_cast<RecurrentState<T>&>(*state.its), p, static_cast<T*>(out), s.channels);
}

template <class T>
void advance(yore_state& state, const std::int64_t* starts, const yore_tokens& t, void* out) {
  const std::int64_t count = starts[state.setting.batch];
  expect(out != nullptr || count == 0, "out", "an address", "null");
  arguments::check_aligned("out", out, sizeof(T));
  expect_within("tokens->threads", t.threads, 0, 4096);
  using Advance = void (*)(yore_state&, const std::int64_t*, const yore_tokens&, void*, std::int64_t);
  const Advance each[] = {advance_attention<T>, advance_scan<T>, advance_slots<T>, advance_conv<T>};
  each[state.setting.mechanism](state, starts, t, out, count);
}

}  // namespace
}  // namespace yore::mixers

using namespace yore::mixers;

int yore_state_start(const yore_state_setting* setting, yore_state** state) {
  return guarded("yore_state_start", [&] {
    yore_state_setting s = sized("setting", setting);
    expect(state != nullptr, "state", "an address", "null");
    check(s);
    auto made = s.type == YORE_F64 ? started<double>(s) : started<float>(s);
    s.lookback = nullptr;  // the caller's, which the state has a copy of
    s.alibi_slopes = nullptr;
    *state = new yore_state{s, std::move(made)};
  });
}

int yore_state_advance(yore_state* state, const int64_t* starts, const yore_tokens* tokens, void* out) {
  return guarded("yore_state_advance", [&] {
    yore_state& s = there(state);
    const yore_tokens& t = sized("tokens", tokens);
    expect(starts != nullptr, "starts", "an address", "null");
    arguments::check_starts("starts", starts, s.setting.batch, -1);
    s.setting.type == YORE_F64 ? advance<double>(s, starts, t, out) : advance<float>(s, starts, t, out);
  });
}

int yore_state_roll_back(yore_state* state, int64_t sequence, int64_t tokens) {
  return guarded("yore_state_roll_back", [&] {
    yore_state& s = there(state);
    expect_within("sequence", sequence, -1, s.setting.batch - 1);
    const std::int64_t first = std::max<std::int64_t>(sequence, 0),
                       end = sequence < 0 ? s.setting.batch : sequence + 1;
    for (std::int64_t b = first; b < end; ++b) s.its->check_roll_back(b, tokens);
    for (std::int64_t b = first; b < end; ++b) s.its->roll_back(b, tokens);
  });
}

int yore_state_length(const yore_state* state, int64_t sequence, int64_t* tokens) {
  return guarded("yore_state_length", [&] {
    const yore_state& s = there(state);
    expect_within("sequence", sequence, 0, s.setting.batch - 1);
    expect(tokens != nullptr, "tokens", "an address", "null");
    *tokens = s.its->length(sequence);
  });
}

int yore_state_bytes(const yore_state* state, size_t* bytes) {
  return guarded("yore_state_bytes", [&] {
    expect(bytes != nullptr, "bytes", "an address", "null");
    *bytes = there(state).its->bytes();
  });
}

int yore_state_copy(const yore_state* state, yore_state** copy) {
  return guarded("yore_state_copy", [&] {
    expect(copy != nullptr, "copy", "an address", "null");
    const yore_state& s = there(state);
    *copy = new yore_state{s.setting, s.its->clone()};
  });
}

int yore_state_save(const yore_state* state, void* to, size_t room, size_t* size) {
  return guarded("yore_state_save", [&] {
    expect(size != nullptr, "size", "an address", "null");
    const std::vector<std::byte> saved = there(state).its->save();
    *size = saved.size();
    if (to == nullptr) return;
    expect(room >= saved.size(), "room", "at least " + std::to_string(saved.size()), std::to_string(room));
    std::memcpy(to, saved.data(), saved.size());
  });
}

int yore_state_restore(yore_state* state, const void* saved, size_t size) {
  return guarded("yore_state_restore", [&] {
    yore_state& s = there(state);
    expect(saved != nullptr, "saved", "an address", "null");
    s.its->restore(std::span(static_cast<const std::byte*>(saved), size));
  });
}

void yore_state_free(yore_state* state) {
  delete state;
}
