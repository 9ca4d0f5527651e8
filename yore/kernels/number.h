// The number type of kernels that are compiled once for each: float, or double where YORE_DOUBLE is defined.
#pragma once

namespace yore::kernels {

#ifdef YORE_DOUBLE
using Number = double;
#else
using Number = float;
#endif

}  // namespace yore::kernels
