// Runs are single-threaded: tiny matrices gain nothing from threads, a study fills the cores with runs
// instead, and a sum split over threads would depend on their number.
#pragma once

namespace yore::training {

/// Limits this process's torch operations and its BLAS library (OpenBLAS where that is the one loaded) to one
/// thread.
void use_one_thread();

}  // namespace yore::training
