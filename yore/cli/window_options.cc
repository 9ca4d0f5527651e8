#include "yore/cli/window_options.h"

#include "yore/arch/global_windows.h"
#include "yore/base/error.h"

namespace yore::cli {

void WindowOptions::declare(CLI::App& app) {
  app.add_option(
         "--window-global", window,
         "Global attention heads see this many keys instead (themselves included), in bounded memory; "
         "0 = they stay global")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--sinks", sinks, "With --window-global: the first keys of the text that stay visible")
      ->check(CLI::NonNegativeNumber);
}

arch::Model WindowOptions::applied(const arch::Model& model) const {
  if (window > 0) return arch::with_global_windows(model, window, sinks);
  if (sinks > 0) throw base::InputError("--sinks", "does nothing without --window-global");
  return model;
}

}  // namespace yore::cli
