// How a layer's tokens meet the scan's state: when a token's write is read, and how many writes it makes. No
// torch.
#pragma once
#include <cstdint>
#include <string>

#include "yore/mixers/common/layer_options.h"
#include "yore/mixers/common/scan.h"

namespace yore::mixers {

/// One token, as published: it decays the state, writes to it once, and reads it with its own write in it.
struct ScanAccess {
  /// A token reads the state as the tokens before it left it: what it decays and writes comes in a token
  /// later. What a strict mask is to attention.
  bool strict_read = false;
  /// Writes of a token, one after the other. The decay comes before the first, the read after the last.
  int steps = 1;
  bool strengths = false;  ///< whether writes have strengths of their own (ScanInput::beta)

  bool published() const { return !strict_read && steps == 1; }
};

/// Numbers that one token brings to the scan beside its queries.
inline std::int64_t written_numbers(const scan::Setting& s, const ScanAccess& access) {
  const std::int64_t step = std::int64_t{s.key_heads} * s.key_dim +
                            std::int64_t{s.heads} * (s.value_dim + (access.strengths ? 1 : 0));
  return access.steps * step + std::int64_t{s.heads} * s.decays();
}
/// Bytes of what waits for the token that reads it.
inline std::int64_t access_state_bytes(const scan::Setting& s, const ScanAccess& access) {
  return access.strict_read ? written_numbers(s, access) * static_cast<std::int64_t>(sizeof(float)) : 0;
}

/// The option strict_read. Layers at its default do not name it: their description is that of versions that
/// had none.
inline base::OptionSpec strict_read_spec() {
  return {"strict_read", false,
          "A token reads the state as the tokens before it left it; false: with its own write in it"};
}

}  // namespace yore::mixers
