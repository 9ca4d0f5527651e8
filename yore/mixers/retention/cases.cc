// Retention in the settings that the conformance suite checks.
#include "yore/mixers/conformance/scan_mechanism.h"
#include "yore/mixers/retention/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ScanCase;

std::vector<Complex> retention_reference(const ScanCase& c, conformance::ScanHead& head) {
  return ref::retention(static_cast<std::size_t>(c.setting.key_dim),
                        static_cast<std::size_t>(c.setting.value_dim), c.setting.scale, head.q, head.k,
                        head.v, head.log_decay, head.state);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> retention_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](const std::string& name, int heads, int keys, int values, double least, double most) {
    ScanCase c;
    c.name = name;
    c.setting = {heads,
                 heads,
                 keys,
                 values,
                 scan::Decay::Head,
                 scan::Rule::Add,
                 1 / std::sqrt(static_cast<double>(keys))};
    c.least_log = least;
    c.most_log = most;
    return c;
  };
  const auto take = [&](ScanCase c) {
    list.push_back(std::make_unique<conformance::ScanMechanism>(std::move(c), &retention_reference));
  };
  // Logarithms of decays are drawn from a thousandth around one number: they are the same at every token, but
  // the scan does not know that.
  const auto about = [&](const std::string& name, int heads, int keys, int values, double log) {
    return add(name, heads, keys, values, 1.0005 * log, 0.9995 * log);
  };
  const auto published = [](int head) { return std::log1p(-std::exp2(-5 - head)); };
  take(about("first head", 1, 8, 16, published(0)));
  take(about("last head", 1, 8, 16, published(7)));
  take(about("a half", 3, 4, 8, std::log(0.5)));
  take(about("odd dimensions", 2, 5, 19, published(1)));
  take(about("keys past a block", 1, 33, 3, published(2)));
  take(about("next to no decay", 2, 8, 8, -1e-9));
  take(add("drawn decays", 2, 8, 8, -2, 0));
  ScanCase none = about("no state of its own", 2, 8, 8, published(0));
  none.initial = false;
  take(none);
  // Every token forgets all that came before.
  ScanCase total = add("total decay", 2, 8, 8, -500, -200);
  total.extreme = true;
  take(total);
  return list;
}

}  // namespace yore::mixers
