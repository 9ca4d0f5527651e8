// The little language of attention kinds: "hybrid:2", "3*local:2+1*global", "local:1/global".
#include <fmt/format.h>

#include <charconv>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/mixers/attention/kinds.h"

namespace yore::mixers {
namespace {

constexpr int kLargestLookback = 1'000'000'000;  // options.cc has the same
constexpr int kGlobal = -1;

class Parser {
 public:
  Parser(const std::string& text, int heads) : text_(text), heads_(heads) {}

  std::vector<LayerAttention> layers() {
    std::vector<LayerAttention> result{layer()};
    while (take('/')) result.push_back(layer());
    if (at_ < text_.size()) fail("expected '+', '/' or the end");
    return result;
  }

 private:
  // hybrid stands for a whole layer; everything else is terms joined by '+'.
  LayerAttention layer() {
    const std::size_t begin = at_;
    LayerAttention result;
    int uncounted = 0;
    int terms = 0;
    do {
      const std::size_t term_at = at_;
      int count = 0;
      if (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
        count = number("a number of heads", heads_);
        if (!take('*')) fail("expected '*' after a number of heads");
      } else {
        ++uncounted;
      }
      const std::size_t kind_at = at_;
      const std::string kind = word();
      if (kind != "global" && kind != "local" && kind != "hybrid")
        fail("expected global, local, local:K, hybrid or hybrid:K" +
                 base::did_you_mean(kind, {"global", "local", "hybrid"}),
             kind_at);
      const int lookback = kind == "global" ? kGlobal
                           : take(':')      ? number("a lookback", kLargestLookback)
                                            : 1;
      if (kind == "hybrid") {
        if (count != 0 || terms != 0 || (at_ < text_.size() && text_[at_] == '+'))
          fail("hybrid describes a whole layer; write the mix out as in 2*local:1+2*global", kind_at);
        if (heads_ < 2) fail(fmt::format("hybrid needs at least 2 heads, the model has {}", heads_), kind_at);
        result.lookback.assign(static_cast<std::size_t>(heads_), kGlobal);
        std::fill_n(result.lookback.begin(), heads_ / 2, lookback);
        return result;
      }
      ++terms;
      // A kind standing alone is the whole layer; within a mix it is one head.
      const bool alone = count == 0 && terms == 1 && !(at_ < text_.size() && text_[at_] == '+');
      if (alone) count = heads_;
      if (count == 0) count = 1;
      if (result.lookback.size() + static_cast<std::size_t>(count) > static_cast<std::size_t>(heads_))
        fail(fmt::format("more heads than the model's {}", heads_), term_at);
      result.lookback.insert(result.lookback.end(), static_cast<std::size_t>(count), lookback);
    } while (take('+'));
    if (result.lookback.size() != static_cast<std::size_t>(heads_))
      fail(fmt::format("this layer describes {} heads, the model has {}", result.lookback.size(), heads_),
           begin);
    return result;
  }

  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(":*+/").find(text_[at_]) == std::string_view::npos) ++at_;
    if (at_ == begin) fail("expected global, local, local:K, hybrid or hybrid:K");
    return text_.substr(begin, at_ - begin);
  }

  int number(const char* what, int largest) {
    int value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{} || value < 1 || value > largest)
      fail(fmt::format("expected {} from 1 to {}", what, largest));
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void fail(const std::string& message) const { fail(message, at_); }
  [[noreturn]] void fail(const std::string& message, std::size_t at) const {
    throw base::InputError("attention", message, text_, at);
  }

  const std::string& text_;
  int heads_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<LayerAttention> parse_attention(const std::string& text, int layers, int heads) {
  if (layers < 1 || heads < 1)
    throw std::invalid_argument("parse_attention: layers and heads must be positive");
  std::vector<LayerAttention> result = Parser(text, heads).layers();
  if (result.size() == 1) result.resize(static_cast<std::size_t>(layers), LayerAttention(result.front()));
  if (result.size() != static_cast<std::size_t>(layers))
    throw base::InputError("attention",
                           fmt::format("{} layers are described, the model has {}", result.size(), layers),
                           text, text.size());
  return result;
}

}  // namespace yore::mixers
