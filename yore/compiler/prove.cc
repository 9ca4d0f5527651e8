#include "yore/compiler/prove.h"

#include "yore/compiler/machine.h"
#include "yore/compiler/shape.h"
#include "yore/compiler/walk.h"

namespace yore::compiler {

Proof prove(const arch::ModelFile& file, const Manifest& manifest, std::int64_t length,
            const ProveOptions& options) {
  if (manifest.automaton) return prove_machine(file, manifest);
  return Walk(file, manifest, length, options).run();
}

std::int64_t longest_proven(const arch::ModelFile& file, const Manifest& manifest, std::int64_t length,
                            const ProveOptions& options) {
  if (is_recurrent(file.model)) return 0;
  std::int64_t low = 0, high = length;
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (prove(file, manifest, middle, options).proven)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

}  // namespace yore::compiler
