// The short convolution in the settings that the conformance suite checks.
#include "yore/mixers/conformance/conv_mechanism.h"
#include "yore/mixers/short_conv/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ConvCase;

std::vector<Complex> short_conv_reference(const ConvCase& c, conformance::ConvSequence& s) {
  return ref::short_conv(static_cast<std::size_t>(c.channels), static_cast<std::size_t>(c.width), s.x,
                         s.weight, s.bias, s.history);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> short_conv_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](ConvCase c) {
    list.push_back(std::make_unique<conformance::ConvMechanism>(std::move(c), &short_conv_reference));
  };
  add({"width three", 8, 3});
  add({"width two", 8, 2});
  add({"width four, no bias", 16, 4, false});
  add({"no history", 8, 3, true, false});
  add({"neither bias nor history", 5, 4, false, false});
  add({"one channel", 1, 3});
  // Tasks own 64 channels.
  add({"channels past a block", 67, 3});
  // Longer than many of the sequences.
  add({"wide", 3, 64});
  add({"large rows", 8, 4, true, true, 1e30, true});
  return list;
}

}  // namespace yore::mixers
