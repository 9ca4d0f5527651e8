// What may be asked of an inspection. Without torch: the command line declares it.
#pragma once
#include <cstdint>

namespace yore::inspection {

/// Of a model held against a language (verification.h).
struct VerifyOptions {
  int max_length = 1'000'000;        ///< of the short words, and
  std::int64_t max_words = 200'000;  ///< their number: lengths are done whole
  int random_words = 2'000;          ///< drawn
  int length = 2'000;                ///< longest drawn word and witness string
  std::int64_t prove_length = 0;     ///< 0: what the model was compiled for
  std::uint64_t seed = 0;            ///< of the drawn words
};

/// Of an automaton read out of a model (extract.h).
struct ExtractOptions {
  int max_states = 200;                    ///< budget: of the automaton
  std::int64_t max_queries = 200'000;      ///< budget: words the learner asks
  int length = 100;                        ///< longest word with which differences are looked for
  std::int64_t exhaustive_words = 10'000;  ///< compared with every hypothesis: the first so many words
  std::int64_t random_words = 5'000;       ///< and so many drawn ones
  std::uint64_t seed = 0;
};

}  // namespace yore::inspection
