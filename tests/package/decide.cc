// The smallest use of the installed libraries: which attention does (ab)* need?
#include <iostream>

#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"
#include "yore/version.h"

int main() {
  std::cout << "yore " YORE_VERSION "\n";
  const auto language = yore::languages::read_language("(ab)*");
  const auto answer = yore::expressivity::classify(language.dfa);
  for (const auto c : answer.sufficient) std::cout << yore::expressivity::name(c) << "\n";
  return answer.sufficient.size() == 1 && answer.sufficient[0] == yore::expressivity::Class::Hybrid ? 0 : 1;
}
