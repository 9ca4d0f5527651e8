// Options that turn the global attention of a model into windows, for commands that run one.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>

#include "yore/arch/model.h"

namespace yore::cli {

struct WindowOptions {
  std::int64_t window = 0;  ///< 0 = attention stays as it is
  std::int64_t sinks = 0;

  /// Declares --window-global and --sinks.
  void declare(CLI::App& app);
  /// The model as the options have it. Throws InputError as arch::with_global_windows, and for sinks without
  /// a window.
  arch::Model applied(const arch::Model& model) const;
};

}  // namespace yore::cli
