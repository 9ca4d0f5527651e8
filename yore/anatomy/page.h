// What was found inside a model, as a page that opens anywhere.
#pragma once
#include <functional>
#include <string>

#include "yore/anatomy/inspect.h"

namespace yore::anatomy {

struct PageNames {
  std::string model, text;                         ///< as the reader called them
  std::function<std::string(std::int64_t)> token;  ///< a token's text, in UTF-8
};

/// A self-contained page: heat maps of all heads, maps, the residual stream, gradients. Throws InputError if
/// gnuplot is missing.
std::string to_html(const Inspection& inspection, const PageNames& names);

}  // namespace yore::anatomy
