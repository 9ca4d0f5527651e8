#include "yore/model/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace yore::model {

void use_threads(int count) {
  at::set_num_threads(count);
  // Torch does not pass its limit on to an OpenBLAS with its own threads (Debian's default build). Its setter
  // is looked up, not linked: another BLAS does not have it.
  if (void* symbol = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"); symbol != nullptr)
    reinterpret_cast<void (*)(int)>(symbol)(count);
#ifdef __GLIBC__
  constexpr int kNever = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TRIM_THRESHOLD, kNever);
#endif
}

}  // namespace yore::model
