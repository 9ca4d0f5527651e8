// What the fuzz targets share: a property that stops the process when it fails, in every build type.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>

namespace yore::fuzz {

/// Ends the process with a message unless `holds`; libFuzzer then keeps the input.
inline void require(bool holds, const char* property, const std::string& detail = "") {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n%s\n", property, detail.c_str());
  std::abort();
}

}  // namespace yore::fuzz
