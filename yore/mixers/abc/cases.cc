// Attention with bounded-memory control in the settings that the conformance suite checks: the slots, with
// weights and decays that come of sums of e^s for some s that stands for good. That the layer makes these of
// its rows is the layers' suite's affair.
#include <cmath>
#include <memory>

#include "yore/base/random.h"
#include "yore/mixers/abc/ref.h"
#include "yore/mixers/conformance/slots_mechanism.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::SlotCase;

/// More than any sequence of the suite has.
constexpr std::int64_t kTokens = 2048;

/// s of token t, head h, slot m.
double logit(std::int64_t t, int h, std::int64_t m, double range) {
  base::Random random(
      {7, static_cast<std::uint64_t>(t), static_cast<std::uint64_t>(h), static_cast<std::uint64_t>(m)});
  return range * (2 * random.uniform() - 1);
}

/// Logits of the cases: what a name says, behind a comma.
constexpr double kMild = 1, kSharp = 6;
double range_of(const SlotCase& c) {
  return c.name.find("sharp") == std::string::npos ? kMild : kSharp;
}

std::vector<Complex> abc_reference(const SlotCase& c, conformance::SlotHead& h) {
  const auto slots = static_cast<std::size_t>(c.setting.slots),
             key = static_cast<std::size_t>(c.setting.key_dim),
             value = static_cast<std::size_t>(c.setting.value_dim);
  std::vector<Complex> s;
  for (std::size_t t = 0; t < h.tokens; ++t)
    for (std::size_t m = 0; m < slots; ++m)
      s.emplace_back(logit(static_cast<std::int64_t>(t), h.head, static_cast<std::int64_t>(m), range_of(c)));
  // The slots' last keys and values: the same means, at the last token.
  for (std::size_t m = 0; m < slots && h.tokens > 0; ++m) {
    Complex mass = 0;
    for (std::size_t t = 0; t < h.tokens; ++t) {
      const Complex weight = std::exp(s[t * slots + m]);
      mass += weight;
      for (std::size_t d = 0; d < key; ++d) h.keys[m * key + d] += weight * h.k[t * key + d];
      for (std::size_t d = 0; d < value; ++d) h.values[m * value + d] += weight * h.v[t * value + d];
    }
    for (std::size_t d = 0; d < key; ++d) h.keys[m * key + d] /= mass;
    for (std::size_t d = 0; d < value; ++d) h.values[m * value + d] /= mass;
  }
  return ref::abc(slots, key, value, c.setting.scale, h.q, h.k, h.v, s);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> abc_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](const std::string& name, const slots::Setting& setting, double range) {
    SlotCase c;
    c.name = name;
    c.setting = setting;
    c.range = range;
    c.extreme = range > 100;
    c.initial = false;
    // [tokens, heads]: gates of every position, once.
    const auto table = std::make_shared<std::vector<conformance::SlotGates>>();
    std::vector<double> sums(static_cast<std::size_t>(setting.heads * setting.slots), 0);
    for (std::int64_t t = 0; t < kTokens; ++t)
      for (int h = 0; h < setting.heads; ++h) {
        conformance::SlotGates gates;
        for (int m = 0; m < setting.slots; ++m) {
          double& sum = sums[static_cast<std::size_t>(h * setting.slots + m)];
          const double e = std::exp(logit(t, h, m, range_of(c))), before = sum;
          sum += e;
          gates.write.push_back(e / sum);
          gates.log_decay.push_back(std::log(before) - std::log(sum));
        }
        table->push_back(std::move(gates));
      }
    c.gates = [table, heads = setting.heads](int head, std::int64_t t) {
      return table->at(static_cast<std::size_t>(t * heads + head));
    };
    list.push_back(std::make_unique<conformance::SlotsMechanism>(std::move(c), &abc_reference));
  };
  add("one head", {1, 1, 8, 8, 8, 0.3}, 1);
  add("several heads, odd dimensions", {3, 3, 5, 9, 7, 0.5}, 1);
  add("sharp logits", {2, 2, 8, 8, 8, 0.3}, 1);
  add("extreme scores", {2, 2, 8, 8, 8, 0.3}, 1e4);
  return list;
}

}  // namespace yore::mixers
