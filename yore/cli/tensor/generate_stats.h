// What generating a text took, for people and programs.
#pragma once
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/model/speculative.h"
#include "yore/model/token_selection.h"

namespace yore::cli {

struct GenerateStats {
  std::int64_t prompt_tokens = 0;
  double prefill_seconds = 0;
  std::vector<double> decode_seconds;         ///< each token's but the first of a text
  std::int64_t tokens = 0;                    ///< generated
  std::int64_t state_tokens = 0;              ///< that the state has taken in at the end
  std::size_t state_bytes = 0;                ///< what is allocated for it then
  std::int64_t described_bytes = 0;           ///< what the description says (arch::state_bytes)
  std::int64_t full_cache_bytes = 0;          ///< what it would say if every attention head were global
  std::vector<model::LayerSelection> layers;  ///< of token selection; empty without
  bool drafted = false;
  model::Speculation draft;

  base::Json json() const;
  /// Lines, the last one ended.
  std::string text() const;
};

}  // namespace yore::cli
