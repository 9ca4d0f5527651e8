// forward.cc with double, the numbers of references and of checks of gradients. By itself, since it is
// compiled with less optimisation (CMakeLists.txt): builds gain by it, and nobody waits for it.
#define YORE_DOUBLE
#include "yore/mixers/attention/forward.cc"  // NOLINT(bugprone-suspicious-include)
