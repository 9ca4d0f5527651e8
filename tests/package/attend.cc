// The smallest use of the installed tensor half: one head that sees itself and the position before, with a
// gradient.
#include <ATen/Functions.h>

#include <iostream>

#include "yore/mixers/attention/attention.h"

int main() {
  const auto same = at::zeros({1, 6, 1, 4});  // equal scores: a plain average
  const auto values = at::arange(6.0F).reshape({1, 6, 1, 1}).requires_grad_();
  yore::mixers::AttentionParams params;
  params.lookback = {1};
  const auto out = yore::mixers::attention(same, same, values, params);
  out.sum().backward();
  std::cout << "position 5: " << out[0][5][0][0].item<float>() << "\n"
            << "gradient: " << values.grad().flatten().slice(0, 0, 2) << "\n";
}
