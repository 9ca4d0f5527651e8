// Any bytes as the life of a state of one of the registry's cases: tokens in pieces of any size, tokens taken
// back, states saved, restored and copied. In the end every token that is still there must have had the
// output that one forward pass over all of them gives; what is refused must have changed nothing.
//
// The first four bytes, little end first, say which case: the one whose name's hash comes next at or after
// them, round the circle of 32-bit numbers. A case's own hash always finds it, whatever other cases come or
// go, so inputs of the corpus that begin with a hash keep their meaning; any number of cases is in reach.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "fuzz/property.h"
#include "yore/base/random.h"
#include "yore/mixers/conformance/definition.h"
#include "yore/mixers/conformance/mechanism.h"

namespace {

using yore::fuzz::require;
using namespace yore::mixers;
using namespace yore::mixers::conformance;

constexpr std::int64_t kRollback = 9;
constexpr std::int64_t kBatch = 2;

/// The bytes, one by one; zeros when they are used up.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  std::int64_t next() { return left_ == 0 ? 0 : (--left_, *data_++); }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

/// What the two sequences are at the moment.
struct Sequence {
  std::vector<std::vector<float>> in;  ///< an array an input, those per token
  std::vector<float> out;
  std::int64_t length = 0, longest = 0;
};

class Life {
 public:
  Life(const KernelCase& subject, std::int64_t seed)
      : name_(subject.name()),
        mechanism_(*subject.kernel),
        specs_(mechanism_.inputs()),
        random_(static_cast<std::uint64_t>(seed)),
        state_(mechanism_.start(kBatch, kRollback)),
        sequences_(kBatch, {std::vector<std::vector<float>>(specs_.size()), {}, 0, 0}) {
    for (const InputSpec& spec : specs_) {
      // What sequences begin with is 0: states begin so.
      std::vector<float> common;
      if (spec.each == Each::Call) common = drawn(spec, 1);
      if (spec.each == Each::Sequence) common.assign(kBatch * spec.width(), 0);
      common_.push_back(std::move(common));
    }
  }

