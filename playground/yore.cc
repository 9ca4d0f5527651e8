// The page's door into yore: a question as JSON text, an answer as JSON text (api/ask.h).
#include <emscripten/emscripten.h>

#include <string>

#include "yore/api/ask.h"

/// The answer stays where it is until the next call.
extern "C" EMSCRIPTEN_KEEPALIVE const char* yore_ask(const char* question) {
  static yore::api::Session session;
  static std::string answer;
  answer = session.ask_text(question);
  return answer.c_str();
}
