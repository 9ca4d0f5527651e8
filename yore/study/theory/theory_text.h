// A classification in words for people: the verdict in one sentence, formulas, witnesses, the automaton.
#pragma once
#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"
#include "yore/report/html.h"

namespace yore::study {

/// "global", "1-local", "hybrid (global and 1-local)", "star-free".
std::string people_name(expressivity::Class c, int lookback);

/// Which attention recognises the language, in one sentence.
report::Html verdict_sentence(const languages::Language& language,
                              const expressivity::Classification& classification);

/// The four classes and the families of other mixers as tables, then a formula for every yes that says more
/// than another, then a witness for every no, with what to do to check it by hand.
report::Html theory_section(const languages::Language& language,
                            const expressivity::Classification& classification);

/// The minimal automaton as a picture, or in words if it is too large to be read. `id_prefix` as in
/// report::embed_svg.
report::Html automaton_section(const expressivity::Classification& classification,
                               const std::string& id_prefix);

}  // namespace yore::study
