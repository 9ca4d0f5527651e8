#include "yore/expressivity/loop_classes.h"

#include <algorithm>
#include <utility>

#include "yore/expressivity/set_of.h"

namespace yore::expressivity {

LoopClasses::LoopClasses(std::vector<logic::Word> loops, int lookback)
    : loops_(std::move(loops)), lookback_(lookback) {
  std::size_t positions = 0;
  for (const logic::Word& u : loops_) {
    offset_.push_back(positions);
    positions += u.size();
  }
  class_of_.resize(positions);
  std::size_t classes = 0;
  for (;;) {  // refine from "all alike"
    std::map<std::pair<int, Signature>, int> numbers;
    std::vector<int> refined(positions);
    for (std::size_t l = 0; l < loops_.size(); ++l) {
      for (std::size_t i = 0; i < loops_[l].size(); ++i) {
        const auto key = std::pair{class_of(l, i), Signature{loops_[l][i], seen(l, i), {}}};
        refined[offset_[l] + i] = numbers.emplace(key, static_cast<int>(numbers.size())).first->second;
      }
    }
    class_of_ = std::move(refined);
    if (numbers.size() == classes) break;
    classes = numbers.size();
  }
  count_ = static_cast<int>(classes);
}

Classes LoopClasses::window(std::size_t l, std::size_t i) const {
  return last(l, i, lookback_);
}

std::map<Signature, int> LoopClasses::signatures() const {
  std::map<Signature, int> result;
  for (std::size_t l = 0; l < loops_.size(); ++l) {
    for (std::size_t i = 0; i < loops_[l].size(); ++i)
      result.emplace(Signature{loops_[l][i], seen(l, i), {}}, class_of(l, i));
  }
  return result;
}

Classes LoopClasses::last(std::size_t l, std::size_t i, int count) const {
  const std::size_t length = loops_[l].size();
  Classes result;
  for (int back = count; back >= 1; --back) {
    const std::size_t at =
        (i + length * static_cast<std::size_t>(count) - static_cast<std::size_t>(back)) % length;
    result.push_back(class_of(l, at));
  }
  return result;
}

Classes LoopClasses::seen(std::size_t l, std::size_t i) const {
  return set_of(last(l, i, static_cast<int>(std::min<std::size_t>(lookback_, loops_[l].size()))));
}

}  // namespace yore::expressivity
