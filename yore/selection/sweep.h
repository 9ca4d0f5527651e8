// What is asked of token selection on a command line, in words alone.
#pragma once
#include <vector>

namespace yore::selection {

struct Sweep {
  std::vector<double> taus;  ///< one measurement each
  bool cascade = true;
  int from = 0;      ///< first layer that selects; those before run on every token
  int controls = 0;  ///< draws of as many representatives at random, each measured beside every tau
};

}  // namespace yore::selection
