// Answers and agreement as coloured labels.
#pragma once
#include "yore/report/html.h"
#include "yore/study/theory/summary.h"

namespace yore::study {

/// Yes, no or open.
inline report::Html answer_badge(expressivity::Answer answer) {
  switch (answer) {
    case expressivity::Answer::Yes:
      return report::badge("yes", report::Tone::Good);
    case expressivity::Answer::No:
      return report::badge("no", report::Tone::Bad);
    case expressivity::Answer::Unknown:
      break;
  }
  return report::badge("open", report::Tone::Neutral);
}

inline report::Html agreement_badge(Agreement agreement) {
  return report::badge(name(agreement), agreement == Agreement::Agrees      ? report::Tone::Good
                                        : agreement == Agreement::NotFound  ? report::Tone::Mixed
                                        : agreement == Agreement::Disagrees ? report::Tone::Bad
                                                                            : report::Tone::Neutral);
}

}  // namespace yore::study