  void advance(std::int64_t first, std::int64_t second, int threads) {
    Packed tokens;
    const std::int64_t wanted[kBatch] = {first, second};
    for (std::size_t b = 0; b < kBatch; ++b)
      tokens.starts.push_back(tokens.starts.back() + std::min(wanted[b], kMostTokens - sequences_[b].length));
    std::vector<std::vector<float>> in = common_;
    std::vector<const float*> pointers;
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      if (specs_[i].each == Each::Token) in[i] = drawn(specs_[i], tokens.tokens());
      pointers.push_back(in[i].data());
    }
    std::vector<float> out(static_cast<std::size_t>(tokens.tokens()) * out_width(),
                           std::numeric_limits<float>::quiet_NaN());
    mechanism_.advance(*state_, tokens, pointers, out.data(), threads);
    for (std::size_t b = 0; b < kBatch; ++b) {
      Sequence& s = sequences_[b];
      const auto append = [&](std::vector<float>& to, const std::vector<float>& from, std::size_t each) {
        to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(each) * tokens.starts[b],
                  from.begin() + static_cast<std::ptrdiff_t>(each) * tokens.starts[b + 1]);
      };
      for (std::size_t i = 0; i < specs_.size(); ++i)
        if (specs_[i].each == Each::Token) append(s.in[i], in[i], specs_[i].width());
      append(s.out, out, out_width());
      s.length += tokens.length(static_cast<std::int64_t>(b));
      s.longest = std::max(s.longest, s.length);
      require(state_->length(static_cast<std::int64_t>(b)) == s.length, "a state counts its tokens", name());
    }
  }

  void roll_back(std::int64_t b, std::int64_t tokens) {
    Sequence& s = sequences_[static_cast<std::size_t>(b)];
    const std::vector<std::byte> before = state_->save();
    try {
      state_->roll_back(b, tokens);
    } catch (const std::invalid_argument&) {
      require(s.length - tokens < std::max<std::int64_t>(0, s.longest - kRollback),
              "what was promised can be taken back", name());
      require(state_->save() == before, "a refused roll-back changes nothing", name());
      return;
    }
    require(tokens <= s.length, "no more is taken back than there is", name());
    s.length -= tokens;
    for (std::size_t i = 0; i < specs_.size(); ++i)
      if (specs_[i].each == Each::Token)
        s.in[i].resize(static_cast<std::size_t>(s.length) * specs_[i].width());
    s.out.resize(static_cast<std::size_t>(s.length) * out_width());
  }

  void move_house(bool saved) {
    std::unique_ptr<State> other = saved ? mechanism_.start(kBatch, kRollback) : state_->clone();
    if (saved) other->restore(state_->save());
    require(other->save() == state_->save(), "a copy is the same", name());
    state_ = std::move(other);
  }

  void restore_broken(std::int64_t at, std::int64_t bits) {
    std::vector<std::byte> bytes = state_->save();
    const std::vector<std::byte> before = bytes;
    if (bits == 0)
      bytes.resize(bytes.size() * static_cast<std::size_t>(at) / 256);
    else
      bytes[static_cast<std::size_t>(at) % std::min<std::size_t>(bytes.size(), 256)] ^=
          static_cast<std::byte>(bits);
    const std::unique_ptr<State> other = mechanism_.start(kBatch, kRollback);
    const std::vector<std::byte> fresh = other->save();
    try {
      other->restore(bytes);
    } catch (const std::invalid_argument&) {
      require(other->save() == fresh, "refused bytes change nothing", name());
      return;
    }
    // Numbers may have changed, which nobody can tell; then the state must still be one that works.
    Packed tokens;
    tokens.starts = {0, 1, 2};
    std::vector<std::vector<float>> in = common_;
    std::vector<const float*> pointers;
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      if (specs_[i].each == Each::Token) in[i] = drawn(specs_[i], 2);
      pointers.push_back(in[i].data());
    }
    std::vector<float> out(2 * out_width());
    mechanism_.advance(*other, tokens, pointers, out.data(), 1);
    require(state_->save() == before, "another state's affairs change nothing", name());
  }

  /// One forward pass, and a backward pass, which must not write outside its arrays (AddressSanitizer looks).
  void check() const {
    Packed all;
    std::vector<std::vector<float>> in = common_, grads;
    std::vector<const float*> pointers;
    std::vector<float*> grad_pointers;
    for (const Sequence& s : sequences_) all.starts.push_back(all.starts.back() + s.length);
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      if (specs_[i].each == Each::Token)
        for (const Sequence& s : sequences_) in[i].insert(in[i].end(), s.in[i].begin(), s.in[i].end());
      grads.emplace_back(in[i].size(), std::numeric_limits<float>::quiet_NaN());
    }
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      pointers.push_back(in[i].data());
      grad_pointers.push_back(grads[i].data());
    }
    std::vector<float> out(mechanism_.out_size(all)), saved;
    mechanism_.in_float().forward(all, pointers, out.data(), saved, 1);
    for (std::size_t b = 0; b < kBatch; ++b) {
      const Sequence& s = sequences_[b];
      for (const float got : s.out) require(std::isfinite(got), "outputs are finite", name());
      if (mechanism_.extreme()) continue;
      const std::vector<Judged> right = whole(s);
      for (std::size_t i = 0; i < s.out.size(); ++i) {
        require(static_cast<float>(right[i].value) ==
                    out[static_cast<std::size_t>(all.starts[b]) * out_width() + i],
                "a sequence gives the same bits alone", name());
        // Both have been rounded.
        require(std::abs(s.out[i] - right[i].value) <= right[i].allowed(2 * kUnit<float>),
                "going on gives what the whole gives", name());
      }
    }
    mechanism_.in_float().backward(all, pointers, out.data(), saved, out.data(), grad_pointers, 1);
    for (const std::vector<float>& grad : grads)
      for (const float g : grad) require(std::isfinite(g), "every gradient is written and finite", name());
  }

 private:
  const std::string& name() const { return name_; }
  std::size_t out_width() const { return mechanism_.output_width(); }
  /// One forward pass over a sequence, and how sensitive it is: by differences of the kernel itself, with a
  /// step large enough for float, since the definition takes too long here.
  std::vector<Judged> whole(const Sequence& s) const {
    const Function forward = [&](const std::vector<Numbers>& x) {
      Packed one;
      one.starts = {0, s.length};
      std::vector<std::vector<float>> in;
      std::vector<const float*> pointers;
      for (const Numbers& array : x) in.emplace_back(array.begin(), array.end());
      for (const std::vector<float>& array : in) pointers.push_back(array.data());
      std::vector<float> out(mechanism_.out_size(one)), saved;
      mechanism_.in_float().forward(one, pointers, out.data(), saved, 1);
      out.resize(s.out.size());
      return Numbers(out.begin(), out.end());
    };
    std::vector<Numbers> in;
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      const std::vector<float>& array = specs_[i].each == Each::Token ? s.in[i] : common_[i];
      in.emplace_back(array.begin(), array.end());
    }
    return judge(forward, in, operations_of(mechanism_, s.length), 0x1p-8);
  }
  std::vector<float> drawn(const InputSpec& spec, std::int64_t tokens) {
    std::vector<float> x(spec.width() * static_cast<std::size_t>(tokens));
    for (float& value : x) value = static_cast<float>(spec.low + (spec.high - spec.low) * random_.uniform());
    return x;
  }

  std::string name_;
  const Mechanism& mechanism_;
  std::vector<InputSpec> specs_;
  yore::base::Random random_;
  std::unique_ptr<State> state_;
  std::vector<Sequence> sequences_;
  std::vector<std::vector<float>> common_;  ///< inputs that all tokens share; empty for the others
};

