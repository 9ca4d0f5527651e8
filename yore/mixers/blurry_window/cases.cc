// Blurry window attention in the settings that the conformance suite checks.
#include <memory>

#include "yore/mixers/blurry_window/ref.h"
#include "yore/mixers/blurry_window/table.h"
#include "yore/mixers/conformance/slots_mechanism.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::SlotCase;

std::vector<Complex> blurry_window_reference(const SlotCase& c, conformance::SlotHead& h) {
  std::vector<double> weights, bias, filled(static_cast<std::size_t>(c.setting.slots), 0);
  for (const Complex& w : h.write) weights.push_back(w.real());
  for (const Complex& b : h.bias) bias.push_back(b.real());
  return ref::blurry(static_cast<std::size_t>(c.setting.slots), static_cast<std::size_t>(c.setting.key_dim),
                     static_cast<std::size_t>(c.setting.value_dim), c.setting.scale, h.q, h.k, h.v, weights,
                     c.setting.erase == slots::Erase::Delta, bias, h.keys, h.values, filled);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms. That weights and biases are right is window_test.cc's
/// affair.
std::vector<std::unique_ptr<conformance::Mechanism>> blurry_window_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](const std::string& name, blurry::Setting blur, int key, int value, double range,
                       bool initial = false) {
    SlotCase c;
    c.name = name;
    const int heads = static_cast<int>(blur.heads.size());
    c.setting = {heads, heads, key, value, static_cast<int>(blur.slots), 0.5};
    c.setting.erase = blur.erase;
    c.setting.grows = blur.kernel == blurry::Kernel::Signed;
    c.range = range;
    c.extreme = range > 100;
    c.initial = initial;
    const auto table = std::make_shared<const blurry::Table>(std::move(blur));
    c.gates = [table](int head, std::int64_t t) {
      const auto slots = static_cast<std::size_t>(table->setting().slots),
                 heads_ = table->setting().heads.size();
      const auto part = [&](const std::vector<double>& numbers, std::int64_t row) {
        if (numbers.empty()) return std::vector<double>();
        const auto first =
            numbers.begin() +
            static_cast<std::ptrdiff_t>(
                (static_cast<std::size_t>(row) * heads_ + static_cast<std::size_t>(head)) * slots);
        return std::vector<double>(first, first + static_cast<std::ptrdiff_t>(slots));
      };
      const std::int64_t row = t % table->period();
      return conformance::SlotGates{part(table->write(), row), part(table->log_decay(), row),
                                    part(table->filled(), table->filled_row(t)),
                                    part(table->bias(), table->filled_row(t))};
    };
    list.push_back(std::make_unique<conformance::SlotsMechanism>(std::move(c), &blurry_window_reference));
  };
  using blurry::Kernel;
  add("window", {8, Kernel::MainLobe, false, {{1, 1, 0}, {1, 1, 0}}}, 8, 8, 1);
  add("stretch 4", {8, Kernel::MainLobe, false, {{4, 1, 0}, {4, 1, 0.5}}}, 8, 8, 1);
  add("rational stretch", {7, Kernel::MainLobe, false, {{3, 2, 0}, {5, 3, 0.25}}}, 4, 8, 1);
  add("a stretch a head", {6, Kernel::MainLobe, false, {{1, 1, 0}, {2, 1, 0.3}, {4, 1, 0.7}, {8, 1, 0}}}, 5,
      7, 1);
  add("squared", {8, Kernel::Squared, false, {{2, 1, 0}, {3, 1, 0.5}}}, 8, 8, 1);
  add("signed", {9, Kernel::Signed, false, {{2, 1, 0}, {2, 1, 0.5}}}, 8, 8, 1);
  add("gain of the stretch", {8, Kernel::MainLobe, true, {{2, 1, 0}, {4, 1, 0.5}}}, 8, 8, 1);
  add("extreme scores", {8, Kernel::MainLobe, false, {{1, 1, 0}, {4, 1, 0.5}}}, 8, 8, 1e4);
  using slots::Erase;
  // What slots hold before the first token is in no filling: only where the first fillings are not small is
  // that a case in which rounding errors stay small.
  add("delta", {8, Kernel::MainLobe, false, {{1, 1, 0}, {2, 1, 0}}, Erase::Delta}, 8, 8, 1, true);
  add("delta, signed", {9, Kernel::Signed, false, {{1, 1, 0}, {2, 1, 0}}, Erase::Delta}, 8, 8, 1, true);
  add("delta, stretch 4", {8, Kernel::MainLobe, false, {{4, 1, 0}, {4, 1, 0.5}}, Erase::Delta}, 8, 8, 1);
  add("delta, a stretch a head",
      {6, Kernel::MainLobe, false, {{3, 2, 0}, {2, 1, 0.3}, {4, 1, 0.7}}, Erase::Delta}, 5, 7, 1);
  add("delta, gain of the stretch", {8, Kernel::MainLobe, true, {{2, 1, 0}, {4, 1, 0.5}}, Erase::Delta}, 8, 4,
      1);
  add("delta, extreme scores", {8, Kernel::MainLobe, false, {{1, 1, 0}, {4, 1, 0.5}}, Erase::Delta}, 8, 8,
      1e4);
  add("age bias", {8, Kernel::MainLobe, false, {{1, 1, 0, 0.3}, {4, 1, 0.5, 0.1}}}, 8, 8, 1);
  add("delta, age bias", {8, Kernel::MainLobe, false, {{1, 1, 0, 0.3}, {2, 1, 0, 0.1}}, Erase::Delta}, 8, 8,
      1, true);
  return list;
}

}  // namespace yore::mixers
