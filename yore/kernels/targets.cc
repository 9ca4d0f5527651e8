#include "yore/kernels/targets.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <atomic>
#include <stdexcept>

namespace yore::kernels {
namespace {
std::atomic<std::int64_t> last{0};
std::atomic<std::int64_t> noted{0};  // bits of all since forget_targets()

std::int64_t usable() {
  // SupportedTargets() says what a processor has, HWY_TARGETS what was compiled.
  return hwy::SupportedTargets() & HWY_TARGETS;
}

/// Lower bits are better targets.
std::vector<std::string> names_of(std::int64_t targets) {
  std::vector<std::string> names;
  for (std::int64_t left = targets; left != 0; left &= left - 1)
    names.emplace_back(hwy::TargetName(left & -left));
  return names;
}
}  // namespace

std::vector<std::string> available_targets() {
  return names_of(usable());
}

std::string chosen_target() {
  const std::int64_t targets = usable();
  return hwy::TargetName(targets & -targets);  // lower bits are better targets
}

void choose_target(const std::string& name) {
  const std::int64_t before = usable();
  hwy::SetSupportedTargetsForTest(0);
  std::int64_t wanted = 0;
  for (std::int64_t left = usable(); left != 0; left &= left - 1)
    if (hwy::TargetName(left & -left) == name) wanted = left & -left;
  if (!name.empty() && wanted == 0) {
    hwy::SetSupportedTargetsForTest(before);
    throw std::invalid_argument("choose_target: \"" + name + "\" is not among this machine's targets");
  }
  hwy::SetSupportedTargetsForTest(wanted);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

void note_target(std::int64_t target) {
  last.store(target, std::memory_order_relaxed);
  noted.fetch_or(target, std::memory_order_relaxed);
}

std::string last_target() {
  const std::int64_t target = last.load(std::memory_order_relaxed);
  return target == 0 ? std::string() : hwy::TargetName(target);
}

std::vector<std::string> noted_targets() {
  return names_of(noted.load(std::memory_order_relaxed));
}
void forget_targets() {
  noted.store(0, std::memory_order_relaxed);
}

}  // namespace yore::kernels