/// FNV-1a, with the last step of MurmurHash3 so that similar names lie far apart.
std::uint32_t hash_of(const std::string& name) {
  std::uint32_t h = 2166136261u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

/// The case whose hash is the first at or after `key`.
const KernelCase& case_at(std::uint32_t key) {
  const std::vector<KernelCase>& all = all_kernel_cases();
  static const std::vector<std::uint32_t> hashes = [&] {
    std::vector<std::uint32_t> h;
    for (const KernelCase& c : all) {
      h.push_back(hash_of(c.name()));
      require(std::count(h.begin(), h.end(), h.back()) == 1, "no two cases have one hash", c.name());
    }
    return h;
  }();
  std::size_t next = 0;
  for (std::size_t i = 1; i < hashes.size(); ++i)
    if (hashes[i] - key < hashes[next] - key) next = i;  // distances modulo 2^32
  return all[next];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 67) return 0;  // a life of some twenty events says as much as a longer one
  Bytes bytes(data, size);
  std::uint32_t key = 0;
  for (int shift = 0; shift < 32; shift += 8) key |= static_cast<std::uint32_t>(bytes.next()) << shift;
  Life life(case_at(key), bytes.next());
  while (!bytes.empty()) {
    const std::int64_t event = bytes.next();
    switch (event % 6) {
      case 0: {
        const std::int64_t first = bytes.next();
        life.advance(first, bytes.next(), 1);
        break;
      }
      case 1: {
        const std::int64_t first = bytes.next() % 4;
        life.advance(first, bytes.next() % 4, 1 + static_cast<int>(event / 6 % 2));
        break;
      }
      case 2:
        life.roll_back(event / 6 % kBatch, bytes.next() % (kRollback + 3));
        break;
      case 3:
        life.move_house(true);
        break;
      case 4:
        life.move_house(false);
        break;
      default: {
        const std::int64_t at = bytes.next();
        life.restore_broken(at, bytes.next());
      }
    }
  }
  life.check();
  return 0;
}
