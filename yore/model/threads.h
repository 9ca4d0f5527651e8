// How a process uses the machine for torch's operations.
#pragma once

namespace yore::model {

/// Limits this process's torch operations, OpenMP kernels and its BLAS library (OpenBLAS where that is the
/// one loaded) to `count` threads. One is best for tiny matrices: a study fills the cores with runs instead,
/// and a sum split over threads depends on their number. Also keeps freed memory for the next step (glibc):
/// handing it back and fetching it again costs a tenth of a step.
void use_threads(int count);

}  // namespace yore::model
